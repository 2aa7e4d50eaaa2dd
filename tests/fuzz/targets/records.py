"""A run's own records: telemetry log, summary, chunk status."""

import json
from datetime import UTC, datetime
from pathlib import Path

from badc.chunking import belongs_to, read_status
from badc.cli.monitor_columns import texts
from badc.manifest import Chunk, ChunkKey
from badc.manifest.chunk import id_fault
from badc.meta.recording_path import recording_path
from badc.results import RunSummary, read_finished, read_summary, workers_path
from badc.telemetry import (
    Event,
    Highlights,
    LogFollower,
    LogWriter,
    RunView,
    event_rows,
    last_events,
    seconds_since_1970,
    worker_rows,
)  # fmt: skip
from tests.fuzz.inventing import odd_json, odd_json_lines
from tests.fuzz.target import Target, looked_at_closely

_START = {
    "recording_id": "REC", "chunk_id": "c0", "worker": "gpu-0", "status": "start",
    "timestamp": "2026-06-01T04:00:00.000+00:00", "finished_at": None, "runtime_s": None,
    "gpu_index": 0, "gpu_uuid": "GPU-1", "gpu_name": "A100", "details": {"attempt": 1},
}  # fmt: skip
_METRIC = {"index": 0, "utilization": 55, "memory_used_mb": 900, "memory_total_mb": 40_000}
_SUCCESS = _START | {
    "status": "success", "finished_at": "2026-06-01T04:00:02.500+00:00", "runtime_s": 2.5,
    "details": {
        "attempt": 1, "output": "out/c0.json", "runner": "stub", "stdout": "", "audio_s": 60.0,
        "detections": 2, "labels": {"OVEN": 2},
        "gpu_metrics": {"before": _METRIC, "after": _METRIC, "peak": _METRIC, "samples": 3},
    },
}  # fmt: skip
_FAILURE = _SUCCESS | {
    "chunk_id": "c1", "status": "failure",
    "details": {"attempt": 2, "returncode": 1, "stderr": "x", "error": "E: 1", "backoff_s": 1.5},
}  # fmt: skip
_LOG = "\n".join(json.dumps(each) for each in (_START, _SUCCESS, _FAILURE))
_JOB = {
    "recording_id": "REC", "chunk_id": "c0", "status": "success", "attempts": 1, "retries": 0,
    "output": "out/c0.json", "worker": "cpu-0", "last_backoff_s": None, "last_error": None,
}  # fmt: skip
_TALLY = {"success": 1, "failure": 0, "retries": 0, "failed_retries": 0}
_SUMMARIES = (
    {"telemetry_log": "x.jsonl", "workers": {"cpu-0": _TALLY}, "jobs": {"REC/c0": _JOB}},
    {"jobs": {"c0": {"status": "failure", "attempts": 3}, "c1": {"status": "success"}}},
)
_STATUS = {
    "recording_id": "REC", "audio_path": "audio/REC.wav", "chunk_output_dir": ".", "overlap": 0.0,
    "manifest_path": "m.csv", "chunk_duration": 60.0, "updated_at": "2026-06-01T04:00:00+00:00",
    "status": "completed", "started_at": "2026-06-01T04:00:00+00:00", "completed_at": None,
    "manifest_rows": 1, "duration_s": 60.0,
}  # fmt: skip
_NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _read_log(path: Path) -> bool:
    """Read a log in two parts, as one who follows it, and tell it in every way there is."""
    raw, close = path.read_bytes(), looked_at_closely(path)
    follower, events = LogFollower(path), []
    if close:
        path.write_bytes(raw[: len(raw) // 2])
        events += follower.new_events()
        path.write_bytes(raw)
    events += follower.new_events()
    view, highlights, summary = RunView(), Highlights(), RunSummary(path)
    for event in events:
        _check(event)
        for each in (view, highlights, summary):
            each.fold(event)
    texts([*worker_rows(view), *event_rows(view, 100)], _NOW)
    last_events(path, 2)
    _ = highlights.slowest
    if close:
        with LogWriter(path.with_name("again.jsonl")) as log:
            for event in events:
                log.write(event)
        _write(summary, path)
    return bool(events)


def _check(event: Event) -> None:
    for moment in (event.timestamp, event.finished_at):
        seconds_since_1970(moment)
    assert event.runtime_s is None or abs(event.runtime_s) < float("inf")


def _read_summary(path: Path) -> bool:
    summary = read_summary(path)
    finished = read_finished(path)
    for key in summary.jobs:
        chunk = Chunk(key, "c.wav", Path("c.wav"))
        job = finished.job_for(chunk)
        assert job is None or job.status == "success"
    summary.expect([ChunkKey("REC", "c0")])
    for status in ("start", "success"):
        summary.fold(Event("REC", "c0", "cpu-0", status, "", details={"attempt": 1}))
    if looked_at_closely(path):
        _write(summary, path)
    return bool(finished.by_key)


def _write(summary: RunSummary, path: Path) -> None:
    again = path.with_name("again.summary.json")
    summary.write(again)
    summary.write_workers(workers_path(again))
    possible = {key for key in summary.jobs if not any(map(id_fault, key))}
    assert possible <= read_summary(again).jobs.keys()


def _read_status(path: Path) -> bool:
    folder = path.parent
    status = read_status(folder)
    belongs_to(folder, folder / "audio" / "REC.wav")
    recording_path("REC", "c0.wav", [folder], {})
    return status is not None


RECORDS = (
    Target("telemetry log", "x.jsonl", odd_json_lines, (_LOG,), _read_log),
    Target(
        "summary",
        "x.jsonl.summary.json",
        odd_json,
        tuple(json.dumps(each) for each in _SUMMARIES),
        _read_summary,
    ),
    Target("chunk status", ".chunk_status.json", odd_json, (json.dumps(_STATUS),), _read_status),
)
