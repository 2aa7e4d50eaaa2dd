"""What a report on a run names one by one: slow chunks, failed chunks, what was heard."""

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from badc.manifest import ChunkKey
from badc.telemetry.event import Event

_SLOWEST = 10
_FAILED = 50


@dataclass(frozen=True, slots=True, order=True)
class Attempt:
    """An attempt that a report names.

    Attributes:
        runtime_s: how long it took.
        key: the chunk.
        worker: the slot's label.
        number: which attempt at the chunk it was, from 1.
        error: why it failed; empty where it did not.
    """

    runtime_s: float
    key: ChunkKey
    worker: str
    number: int
    error: str = ""

    @classmethod
    def of(cls, event: Event) -> "Attempt":
        """Return the attempt that an event ended."""
        error = event.details.get("error")
        return cls(
            runtime_s=event.runtime_s or 0.0,
            key=event.key,
            worker=event.worker,
            number=event.attempt or 1,
            error=" ".join(error.split()) if isinstance(error, str) else "",
        )


class Highlights:
    """A fold over a run's events; its size does not depend on how many there are.

    Attributes:
        cached: chunks found already heard.
        detections: heard in this run, or found in the results of ``cached`` chunks.
        labels: how many of them bear which label; rare ones of a loud chunk may be missing.
        audio_s: seconds of audio heard in this run.
        failed: the first chunks given up, in the order they failed.
    """

    def __init__(self) -> None:
        self.cached = self.detections = 0
        self.labels: Counter[str] = Counter()
        self.audio_s = 0.0
        self.failed: list[Attempt] = []
        self._slowest: list[Attempt] = []

    @property
    def slowest(self) -> list[Attempt]:
        """The successful attempts that took longest, the slowest first."""
        return sorted(self._slowest, reverse=True)

    def fold(self, event: Event) -> None:
        """Take in one event."""
        if event.status == "skipped":
            self.cached += 1
            self._count(event)
        elif event.status == "success":
            self.audio_s += event.audio_s or 0.0
            self._count(event)
            self._rank(Attempt.of(event))
        elif event.gives_up and len(self.failed) < _FAILED:
            self.failed.append(Attempt.of(event))

    def _count(self, event: Event) -> None:
        detections = event.details.get("detections")
        self.detections += detections if isinstance(detections, int) else 0
        self.labels.update(dict(_label_counts(event)))

    def _rank(self, attempt: Attempt) -> None:
        if len(self._slowest) < _SLOWEST:
            heapq.heappush(self._slowest, attempt)
        else:
            heapq.heappushpop(self._slowest, attempt)


def _label_counts(event: Event) -> Iterator[tuple[str, int]]:
    labels = event.details.get("labels")
    for label, count in (labels if isinstance(labels, dict) else {}).items():
        if isinstance(label, str) and isinstance(count, int):
            yield label, count
