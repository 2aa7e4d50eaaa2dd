"""``.chunk_status.json``: what became of a recording's cut, kept in its chunk folder."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeGuard

from badc.atomic import write_whole
from badc.chunking.paths import absolute
from badc.chunking.plan import CutPlan
from badc.datalad import dataset_root
from badc.manifest import name_from
from badc.possible_path import is_possible_path

STATUS_NAME = ".chunk_status.json"
_LARGEST_BYTES = 1 << 20


class StatusFile:
    """The status of one cut, written whole at each step.

    ``audio_path``, ``chunk_output_dir`` and ``manifest_path`` start from the dataset that the chunk
    folder lies in, else from the folder that the manifest names chunks from; they are absolute
    where they lie in neither. ``duration_s`` is the length of the recording as it was decoded.
    Times are ISO 8601 in UTC.
    """

    def __init__(self, plan: CutPlan) -> None:
        self.path = plan.chunk_dir / STATUS_NAME
        base = dataset_root(plan.chunk_dir) or plan.naming_base
        self._fields: dict[str, Any] = {
            "recording_id": plan.recording_id,
            "audio_path": name_from(base, plan.recording),
            "chunk_output_dir": name_from(base, plan.chunk_dir),
            "manifest_path": name_from(base, plan.manifest),
            "chunk_duration": plan.duration_ms / 1000,
            "overlap": plan.overlap_ms / 1000,
            "updated_at": None,
            "status": None,
            "started_at": _now(),
            "completed_at": None,
            "manifest_rows": None,
            "duration_s": None,
        }

    def begin(self) -> None:
        """Say that the cut is in progress."""
        self._write("in_progress")

    def complete(self, rows: int, duration_s: float) -> None:
        """Say that the cut is done: ``rows`` chunks of ``duration_s`` of audio."""
        self._write(
            "completed", completed_at=_now(), manifest_rows=rows, duration_s=round(duration_s, 6)
        )

    def fail(self, error: str) -> None:
        """Say that the cut failed, and why."""
        self._write("failed", error=error)

    def _write(self, status: Literal["in_progress", "completed", "failed"], **more: object) -> None:
        self._fields |= {"status": status, "updated_at": _now(), **more}
        write_whole(self.path, json.dumps(self._fields, indent=2) + "\n")


def read_status(chunk_dir: Path) -> dict[str, Any] | None:
    """Return the status kept in ``chunk_dir``, or None where there is none that can be read."""
    path = chunk_dir / STATUS_NAME
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_BYTES:
            return None
        status = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return status if isinstance(status, dict) else None


def noted_audio(chunk_dir: Path, root: Path | None = None) -> tuple[Path, ...]:
    """Return where the recording of a chunk folder is, by its status; nothing where that is silent.

    First the place that the status names; then, where it names the chunk folder too and that has
    moved since, the place that has moved with it. An older status that does not tell by itself
    where relative paths start from means ``root``, else the working directory.
    """
    status = read_status(chunk_dir) or {}
    audio, folder = status.get("audio_path"), status.get("chunk_output_dir")
    if not _is_path(audio):
        return ()
    base = _base(chunk_dir, folder) or dataset_root(chunk_dir) or root or Path.cwd()
    place = absolute(base / audio)
    if not _is_path(folder):
        return (place,)
    moved = absolute(chunk_dir / os.path.relpath(place, absolute(base / folder)))
    return (place,) if moved == place else (place, moved)


def _base(chunk_dir: Path, folder: object) -> Path | None:
    """Return the folder from which the status of ``chunk_dir`` calls that ``folder``."""
    if _is_path(folder):
        parts = Path(folder).parts
        own = absolute(chunk_dir)
        if own.parts[-len(parts) :] == parts and not Path(folder).is_absolute():
            return own.parents[len(parts) - 1]
    return None


def _is_path(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != "" and is_possible_path(value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
