"""Several chunks in one slot: real runner processes, no Prefect, no Dask."""

import json
import pickle
import sys
import threading
from dataclasses import replace

import pytest

from badc.errors import AttemptError, ChunkUnreadableError, RunFailedError
from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.runners.command import CommandRunner
from badc.runs import Assignment, BatchFailedError, BatchOutcome, ListeningSlot, hear_batch

RUNNER = """
import json, sys
from pathlib import Path
audio, answer = Path(sys.argv[2]), Path(sys.argv[4])
with (audio.parent / "starts.log").open("a") as log:
    log.write(audio.stem + "\\n")
if "bad" in audio.stem:
    sys.exit("no luck with " + audio.stem)
answer.write_text(json.dumps([{"timestamp_ms": 1, "end_ms": 2, "label": "OVEN"}]))
"""


@pytest.fixture
def assignment(tmp_path):
    (tmp_path / "runner.py").write_text(RUNNER)
    return Assignment(
        runner=CommandRunner.from_text(f"{sys.executable} {tmp_path / 'runner.py'}"),
        fingerprint="f",
        output_dir=tmp_path / "out",
        dataset_root=None,
        timeout_s=60,
        max_retries=1,
        keep_going=True,
        rerun=False,
        slots=1,
    )


@pytest.fixture
def slot(assignment):
    events = []
    listening = ListeningSlot(Slot("cpu-0"), assignment, events.append)
    listening.events = events
    yield listening
    listening.stop()


def chunks(tmp_path, *names):
    made = []
    for name in names:
        path = tmp_path / f"{name}.wav"
        path.write_bytes(b"audio")
        made.append(Chunk(ChunkKey("REC", name), str(path), path))
    return made


def told(slot):
    return [(event.chunk_id, event.status) for event in slot.events]


def test_each_chunk_has_its_own_json_and_events_and_a_bad_one_holds_nobody_up(slot, tmp_path):
    outcome = hear_batch(slot, chunks(tmp_path, "a", "bad", "c"), lambda: False)
    assert (outcome.heard, outcome.cached, outcome.detections) == (2, 0, 2)
    ((failed, error),) = outcome.failed
    assert (failed.key.chunk_id, type(error)) == ("bad", AttemptError)
    assert "no luck with bad" in error.stderr_tail
    assert outcome.not_begun == []
    assert sorted(path.name for path in (tmp_path / "out").rglob("*")) == [
        "REC", "a.json", "c.json",
    ]  # fmt: skip
    assert sorted(told(slot)) == [
        ("a", "start"), ("a", "success"), ("bad", "failure"), ("bad", "start"),
        ("c", "start"), ("c", "success"),
    ]  # fmt: skip
    assert str(outcome).startswith("cpu-0, 2 heard, 1 failed, ")

    again = hear_batch(slot, chunks(tmp_path, "a", "bad", "c"), lambda: False)
    assert (again.heard, again.cached, len(again.failed)) == (0, 2, 1)
    starts = (tmp_path / "starts.log").read_text().split()
    assert starts == ["a", "bad", "c", "bad"]


def test_once_the_run_is_closed_no_further_chunk_is_begun(slot, tmp_path):
    listed = chunks(tmp_path, "a", "b", "c", "d")
    outcome = hear_batch(slot, listed, lambda: ("a", "start") in told(slot))
    assert outcome.heard == 1
    assert outcome.not_begun == listed[1:]
    assert (tmp_path / "starts.log").read_text().split() == ["a"]


def test_a_slot_that_is_stopped_leaves_whole_results_and_the_rest_not_begun(slot, tmp_path):
    listed = chunks(tmp_path, *(f"c{number}" for number in range(200)))

    def stop_after_three():
        if len(slot.events) >= 6 and not stopping.is_alive() and not stopping.ident:
            stopping.start()
        return False

    stopping = threading.Thread(target=slot.stop)
    outcome = hear_batch(slot, listed, stop_after_three)
    stopping.join()
    results = list((tmp_path / "out").rglob("*.json"))
    assert outcome.heard == len(results) < 200
    assert outcome.heard + len(outcome.not_begun) == 200
    assert {json.loads(path.read_text())["chunk_id"] for path in results}.isdisjoint(
        chunk.key.chunk_id for chunk in outcome.not_begun
    )


def test_a_result_that_cannot_be_written_fails_its_chunk_alone(slot, tmp_path):
    (tmp_path / "out" / "REC" / "b.json").mkdir(parents=True)
    outcome = hear_batch(slot, chunks(tmp_path, "a", "b", "c"), lambda: False)
    assert outcome.heard == 2
    ((failed, error),) = outcome.failed
    assert failed.key.chunk_id == "b"
    assert "b.json" in str(error)
    assert (error.transient, told(slot).count(("b", "failure"))) == (False, 1)


def test_a_failed_batch_survives_pickling(tmp_path):
    (chunk,) = chunks(tmp_path, "a")
    outcome = BatchOutcome("cpu-0", heard=2, failed=[(chunk, ChunkUnreadableError("a.wav: torn."))])
    copy = pickle.loads(pickle.dumps(BatchFailedError(outcome)))
    assert (copy.outcome.heard, str(copy)) == (2, "REC/a: a.wav: torn.")
    assert str(copy.outcome.failed[0][1]) == "a.wav: torn."


def test_whatever_goes_wrong_with_one_chunk_the_others_are_heard(slot, tmp_path):
    a, b, c = chunks(tmp_path, "a", "b", "c")
    outcome = hear_batch(slot, [a, replace(b, notes=object()), c], lambda: False)
    assert (outcome.heard, outcome.given_up) == (2, True)
    ((failed, error),) = outcome.failed
    assert (failed.key.chunk_id, type(error)) == ("b", RunFailedError)
    assert str(error).startswith("REC/b: TypeError: ")


@pytest.mark.parametrize(("retries", "given_up"), [(0, True), (1, False)])
def test_a_batch_knows_whether_a_chunk_is_given_up(assignment, tmp_path, retries, given_up):
    slot = ListeningSlot(Slot("cpu-0"), replace(assignment, max_retries=retries), lambda _: None)
    outcome = hear_batch(slot, chunks(tmp_path, "a", "bad"), lambda: False)
    slot.stop()
    assert (outcome.heard, outcome.given_up) == (1, given_up)
