"""Whose turn it is: the outstanding chunks of a run, gathered into what one task run carries."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from badc.manifest import Chunk
from badc.runs import BatchSize


@dataclass(frozen=True)
class Turn:
    """What one task run is to hear in a slot.

    Attributes:
        chunks: one, or a batch of chunks that have not been tried yet.
        earlier: how many attempts at the chunk have been made elsewhere.
        pause_s: how long to wait before the next one.
        task_run_id: the chunk's Prefect task run, where it has one already.
    """

    chunks: tuple[Chunk, ...]
    earlier: int = 0
    pause_s: float = 0.0
    task_run_id: UUID | None = None

    @property
    def fresh(self) -> bool:
        """Whether nothing has been tried yet, so that it can be part of a batch."""
        return not self.earlier and self.task_run_id is None

    @property
    def is_batch(self) -> bool:
        """Whether several chunks share the task run."""
        return len(self.chunks) > 1

    @property
    def name(self) -> str:
        """What the task run is called: its chunk, or the first and last of them."""
        first, last = self.chunks[0].key, self.chunks[-1].key
        if not self.is_batch:
            return str(first)
        return f"{first} … {last} ({len(self.chunks)} chunks)"


class Turns:
    """What waits for a slot, in order."""

    def __init__(self, chunks: Iterable[Chunk], size: BatchSize) -> None:
        """Line up chunks, in order; ``size`` says how many one task run carries."""
        self._waiting = deque(Turn((chunk,)) for chunk in chunks)
        self._size = size

    @property
    def waiting(self) -> bool:
        """Whether any turn is left."""
        return bool(self._waiting)

    def take(self, slots: int) -> Turn | None:
        """Return the next turn, or None where none is left."""
        batch: list[Chunk] = []
        wanted = self._size.next(len(self._waiting), slots)
        while self._waiting and len(batch) < wanted:
            turn = self._waiting[0]
            if not turn.fresh:
                if not batch:
                    return self._waiting.popleft()
                break
            self._waiting.popleft()
            batch += turn.chunks
        return Turn(tuple(batch)) if batch else None

    def put_back(self, turns: Sequence[Turn]) -> None:
        """Let these turns be the next ones, in their order."""
        self._waiting.extendleft(reversed(turns))
