"""One thing that happened to one chunk in one slot."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Literal

from badc.manifest import ChunkKey

Status = Literal["start", "success", "failure", "skipped", "retired"]
_OF_CHUNKS = ("start", "success", "failure", "skipped")
_NUMBERS = (int, float)
_MOST_ATTEMPTS = 1_000_000  # whatever a record says beyond is no count


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
        return attempt if type(attempt) is int and 0 < attempt < _MOST_ATTEMPTS else None

    @property
    def audio_s(self) -> float | None:
        """How many seconds of audio the chunk holds, where the record says so."""
        return finite(self.details.get("audio_s"))

    @property
    def interrupted(self) -> bool:
        """Whether the attempt was broken off because the run ended; no fault of the chunk."""
        return self.status == "failure" and bool(self.details.get("interrupted"))

    @property
    def ends_attempt(self) -> bool:
        """Whether an attempt ended by itself, well or not."""
        return self.status in ("success", "failure") and not self.interrupted

    @property
    def gives_up(self) -> bool:
        """Whether this is the failure after which a chunk is not tried again."""
        no_more = self.details.get("backoff_s") is None
        return self.status == "failure" and no_more and not self.interrupted

    def to_json(self) -> dict[str, Any]:
        """Return the log's record."""
        return {name: getattr(self, name) for name in _COLUMNS}

    @classmethod
    def from_json(cls, record: object) -> "Event | None":
        """Read one record of a log, or return None for what is no event (a torn line, say)."""
        if not isinstance(record, dict):
            return None
        said: Callable[[str], Any] = record.get
        chunk_id, details, finished_at = said("chunk_id"), said("details"), said("finished_at")
        if not isinstance(chunk_id, str) or not isinstance(said("status"), str):
            return None
        if record["status"] not in _OF_CHUNKS:
            return None
        return cls(
            recording_id=str(said("recording_id") or ""),
            chunk_id=chunk_id,
            worker=str(said("worker") or "unknown"),
            status=record["status"],
            timestamp=str(said("timestamp") or ""),
            finished_at=finished_at if isinstance(finished_at, str) else None,
            runtime_s=finite(said("runtime_s")),
            gpu_index=said("gpu_index"),
            gpu_uuid=said("gpu_uuid"),
            gpu_name=said("gpu_name"),
            details=details if isinstance(details, dict) else {},
        )


_COLUMNS = tuple(each.name for each in fields(Event))  # asdict() copies, which costs ten times that


def finite(value: object) -> float | None:
    """Return a number that can be reckoned with, or None for whatever else a record holds."""
    if not isinstance(value, _NUMBERS):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
