"""HawkEars 1.x, stood in for by a script with its flags, files and habits."""

import csv
import sys
import threading
import time

import pytest

from badc.errors import AttemptError, ChunkUnreadableError, OutOfTimeError, RunStoppedError
from badc.hardware import Slot
from badc.runners.hawkears import HawkearsRunner, choose_hawkears
from badc.runners.protocol import Desk


@pytest.fixture
def runner(root_v1):
    def choose(*args: str) -> HawkearsRunner:
        return choose_hawkears(args, {"BADC_HAWKEARS_ROOT": str(root_v1)})

    return choose


def test_it_hears_by_column_name_and_clips_the_last_window(runner, desk, chunk, tmp_path):
    raw = tmp_path / "raw"
    heard = runner().open(desk).hear(chunk(), raw, 30)
    times = [(each.timestamp_ms, each.end_ms) for each in heard.detections]
    assert times == [(0, 3000), (1500, 4500), (3000, 5000), (4500, 5000)]
    first = heard.detections[0]
    assert (first.label, first.label_code, first.label_name) == (
        "COYE",
        "COYE",
        "Common Yellowthroat",
    )
    assert heard.model_version == "HawkEars 1.0.9"
    assert heard.extra["hawkears_output"] == str(raw)
    with (raw / "HawkEars_labels.csv").open(newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 4


def test_arguments_reach_it_as_they_are_and_win(runner, desk, chunk, tmp_path):
    raw = tmp_path / "raw"
    heard = runner("--merge", "1", "--region", "CA-NT; rm *").open(desk).hear(chunk(), raw, 30)
    assert len(heard.detections) == 1
    assert "region CA-NT; rm *" in (raw / "HawkEars_summary.txt").read_text()


def test_each_slot_works_in_a_folder_of_its_own_and_the_root_stays_clean(
    runner, desk, chunk, root_v1, tmp_path
):
    before = sorted(root_v1.rglob("*"))
    other = Desk(Slot("cpu-1"), desk.door, desk.scratch)
    for each in (desk, other):
        runner().open(each).hear(chunk(), tmp_path / each.slot.label, 30)
    assert sorted(root_v1.rglob("*")) == before
    assert len(list(desk.scratch.rglob("model.txt"))) == 2


def test_silence_is_no_detections(runner, desk, chunk, tmp_path):
    assert runner().open(desk).hear(chunk(loud=False), tmp_path / "raw", 30).detections == ()


def test_a_linked_annex_object_is_heard_and_a_bare_one_is_refused(runner, desk, chunk, tmp_path):
    bare = chunk("MD5E-s1--0")
    opened = runner().open(desk)
    with pytest.raises(ChunkUnreadableError, match="has no extension"):
        opened.hear(bare, tmp_path / "raw", 30)
    linked = chunk("linked.wav")
    linked.path.unlink()
    linked.path.symlink_to(bare.path)
    assert opened.hear(linked, tmp_path / "raw", 30).detections


def test_garbage_is_refused_although_it_exits_0(runner, desk, chunk, tmp_path):
    bad = chunk()
    bad.path.write_bytes(b"no sound at all" * 99)
    with pytest.raises(ChunkUnreadableError, match="no audio that can be decoded"):
        runner().open(desk).hear(bad, tmp_path / "raw", 30)
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--rtype", "audacity"), r"reported success but wrote no HawkEars_labels\.csv"),
        (("--rtype", "xml"), "--rtype argument must be"),
        (("--no-such-flag",), "exit status 2 .*unrecognized arguments: --no-such-flag"),
    ],
)
def test_arguments_that_leave_no_table_fail_the_attempt(runner, desk, chunk, tmp_path, args, why):
    with pytest.raises(AttemptError, match=why):
        runner(*args).open(desk).hear(chunk(), tmp_path / "raw", 30)


def test_a_missing_checkpoint_and_a_broken_one_fail_the_attempt(
    runner, desk, chunk, root_v1, tmp_path
):
    checkpoints = root_v1 / "data" / "ckpt"
    (checkpoints / "broken.ckpt").touch()
    with pytest.raises(AttemptError, match="ZeroDivisionError"):
        runner().open(desk).hear(chunk(), tmp_path / "raw", 30)
    for path in checkpoints.iterdir():
        path.unlink()
    with pytest.raises(AttemptError, match="no checkpoints found"):
        runner().open(desk).hear(chunk(), tmp_path / "raw", 30)


def test_a_hung_one_is_ended(runner, desk, chunk, root_v1, tmp_path):
    (root_v1 / "data" / "ckpt" / "slow.ckpt").touch()
    with pytest.raises(OutOfTimeError, match=r"ended after 0\.5 s"):
        runner().open(desk).hear(chunk(), tmp_path / "raw", 0.5)


def test_closing_the_door_ends_it_at_once(runner, desk, chunk, root_v1, tmp_path):
    (root_v1 / "data" / "ckpt" / "slow.ckpt").touch()
    opened = runner().open(desk)
    timer = threading.Timer(0.5, desk.door.close)
    timer.start()
    began = time.monotonic()
    with pytest.raises(RunStoppedError):
        opened.hear(chunk(), tmp_path / "raw", 500)
    assert time.monotonic() - began < 300
    timer.join()


def test_arguments_and_checkpoints_decide_the_fingerprint(runner, root_v1):
    plain = runner().fingerprint()
    assert runner().fingerprint() == plain
    assert runner("--fast").fingerprint() != plain
    (root_v1 / "data" / "ckpt" / "two.ckpt").write_bytes(b"more weights")
    assert runner().fingerprint() != plain


def test_it_runs_under_the_interpreter_named(root_v1, desk, chunk, tmp_path):
    python = tmp_path / "a python"
    python.write_text(
        f"#!/bin/sh\necho used >> '{tmp_path}/used'\nexec '{sys.executable}' \"$@\"\n"
    )
    python.chmod(0o755)
    environ = {"BADC_HAWKEARS_ROOT": str(root_v1), "BADC_HAWKEARS_PYTHON": str(python)}
    choose_hawkears((), environ).open(desk).hear(chunk(), tmp_path / "raw", 30)
    assert (tmp_path / "used").exists()
