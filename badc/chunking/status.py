"""``.chunk_status.json``: what became of a recording's cut, kept in its chunk folder."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from badc.atomic import write_whole
from badc.chunking.paths import absolute
from badc.chunking.plan import CutPlan
from badc.datalad import dataset_root

STATUS_NAME = ".chunk_status.json"
_LARGEST_BYTES = 1 << 20


class StatusFile:
    """The status of one cut, written whole at each step.

    ``audio_path``, ``chunk_output_dir`` and ``manifest_path`` are relative to the dataset that
    the chunk folder lies in, where they lie in it too, else absolute. ``duration_s`` is the
    length of the recording as it was decoded. Times are ISO 8601 in UTC.
    """

    def __init__(self, plan: CutPlan) -> None:
        self.path = plan.chunk_dir / STATUS_NAME
        root = dataset_root(plan.chunk_dir)
        self._fields: dict[str, Any] = {
            "recording_id": plan.recording_id,
            "audio_path": _within(root, plan.recording),
            "chunk_output_dir": _within(root, plan.chunk_dir),
            "manifest_path": _within(root, plan.manifest),
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


def status_place(chunk_dir: Path, text: str) -> Path:
    """Return the absolute path that a status in ``chunk_dir`` means by ``text``."""
    return absolute((dataset_root(chunk_dir) or Path.cwd()) / text)


def _within(root: Path | None, path: Path) -> str:
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return str(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
