"""One thing that happened to one chunk in one slot."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from badc.manifest import ChunkKey

Status = Literal["start", "success", "failure", "skipped", "retired"]
_OF_CHUNKS = ("start", "success", "failure", "skipped")


def timestamp() -> str:
    """Return the time now in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def seconds_since_1970(text: str | None) -> float | None:
    """Undo :func:`timestamp`; None for what is no time."""
    try:
        return datetime.fromisoformat(text or "").timestamp()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Event:
    """One record of the telemetry log.

    Attributes:
        recording_id, chunk_id: the chunk.
        worker: the slot's label, ``gpu-0`` or ``cpu-1``.
        status: ``start``, ``success``, ``failure`` (of one attempt) or ``skipped``; ``retired`` is
            about a slot and no chunk, for people: those who read of chunks pass over it.
        timestamp, finished_at: ISO 8601 in UTC; ``finished_at`` is None for a start.
        runtime_s: how long the attempt took, None for a start.
        gpu_index, gpu_uuid, gpu_name: the device, None on a CPU slot.
        details: attempt, gpu_metrics; output, runner, stdout, or returncode, stderr, backoff_s.
    """

    recording_id: str
    chunk_id: str
    worker: str
    status: Status
    timestamp: str
    finished_at: str | None = None
    runtime_s: float | None = None
    gpu_index: int | None = None
    gpu_uuid: str | None = None
    gpu_name: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> ChunkKey:
        """The chunk this event is about."""
        return ChunkKey(self.recording_id, self.chunk_id)

    @property
    def attempt(self) -> int | None:
        """Which attempt this was, from 1, where the record says so."""
        attempt = self.details.get("attempt")
        return attempt if isinstance(attempt, int) and attempt > 0 else None

    @property
    def audio_s(self) -> float | None:
        """How many seconds of audio the chunk holds, where the record says so."""
        return _seconds(self.details.get("audio_s"))

    @property
    def interrupted(self) -> bool:
        """Whether the attempt was broken off because the run ended; no fault of the chunk."""
        return self.status == "failure" and bool(self.details.get("interrupted"))

    @property
    def gives_up(self) -> bool:
        """Whether this is the failure after which a chunk is not tried again."""
        no_more = self.details.get("backoff_s") is None
        return self.status == "failure" and no_more and not self.interrupted

    def to_json(self) -> dict[str, Any]:
        """Return the log's record."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: object) -> "Event | None":
        """Read one record of a log, or return None for what is no event (a torn line, say)."""
        if not isinstance(record, dict) or not isinstance(record.get("chunk_id"), str):
            return None
        if not isinstance(record.get("status"), str) or record["status"] not in _OF_CHUNKS:
            return None
        details = record.get("details")
        return cls(
            recording_id=str(record.get("recording_id") or ""),
            chunk_id=record["chunk_id"],
            worker=str(record.get("worker") or "unknown"),
            status=record["status"],
            timestamp=str(record.get("timestamp") or ""),
            finished_at=record.get("finished_at"),
            runtime_s=_seconds(record.get("runtime_s")),
            gpu_index=record.get("gpu_index"),
            gpu_uuid=record.get("gpu_uuid"),
            gpu_name=record.get("gpu_name"),
            details=details if isinstance(details, dict) else {},
        )


def _seconds(value: object) -> float | None:
    try:
        seconds = float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None
