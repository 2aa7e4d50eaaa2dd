"""What is fuzzed: one reader, documents that it takes, and what must hold of what it accepts."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.inventing import Invent
from tests.fuzz.mutation import mutated


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        name: what the table calls it.
        file: what its file is called.
        invent: how its documents become odd without losing their form.
        documents: some that it takes.
        read: reads the file and checks what came of it; returns how many documents it accepted.
            Nothing but a :class:`badc.errors.BadcError` may leave it, for what was refused.
        batch: how many files, each in a folder of its own, one reading looks at; where it is more
            than one, ``read`` is given the folder of those.
    """

    name: str
    file: str
    invent: Invent
    documents: tuple[str, ...]
    read: Callable[[Path], int]
    batch: int = 1

    def input(self, rng: Random) -> bytes:
        """Make the next input: odd, mutated, or both."""
        document = rng.choice(self.documents)
        way = rng.random()
        text = self.invent(rng, document) if way < 0.75 else document
        raw = text.encode("utf-8", rng.choice(("surrogatepass", "replace")))
        if way < 0.5:
            return raw
        return mutated(rng, raw, rng.choice(self.documents).encode())


def looked_at_closely(path: Path) -> bool:
    """Say whether more is to be done with this input than reading it: with one in eight.

    What is costly, such as writing again what was read, would otherwise take most of the time.
    The same input gives the same answer.
    """
    return zlib.crc32(path.read_bytes()) % 8 == 0
