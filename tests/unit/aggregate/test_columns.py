from typing import Any

import pytest

from badc.aggregate import COLUMNS, EFFORT_COLUMNS

FIRST = [
    *("recording_id", "chunk_id", "chunk_start_ms", "chunk_end_ms", "timestamp_ms"),
    *("absolute_time_ms", "end_ms", "absolute_end_ms", "label", "label_code", "label_name"),
    *("confidence", "status", "runner", "model_version", "chunk_sha256", "source_path"),
    "dataset_root",
]

SCHEMA = "DESCRIBE SELECT * FROM read_parquet($path)"


def schema(tree: Any) -> Any:
    rows = tree.read(SCHEMA, tree.parquet)
    return {row["column_name"]: row["column_type"] for row in rows}


def test_the_first_eighteen_columns_keep_their_order() -> None:
    assert list(COLUMNS)[:18] == FIRST


def test_the_schema_is_the_same_for_no_rows_for_silence_and_for_full_tables(
    tree: Any, payload: Any, call: Any
) -> None:
    tree.aggregate()
    schemas = [schema(tree)]
    tree.put("R/c1.json", payload("c1"))
    tree.aggregate()
    assert tree.rows() == []
    schemas.append(schema(tree))
    tree.put("R/c2.json", payload("c2", call()))
    tree.aggregate()
    assert len(tree.rows()) == 1
    schemas.append(schema(tree))
    assert schemas == [COLUMNS] * 3


def test_csv_and_parquet_have_the_same_columns(tree: Any, payload: Any, call: Any) -> None:
    tree.put("R/c1.json", payload("c1", call()))
    tree.aggregate()
    assert tree.csv.read_text().splitlines()[0].split(",") == list(COLUMNS)


def test_the_effort_columns_are_those_that_are_documented(tree: Any, payload: Any) -> None:
    tree.put("R/c1.json", payload("c1"))
    tree.aggregate()
    assert list(tree.effort()[0]) == list(EFFORT_COLUMNS)


def test_every_value_arrives_in_its_column(tree: Any, payload: Any, call: Any) -> None:
    entry = call(1500, 4500, label_code="OVEN", label_name="Ovenbird")
    made = payload("c2", entry, start_ms=60_000, dataset_root="/ds")
    made["provenance"] = {"runner_fingerprint": "f00d"}
    tree.put("R/c2.json", made)
    tree.aggregate()
    assert tree.rows() == [
        {
            "recording_id": "R",
            "chunk_id": "c2",
            "chunk_start_ms": 60_000,
            "chunk_end_ms": 120_000,
            "timestamp_ms": 1500,
            "absolute_time_ms": 61_500,
            "end_ms": 4500,
            "absolute_end_ms": 64_500,
            "label": "OVEN",
            "label_code": "OVEN",
            "label_name": "Ovenbird",
            "confidence": 0.9,
            "status": "ok",
            "runner": "hawkears",
            "model_version": "2.3",
            "chunk_sha256": "ab",
            "source_path": "chunks/R/c2.wav",
            "dataset_root": "/ds",
            "study_area": None,
            "location": None,
            "recording_date_time": None,
            "detection_date_time": None,
            "runner_fingerprint": "f00d",
            "merged_chunk_ids": None,
        }
    ]


@pytest.mark.parametrize(
    ("names", "label"),
    [
        ({"label": "A", "label_code": "B", "label_name": "C"}, "A"),
        ({"label": None, "label_code": "B", "label_name": "C"}, "B"),
        ({"label": "", "label_name": "C"}, "C"),
        ({"label": None}, "unknown"),
    ],
)
def test_a_label_is_the_label_else_the_code_else_the_name_else_unknown(
    tree: Any, payload: Any, call: Any, names: Any, label: Any
) -> None:
    tree.put("R/c1.json", payload("c1", call(label=None) | names))
    tree.aggregate()
    assert [row["label"] for row in tree.rows()] == [label]


def test_rows_are_sorted_by_recording_absolute_time_and_label(
    tree: Any, payload: Any, call: Any
) -> None:
    late = payload("c1", call(5000, 6000), start_ms=0)
    early = payload("c2", call(0, 900, label="B"), call(0, 800, label="A"), start_ms=0)
    other = payload("c1", call(9000, 9500), recording_id="Q")
    unplaced = payload("c3", call(1, 2), start_ms=None)
    for number, made in enumerate([late, early, other, unplaced]):
        tree.put(f"{number}.json", made)
    tree.aggregate()
    order = [(row["recording_id"], row["absolute_time_ms"], row["label"]) for row in tree.rows()]
    assert order == [
        ("Q", 9000, "OVEN"),
        ("R", 0, "A"),
        ("R", 0, "B"),
        ("R", 5000, "OVEN"),
        ("R", None, "OVEN"),
    ]


def test_times_are_rounded_and_missing_ones_stay_missing(
    tree: Any, payload: Any, call: Any
) -> None:
    tree.put("R/c1.json", payload("c1", call(999.5, 1999.49), {"label": "X"}))
    tree.aggregate()
    times = [(row["timestamp_ms"], row["end_ms"], row["absolute_end_ms"]) for row in tree.rows()]
    assert times == [(1000, 1999, 1999), (None, None, None)]


def test_recordings_that_share_chunk_ids_stay_apart(tree: Any, payload: Any, call: Any) -> None:
    tree.put("A/c1.json", payload("c1", call(label="A"), recording_id="A"))
    tree.put("B/c1.json", payload("c1", call(label="B"), recording_id="B"))
    tree.aggregate()
    assert [(row["recording_id"], row["label"]) for row in tree.rows()] == [("A", "A"), ("B", "B")]


def test_the_query_of_the_manual_works(tree: Any, payload: Any, call: Any) -> None:
    tree.put("R/c1.json", payload("c1", call(), call(5000, 6000), call(label="COYE")))
    tree.aggregate()
    rows = tree.read(
        "SELECT label, count(*) AS n FROM read_parquet($path) GROUP BY 1", tree.parquet
    )
    assert {row["label"]: row["n"] for row in rows} == {"OVEN": 2, "COYE": 1}
