"""What counting gives back: tables and totals."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a query.

    Attributes:
        columns: their names.
        rows: one tuple each.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures that stand for a whole table.

    Attributes:
        detections, labels, recordings: how many of each.
        first_chunk_ms, last_chunk_ms: earliest and latest start of a chunk with detections.
    """

    detections: int
    labels: int
    recordings: int
    first_chunk_ms: int | None
    last_chunk_ms: int | None
