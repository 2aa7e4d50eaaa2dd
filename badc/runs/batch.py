"""Several chunks heard one after the other in one slot: what one task run can carry."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from badc.errors import BadcError, RunFailedError, RunStoppedError, SlotLostError
from badc.manifest import Chunk
from badc.runs.attempt import ChunkOutcome
from badc.runs.listening import ListeningSlot

_WRITERS = 8  # a disk that syncs several files at a time does it for little more than one
_UNWRITTEN = 32


@dataclass
class BatchOutcome:
    """How the chunks of a batch fared, one attempt each.

    Attributes:
        slot: the label of the slot that heard them.
        heard: how many ended well.
        cached: how many had been heard before.
        detections: how many the heard ones hold together.
        failed: chunks whose attempt failed, in order, each with its error.
        given_up: whether one of them is not tried again.
        not_begun: chunks to be heard from the start, as the run is ending or the slot was lost.
        took_s: from the first one's start to the last one's end.
    """

    slot: str
    heard: int = 0
    cached: int = 0
    detections: int = 0
    failed: list[tuple[Chunk, BadcError]] = field(default_factory=list)
    given_up: bool = False
    not_begun: list[Chunk] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether no further chunk can be begun: the run is ending, or the slot was lost."""
        lost = any(isinstance(error, SlotLostError) for _, error in self.failed)
        return lost or bool(self.not_begun)

    def count(self, ended: ChunkOutcome) -> None:
        """Add a chunk that ended well."""
        self.heard += not ended.cached
        self.cached += ended.cached
        self.detections += ended.detections

    @contextmanager
    def counting(self, chunk: Chunk) -> Iterator[None]:
        """Add a chunk that does not end well within the block."""
        try:
            yield
        except RunStoppedError:
            self.not_begun.append(chunk)
        except BadcError as error:
            self.failed.append((chunk, error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are not at fault
            why = f"{chunk.key}: {type(error).__name__}: {error}"
            self.failed.append((chunk, RunFailedError(why)))

    def settle(self, chunk: Chunk, written: Future[ChunkOutcome]) -> None:
        """Add a chunk whose result is being written, once it is."""
        with self.counting(chunk):
            self.count(written.result())

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

    The runner goes on to the next chunk while the disk still takes in the results of those before.
    Nothing is tried again here: whoever submitted the batch decides on that.

    Args:
        slot: where.
        chunks: which.
        closed: asked before each chunk; once it says yes, no further one is begun.
    """
    outcome, began_s = BatchOutcome(slot.slot.label), time.monotonic()
    unwritten: deque[tuple[Chunk, Future[ChunkOutcome]]] = deque()
    slot.expect(chunks)
    with ThreadPoolExecutor(_WRITERS, "badc-keep") as writers:
        for number, chunk in enumerate(chunks):
            if closed() or outcome.is_over:
                outcome.not_begun += chunks[number:]
                break
            with outcome.counting(chunk):
                if (known := slot.answered(chunk)) is not None:
                    outcome.count(known)
                else:
                    unwritten.append((chunk, writers.submit(slot.keep, slot.listen(chunk, 1))))
            while len(unwritten) > _UNWRITTEN:
                outcome.settle(*unwritten.popleft())
        while unwritten:
            outcome.settle(*unwritten.popleft())
    outcome.given_up = any(slot.gives_up(error, 1) for _, error in outcome.failed)
    outcome.took_s = time.monotonic() - began_s
    return outcome
