"""How the chunks of one slot ended, counted. The only place that decides what counts as what."""

from dataclasses import dataclass

from badc.telemetry.event import Event


@dataclass(slots=True)
class WorkerTally:
    """What one slot has done: a fold over its events that needs no memory of chunks.

    Attributes:
        success, failure: chunks that ended well, and chunks given up.
        retries: attempts after the first, of chunks that ended well.
        failed_retries: attempts that failed, whatever became of their chunk.
    """

    success: int = 0
    failure: int = 0
    retries: int = 0
    failed_retries: int = 0

    @property
    def jobs(self) -> int:
        """Chunks that this slot has finished, well or not."""
        return self.success + self.failure

    def fold(self, event: Event) -> None:
        """Take in one event; one that ends no attempt changes nothing."""
        if not event.ends_attempt:
            return
        if event.status == "success":
            self.success += 1
            self.retries += (event.attempt or 1) - 1
        else:
            self.failed_retries += 1
            self.failure += event.gives_up
