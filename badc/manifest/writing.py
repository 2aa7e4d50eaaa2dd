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
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for chunk in chunks:
        writer.writerow(
            [
                chunk.key.recording_id,
                chunk.key.chunk_id,
                chunk.source_path,
                "" if chunk.start_ms is None else chunk.start_ms,
                "" if chunk.end_ms is None else chunk.end_ms,
                chunk.overlap_ms,
                chunk.sha256 or "",
                chunk.notes,
            ]
        )
    write_whole(path, text.getvalue())
