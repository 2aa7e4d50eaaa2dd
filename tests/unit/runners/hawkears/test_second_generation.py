"""HawkEars 2.x, stood in for by a package of its habits (for real: tests/hawkears)."""

import pytest
import soundfile

from badc.errors import AttemptError, ChunkUnreadableError, OutOfTimeError, UsageError
from badc.runners.hawkears import HawkearsRunner, choose_hawkears

LIMIT_S = 120


@pytest.fixture
def runner(root_v2, python_v2):
    def choose(*args: str) -> HawkearsRunner:
        environ = {"BADC_HAWKEARS_ROOT": str(root_v2), "BADC_HAWKEARS_PYTHON": str(python_v2)}
        return choose_hawkears(args, environ)

    return choose


@pytest.fixture
def opened(runner, desk):
    """Opens runners at the desk and closes them after the test."""
    open_ones = []

    def open_one(*args: str):
        open_ones.append(runner(*args).open(desk))
        return open_ones[-1]

    yield open_one
    for each in open_ones:
        each.close()


def pid_in(raw):
    """The process that wrote this raw output."""
    return int((raw / "manifest.yaml").read_text().rpartition("pid: ")[2])


def test_what_it_would_decide_by_the_device_is_settled_and_recorded(
    opened, chunk, root_v2, tmp_path
):
    heard = opened().hear(chunk(), tmp_path / "raw", LIMIT_S)
    (detection,) = heard.detections
    assert (detection.label_code, detection.label_name) == ("COYE", "Common Yellowthroat")
    assert (detection.timestamp_ms, detection.end_ms) == (0, 5000)
    assert heard.model_version == "HawkEars 2.3.0 (--models 3 --no-low-band)"
    assert heard.extra["hawkears_pinned"] == "--models 3 --no-low-band choose_channel=false"
    assert "Analyzing 1 recording" in heard.stdout
    said = (tmp_path / "raw" / "manifest.yaml").read_text()
    assert "models: 3" in said
    assert "low_band: False" in said
    assert "choose_channel: false" in said
    assert f"root: {root_v2}" in said
    assert "runners/hawkears" not in said.partition("sys.path[0]")[2]


def test_twelve_chunks_are_heard_by_one_process_that_loads_each_checkpoint_once(
    opened, chunk, root_v2, tmp_path
):
    hawkears = opened()
    for number in range(12):
        name, raw = f"chunk {number}.wav", tmp_path / f"raw {number}"
        heard = hawkears.hear(chunk(name, loud=number % 2 == 0), raw, LIMIT_S)
        assert len(heard.detections) == (number + 1) % 2
        if heard.detections:
            assert f"chunk {number},COYE" in (raw / "scores.csv").read_text()
    assert len({pid_in(tmp_path / f"raw {number}") for number in range(12)}) == 1
    assert (root_v2 / "loaded.txt").read_text() == "data/ckpt/one.ckpt\n"


@pytest.mark.parametrize(
    ("fault", "limit_s", "why"),
    [
        ("crash", LIMIT_S, "by signal 11"),
        ("memory", LIMIT_S, r"with exit status 1 \(RuntimeError: CUDA out of memory"),
        ("hang", 0.5, r"was ended after 0\.5 s"),
        ("thread", LIMIT_S, "reported success but failed on .*: ZeroDivisionError"),
    ],
)
def test_one_that_fails_a_chunk_is_replaced_and_the_next_is_heard(
    opened, chunk, root_v2, tmp_path, fault, limit_s, why
):
    hawkears = opened()
    hawkears.hear(chunk(), tmp_path / "before", LIMIT_S)
    (root_v2 / "data" / fault).touch()
    with pytest.raises(AttemptError, match=why) as caught:
        hawkears.hear(chunk(), tmp_path / "failed", limit_s)
    assert caught.value.transient
    assert isinstance(caught.value, OutOfTimeError) == (fault == "hang")
    assert not (tmp_path / "failed").exists()
    (root_v2 / "data" / fault).unlink()
    assert hawkears.hear(chunk(), tmp_path / "after", LIMIT_S).detections
    assert pid_in(tmp_path / "before") != pid_in(tmp_path / "after")


def test_the_users_own_choice_wins_and_is_another_detector(opened, runner, chunk, tmp_path):
    with pytest.raises(AttemptError, match="Skipping low-band classifier"):
        opened("--models", "6", "--low-band").hear(chunk(), tmp_path / "raw", LIMIT_S)
    heard = opened("--models=6").hear(chunk(), tmp_path / "raw", LIMIT_S)
    assert heard.model_version == "HawkEars 2.3.0 (--no-low-band --models 6)"
    assert runner("--models=6").fingerprint() != runner().fingerprint()


def test_silence_and_a_chunk_too_short_for_it_are_no_detections(opened, chunk, tmp_path):
    hawkears = opened()
    assert hawkears.hear(chunk(loud=False), tmp_path / "raw", LIMIT_S).detections == ()
    assert hawkears.hear(chunk(seconds=0.1), tmp_path / "raw", LIMIT_S).detections == ()


def test_without_checkpoints_it_reports_success_and_the_attempt_fails(
    opened, chunk, root_v2, tmp_path
):
    (root_v2 / "data" / "ckpt").rename(root_v2 / "data" / "elsewhere")
    (root_v2 / "yaml").mkdir()
    with pytest.raises(AttemptError, match="Model checkpoint files not found"):
        opened().hear(chunk(), tmp_path / "raw", LIMIT_S)


def test_audio_that_it_could_decode_only_half_fails(opened, chunk, root_v2, tmp_path):
    hawkears = opened()
    (root_v2 / "data" / "half").touch()
    with pytest.raises(ChunkUnreadableError, match=r"first 2\.500 s only"):
        hawkears.hear(chunk(), tmp_path / "raw", LIMIT_S)


def test_audio_that_only_hawkears_cannot_decode_fails_and_the_next_is_heard(
    opened, chunk, tmp_path
):
    hawkears = opened()
    bad = chunk("flac.wav")  # the stand-in knows nothing but WAV
    soundfile.write(bad.path, [0.5, -0.5] * 20_000, 8000, format="FLAC")
    with pytest.raises(AttemptError, match=r"failed on .*: Caught exception in audio load"):
        hawkears.hear(bad, tmp_path / "raw", LIMIT_S)
    assert hawkears.hear(chunk(), tmp_path / "raw", LIMIT_S).detections


def test_a_result_type_without_a_table_is_no_success(opened, chunk, tmp_path):
    with pytest.raises(AttemptError, match=r"invalid rtype value: xml"):
        opened("--rtype", "xml").hear(chunk(), tmp_path / "raw", LIMIT_S)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--no-such-flag",), "HawkEars 2.3.0 says: No such option:? '?--no-such-flag"),
        (("--models", "9"), "says: Invalid value for '--models': 9 is not in the range"),
    ],
)
def test_an_option_that_it_does_not_take_is_refused_before_work_begins(runner, desk, args, why):
    chosen = runner(*args)
    with pytest.raises(UsageError, match=why):
        chosen.check()
    with pytest.raises(AttemptError, match="cannot be loaded: "):
        chosen.open(desk)


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
