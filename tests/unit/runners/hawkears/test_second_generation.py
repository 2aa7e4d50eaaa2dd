"""HawkEars 2.x, stood in for by a package of its habits (for real: tests/hawkears)."""

import pytest

from badc.errors import AttemptError, ChunkUnreadableError, UsageError
from badc.runners.hawkears import HawkearsRunner, choose_hawkears


@pytest.fixture
def runner(root_v2, python_v2):
    def choose(*args: str) -> HawkearsRunner:
        environ = {"BADC_HAWKEARS_ROOT": str(root_v2), "BADC_HAWKEARS_PYTHON": str(python_v2)}
        return choose_hawkears(args, environ)

    return choose


def test_what_it_would_decide_by_the_device_is_settled_and_recorded(
    runner, desk, chunk, root_v2, tmp_path
):
    heard = runner().open(desk).hear(chunk(), tmp_path / "raw", 30)
    (detection,) = heard.detections
    assert (detection.label_code, detection.label_name) == ("COYE", "Common Yellowthroat")
    assert (detection.timestamp_ms, detection.end_ms) == (0, 5000)
    assert heard.model_version == "HawkEars 2.3.0 (--models 3 --no-low-band)"
    assert heard.extra["hawkears_pinned"] == "--models 3 --no-low-band choose_channel=false"
    said = (tmp_path / "raw" / "manifest.yaml").read_text()
    assert "models: 3" in said
    assert "low_band: False" in said
    assert "choose_channel: false" in said
    assert f"root: {root_v2}" in said


def test_the_users_own_choice_wins_and_is_another_detector(runner, desk, chunk, tmp_path):
    chosen = runner("--models", "9", "--low-band")
    with pytest.raises(AttemptError, match="Skipping low-band classifier"):
        chosen.open(desk).hear(chunk(), tmp_path / "raw", 30)
    nine = runner("--models=9")
    heard = nine.open(desk).hear(chunk(), tmp_path / "raw", 30)
    assert heard.model_version == "HawkEars 2.3.0 (--no-low-band --models 9)"
    assert nine.fingerprint() != runner().fingerprint()


def test_silence_and_a_chunk_too_short_for_it_are_no_detections(runner, desk, chunk, tmp_path):
    opened = runner().open(desk)
    assert opened.hear(chunk(loud=False), tmp_path / "raw", 30).detections == ()
    assert opened.hear(chunk(seconds=0.1), tmp_path / "raw", 30).detections == ()


def test_without_checkpoints_it_exits_0_and_the_attempt_fails(
    runner, desk, chunk, root_v2, tmp_path
):
    chosen = runner()
    (root_v2 / "data" / "ckpt").rename(root_v2 / "data" / "elsewhere")
    with pytest.raises(AttemptError, match="Model checkpoint files not found"):
        chosen.open(desk).hear(chunk(), tmp_path / "raw", 30)


def test_audio_that_it_could_decode_only_half_fails(runner, desk, chunk, root_v2, tmp_path):
    (root_v2 / "data" / "half").touch()
    with pytest.raises(ChunkUnreadableError, match=r"first 2\.500 s only"):
        runner().open(desk).hear(chunk(), tmp_path / "raw", 30)


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"BADC_HAWKEARS_ROOT": "/no/such"}, "BADC_HAWKEARS_ROOT: /no/such is no HawkEars folder"),
        ({"BADC_HAWKEARS_PYTHON": "/no/python"}, "'/no/python' was not found"),
    ],
)
def test_a_wrong_place_is_named_before_work_begins(environ, why):
    with pytest.raises(UsageError, match=why):
        choose_hawkears((), environ).check()


def test_an_interpreter_without_the_package_is_named(root_v2, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    environ = {"BADC_HAWKEARS_ROOT": str(root_v2), "BADC_HAWKEARS_PYTHON": str(python)}
    with pytest.raises(UsageError, match=r"has no package 'hawkears'\. pip install"):
        choose_hawkears((), environ).check()
