"""A run in figures."""

from dataclasses import dataclass

from badc.telemetry import Highlights, RunView


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

    chunks: int
    heard: int
    before: int
    failed: int
    retries: int
    failed_attempts: int

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

    def __str__(self) -> str:
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.done:,} of {self.chunks:,} chunks done{failed}"
