"""A run that makes no progress is noticed, and says what it waits for.

Slots keep the time limit of an attempt by themselves, and tell how each ended. A run that hears of
nothing for longer than that waits for a message that was lost, and would for ever. The rule stands
here; it knows neither Dask nor Prefect.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from badc.manifest import Chunk, ChunkKey
from badc.telemetry import Event

# To begin, to end a runner, to write, and to be told of it all. Threads of a busy machine need less
# than processes, which may have to start; that one on another host is lost, Dask notices after five
# minutes.
THREADS_GRACE_S = 30.0
PROCESSES_GRACE_S = 360.0
_LONGEST_LOOK_S = 5.0  # a process that was stopped meanwhile could hear of nothing
_MOST_TOLD = 5
_TO_BEGIN = "not begun"


@dataclass(frozen=True)
class Stall:
    """A run that makes no progress.

    Attributes:
        waited_s: for how long.
        awaited: what it waits for, a line for each chunk.
        begun: whether anything of it has begun.
    """

    waited_s: float
    awaited: tuple[str, ...]
    begun: bool

    def __str__(self) -> str:
        """Return it in one line; of many chunks the first are named."""
        told = ", ".join(self.awaited[:_MOST_TOLD])
        if len(self.awaited) > _MOST_TOLD:
            told += f" and {len(self.awaited) - _MOST_TOLD} more"
        return (
            f"No progress for {self.waited_s:.0f} s, longer than anything that is under way may"
            f" take. The run waits for {told}."
        )


@dataclass
class _Awaited:
    """A chunk in a task run that has not ended.

    Attributes:
        chunk: the chunk.
        doing: how far it is, in words.
        since_s: since when.
        may_take_s: how long that may take.
        company: how many chunks the task run carries.
    """

    chunk: Chunk
    doing: str
    since_s: float
    may_take_s: float
    company: int


class StallWatch:
    """Follows the chunks that are under way. Thread-safe."""

    def __init__(
        self,
        attempt_s: Callable[[Chunk], float],
        grace_s: float,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to watch.

        Args:
            attempt_s: says how long one attempt at a chunk may take, with all that it needs.
            grace_s: how long everything else may take, from one sign of life to the next.
            now_s: a clock that nobody sets.
        """
        self._attempt_s = attempt_s
        self._grace_s = grace_s
        self._now_s = now_s
        self._lock = threading.Lock()
        self._awaited: dict[ChunkKey, _Awaited] = {}
        self._waited_s, self._looked_s = 0.0, now_s()

    def submitted(self, chunks: Sequence[Chunk], pause_s: float = 0.0) -> None:
        """Learn of a task run that carries ``chunks``, and begins after a pause."""
        with self._lock:
            for chunk in chunks:
                awaited = _Awaited(chunk, _TO_BEGIN, self._now_s(), pause_s, len(chunks))
                self._awaited[chunk.key] = awaited
            self._progress()

    def ended(self, chunks: Iterable[Chunk]) -> None:
        """Learn that the task run which carried ``chunks`` has ended."""
        with self._lock:
            for chunk in chunks:
                self._awaited.pop(chunk.key, None)
            self._progress()

    def take(self, event: Event) -> None:
        """Learn what happened to a chunk in a slot."""
        with self._lock:
            self._progress()
            known = self._awaited.get(event.key)
            if known is None:
                return
            known.since_s = self._now_s()
            if event.status == "start":
                # several may be heard at once, for as long as each alone, and then each again
                turns = 1 if known.company == 1 else known.company + 1
                known.may_take_s = turns * self._attempt_s(known.chunk)
                known.doing = f"being heard in {event.worker}"
            elif event.status == "failure" and not event.gives_up and not event.interrupted:
                known.may_take_s = float(event.details.get("backoff_s") or 0.0)
                known.doing = f"failed in {event.worker}, to be tried again"
            else:
                known.may_take_s = 0.0
                known.doing = f"ended in {event.worker}, but its task run has not"

    def progress(self) -> None:
        """Begin to count anew: there is a good reason to wait."""
        with self._lock:
            self._progress()

    def look(self) -> Stall | None:
        """Return what is awaited where that lasts too long; to be asked about every second."""
        with self._lock:
            now_s = self._now_s()
            self._waited_s += min(now_s - self._looked_s, _LONGEST_LOOK_S)
            self._looked_s = now_s
            awaited = self._awaited
            longest_s = max((each.may_take_s for each in awaited.values()), default=0.0)
            if not awaited or self._waited_s <= longest_s + self._grace_s:
                return None
            told = [
                f"{key} ({each.doing}, for {now_s - each.since_s:.0f} s)"
                for key, each in sorted(
                    awaited.items(), key=lambda pair: pair[1].doing == _TO_BEGIN
                )
            ]
            begun = any(each.doing != _TO_BEGIN for each in awaited.values())
            return Stall(self._waited_s, tuple(told), begun)

    def _progress(self) -> None:
        self._waited_s, self._looked_s = 0.0, self._now_s()
