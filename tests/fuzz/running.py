"""Giving a reader one input after the other, and telling what came of them."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from badc.errors import BadcError
from tests.fuzz.target import Target

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - nothing secret is kept there


@dataclass(frozen=True)
class Outcome:
    """What came of so many inputs."""

    target: str
    inputs: int
    refused: int
    accepted: int
    seconds: float
    seed: int


class EscapedError(AssertionError):
    """Something else than BADC's own errors left a reader, or what it accepted makes no sense."""

    def __init__(self, target: Target, seed: int, number: int, raw: bytes) -> None:
        super().__init__(f"{target.name}, seed {seed}, input {number}: {raw[:2000]!r}")
        self.raw = raw


def fuzz(target: Target, inputs: int, seed: int) -> Outcome:
    """Give ``inputs`` documents to a reader; the same seed gives the same ones.

    Raises:
        EscapedError: from whatever was raised; it names the seed and the input.
    """
    rng = Random(f"{target.name} {seed}")  # noqa: S311 - to be repeated, not to be secret
    began = time.monotonic()
    accepted = 0
    with _folder() as folder:
        for number in range(0, inputs, target.batch):
            count = min(target.batch, inputs - number)
            raws = [target.input(rng) for _ in range(count)]
            try:
                accepted += _take(target, folder, raws)
            except Exception as error:
                raise EscapedError(target, seed, number, raws[0]) from error
    seconds = time.monotonic() - began
    return Outcome(target.name, inputs, inputs - accepted, accepted, seconds, seed)


def accepts(target: Target, raw: bytes) -> bool:
    """Give one document to a reader, in a folder of its own; say whether it was accepted."""
    with _folder() as folder:
        return bool(_take(target, folder, [raw]))


def _take(target: Target, folder: Path, raws: list[bytes]) -> int:
    if target.batch == 1:
        (folder / target.file).write_bytes(raws[0])
        place = folder / target.file
    else:
        place = folder
        for number, raw in enumerate(raws):
            (folder / f"{number:03d}").mkdir(exist_ok=True)
            (folder / f"{number:03d}" / target.file).write_bytes(raw)
    try:
        return target.read(place)
    except BadcError as error:
        if "\n" in str(error):
            raise ValueError("an error is one line") from error
        return 0


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder in memory, and work in it: what a relative path leads to is found there."""
    place = _IN_MEMORY if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK) else None
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="badc-fuzz-", dir=place) as folder:
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)
