"""What a run looks like from outside: a fold over its events, of bounded size."""

from collections import deque
from dataclasses import dataclass, field

from badc.telemetry.event import Event
from badc.telemetry.snapshot import snapshots
from badc.telemetry.tally import WorkerTally

TREND_LENGTH = 20


@dataclass(slots=True)
class Spread:
    """The least, the mean and the most of some figures."""

    count: int = 0
    total: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, figure: float) -> None:
        """Take in one figure."""
        self.count += 1
        self.total += figure
        self.least = min(self.least, figure)
        self.most = max(self.most, figure)

    @property
    def mean(self) -> float:
        """The average; there must be a figure."""
        return self.total / self.count


def _trend() -> deque[float]:
    return deque(maxlen=TREND_LENGTH)


@dataclass(slots=True)
class WorkerView:
    """One slot, or whoever else reported events (``resume``, ``lost``).

    Attributes:
        last: its latest event.
        events: how many it reported, of any kind.
        tally: how its chunks ended, as the run's summary counts them.
        runtime_s: of attempts that ended by themselves, well or not.
        utilization_pct, used_mib: of its device, before and after each attempt.
        total_mib: the device's memory, where known.
        utilization_trend, memory_trend: the device after each of the latest attempts.
        retry_trend: how many attempts had gone before each of the latest ones.
    """

    last: Event
    events: int = 0
    tally: WorkerTally = field(default_factory=WorkerTally)
    runtime_s: Spread = field(default_factory=Spread)
    utilization_pct: Spread = field(default_factory=Spread)
    used_mib: Spread = field(default_factory=Spread)
    total_mib: float | None = None
    utilization_trend: deque[float] = field(default_factory=_trend)
    memory_trend: deque[float] = field(default_factory=_trend)
    retry_trend: deque[float] = field(default_factory=_trend)

    def fold(self, event: Event) -> None:
        """Take in one event of this worker."""
        self.last = event
        self.events += 1
        if not event.ends_attempt:
            return
        self.tally.fold(event)
        if event.runtime_s is not None:
            self.runtime_s.add(event.runtime_s)
        self.retry_trend.append((event.attempt or 1) - 1)
        self._look_at_device(event)

    def _look_at_device(self, event: Event) -> None:
        busy_pct = used_mib = None
        for busy_pct, used_mib, total_mib in snapshots(event):
            if busy_pct is not None:
                self.utilization_pct.add(busy_pct)
            if used_mib is not None:
                self.used_mib.add(used_mib)
            self.total_mib = total_mib or self.total_mib
        if busy_pct is not None:
            self.utilization_trend.append(busy_pct)
        if used_mib is not None:
            self.memory_trend.append(used_mib)


class RunView:
    """Every worker of a log, and its last events.

    A log that several runs have written is seen as one. The size depends on the number of workers
    and on ``keep``, not on the length of the log.

    Attributes:
        workers: by label, in the order they appeared.
        latest: the last ``keep`` events, the newest last.
    """

    def __init__(self, keep: int = 100) -> None:
        self.workers: dict[str, WorkerView] = {}
        self.latest: deque[Event] = deque(maxlen=keep)

    def fold(self, event: Event) -> None:
        """Take in one event."""
        worker = self.workers.get(event.worker)
        if worker is None:
            worker = self.workers[event.worker] = WorkerView(event)
        worker.fold(event)
        self.latest.append(event)
