from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from badc.aggregate import COLUMNS

Rows = list[dict[str, Any]]


def write_parquet(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Write rows with all canonical columns, as the aggregation does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({columns})")
        for row in rows:
            marks = ", ".join("?" * len(COLUMNS))
            values = [row.get(name) for name in COLUMNS]
            connection.execute(f"INSERT INTO t VALUES ({marks})", values)  # noqa: S608
        connection.execute("COPY t TO $path (FORMAT parquet)", {"path": str(path)})
    return path


def heard(label: str = "OVEN", start_ms: int | None = 1000, **fields: Any) -> dict[str, Any]:
    """Return one detection of three seconds in the first minute of recording R."""
    end_ms = None if start_ms is None else start_ms + 3000
    return {
        "recording_id": "R",
        "chunk_id": "c1",
        "chunk_start_ms": 0,
        "chunk_end_ms": 60_000,
        "timestamp_ms": start_ms,
        "absolute_time_ms": start_ms,
        "end_ms": end_ms,
        "absolute_end_ms": end_ms,
        "label": label,
        "confidence": 0.9,
        "status": "ok",
        "runner": "hawkears",
    } | fields


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def make(*rows: dict[str, Any], name: str = "detections.parquet") -> Path:
        return write_parquet(tmp_path / name, rows)

    return make


@pytest.fixture
def effort() -> Callable[..., Path]:
    def write(parquet: Path, *lines: str) -> Path:
        path = parquet.with_name(f"{parquet.stem}_effort.csv")
        head = "recording_id,chunks,silent_chunks,seconds,detections,location,recording_date_time"
        path.write_text("\n".join([head, *lines]) + "\n")
        return path

    return write
