"""A chunk: a slice of a recording, the unit of work."""

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NamedTuple

_LONGEST_ID_BYTES = 180  # leaves room for ".json", "_hawkears" and the marks of unfinished files
_PLAIN = re.compile(rf"[A-Za-z0-9_-][A-Za-z0-9_.-]{{,{_LONGEST_ID_BYTES - 1}}}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_HALF = re.compile("[\ud800-\udfff]")


class ChunkKey(NamedTuple):
    """What identifies a chunk everywhere: chunk ids alone may repeat between recordings."""

    recording_id: str
    chunk_id: str

    def __str__(self) -> str:
        """Return ``recording_id/chunk_id``; neither part may hold a slash, so it is unambiguous."""
        return f"{self.recording_id}/{self.chunk_id}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One row of a manifest, its audio found.

    Attributes:
        key: recording and chunk id.
        source_path: the row's own words for the chunk file, as the manifest has them.
        path: the chunk file, absolute, symbolic links kept (an annexed file keeps its name).
        start_ms, end_ms: place in the recording, or None where the manifest does not say.
        overlap_ms: how much of the chunk repeats the one before.
        sha256: hex digest of the chunk file, or None.
        notes: free text.
    """

    key: ChunkKey
    source_path: str
    path: Path
    start_ms: int | None = None
    end_ms: int | None = None
    overlap_ms: int = 0
    sha256: str | None = None
    notes: str = ""

    @property
    def duration_s(self) -> float | None:
        """Length in seconds by the manifest, or None where it does not say."""
        if self.start_ms is None or self.end_ms is None:
            return None
        return (self.end_ms - self.start_ms) / 1000

    @property
    def named_from(self) -> Path | None:
        """The folder that ``source_path`` starts from; None where that is absolute or leaves it."""
        parts = PurePath(os.path.normpath(self.source_path)).parts
        if parts and parts[0] != "/" and self.path.parts[-len(parts) :] == parts:
            return self.path.parents[len(parts) - 1]
        return None


def id_fault(value: str) -> str | None:
    """Say why ``value`` cannot name a recording or chunk, or return None when it can.

    Ids become file and folder names, so anything that could leave the output folder, hide in it,
    or not fit a file name is refused.
    """
    if _PLAIN.fullmatch(value) and ".." not in value:  # nearly always, and a plan asks often
        return None
    faults = {
        "is empty": not value.strip(),
        "holds a path separator": "/" in value or "\\" in value,
        "holds '..'": ".." in value,
        "begins with a dot": value.startswith("."),
        "holds a control character": _CONTROL.search(value),
        "is not UTF-8 text": _HALF.search(value),
        f"is longer than {_LONGEST_ID_BYTES} bytes": len(value.encode("utf-8", "replace"))
        > _LONGEST_ID_BYTES,
    }
    return next((fault for fault, found in faults.items() if found), None)
