"""The quick way (DuckDB) and the careful way (Python) take and refuse the same payloads."""

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from badc.aggregate import Request, aggregate

SLOW = settings(max_examples=30)

odd = st.sampled_from(
    [None, True, False, 0, -1, 1, 0.5, 1.5, -0.4, 59_999.5, 2**53, 2**53 + 2, 10**30, "", "x",
     "0.9", "12", "a\0b", "\ud800", [], [1], {}, {"a": 1}, "NaN", "Infinity"]
)  # fmt: skip
entries = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("timestamp_ms", "end_ms", "label", "label_code", "label_name", "confidence"), odd
    ),
)
places = st.fixed_dictionaries({}, optional={"start_ms": odd, "end_ms": odd, "sha256": odd})


def mostly(usual: Any) -> Any:
    return st.one_of(usual, usual, usual, odd)


payloads = st.fixed_dictionaries(
    {
        "recording_id": mostly(st.just("R")),
        "chunk_id": mostly(st.just("c")),
        "status": mostly(st.sampled_from(["ok", "no_detections", "stub"])),
        "detections": mostly(st.lists(mostly(entries), max_size=3)),
    },
    optional={
        "chunk": mostly(places),
        "runner": odd,
        "model_version": odd,
        "source_path": odd,
        "dataset_root": odd,
        "provenance": odd,
    },
)


def outcome(home: Any, name: Any, content: Any) -> Any:
    """Aggregate one file alone: what it gave, or that it was refused or left out."""
    tree = home / "infer"
    tree.mkdir(parents=True)
    (tree / name).write_bytes(content)
    parquet = home / "t.parquet"
    result = aggregate(Request(tree, home / "t.csv", parquet))
    rows = duckdb.execute("FROM read_parquet($p)", {"p": str(parquet)}).fetchall()
    return repr(rows), result.chunks, result.left_out, len(result.rejected)


@SLOW
@given(payloads)
def test_a_payload_has_one_outcome_whichever_way_it_goes(payload: Any) -> None:
    content = json.dumps(payload).encode()
    with tempfile.TemporaryDirectory() as home:
        # DuckDB takes the bracket for a pattern, so that name goes the careful way
        quick = outcome(Path(home) / "quick", "c.json", content)
        careful = outcome(Path(home) / "[careful]", "c.json", content)
        assert quick == careful
