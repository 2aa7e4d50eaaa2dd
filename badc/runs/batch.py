"""Several chunks heard one after the other in one slot: what one task run can carry."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from badc.errors import BadcError, RunStoppedError, SlotLostError
from badc.manifest import Chunk
from badc.runs.listening import ListeningSlot


@dataclass
class BatchOutcome:
    """How the chunks of a batch fared, one attempt each.

    Attributes:
        slot: the label of the slot that heard them.
        heard: how many ended well.
        cached: how many had been heard before.
        detections: how many the heard ones hold together.
        failed: chunks whose attempt failed, in order, each with its error.
        not_begun: chunks left over, because the run is ending or the slot was lost.
        took_s: from the first one's start to the last one's end.
    """

    slot: str
    heard: int = 0
    cached: int = 0
    detections: int = 0
    failed: list[tuple[Chunk, BadcError]] = field(default_factory=list)
    not_begun: list[Chunk] = field(default_factory=list)
    took_s: float = 0.0

    def __str__(self) -> str:
        """Return it in a line."""
        told = [f"{self.heard} heard", f"{self.cached} heard before", f"{len(self.failed)} failed"]
        told = [words for words in told if not words.startswith("0 ")]
        if self.not_begun:
            told.append(f"{len(self.not_begun)} not begun")
        times = f"{self.took_s:.1f} s, {self.detections} detection{'s' * (self.detections != 1)}"
        return f"{self.slot}, {', '.join(told)}, {times}"


class BatchFailedError(BadcError):
    """Chunks of a batch failed for good.

    Attributes:
        outcome: the whole batch's.
    """

    def __init__(self, outcome: BatchOutcome) -> None:
        chunk, error = outcome.failed[0]
        super().__init__(f"{chunk.key}: {error.message}", error.hint)
        self.args = (outcome,)
        self.outcome = outcome


def hear_batch(
    slot: ListeningSlot, chunks: Sequence[Chunk], closed: Callable[[], bool]
) -> BatchOutcome:
    """Make a first attempt at each chunk, in order; one that fails does not hold up the others.

    Nothing is tried again here: whoever submitted the batch decides on that.

    Args:
        slot: where.
        chunks: which.
        closed: asked before each chunk; once it says yes, no further one is begun.
    """
    outcome, began_s = BatchOutcome(slot.slot.label), time.monotonic()
    for number, chunk in enumerate(chunks):
        if closed():
            outcome.not_begun = list(chunks[number:])
            break
        try:
            ended = slot.hear(chunk, 1)
        except RunStoppedError:
            outcome.not_begun = list(chunks[number:])
            break
        except BadcError as error:
            outcome.failed.append((chunk, error))
            if isinstance(error, SlotLostError):
                outcome.not_begun = list(chunks[number + 1 :])
                break
        else:
            outcome.heard += not ended.cached
            outcome.cached += ended.cached
            outcome.detections += ended.detections
    outcome.took_s = time.monotonic() - began_s
    return outcome
