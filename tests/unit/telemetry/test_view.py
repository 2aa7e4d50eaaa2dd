import json

from badc.telemetry import Event, RunView, event_rows, worker_rows

COUNTED = ["GPU", "Events", "Success", "Fail", "Retry attempts", "Failed attempts"]
MEASURED = ["Avg runtime", "Util % min/avg/max", "VRAM max"]
TRENDS = ["Util trend", "VRAM trend", "Retry trend"]
WORKER_COLUMNS = [*COUNTED, *MEASURED, *TRENDS, "Last status", "Last chunk", "Updated"]
EVENT_COLUMNS = ["Time", "Status", "Chunk", "GPU", "Runtime", "Attempt", "Metrics"]


def event(chunk, status, worker="gpu-0", runtime_s=None, **details):
    finished = None if status == "start" else "2026-01-01T01:00:02.500+00:00"
    began = "2026-01-01T01:00:00.000+00:00"
    return Event(
        "REC", chunk, worker, status, began, finished, runtime_s=runtime_s, details=details
    )


def device(busy, used, total=1000):
    return {"index": 0, "utilization": busy, "memory_used_mb": used, "memory_total_mb": total}


def folded(*events, keep=100):
    view = RunView(keep)
    for each in events:
        view.fold(each)
    return view


def test_a_worker_is_told_with_its_counts_its_device_and_its_latest_event():
    view = folded(
        event("c0", "start", attempt=1),
        event("c0", "failure", runtime_s=1.0, attempt=1, error="no", backoff_s=2.0),
        event("c0", "start", attempt=2),
        event(
            "c0",
            "success",
            runtime_s=3.0,
            attempt=2,
            gpu_metrics={"before": device(0, 100), "after": device(90, 500)},
        ),
        event("c1", "failure", runtime_s=2.0, attempt=1, error="no", backoff_s=None),
    )
    (row,) = worker_rows(view)
    assert row == {
        "GPU": "gpu-0",
        "Events": 5,
        "Success": 1,
        "Fail": 1,
        "Retry attempts": 1,
        "Failed attempts": 2,
        "Avg runtime": "2.00 s",
        "Util % min/avg/max": "0/45/90",
        "VRAM max": "500/1000 MiB",
        "Util trend": "▇",
        "VRAM trend": "▅",
        "Retry trend": "▁▃▁",
        "Last status": "failure",
        "Last chunk": "REC/c1",
        "Updated": "2026-01-01T01:00:02Z",
    }
    assert list(row) == WORKER_COLUMNS


def test_what_was_skipped_or_broken_off_is_an_event_and_nothing_else():
    view = folded(
        event("c0", "skipped", runtime_s=50.0, gpu_metrics={"after": device(5, 5)}),
        event("c1", "failure", runtime_s=70.0, attempt=3, interrupted=True),
    )
    (row,) = worker_rows(view)
    assert (row["Events"], row["Success"], row["Fail"], row["Failed attempts"]) == (2, 0, 0, 0)
    assert row["Last status"] == "interrupted"
    unknown = ("Avg runtime", "Util % min/avg/max", "VRAM max", "Util trend", "Retry trend")
    assert [row[name] for name in unknown] == [None] * 5


def test_workers_stand_in_the_order_of_their_numbers_gpus_first():
    labels = ["resume", "cpu-10", "gpu-10", "cpu-2", "gpu-2", "far.1", "cpu-x"]
    view = folded(*(event("c0", "start", worker=label) for label in labels))
    assert [row["GPU"] for row in worker_rows(view)] == [
        "gpu-2", "gpu-10", "cpu-2", "cpu-10", "cpu-x", "far.1", "resume",
    ]  # fmt: skip


def test_the_latest_events_come_last_and_say_what_happened():
    view = folded(
        event("c0", "start", attempt=1),
        event(
            "c0",
            "success",
            runtime_s=1.234,
            attempt=1,
            detections=1,
            gpu_metrics={"before": None, "after": device(97, 812)},
        ),
        event("c1", "failure", attempt=1, error="AttemptError: exit 3:\n no \x1b[31m model"),
    )
    started, heard, failed = event_rows(view, 15)
    assert list(heard.values()) == [
        "2026-01-01T01:00:02Z", "success", "REC/c0", "gpu-0", "1.23 s", 1,
        "util 97 %, VRAM 812/1000 MiB, 1 detection",
    ]  # fmt: skip
    assert list(heard) == EVENT_COLUMNS
    assert (started["Time"], started["Metrics"]) == ("2026-01-01T01:00:00Z", None)
    assert failed["Metrics"] == "AttemptError: exit 3: no \N{REPLACEMENT CHARACTER}[31m model"
    assert event_rows(view, 1) == [failed]


def test_the_view_stays_small_however_long_the_log_is():
    after = {"after": device(50, 50)}
    events = (event(f"c{number}", "success", gpu_metrics=after) for number in range(500))
    view = folded(*events, keep=10)
    (row,) = worker_rows(view)
    assert (row["Events"], row["Util trend"], row["Retry trend"]) == (500, "▅" * 20, "▁" * 20)
    assert [row["Chunk"] for row in event_rows(view, 99)] == [f"REC/c{n}" for n in range(490, 500)]


def test_rows_are_plain_json_also_of_names_that_are_no_text():
    view = folded(event("c\udce9", "success", worker="cpu-\udce9", attempt=True, detections=1e300))
    rows = [*worker_rows(view), *event_rows(view, 5)]
    assert json.loads(json.dumps(rows, ensure_ascii=False).encode("utf-8")) == rows
