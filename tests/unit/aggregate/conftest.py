import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from badc.aggregate import Aggregated, Request, aggregate

Rows = list[dict[str, Any]]


class Tree:
    """A results tree to put payloads into, and the tables made of it."""

    def __init__(self, root: Path) -> None:
        self.root = root / "infer"
        self.csv = root / "out" / "summary.csv"
        self.parquet = root / "out" / "detections.parquet"
        self.root.mkdir()

    def put(self, name: str, content: object) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def aggregate(self, **options: Any) -> Aggregated:
        return aggregate(Request(self.root, self.csv, self.parquet, **options))

    def rows(self) -> Rows:
        return self.read("SELECT * FROM read_parquet($path)", self.parquet)

    def effort(self) -> Rows:
        path = self.csv.with_name("summary_effort.csv")
        return self.read("SELECT * FROM read_csv($path, header = true)", path)

    @staticmethod
    def read(query: str, path: Path) -> Rows:
        with duckdb.connect() as connection:
            result = connection.execute(query, {"path": str(path)})
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture
def payload() -> Callable[..., dict[str, Any]]:
    def make(
        chunk_id: str = "c1", *detections: dict[str, Any], start_ms: int | None = 0, **fields: Any
    ) -> dict[str, Any]:
        end_ms = None if start_ms is None else start_ms + 60_000
        return {
            "chunk_id": chunk_id,
            "recording_id": "R",
            "source_path": f"chunks/R/{chunk_id}.wav",
            "status": "ok" if detections else "no_detections",
            "detections": list(detections),
            "chunk": {"start_ms": start_ms, "end_ms": end_ms, "sha256": "ab", "notes": ""},
            "runner": "hawkears",
            "model_version": "2.3",
        } | fields

    return make


@pytest.fixture
def call() -> Callable[..., dict[str, Any]]:
    def make(start_ms: float = 1000, end_ms: float = 4000, **fields: Any) -> dict[str, Any]:
        return {
            "timestamp_ms": start_ms,
            "end_ms": end_ms,
            "label": "OVEN",
            "confidence": 0.9,
        } | fields

    return make
