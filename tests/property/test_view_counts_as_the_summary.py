import json
import math
from dataclasses import asdict
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from badc.results import RunSummary
from badc.telemetry import Event, RunView, event_rows, worker_rows

COUNTS = ("Success", "Fail", "Retry attempts", "Failed attempts")

odd = st.sampled_from([None, True, 0, -3, 2, 1.5, math.nan, math.inf, 10**400, "", "two", [], {}])
attempts = st.integers(1, 4) | odd
snapshot = odd | st.fixed_dictionaries(
    {"utilization": odd | st.floats(), "memory_used_mb": odd | st.floats(), "memory_total_mb": odd}
)
records = st.fixed_dictionaries(
    {
        "recording_id": st.sampled_from(["A", "B", None]),
        "chunk_id": st.sampled_from(["c0", "c1", "c\udce9"]),
        "worker": st.sampled_from(["gpu-0", "cpu-1", "resume", "lost", None]),
        "status": st.sampled_from(["start", "success", "failure", "skipped"]),
        "timestamp": odd,
        "finished_at": odd,
        "runtime_s": odd | st.floats(),
        "details": odd
        | st.fixed_dictionaries(
            {},
            optional={
                "attempt": attempts,
                "backoff_s": st.none() | st.floats(1, 5) | odd,
                "interrupted": st.booleans() | odd,
                "error": odd,
                "detections": odd,
                "gpu_metrics": odd | st.fixed_dictionaries({"before": snapshot, "after": snapshot}),
            },
        ),
    }
)


def attempt(chunk, number, worker="gpu-0", status="success", **details):
    begun = {"chunk_id": chunk, "worker": worker, "details": {"attempt": number}}
    ended = {**begun, "details": {"attempt": number, **details}}
    return [{**begun, "status": "start"}, {**ended, "status": status}]


@given(st.lists(records, max_size=12))
@example(  # tried again elsewhere, then interrupted, then resumed in a later run on the same log
    [
        *attempt("c0", 1, status="failure", backoff_s=2.0),
        *attempt("c0", 2, worker="cpu-1", status="failure", interrupted=True),
        {"chunk_id": "c1", "worker": "resume", "status": "skipped"},
        *attempt("c0", 1, status="failure", backoff_s=2.0),
        *attempt("c0", 2, worker="cpu-1"),
    ]
)
def test_counts_are_those_of_the_summary_whatever_the_log_holds(lines):
    summary, view = RunSummary(Path("x.jsonl")), RunView()
    for event in filter(None, map(Event.from_json, lines)):
        summary.fold(event)
        view.fold(event)
    shown = {row["GPU"]: tuple(row[name] for name in COUNTS) for row in worker_rows(view)}
    told = {label: tuple(asdict(tally).values()) for label, tally in summary.workers.items()}
    assert {label: counts for label, counts in shown.items() if any(counts)} == told
    json.dumps([*worker_rows(view), *event_rows(view, 5)], allow_nan=False).encode("utf-8")
