"""What a run writes about itself: the telemetry log and the summary beside it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from badc.hardware import GpuHistory
from badc.manifest import Chunk, ChunkKey
from badc.results import RunSummary, SummaryKeeper
from badc.runs.open_attempts import GoodEnd, OpenAttempts
from badc.runs.plan import InferPlan
from badc.runs.run_counts import RunTally
from badc.telemetry import Event, LogFollower, LogWriter, seconds_since_1970, timestamp


@dataclass(frozen=True)
class RunRecords:
    """The one writer of a run's log and summary; thread-safe.

    A log that cannot be written stops nothing: what counts are the chunks' JSON.

    Attributes:
        log, keeper: where events go.
        warn: told, in one line, when the log cannot be written.
        followers: told of each event as it comes in, from whichever thread.
        gpus: what the hosts' samplers have said so far; it is told with the events.
        tally: this run's own figures, whatever earlier runs left in log and summary.
    """

    log: LogWriter
    keeper: SummaryKeeper
    warn: Callable[[str], None]
    gpus: GpuHistory = field(default_factory=GpuHistory)
    followers: list[Callable[[Event], object]] = field(default_factory=list)
    tally: RunTally = field(default_factory=RunTally)
    _open: OpenAttempts = field(default_factory=OpenAttempts)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, event: Event) -> None:
        """Put one event on the record, with what its GPU did meanwhile."""
        with self._lock:
            for each in self._open.follow(event):
                self._write(each)
        for follower in self.followers:
            follower(event)

    def open_attempt(self, key: ChunkKey) -> int | None:
        """Return which attempt at a chunk has begun and not ended, if any."""
        with self._lock:
            return self._open.attempt(key)

    def good_end(self, key: ChunkKey) -> GoodEnd | None:
        """Return how a chunk was heard, or found heard, in this run; None if it has not been."""
        with self._lock:
            return self._open.good_end(key)

    def lose(self, key: ChunkKey, why: str, backoff_s: float | None) -> None:
        """Record that the open attempt at a chunk ended with its worker."""
        with self._lock:
            self._write(self._open.lose(key, why, backoff_s))

    def interrupt(self, key: ChunkKey, why: str) -> None:
        """Record that the open attempt at a chunk was broken off, and does not count."""
        with self._lock:
            self._write(self._open.interrupt(key, why))

    def failure(self, key: ChunkKey) -> Event | None:
        """Return the last attempt at a chunk that failed in this run, if one did."""
        with self._lock:
            return self._open.failure(key)

    def retired(self, label: str, why: str) -> None:
        """Record that a slot is given up."""
        now = timestamp()
        with self._lock:
            self._log(Event("", "", label, "retired", now, now, details={"error": why}))

    def _write(self, event: Event) -> None:
        if event.status in ("success", "failure"):
            event = self._with_gpu_metrics(event)
        self._log(event)
        self.tally.fold(event)
        self.keeper.fold(event)

    def _log(self, event: Event) -> None:
        known = self.log.fault is not None
        try:
            self.log.write(event)
        except OSError as error:
            if not known:
                self.warn(
                    f"Warning: {self.log.path} cannot be written ({error.strerror}). The run goes"
                    " on; the log follows where there is room again."
                )

    def note(self, chunk: Chunk, status: str, worker: str, **details: object) -> None:
        """Record what happened to a chunk outside any slot."""
        now = timestamp()
        event = Event.from_json(
            {
                "recording_id": chunk.key.recording_id,
                "chunk_id": chunk.key.chunk_id,
                "worker": worker,
                "status": status,
                "timestamp": now,
                "finished_at": now,
                "details": details,
            }
        )
        if event is not None:
            self.take(event)

    def _with_gpu_metrics(self, event: Event) -> Event:
        began_s = seconds_since_1970(event.timestamp)
        ended_s = seconds_since_1970(event.finished_at)
        metrics: dict[str, object] = {"before": None, "after": None}
        if event.gpu_uuid and began_s and ended_s:
            metrics = self.gpus.during(event.gpu_uuid, began_s, ended_s)
        return replace(event, details={**event.details, "gpu_metrics": metrics})

    @property
    def summary(self) -> RunSummary:
        """The outcomes so far."""
        return self.keeper.summary

    @property
    def missing(self) -> str:
        """Which of the records could not be written to the end, and why; empty if none."""
        if self.log.fault is not None:
            return f"{self.log.path} could not be written ({self.log.fault.strerror})"
        return self.keeper.fault.message.removesuffix(".") if self.keeper.fault else ""


@dataclass
class DecidedRun:
    """A run that is about to be carried out.

    Attributes:
        plan: what was decided.
        records: what it writes about itself; None as long as it has not begun.
    """

    plan: InferPlan
    records: RunRecords | None = None


@contextmanager
def open_records(plan: InferPlan, warn: Callable[[str], None]) -> Iterator[RunRecords]:
    """Open a run's log and summary, and write the summary's last word however the run ends.

    What could not be written then is told by :attr:`RunRecords.missing`; ``warn`` is told before,
    from whichever thread.

    What earlier runs on the same log finished is carried over, from the log itself: it is never
    older than what happened, whereas their summary may be if they were killed.

    Raises:
        BadcError: the log or summary cannot be begun.
    """
    with LogWriter(plan.telemetry_log) as log:  # ours alone before it is read
        summary = RunSummary(plan.telemetry_log)
        for event in LogFollower(plan.telemetry_log).new_events():
            summary.fold(event)
        summary.workers.clear()  # the table is about this run
        summary.expect(chunk.key for chunk in plan.chunks)
        with SummaryKeeper(summary, plan.summary) as keeper:
            records = RunRecords(log, keeper, warn)
            yield records
