import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from badc.chunking import CutPlan, cut_many, plan_cut, read_status
from badc.manifest import read_manifest


@pytest.fixture
def plans(record: Callable[..., Path]) -> list[CutPlan]:
    made = [plan_cut(record(f"r{number}.wav"), chunk_duration_s=1) for number in range(4)]
    made[1].recording.write_bytes(b"")
    return made


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_one_broken_recording_does_not_stop_the_others(plans, workers: int) -> None:
    outcomes = {each.plan.recording_id: each for each in cut_many(plans, workers)}
    assert sorted(outcomes) == ["r0", "r1", "r2", "r3"]
    assert "is empty (0 bytes)" in str(outcomes.pop("r1").error)
    for outcome in outcomes.values():
        assert (outcome.error, outcome.chunks) == (None, 3)
        assert len(read_manifest(outcome.plan.manifest)) == 3


def test_cuts_of_one_worker_come_in_order(plans) -> None:
    assert [each.plan for each in cut_many(plans, 1)] == plans


def test_nothing_to_cut_is_no_work() -> None:
    assert list(cut_many([], 1)) == list(cut_many([], 3)) == []


def endless(record: Callable[..., Path], name: str) -> CutPlan:
    """A cut into so many chunks that it is still under way when the test looks."""
    return plan_cut(record(name, seconds=100), chunk_duration_s=0.001)


def wait_for(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_cuts_under_way_end_with_their_iterator_and_leave_no_chunks(record) -> None:
    quick = plan_cut(record("quick.wav"), chunk_duration_s=1)
    slow = endless(record, "slow.wav")
    outcomes = cut_many([slow, quick], 2)
    assert next(outcomes).plan == quick
    wait_for(lambda: any(slow.chunk_dir.glob("*.wav")))
    outcomes.close()
    assert list(slow.chunk_dir.glob("*.wav")) == []
    assert not slow.manifest.exists()
    status = read_status(slow.chunk_dir)
    assert status is not None
    assert (status["status"], status["error"]) == ("failed", "the cut was broken off")


def test_a_cut_whose_process_dies_is_that_recordings_failure_alone(record) -> None:
    slow = endless(record, "slow.wav")
    quick = plan_cut(record("quick.wav"), chunk_duration_s=1)
    outcomes = cut_many([slow, quick], 2)
    assert next(outcomes).error is None
    wait_for(lambda: any(slow.chunk_dir.glob("*.wav")))
    os.kill(process_in(slow.chunk_dir), signal.SIGKILL)
    (outcome,) = outcomes
    assert "ended without a word (signal 9)" in str(outcome.error)
    status = read_status(slow.chunk_dir)
    assert status is not None
    assert status["status"] == "in_progress"


def process_in(folder: Path) -> int:
    """The process that holds a file open beside ``folder``: the recording being cut."""
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if entry.readlink() == folder.parent / "slow.wav":
                return int(entry.parts[2])
        except OSError:
            continue
    raise AssertionError("nobody cuts it")
