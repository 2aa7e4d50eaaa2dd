"""Chunks -> manifest CSV."""

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from badc.atomic import write_whole
from badc.manifest.chunk import Chunk

COLUMNS = (
    "recording_id",
    "chunk_id",
    "source_path",
    "start_ms",
    "end_ms",
    "overlap_ms",
    "sha256",
    "notes",
)


def write_manifest(path: Path, chunks: Iterable[Chunk]) -> None:
    """Write ``chunks``, in order, as a manifest CSV at ``path``, whole or not at all."""
    rows = [_row(chunk) for chunk in chunks]
    # Before Python 3.13 a lone carriage return would not be quoted, and break its row in two
    odd = any("\r" in str(cell) for row in rows for cell in row)
    text = StringIO(newline="")
    writer = csv.writer(
        text, lineterminator="\n", quoting=csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL
    )
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    write_whole(path, text.getvalue())


def _row(chunk: Chunk) -> list[object]:
    return [
        chunk.key.recording_id,
        chunk.key.chunk_id,
        chunk.source_path,
        "" if chunk.start_ms is None else chunk.start_ms,
        "" if chunk.end_ms is None else chunk.end_ms,
        chunk.overlap_ms,
        chunk.sha256 or "",
        chunk.notes,
    ]
