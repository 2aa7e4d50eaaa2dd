"""What a manifest knows about chunks whose payloads do not say it."""

from collections import Counter
from pathlib import Path

from badc.aggregate.engine import Engine
from badc.manifest import Chunk, read_manifest

_FILL = """
UPDATE chunk SET
    start_ms = coalesce(chunk.start_ms, m.start_ms),
    end_ms = coalesce(chunk.end_ms, m.end_ms),
    sha256 = coalesce(chunk.sha256, m.sha256),
    source_path = coalesce(chunk.source_path, m.source_path),
    dataset_root = coalesce(chunk.dataset_root, $root)
FROM (
    SELECT unnest($recording_ids) AS recording_id, unnest($chunk_ids) AS chunk_id,
        unnest($starts::BIGINT[]) AS start_ms, unnest($ends::BIGINT[]) AS end_ms,
        unnest($hashes::VARCHAR[]) AS sha256, unnest($sources::VARCHAR[]) AS source_path
) AS m
WHERE chunk.recording_id = m.recording_id AND chunk.chunk_id = m.chunk_id
"""


def read_chunks(manifest: Path | None) -> tuple[Chunk, ...]:
    """Read the manifest, if any; the audio need not be there.

    Raises:
        UsageError: see :func:`badc.manifest.read_manifest`.
    """
    return () if manifest is None else read_manifest(manifest, audio_needed=False)


def recordings_by_chunk_id(chunks: tuple[Chunk, ...]) -> dict[str, str]:
    """Return chunk id -> recording id, for the chunk ids that only one recording has."""
    count = Counter(chunk.key.chunk_id for chunk in chunks)
    return {
        chunk.key.chunk_id: chunk.key.recording_id
        for chunk in chunks
        if count[chunk.key.chunk_id] == 1
    }


def fill_from(engine: Engine, chunks: tuple[Chunk, ...], root: Path | None) -> None:
    """Fill what payloads leave out, by (recording_id, chunk_id), from a manifest.

    Args:
        engine: with the table ``chunk``.
        chunks: the manifest's, with place, hash and path.
        root: the dataset that holds the manifest, if any.
    """
    if not chunks:
        return
    engine.connection.execute(
        _FILL,
        {
            "recording_ids": [chunk.key.recording_id for chunk in chunks],
            "chunk_ids": [chunk.key.chunk_id for chunk in chunks],
            "starts": [chunk.start_ms for chunk in chunks],
            "ends": [chunk.end_ms for chunk in chunks],
            "hashes": [chunk.sha256 for chunk in chunks],
            "root": None if root is None else str(root),
            "sources": [chunk.source_path or None for chunk in chunks],
        },
    )
