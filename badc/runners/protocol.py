"""What every runner is.

A :class:`Runner` is a decision that can be pickled and compared: which program or model, with
which arguments. Opened in a slot it becomes an :class:`OpenRunner`, which hears many chunks, one
after the other, until it is closed. Models are loaded once per opening, not once per chunk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from badc.detections import Heard
from badc.hardware import Slot
from badc.manifest import Chunk
from badc.process import ProcessDoor


@dataclass(frozen=True, slots=True)
class Desk:
    """What a runner finds where it is opened.

    Attributes:
        slot: the device it may use.
        door: the only way to start other programs; closing it ends them.
        scratch: a private folder that goes away with the desk.
        threads: how many CPU threads it may use without crowding the other slots.
    """

    slot: Slot
    door: ProcessDoor
    scratch: Path
    threads: int = 1


class OpenRunner(Protocol):
    """A runner at work in one slot."""

    def expect(self, chunks: Sequence[Chunk]) -> None:
        """Learn which chunks come next in this slot, in this order, unless something fails.

        A hint, which takes the place of the one before: a runner may prepare for them or ignore
        it. It never raises, and never changes what is heard; a chunk may turn out to be missing, be
        heard out of turn or never be asked for.
        """
        ...

    def hear(self, chunk: Chunk, raw_dir: Path, timeout_s: float) -> Heard:
        """Listen to one chunk.

        Args:
            chunk: its audio is at ``chunk.path``.
            raw_dir: where raw output worth keeping may go; made only when used.
            timeout_s: the attempt's time limit.

        Raises:
            OutOfTimeError: ``timeout_s`` were not enough.
            AttemptError: the attempt failed; the same runner, or one opened afresh, may try again.
            RunStoppedError: the desk's door was closed meanwhile.
        """
        ...

    def close(self) -> None:
        """Let go of models and processes. May be called from another thread, and twice."""
        ...


class Runner(Protocol):
    """A runner chosen, not yet opened."""

    @property
    def kind(self) -> str:
        """What the chunk's JSON says under ``runner``: stub, custom, hawkears or birdnet."""
        ...

    @property
    def opening_limit_s(self) -> float:
        """How long opening it may take, besides an attempt's time limit; 0 where it loads nothing.

        Each attempt may have to: a runner is opened anew after a failure.
        """
        ...

    def check(self) -> None:
        """Look, before a run begins, whether this runner can work here at all.

        Raises:
            UsageError: a program, package or model is missing.
        """
        ...

    def fingerprint(self) -> str:
        """Name everything that decides what is heard.

        That is its kind, its arguments, its version, and the content of its program, the scripts
        that its arguments name, and its model files.
        """
        ...

    def __str__(self) -> str:
        """Return words for people: which program or model, with which arguments."""
        ...

    def open(self, desk: Desk) -> OpenRunner:
        """Get ready at a desk.

        Raises:
            AttemptError: the model could not be loaded or the program not be started.
        """
        ...
