from typing import Any

from badc.telemetry import Event, Highlights


def event(number: int, status: str, worker: str = "cpu-0", **details: Any) -> Event:
    record = {"recording_id": "R", "chunk_id": f"c{number:04d}", "worker": worker, "status": status}
    runtime_s = details.pop("runtime_s", None)
    made = Event.from_json({**record, "runtime_s": runtime_s, "details": details})
    assert made is not None
    return made


def test_the_slowest_chunks_of_many_and_all_that_was_heard():
    highlights = Highlights()
    for number in (7 * each % 500 for each in range(500)):
        heard = {"detections": 3, "labels": {"OVEN": 2, "rare": 1}, "audio_s": 60.0}
        highlights.fold(event(number, "start", attempt=1))
        highlights.fold(event(number, "success", runtime_s=number / 10, attempt=1, **heard))
    assert [each.key.chunk_id for each in highlights.slowest][:3] == ["c0499", "c0498", "c0497"]
    assert len(highlights.slowest) == 10
    assert highlights.labels == {"OVEN": 1000, "rare": 500}
    assert (highlights.detections, highlights.audio_s) == (1500, 30_000)


def test_failed_chunks_are_those_given_up_and_skipped_ones_are_told_apart():
    highlights = Highlights()
    highlights.fold(event(1, "failure", attempt=1, backoff_s=2.0, error="once"))
    highlights.fold(event(1, "failure", attempt=2, backoff_s=None, error="for\ngood"))
    highlights.fold(event(2, "failure", attempt=1, interrupted=True, error="stopped"))
    highlights.fold(event(3, "skipped"))
    highlights.fold(event(4, "skipped", detections=2, labels={"OVEN": 2}))
    (failed,) = highlights.failed
    assert (failed.key.chunk_id, failed.number, failed.error) == ("c0001", 2, "for good")
    assert (highlights.cached, highlights.detections) == (2, 2)


def test_a_log_that_says_nonsense_is_counted_as_far_as_it_makes_sense():
    highlights = Highlights()
    highlights.fold(event(1, "success", detections="many", labels=["OVEN"]))
    highlights.fold(event(2, "success", detections=1, labels={"OVEN": "one"}))
    assert (highlights.detections, highlights.labels) == (1, {})
