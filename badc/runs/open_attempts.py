"""Attempts that have begun and not ended, so that a lost one does not vanish from the record."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from badc.manifest import ChunkKey
from badc.telemetry import Event, seconds_since_1970, timestamp


@dataclass(frozen=True, slots=True)
class GoodEnd:
    """How a chunk came to be done.

    Attributes:
        slot: the label of the slot that says so.
        took_s: how long the attempt took.
        cached: whether it had been heard before, so that nothing was done.
    """

    slot: str
    took_s: float
    cached: bool


class OpenAttempts:
    """A fold over a run's events. Not thread-safe.

    A worker that is killed says no more. On a cluster that BADC opened the run hears of it from
    Dask, and asks for the loss. On another one, Dask may first try the chunk on a second worker,
    as if it were new; then the second beginning tells of the loss. Nor does Dask know of an attempt
    that failed while its worker was being closed. Attempts after such a one are renumbered.
    """

    def __init__(self) -> None:
        self._begun: dict[ChunkKey, Event] = {}
        self._failed: dict[ChunkKey, Event] = {}  # the last attempt that did, as recorded
        self._unknown: dict[ChunkKey, int] = {}  # how many of them Dask does not know of
        self._done: dict[ChunkKey, GoodEnd] = {}

    def follow(self, event: Event) -> list[Event]:
        """Return what to put on the record for one event that arrived."""
        key, lost = event.key, []
        if event.status == "start":
            if key in self._begun:
                lost.append(self.lose(key, "its worker was lost", 0.0))
            self._unknown.pop(key, None)
            known = self._failed[key].attempt or 1 if key in self._failed else 0
            if known >= (event.attempt or 1):
                self._unknown[key] = known + 1 - (event.attempt or 1)
        unknown = self._unknown.get(key, 0)
        if unknown and event.attempt is not None:
            event = replace(event, details={**event.details, "attempt": event.attempt + unknown})
        if event.status == "start":
            self._begun[key] = event
        else:
            self._begun.pop(key, None)
        if event.status in ("success", "skipped"):
            cached = event.status == "skipped"
            self._done[key] = GoodEnd(event.worker, event.runtime_s or 0.0, cached)
        if event.status == "failure" and not event.interrupted:
            self._failed[key] = event
        return [*lost, event]

    def attempt(self, key: ChunkKey) -> int | None:
        """Return which attempt at a chunk is open, or None if none is."""
        begun = self._begun.get(key)
        return None if begun is None else begun.attempt

    def good_end(self, key: ChunkKey) -> GoodEnd | None:
        """Return how a chunk was heard, or found heard, in this run; None if it has not been."""
        return self._done.get(key)

    def lose(self, key: ChunkKey, why: str, backoff_s: float | None) -> Event:
        """Return the failure of the open attempt at a chunk, and count it as ended.

        Args:
            key: a chunk at which an attempt is open.
            why: what happened to it.
            backoff_s: the pause before the next one, or None if there is none.
        """
        told = {"returncode": None, "stderr": "", "backoff_s": backoff_s}
        self._failed[key] = _failure(self._begun.pop(key), why, told)
        return self._failed[key]

    def interrupt(self, key: ChunkKey, why: str) -> Event:
        """Return the end of an open attempt that is no fault of the chunk, and does not count."""
        return _failure(self._begun.pop(key), why, {"interrupted": True})

    def failure(self, key: ChunkKey) -> Event | None:
        """Return the last attempt at a chunk that failed, as recorded; None if none did."""
        return self._failed.get(key)


def _failure(begun: Event, why: str, told: dict[str, Any]) -> Event:
    began_s = seconds_since_1970(begun.timestamp)
    runtime_s = None if began_s is None else datetime.now(UTC).timestamp() - began_s
    return replace(
        begun,
        status="failure",
        finished_at=timestamp(),
        runtime_s=None if runtime_s is None else round(max(0.0, runtime_s), 3),
        details={"attempt": begun.attempt or 1, "error": why, **told},
    )
