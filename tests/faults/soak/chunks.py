"""What a soak hears: small chunks of many recordings, and what is to go wrong with which."""

import csv
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOR_GOOD = "fails-for-good"
_PASSING = (
    "crashes", "exits", "hangs", "is-deaf", "is-killed", "leaves-children", "says-nothing",
    "writes-another", "writes-no-text", "writes-part",
)  # fmt: skip
_PER_RECORDING = 60
_COLUMNS = ("recording_id", "chunk_id", "source_path", "start_ms", "end_ms")


@dataclass(frozen=True)
class Chunks:
    """A soak's manifest and the state that its runner shares with us.

    Attributes:
        folder: holds everything.
        answers: what is heard in each chunk, by (recording, chunk).
        doomed: the chunks that fail for good.
        faults: how many chunks have which fault waiting.
    """

    folder: Path
    answers: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    doomed: set[tuple[str, str]] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def manifest(self) -> Path:
        return self.folder / "manifest.csv"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def runner(self) -> str:
        return f"{Path(__file__).with_name('runner.sh')} {self.state}"

    def hearings(self) -> list[str]:
        """Return the chunk of each start of the runner, in order."""
        return _lines(self.state / "heard")

    def begun(self) -> int:
        """Return how often the runner was started; quick, as all lines are equally long."""
        log = self.state / "heard"
        return log.stat().st_size // len("c00000\n") if log.exists() else 0

    def injected(self) -> Counter[str]:
        """Return what has gone wrong so far, by kind."""
        return Counter(_lines(self.state / "injected"))

    def waiting_to_be_killed(self) -> list[Path]:
        """Return files that name runners which wait for a kill from outside."""
        return [path for path in (self.state / "doomed").iterdir() if path.stat().st_size]


def make_chunks(folder: Path, count: int, share: float, chance: random.Random) -> Chunks:
    """Make so many chunks, a ``share`` of which goes wrong once, and some for good."""
    chunks = Chunks(folder)
    for name in ("chunks", "state", "state/faults", "state/doomed"):
        (folder / name).mkdir(parents=True)
    with chunks.manifest.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_COLUMNS)
        for number in range(count):
            key = (f"REC{number // _PER_RECORDING:04d}", f"c{number:05d}")
            start_ms = number % _PER_RECORDING * 1000
            chunks.answers[key] = _answer(number, chance)
            audio = folder / "chunks" / f"{key[1]}.wav"
            audio.write_text(json.dumps(chunks.answers[key]) + "\n")
            writer.writerow([*key, audio, start_ms, start_ms + 1000])
    unlucky = chance.sample(sorted(chunks.answers), max(len(_PASSING) + 2, round(share * count)))
    kinds = [FOR_GOOD] * max(2, len(unlucky) // 20)
    kinds += [_PASSING[number % len(_PASSING)] for number in range(len(unlucky) - len(kinds))]
    for key, kind in zip(unlucky, kinds, strict=True):
        (chunks.state / "faults" / key[1]).write_text(f"{kind}\n")
        chunks.faults[kind] += 1
        if kind == FOR_GOOD:
            chunks.doomed.add(key)
    return chunks


def _answer(number: int, chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "timestamp_ms": 100 * call,
            "end_ms": 100 * call + 80,
            "label": f"SOAK {number}",
            "confidence": chance.randrange(1, 1000) / 1000,
        }
        for call in range(chance.randrange(4))
    ]


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []
