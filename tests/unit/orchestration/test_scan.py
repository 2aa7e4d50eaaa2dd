"""Which recordings a plan takes, and which not."""

import json
import time

import pytest

from badc.errors import UsageError
from badc.orchestration import (
    IncompleteChunksError,
    OrchestrateRequest,
    plan_complete,
    plan_dataset,
)
from badc.runners.stub import StubRunner


@pytest.fixture
def plan(dataset):
    def make(**asked: object):
        return plan_dataset(OrchestrateRequest(dataset=dataset, **{"runner": "stub", **asked}))

    return make


@pytest.fixture
def heard(dataset):
    """Writes the finished JSON of a chunk, as a run of the stub would."""

    def write(name: str, number: int, **other: object) -> None:
        folder = dataset / "artifacts" / "infer" / name
        folder.mkdir(parents=True, exist_ok=True)
        payload = {
            "recording_id": name,
            "chunk_id": f"{name}_{number}",
            "status": "stub",
            "detections": [],
            "runner": "stub",
            "provenance": {
                "runner_fingerprint": StubRunner().fingerprint(),
                "chunk_bytes": len(b"sound %d" % number),
            },
        }
        (folder / f"{name}_{number}.json").write_text(json.dumps(payload | other))

    return write


def _names(planned) -> list[str]:
    return [each.plan.recording_id for each in planned.recordings]


def test_recordings_come_in_order_with_their_own_places(plan, recording, dataset):
    recording("b")
    recording("a b'c")
    planned = plan(cpu_workers=3, chunks_per_gpu=2)
    assert _names(planned) == ["a b'c", "b"]
    first = planned.recordings[0].plan
    assert first.recording_output_dir == dataset / "artifacts" / "infer" / "a b'c"
    assert first.telemetry_log == dataset / "artifacts" / "telemetry" / "infer" / "a b'c.jsonl"
    assert first.chunk_status == "completed"
    assert (first.request().cpu_workers, first.request().chunks_per_gpu) == (3, 2)
    assert plan(gpu_only=True).recordings[0].plan.request().gpu_only


def test_a_recording_is_done_only_when_all_its_chunks_are(plan, recording, heard):
    recording("a", 2)
    heard("a", 0)
    assert len(plan().recordings[0].outstanding) == 1
    heard("a", 1)
    assert _names(plan()) == []
    assert plan().done == ("a",)
    assert _names(plan(include_existing=True)) == ["a"]


@pytest.mark.parametrize(
    "other",
    [
        {"provenance": {"runner_fingerprint": "another", "chunk_bytes": 7}},
        {"provenance": {"runner_fingerprint": StubRunner().fingerprint(), "chunk_bytes": 1}},
        {"chunk_id": "a_1"},
        {"detections": None},
    ],
)
def test_json_of_another_runner_audio_or_chunk_does_not_count(plan, recording, heard, other):
    recording("a", 1)
    heard("a", 0, **other)
    assert len(plan().recordings[0].outstanding) == 1


def test_audio_that_was_dropped_after_it_was_heard_stays_done(plan, recording, heard, dataset):
    recording("a", 1)
    heard("a", 0)
    (dataset / "artifacts" / "chunks" / "a" / "a_0.wav").unlink()
    assert plan().done == ("a",)


def test_a_missing_runner_is_no_obstacle_to_planning(plan, recording, heard, monkeypatch):
    monkeypatch.setenv("BADC_HAWKEARS_ROOT", "/nowhere")
    recording("a", 1)
    heard("a", 0)
    assert _names(plan(runner="hawkears")) == ["a"]
    heard("a", 0, runner="hawkears")
    assert plan(runner="hawkears").done == ("a",)


@pytest.mark.parametrize("status", ["in_progress", "failed"])
def test_half_cut_recordings_are_listed_and_refused_unless_allowed(plan, recording, status):
    recording("a", status=status)
    recording("b")
    with pytest.raises(IncompleteChunksError, match=rf"a \({status}\)") as caught:
        plan()
    assert caught.value.exit_code == 1
    assert _names(plan(allow_partial_chunks=True)) == ["a", "b"]


def test_at_night_a_half_cut_recording_is_named_and_stops_no_other(dataset, plan, recording):
    recording("half", status="failed")
    recording("whole", status="completed")
    planned = plan_complete(OrchestrateRequest(dataset=dataset, runner="stub"))
    assert _names(planned) == ["whole"]
    assert planned.broken == ((dataset / "manifests" / "half.csv", "its cut is failed."),)
    allowed = OrchestrateRequest(dataset=dataset, runner="stub", allow_partial_chunks=True)
    assert plan_complete(allowed) == plan(allow_partial_chunks=True)


def test_a_recording_without_a_status_is_taken(plan, recording):
    recording("a", status=None)
    assert _names(plan()) == ["a"]


def test_a_broken_manifest_stops_no_other_and_is_named(plan, recording, dataset):
    recording("b")
    (dataset / "manifests" / "a.csv").write_text("nothing,here\n1,2\n")
    planned = plan()
    assert _names(planned) == ["b"]
    ((path, reason),) = planned.broken
    assert path.name == "a.csv"
    assert "lacks the columns" in reason


def test_a_manifest_whose_content_is_not_here_is_named_and_not_passed_over(plan, dataset):
    (dataset / "manifests" / "a.csv").symlink_to("annexed")
    ((path, reason),) = plan().broken
    assert path.name == "a.csv"
    assert "datalad get" in reason


def test_limit_and_pattern_choose(plan, recording):
    for name in ("a1", "a2", "b1"):
        recording(name)
    assert _names(plan(limit=1)) == ["a1"]
    assert _names(plan(limit=0)) == []
    assert _names(plan(pattern="b*.csv")) == ["b1"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"limit": -1}, "--limit -1"),
        ({"manifest_dir": "nowhere"}, "no folder of manifests"),
        ({"chunk_plan": "none.csv"}, "no such plan"),
        ({"pattern": "/abs/*"}, "--pattern"),
        ({"runner": "command"}, "Give --runner-cmd"),
    ],
)
def test_what_makes_no_sense_is_refused(plan, recording, heard, asked, why):
    recording("a")
    heard("a", 0)
    with pytest.raises(UsageError, match=why):
        plan(**asked)


def test_a_thousand_manifests_are_planned_at_once(plan, recording):
    for number in range(1000):
        recording(f"r{number:04d}", 1)
    began = time.process_time()
    assert len(plan().recordings) == 1000
    assert time.process_time() - began < 30  # a guard against squares, not a measurement
