import json
from typing import Any


def two_overlapping(payload: Any, first: Any, second: Any, **fields: Any) -> Any:

    return (
        payload("c1", *first, start_ms=0, **fields),
        payload("c2", *second, start_ms=55_000, **fields),
    )


def merged_rows(tree: Any, *payloads: Any) -> Any:
    for number, made in enumerate(payloads):
        tree.put(f"{number}.json", made)
    tree.aggregate(dedupe=True)
    return [(row["absolute_time_ms"], row["confidence"]) for row in tree.rows()]


def test_one_call_heard_in_two_chunks_becomes_one_row(tree: Any, payload: Any, call: Any) -> None:
    chunks = two_overlapping(
        payload,
        [call(56_000, 59_000, confidence=0.6)],
        [call(1_500, 4_500, confidence=0.8)],
    )
    assert merged_rows(tree, *chunks) == [(56_500, 0.8)]
    row = tree.rows()[0]
    assert (row["chunk_id"], json.loads(row["merged_chunk_ids"])) == ("c2", ["c1"])


def test_without_the_option_both_rows_stay(tree: Any, payload: Any, call: Any) -> None:
    chunks = two_overlapping(payload, [call(56_000, 59_000)], [call(1_500, 4_500)])
    for number, made in enumerate(chunks):
        tree.put(f"{number}.json", made)
    assert tree.aggregate().merged == 0
    assert [row["merged_chunk_ids"] for row in tree.rows()] == [None, None]


def test_other_labels_are_other_calls(tree: Any, payload: Any, call: Any) -> None:
    chunks = two_overlapping(payload, [call(56_000, 59_000)], [call(1_000, 4_000, label="COYE")])
    assert len(merged_rows(tree, *chunks)) == 2


def test_intervals_that_only_touch_are_two_calls(tree: Any, payload: Any, call: Any) -> None:
    chunks = two_overlapping(payload, [call(56_000, 57_000)], [call(2_000, 3_000)])
    assert len(merged_rows(tree, *chunks)) == 2


def test_what_one_chunk_reports_twice_stays_two_rows(tree: Any, payload: Any, call: Any) -> None:
    made = payload("c1", call(0, 3_000, confidence=0.5), call(1_500, 4_500, confidence=0.7))
    assert merged_rows(tree, made) == [(0, 0.5), (1_500, 0.7)]


def test_other_recordings_are_other_calls(tree: Any, payload: Any, call: Any) -> None:
    first, _ = two_overlapping(payload, [call()], [])
    other = payload("c2", call(), start_ms=0, recording_id="Q")
    assert len(merged_rows(tree, first, other)) == 2


def test_two_runners_that_agree_stay_two_rows(tree: Any, payload: Any, call: Any) -> None:
    first = payload("c1", call(56_000, 59_000), start_ms=0)
    other = payload("c2", call(1_000, 4_000), start_ms=55_000, runner="birdnet")
    assert len(merged_rows(tree, first, other)) == 2


def test_rows_without_times_or_place_are_left_alone(tree: Any, payload: Any, call: Any) -> None:
    first = payload("c1", {"label": "OVEN", "confidence": 0.9}, start_ms=0)
    second = payload("c2", call(), start_ms=None)
    third = payload("c3", call(), start_ms=None)
    assert len(merged_rows(tree, first, second, third)) == 3


def test_a_row_without_confidence_gives_way(tree: Any, payload: Any, call: Any) -> None:
    chunks = two_overlapping(
        payload,
        [call(56_000, 59_000, confidence=None)],
        [call(1_000, 4_000, confidence=0.0)],
    )
    assert merged_rows(tree, *chunks) == [(56_000, 0.0)]


def test_a_call_heard_in_three_chunks_becomes_one_row(tree: Any, payload: Any, call: Any) -> None:
    chunks = [
        payload("c1", call(30_000, 33_000, confidence=0.5), start_ms=0),
        payload("c2", call(10_000, 13_000, confidence=0.9), start_ms=20_000),
        payload("c3", call(1_000, 4_000, confidence=0.7), start_ms=29_000),
    ]
    assert merged_rows(tree, *chunks) == [(30_000, 0.9)]
    assert json.loads(tree.rows()[0]["merged_chunk_ids"]) == ["c1", "c3"]


def test_a_merged_chunk_was_still_heard(tree: Any, payload: Any, call: Any) -> None:
    chunks = two_overlapping(
        payload, [call(56_000, 59_000, confidence=0.1)], [call(1_000, 4_000, confidence=0.9)]
    )
    merged_rows(tree, *chunks)
    row = tree.effort()[0]
    assert (row["chunks"], row["silent_chunks"], row["detections"]) == (2, 0, 1)


def test_chunks_that_only_adjoin_double_nothing(tree: Any, payload: Any, call: Any) -> None:
    beyond = payload("c1", call(58_500, 61_500), start_ms=0)
    after = payload("c2", call(0, 3_000), start_ms=60_000)
    assert len(merged_rows(tree, beyond, after)) == 2


def test_a_chunk_whose_end_is_unknown_may_overlap_any(tree: Any, payload: Any, call: Any) -> None:
    first, second = two_overlapping(payload, [call(56_000, 59_000)], [call(1_500, 4_500)])
    for made in (first, second):
        del made["chunk"]["end_ms"]
    assert len(merged_rows(tree, first, second)) == 1
