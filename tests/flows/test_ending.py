"""What follows from the end of a task run, above all where its worker was killed."""

from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

from distributed import KilledWorker

from badc.manifest import read_manifest
from badc.runs import InferRequest, decide, open_records
from badc.telemetry import Event
from flows.ending import Ending, ending_of
from flows.turns import Turn


def killed():
    """A task run whose worker is gone, as Dask tells of it."""
    worker = SimpleNamespace(name="gpu-0", address="tcp://127.0.0.1:1")
    future = Future()
    future.set_exception(KilledWorker("hear", worker, 0))
    future.status = "error"
    return SimpleNamespace(wrapped_future=future, task_run_id=uuid4())


def finished():
    """A task run that has ended, whose state cannot be had."""
    return SimpleNamespace(wrapped_future=SimpleNamespace(status="finished"), task_run_id=uuid4())


def event(name, status, **details):
    now = "2026-01-01T00:00:00.000+00:00"
    return Event("REC", name, "gpu-0", status, now, now, details={"attempt": 1, **details})


def plan_of(tmp_path, count, **asked):
    rows = ["recording_id,chunk_id,source_path"]
    for number in range(count):
        (tmp_path / f"c{number}.wav").write_bytes(b"audio")
        rows.append(f"REC,c{number},{tmp_path / f'c{number}.wav'}")
    manifest = tmp_path / "m.csv"
    manifest.write_text("\n".join(rows) + "\n")
    places = {"output_dir": tmp_path / "out", "telemetry_log": tmp_path / "log.jsonl"}
    plan = decide(InferRequest(manifest=manifest, max_gpus=0, **places, **asked))
    return plan, read_manifest(manifest)


def names(turn):
    return [chunk.key.chunk_id for chunk in turn.chunks]


def test_only_the_chunk_that_was_being_heard_loses_an_attempt(tmp_path):
    plan, chunks = plan_of(tmp_path, 6)
    with open_records(plan, print) as records:
        for name, status, details in [
            ("c0", "start", {}), ("c0", "success", {}),
            ("c1", "start", {}), ("c1", "failure", {"backoff_s": 2.0, "error": "not today"}),
            ("c2", "start", {}), ("c2", "failure", {"backoff_s": None, "error": "never"}),
            ("c3", "start", {}),  # heard, and not yet written
            ("c4", "start", {}),
        ]:  # fmt: skip
            records.take(event(name, status, **details))
        lost = killed()
        ending = ending_of(Turn(chunks), lost, plan.assignment, records)
    assert ending.heard == 1
    assert [(key.chunk_id, str(error)) for key, error in ending.failed] == [("c2", "never")]
    tried_again, lost_one, rest = ending.again
    assert (names(tried_again), tried_again.earlier, tried_again.pause_s) == (["c1"], 1, 2.0)
    assert (names(lost_one), lost_one.earlier, lost_one.pause_s) == (["c4"], 1, 0.0)
    assert tried_again.task_run_id is lost_one.task_run_id is None
    assert (names(rest), rest.fresh, rest.task_run_id) == (["c3", "c5"], False, lost.task_run_id)
    assert (ending.lost.label, ending.slot) == ("gpu-0", "gpu-0")
    jobs = {job.chunk_id: (job.status, job.last_error) for job in records.summary.jobs.values()}
    assert jobs["c3"] == ("pending", None)
    assert jobs["c4"] == ("pending", "Worker lost: the worker process of gpu-0 was lost")
    assert records.summary.workers["gpu-0"].failure == 1  # c2, for good
    assert records.summary.workers["gpu-0"].failed_retries == 3  # and c1, c4, but not c3


def test_without_retries_the_chunk_that_was_being_heard_is_given_up_and_no_other(tmp_path):
    plan, chunks = plan_of(tmp_path, 3, max_retries=0)
    with open_records(plan, print) as records:
        for name in ("c0", "c1"):
            records.take(event(name, "start"))
        ending = ending_of(Turn(chunks), killed(), plan.assignment, records)
    assert [key.chunk_id for key, _ in ending.failed] == ["c1"]
    assert [names(turn) for turn in ending.again] == [["c0", "c2"]]


def test_a_chunk_lost_in_its_pause_has_the_attempts_left_that_it_had(tmp_path):
    plan, chunks = plan_of(tmp_path, 1)
    with open_records(plan, print) as records:
        records.take(event("c0", "start"))
        records.take(event("c0", "failure", backoff_s=2.0, error="not today"))
        lost = killed()
        (again,) = ending_of(Turn(chunks), lost, plan.assignment, records).again
    assert (again.earlier, again.pause_s, again.task_run_id) == (1, 2.0, lost.task_run_id)


def test_a_chunk_whose_good_end_is_on_record_needs_no_state(tmp_path):
    plan, chunks = plan_of(tmp_path, 2)
    with open_records(plan, print) as records:
        records.take(event("c0", "start"))
        records.take(replace(event("c0", "success"), runtime_s=1.5))
        records.take(event("c1", "skipped"))
        heard, cached = (
            ending_of(Turn((chunk,)), finished(), plan.assignment, records) for chunk in chunks
        )
    assert heard == Ending(heard=1, took_s=1.5, slot="gpu-0")
    assert cached == Ending(cached=1, slot="gpu-0")


def test_a_chunk_that_was_heard_goes_on_where_its_worker_is_lost_before_it_says_so(tmp_path):
    plan, chunks = plan_of(tmp_path, 1)
    with open_records(plan, print) as records:
        records.take(event("c0", "start"))
        records.take(event("c0", "success"))
        lost = killed()
        ending = ending_of(Turn(chunks), lost, plan.assignment, records)
    assert (ending.heard, ending.failed) == (0, [])
    assert [again.task_run_id for again in ending.again] == [lost.task_run_id]
