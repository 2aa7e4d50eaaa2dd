"""CSV and Parquet read back row for row equal, whatever was heard and wherever it lies."""

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from badc.aggregate import COLUMNS, Request, aggregate

SLOW = settings(max_examples=25)  # an example is a whole aggregation, some 0.1 s

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
awkward = st.sampled_from(
    ["a,b", 'quo"te', "two\nlines", "two\r\nlines", "\r", " lead", "trail ", "Grive à dos olive",
     "鶯", "null", "NULL", "NaN", "NA", "1e5", "'", "\\", "\\n", "{}", "\u2028", "\x1f", ",", '""']
)  # fmt: skip
labels = st.none() | awkward | texts
times = st.none() | st.integers(0, 10**9) | st.floats(0, 1e9)
file_names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\0"),
    min_size=1,
    max_size=12,
).filter(lambda name: not name.startswith("."))


@st.composite
def detections(draw: Any) -> Any:
    start, end = draw(times), draw(times)
    if start is not None and end is not None and end < start:
        start, end = end, start
    return {
        "timestamp_ms": start,
        "end_ms": end,
        "label": draw(labels),
        "label_code": draw(labels),
        "label_name": draw(labels),
        "confidence": draw(st.none() | st.floats(0, 1) | st.sampled_from([0, 1, 1e-300])),
    }


@st.composite
def payloads(draw: Any) -> Any:
    start_ms = draw(st.none() | st.integers(0, 10**10))
    return {
        "recording_id": draw(st.sampled_from(["A", "B", "rec 'é'", "x, y"])),
        "chunk_id": draw(st.sampled_from(["c1", "c2", "c3"])),
        "status": draw(st.sampled_from(["ok", "no_detections", "stub"])),
        "source_path": draw(labels),
        "runner": "custom",
        "model_version": draw(labels),
        "chunk": draw(st.none() | st.just({"start_ms": start_ms, "end_ms": None})),
        "detections": draw(st.lists(detections(), max_size=4)),
    }


def whole(value: Any) -> Any:
    return None if value is None else math.floor(value + 0.5)


def expected(payload: Any) -> Any:
    start_ms = (payload["chunk"] or {}).get("start_ms")
    for entry in payload["detections"]:
        time_ms = whole(entry["timestamp_ms"])
        yield {
            "recording_id": payload["recording_id"],
            "chunk_id": payload["chunk_id"],
            "chunk_start_ms": start_ms,
            "timestamp_ms": time_ms,
            "end_ms": whole(entry["end_ms"]),
            "absolute_time_ms": None if None in (start_ms, time_ms) else start_ms + time_ms,
            "label": entry["label"] or entry["label_code"] or entry["label_name"] or "unknown",
            "label_code": entry["label_code"] or None,
            "label_name": entry["label_name"] or None,
            "confidence": None if entry["confidence"] is None else float(entry["confidence"]),
            "status": payload["status"],
            "source_path": payload["source_path"] or None,
            "model_version": payload["model_version"] or None,
        }


def as_set(rows: Any, columns: Any) -> Any:
    return sorted(repr([row[name] for name in columns]) for row in rows)


def read(query: Any, path: Any) -> Any:
    with duckdb.connect() as connection:
        result = connection.execute(query, {"path": str(path)})
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@SLOW
@given(
    made=st.lists(
        payloads(), max_size=5, unique_by=lambda made: (made["recording_id"], made["chunk_id"])
    ),
    folder=file_names,
)
def test_every_detection_is_in_both_tables_exactly_once(made: Any, folder: Any) -> None:
    with tempfile.TemporaryDirectory() as home:
        tree = Path(home) / "infer" / folder
        tree.mkdir(parents=True)
        for number, payload in enumerate(made):
            (tree / f"{number}.json").write_text(json.dumps(payload))
        csv, parquet = Path(home) / "t.csv", Path(home) / "t.parquet"
        result = aggregate(Request(tree.parent, csv, parquet))
        assert result.rejected == ()
        rows = read("FROM read_parquet($path)", parquet)
        wanted = [row for payload in made for row in expected(payload)]
        columns = list(wanted[0]) if wanted else []
        assert as_set(rows, columns) == as_set(wanted, columns)
        _reads_back_equal(csv, rows)


def _reads_back_equal(csv: Any, rows: Any) -> None:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    by_duckdb = read(
        f"FROM read_csv($path, header = true, auto_detect = false, quote = '\"', escape = '\"', "
        f"delim = ',', columns = {{{types}}})",
        csv,
    )
    assert [list(map(repr, row.values())) for row in by_duckdb] == [
        list(map(repr, row.values())) for row in rows
    ]
    by_pandas = pd.read_csv(csv, dtype=str, keep_default_na=False, na_values=[""])
    texts_of = [name for name, kind in COLUMNS.items() if kind == "VARCHAR"]
    assert [
        [None if pd.isna(cell) else cell for cell in line]
        for line in by_pandas[texts_of].itertuples(index=False)
    ] == [[row[name] for name in texts_of] for row in rows]
    assert [None if pd.isna(cell) else float(cell) for cell in by_pandas["confidence"]] == [
        row["confidence"] for row in rows
    ]
