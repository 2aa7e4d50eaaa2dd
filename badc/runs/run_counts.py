"""A run in figures."""

from dataclasses import astuple, dataclass

from badc.telemetry import Event, Highlights, RunView, WorkerTally


@dataclass(frozen=True)
class RunCounts:
    """A run's chunks and attempts, counted from its events as its summary counts them.

    Attributes:
        chunks: in the manifest.
        heard: listened to in this run.
        before: done before this run.
        failed: given up.
        retries: attempts after the first, of chunks that ended well.
        failed_attempts: whatever became of their chunk.
    """

    chunks: int = 0
    heard: int = 0
    before: int = 0
    failed: int = 0
    retries: int = 0
    failed_attempts: int = 0

    @classmethod
    def of(cls, chunks: int, view: RunView, highlights: Highlights) -> "RunCounts":
        """Count what a run's events say."""
        tallies = [worker.tally for worker in view.workers.values()]
        return cls(
            chunks=chunks,
            heard=sum(tally.success for tally in tallies),
            before=highlights.cached,
            failed=sum(tally.failure for tally in tallies),
            retries=sum(tally.retries for tally in tallies),
            failed_attempts=sum(tally.failed_retries for tally in tallies),
        )

    @property
    def done(self) -> int:
        """Chunks whose JSON is there."""
        return self.heard + self.before

    @property
    def left(self) -> int:
        """Chunks that have neither been done nor given up."""
        return self.chunks - self.done - self.failed

    @property
    def settled_pct(self) -> float:
        """How much of the run is over, in percent."""
        return 100 * (1 - self.left / self.chunks) if self.chunks else 100.0

    def __add__(self, other: "RunCounts") -> "RunCounts":
        """Add up two runs."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return RunCounts(*(ours + theirs for ours, theirs in pairs))

    @property
    def sentence(self) -> str:
        """All of it in words; what went wrong only where something did."""
        failed = f", {self.failed:,} failed" if self.failed else ""
        left = f", {self.left:,} left" if self.left else ""
        return (
            f"{self.done:,} of {self.chunks:,} chunks: {self.heard:,} heard,"
            f" {self.before:,} already done{failed}{left}"
        )

    def __str__(self) -> str:
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.done:,} of {self.chunks:,} chunks done{failed}"


class RunTally:
    """A fold over the events of one run, to its figures."""

    def __init__(self) -> None:
        self._heard = WorkerTally()
        self._before = 0

    def fold(self, event: Event) -> None:
        """Take in one event."""
        self._heard.fold(event)
        self._before += event.status == "skipped"

    def counts(self, chunks: int) -> RunCounts:
        """Return the figures of a run over so many chunks."""
        return RunCounts(
            chunks=chunks,
            heard=self._heard.success,
            before=self._before,
            failed=self._heard.failure,
            retries=self._heard.retries,
            failed_attempts=self._heard.failed_retries,
        )
