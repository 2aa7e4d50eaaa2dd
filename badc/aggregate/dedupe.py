"""One call heard in two overlapping chunks becomes one row.

Rows of one recording with the same label, runner and model are taken from the most confident to
the least. Each row that is kept takes up every row of *another* chunk that overlaps it in absolute
time, if the chunks overlap too. What one chunk reports twice stays two rows: only the chunks'
overlap doubles a call. A runner's last window may reach beyond its chunk: beside a chunk that only
adjoins, it doubles nothing. Afterwards no two rows of chunks that overlap overlap, with the same
label. Rows whose place in the recording is unknown are left alone.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from badc.aggregate.engine import Engine

_FETCHED_ROWS = 20_000

_CANDIDATES = """
WITH placed AS (
    SELECT h.n, h.position, c.chunk_id, h.confidence, c.start_ms + h.timestamp_ms AS start_ms,
        c.start_ms + h.end_ms AS end_ms, c.start_ms AS chunk_start_ms,
        coalesce(c.end_ms, c.start_ms + h.end_ms) AS chunk_end_ms, c.recording_id, h.label,
        c.runner, c.model_version, c.runner_fingerprint
    FROM heard AS h JOIN chunk AS c USING (n)
    WHERE c.start_ms IS NOT NULL AND h.timestamp_ms IS NOT NULL AND h.end_ms IS NOT NULL
), reaching AS (
    SELECT *, max(end_ms) OVER (same ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach_ms
    FROM placed
    WINDOW same AS (PARTITION BY recording_id, label, runner, model_version, runner_fingerprint
        ORDER BY start_ms, end_ms, n, position)
), islands AS (
    SELECT *, dense_rank() OVER (
        ORDER BY recording_id, label, runner, model_version, runner_fingerprint) AS kind,
        count(*) FILTER (reach_ms IS NULL OR start_ms >= reach_ms) OVER (
            PARTITION BY recording_id, label, runner, model_version, runner_fingerprint
            ORDER BY start_ms, end_ms, n, position) AS island
    FROM reaching
), shared AS (
    SELECT kind, island FROM islands GROUP BY ALL HAVING min(chunk_id) <> max(chunk_id)
)
SELECT kind, island, n, position, chunk_id, confidence, start_ms, end_ms, chunk_start_ms,
    chunk_end_ms
FROM islands SEMI JOIN shared USING (kind, island)
ORDER BY kind, island, start_ms, end_ms, n, position
"""


@dataclass(slots=True)
class _Row:
    """One candidate, and the rows it has taken up."""

    n: int
    position: int
    chunk_id: str
    confidence: float | None
    start_ms: int
    end_ms: int
    chunk_start_ms: int
    chunk_end_ms: int
    is_taken: bool = False
    merged: list["_Row"] = field(default_factory=list)

    def doubles(self, other: "_Row") -> bool:
        return (
            self.chunk_id != other.chunk_id
            and self.start_ms < other.end_ms
            and other.start_ms < self.end_ms
            and self.chunk_start_ms < other.chunk_end_ms
            and other.chunk_start_ms < self.chunk_end_ms
        )


def merge_doubles(engine: Engine) -> int:
    """Merge doubled rows in ``heard``; return how many rows went.

    The row that stays keeps its own times and confidence; ``merged_chunk_ids`` says from which
    chunks rows were merged into it.
    """
    taken: list[_Row] = []
    kept: list[_Row] = []
    for island in _islands(engine):
        _merge(island)
        taken += [row for row in island if row.is_taken]
        kept += [row for row in island if row.merged]
    run = engine.connection.execute
    run(
        "UPDATE heard SET merged_chunk_ids = k.ids FROM (SELECT unnest($ns::BIGINT[]) AS n, "
        "unnest($positions::BIGINT[]) AS position, unnest($ids::VARCHAR[]) AS ids) AS k "
        "WHERE heard.n = k.n AND heard.position = k.position",
        _keys(kept) | {"ids": [_chunk_ids(row) for row in kept]},
    )
    run(
        "DELETE FROM heard WHERE (n, position) IN (SELECT (unnest($ns::BIGINT[]), "
        "unnest($positions::BIGINT[])))",
        _keys(taken),
    )
    return len(taken)


def _islands(engine: Engine) -> Iterator[list[_Row]]:
    """Yield runs of overlapping rows that several chunks share, each sorted by start."""
    result = engine.connection.cursor().execute(_CANDIDATES)

    def rows() -> Iterator[tuple[tuple[int, int], _Row]]:
        while batch := result.fetchmany(_FETCHED_ROWS):
            for kind, island, *fields in batch:
                yield (kind, island), _Row(*fields)

    for _, members in groupby(rows(), key=lambda pair: pair[0]):
        yield [row for _, row in members]


def _merge(island: list[_Row]) -> None:
    starts = [row.start_ms for row in island]
    longest_ms = max(row.end_ms - row.start_ms for row in island)
    # sorted() keeps the order of equals: of two rows equally sure the earlier one stays
    for row in sorted(
        island, key=lambda row: -1.0 if row.confidence is None else row.confidence, reverse=True
    ):
        if row.is_taken:
            continue
        near = island[
            bisect_left(starts, row.start_ms - longest_ms) : bisect_left(starts, row.end_ms)
        ]
        for other in near:
            if not other.is_taken and row.doubles(other):
                other.is_taken = True
                row.merged.append(other)


def _chunk_ids(row: _Row) -> str:
    return json.dumps(sorted({other.chunk_id for other in row.merged}), ensure_ascii=False)


def _keys(rows: list[_Row]) -> dict[str, list[int] | list[str]]:
    return {"ns": [row.n for row in rows], "positions": [row.position for row in rows]}
