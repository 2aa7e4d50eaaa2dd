"""Whether a chunk has been heard already, by the word of its own JSON.

The JSON is the only truth: it appears whole or not at all, and says by which runner and from which
audio it was made. There is no second record that could disagree with it.
"""

from pathlib import Path

from badc.detections import ChunkResult, DetectionFormError, read_result
from badc.manifest import Chunk


def intact_result(path: Path, chunk: Chunk, fingerprint: str) -> ChunkResult | None:
    """Return the chunk's result if it stands at ``path`` and would come out the same again.

    It must be readable, be about this chunk, be made by a runner with this fingerprint, and from
    audio of the same digest and size; otherwise None, and the chunk is to be heard (again).
    """
    try:
        result = read_result(path)
    except DetectionFormError:
        return None
    if result.key != chunk.key or result.provenance.get("runner_fingerprint") != fingerprint:
        return None
    if chunk.sha256 and result.chunk_sha256 and chunk.sha256 != result.chunk_sha256:
        return None
    try:
        size = chunk.path.stat().st_size
    except OSError:
        return None
    return result if result.provenance.get("chunk_bytes") == size else None
