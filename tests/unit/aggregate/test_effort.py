from typing import Any

import duckdb


def effort_of(tree: Any, recording_id: Any = "R") -> Any:
    return next(row for row in tree.effort() if row["recording_id"] == recording_id)


def test_silent_chunks_are_effort_and_not_rows(tree: Any, payload: Any, call: Any) -> None:
    tree.put("c1.json", payload("c1", call(), start_ms=0))
    tree.put("c2.json", payload("c2", start_ms=60_000))
    result = tree.aggregate()
    assert (len(tree.rows()), result.silent_chunks) == (1, 1)
    row = effort_of(tree)
    assert (row["chunks"], row["silent_chunks"], row["seconds"], row["detections"]) == (
        2,
        1,
        120.0,
        1,
    )


def test_a_second_in_two_overlapping_chunks_counts_once(tree: Any, payload: Any) -> None:
    for start_ms in (0, 50_000, 55_000, 200_000):
        tree.put(f"{start_ms}.json", payload(f"c{start_ms}", start_ms=start_ms))
    tree.aggregate()
    assert effort_of(tree)["seconds"] == 115.0 + 60.0


def test_a_chunk_within_another_adds_nothing(tree: Any, payload: Any) -> None:
    tree.put("1.json", payload("c1", chunk={"start_ms": 0, "end_ms": 100_000}))
    tree.put("2.json", payload("c2", chunk={"start_ms": 10_000, "end_ms": 20_000}))
    tree.put("3.json", payload("c3", chunk={"start_ms": 90_000, "end_ms": 110_000}))
    tree.aggregate()
    assert effort_of(tree)["seconds"] == 110.0


def test_chunks_of_unknown_length_are_counted_apart(tree: Any, payload: Any) -> None:
    tree.put("1.json", payload("c1", start_ms=None))
    tree.put("2.json", payload("c2", start_ms=0))
    tree.aggregate()
    row = effort_of(tree)
    assert (row["chunks"], row["chunks_of_unknown_length"], row["seconds"]) == (2, 1, 60.0)


def test_what_a_stub_was_given_was_not_listened_to(tree: Any, payload: Any, call: Any) -> None:
    tree.put("1.json", payload("c1", recording_id="S", status="stub", runner="stub"))
    tree.put("2.json", payload("c1", recording_id="R"))
    tree.put("3.json", payload("c2", recording_id="R", status="stub", start_ms=30_000))
    tree.put("4.json", payload("c3", call(), recording_id="R", status="stub", start_ms=60_000))
    tree.aggregate()
    keys = ("recording_id", "chunks", "silent_chunks", "seconds", "stub_chunks")
    assert [tuple(row[key] for key in keys) for row in tree.effort()] == [
        ("R", 2, 1, 120.0, 1),
        ("S", 0, 0, 0.0, 1),
    ]


def test_a_chunk_heard_by_two_runners_is_one_chunk_of_effort(
    tree: Any, payload: Any, call: Any
) -> None:
    tree.put("hawkears.json", payload("c1", call()))
    tree.put("birdnet.json", payload("c1", runner="birdnet"))
    tree.aggregate()
    row = effort_of(tree)
    assert (row["chunks"], row["silent_chunks"], row["seconds"]) == (1, 0, 60.0)


def test_recordings_without_any_detection_are_in_the_effort(tree: Any, payload: Any) -> None:
    tree.put("1.json", payload("c1", recording_id="quiet"))
    tree.aggregate()
    assert effort_of(tree, "quiet")["detections"] == 0


def test_effort_stands_beside_both_tables_and_in_the_database(
    tree: Any, payload: Any, call: Any
) -> None:
    tree.put("1.json", payload("c1", call()))
    database = tree.csv.with_name("night.duckdb")
    tree.aggregate(database=database)
    beside_parquet = tree.parquet.with_name("detections_effort.csv")
    assert beside_parquet.read_text() == tree.csv.with_name("summary_effort.csv").read_text()
    with duckdb.connect(database, read_only=True) as connection:
        tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        assert tables == [("detections",), ("effort",)]
        assert connection.execute("SELECT chunks, detections FROM effort").fetchall() == [(1, 1)]
        assert (
            connection.execute("FROM detections")
            .df()
            .equals(duckdb.execute("FROM read_parquet($p)", {"p": str(tree.parquet)}).df())
        )
