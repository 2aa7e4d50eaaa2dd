import json
import math
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badc.detections import result_json, write_result
from badc.errors import UsageError
from badc.manifest import Chunk, ChunkKey
from badc.results import RunSummary, SummaryKeeper, read_finished, read_summary, workers_path
from badc.telemetry import Event


def event(chunk: str, status: str, recording: str = "REC", worker: str = "cpu-0", **details):
    return Event(recording, chunk, worker, status, "2026-01-01T00:00:00.000+00:00", details=details)


def folded(*events: Event) -> RunSummary:
    summary = RunSummary(Path("x.jsonl"))
    for each in events:
        summary.fold(each)
    return summary


def heard(tmp_path: Path, key: ChunkKey, name: str = "out.json") -> Path:
    chunk = Chunk(key, "c.wav", tmp_path / "c.wav")
    result = result_json(
        chunk,
        runner="custom",
        detections=(),
        dataset_root=None,
        model_version=None,
        extra={},
        provenance={},
    )
    write_result(tmp_path / name, result)
    return tmp_path / name


def test_a_chunk_that_needed_three_attempts_counts_its_retries_once():
    summary = folded(
        event("c0", "start", attempt=1),
        event("c0", "failure", attempt=1, error="no", backoff_s=2.0),
        event("c0", "start", attempt=2),
        event("c0", "failure", attempt=2, error="no", backoff_s=4.0),
        event("c0", "start", attempt=3),
        event("c0", "success", attempt=3, output="o.json"),
    )
    job, tally = summary.jobs[ChunkKey("REC", "c0")], summary.workers["cpu-0"]
    assert (job.status, job.attempts, job.retries, job.output) == ("success", 3, 2, "o.json")
    assert (tally.success, tally.failure, tally.retries, tally.failed_retries) == (1, 0, 2, 2)


def test_a_chunk_given_up_is_a_failure_and_one_interrupted_is_pending():
    summary = folded(
        event("c0", "failure", attempt=1, error="no", backoff_s=None),
        event("c1", "start", attempt=1),
        event("c1", "failure", attempt=1, interrupted=True),
    )
    assert [job.status for job in summary.jobs.values()] == ["failure", "pending"]
    assert summary.workers["cpu-0"].failure == 1


def test_equal_chunk_ids_of_two_recordings_stay_apart_on_disk(tmp_path):
    summary = folded(event("c0", "success", "A"), event("c0", "failure", "B"))
    summary.write(tmp_path / "s.summary.json")
    jobs = read_summary(tmp_path / "s.summary.json").jobs
    assert jobs == summary.jobs
    assert {str(key): job.status for key, job in jobs.items()} == {
        "A/c0": "success",
        "B/c0": "failure",
    }


statuses = st.sampled_from(["start", "success", "failure", "skipped"])
odd = st.sampled_from([None, True, 0, -3, 2, 1.5, math.nan, math.inf, 10**400, "", "two", [], {}])
records = st.fixed_dictionaries(
    {
        "chunk_id": st.text(max_size=3),
        "status": statuses,
        "recording_id": odd,
        "worker": odd,
        "runtime_s": odd,
        "gpu_index": odd,
        "details": odd
        | st.fixed_dictionaries(
            {"attempt": odd, "output": odd, "error": odd, "backoff_s": odd, "interrupted": odd}
        ),
    },
)


@given(st.lists(records, max_size=6))
def test_no_log_however_odd_breaks_the_summary(tmp_path_factory, lines):
    events = [Event.from_json(line) for line in lines]
    summary = folded(*(each for each in events if each))
    path = tmp_path_factory.mktemp("summary") / "s.summary.json"
    summary.write(path)
    assert len(read_summary(path).jobs) <= len(summary.jobs)


@pytest.mark.parametrize("spelling", ["x.jsonl.summary.json", "x.summary.json"])
def test_a_summary_is_found_under_either_spelling_of_its_name(tmp_path, spelling):
    folded(event("c0", "success"), event("c1", "failure")).write(tmp_path / spelling)
    for asked in ("x.jsonl.summary.json", "x.summary.json"):
        assert set(read_finished(tmp_path / asked).by_key) == {ChunkKey("REC", "c0")}


def test_the_older_form_is_keyed_by_chunk_alone(tmp_path):
    older = {"jobs": {"c0": {"status": "success", "output": "c0.json", "attempts": 1}}}
    (tmp_path / "s.summary.json").write_text(json.dumps(older))
    finished = read_finished(tmp_path / "s.summary.json")
    chunk = Chunk(ChunkKey("A", "c0"), "c.wav", tmp_path / "c.wav")
    assert finished.job_for(chunk).output == "c0.json"


def test_numbers_and_names_that_cannot_be_are_passed_over(tmp_path):
    job = {"status": "done", "attempts": -1, "retries": "x", "last_backoff_s": 10**400, "output": 3}
    document = {"jobs": {"REC/c0": job}, "workers": {"cpu-0": [], "cpu-1": {"success": None}}}
    (tmp_path / "s.summary.json").write_text(json.dumps(document))
    summary = read_summary(tmp_path / "s.summary.json")
    (read,) = summary.jobs.values()
    assert (read.status, read.attempts, read.last_backoff_s) == ("pending", 0, None)
    assert summary.workers["cpu-1"].jobs == 0


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", b'{"jobs": 1}', b'{"jobs": {"c": 1}}', b"\xff"]
)
def test_what_is_no_summary_is_refused_by_name(tmp_path, raw):
    (tmp_path / "s.summary.json").write_bytes(raw)
    with pytest.raises(UsageError, match=r"s\.summary\.json: is not a summary"):
        read_finished(tmp_path / "s.summary.json")


def test_the_keeper_writes_at_once_and_at_the_end_and_leaves_no_draft(tmp_path):
    path = tmp_path / "x.jsonl.summary.json"
    summary = RunSummary(tmp_path / "x.jsonl")
    summary.expect([ChunkKey("REC", "c0")])
    with suppress(KeyboardInterrupt), SummaryKeeper(summary, path) as keeper:
        assert read_summary(path).jobs[ChunkKey("REC", "c0")].status == "pending"
        keeper.fold(event("c0", "success", attempt=1))
        raise KeyboardInterrupt
    assert read_summary(path).jobs[ChunkKey("REC", "c0")].status == "success"
    assert workers_path(path).read_text() == (
        "worker,jobs,success,failure,retries,failed_retries\ncpu-0,1,1,0,0,0\n"
    )
    assert {entry.name for entry in tmp_path.iterdir()} == {path.name, workers_path(path).name}


def test_a_summary_about_other_chunks_alone_is_refused(tmp_path):
    path = tmp_path / "s.summary.json"
    path.write_text(json.dumps({"jobs": {"R/a": {"status": "success"}}}))
    assert read_finished(path, [ChunkKey("R", "a"), ChunkKey("R", "b")]).by_key
    with pytest.raises(UsageError, match="knows none of the manifest's chunks"):
        read_finished(path, [ChunkKey("S", "b")])
