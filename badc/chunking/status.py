"""Writing ``.chunk_status.json``: what became of a recording's cut, kept in its chunk folder."""

import json
from datetime import UTC, datetime
from typing import Any, Literal

from badc.atomic import write_whole
from badc.chunking.plan import CutPlan
from badc.datalad import dataset_root
from badc.manifest import name_from
from badc.meta.chunk_status import STATUS_NAME


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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
