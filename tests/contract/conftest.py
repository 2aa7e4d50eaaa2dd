"""Every runner there is, and a desk to open it at."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.process import ProcessDoor
from badc.runners.birdnet import BirdnetRunner
from badc.runners.command import CommandRunner
from badc.runners.hawkears import choose_hawkears
from badc.runners.protocol import Desk, Runner
from badc.runners.stub import StubRunner
from tests.unit.runners.hawkears.stand_in_v2 import make_python, make_root

_PROGRAM = """
import json, sys, wave
from pathlib import Path
audio, answer = (sys.argv[sys.argv.index(name) + 1] for name in ("--input", "--output"))
with wave.open(audio) as sound:
    end_ms = round(1000 * sound.getnframes() / sound.getframerate())
heard = [{"timestamp_ms": 0, "end_ms": end_ms, "label": "OVEN", "confidence": 0.5}]
Path(answer).write_text(json.dumps(heard))
"""


@dataclass(frozen=True)
class Candidate:
    """A runner under test.

    Attributes:
        make: makes it anew each time, equal to the last.
        other: one of the same kind that hears something else.
        reads_audio: whether it notices that a chunk is no audio.
        opens_pipes: whether it would wait at a pipe for ever.
    """

    make: Callable[[], Runner]
    other: Callable[[], Runner] | None
    reads_audio: bool
    opens_pipes: bool = True


def _stub(_: Path) -> Candidate:
    return Candidate(StubRunner, None, reads_audio=False)


def _command(folder: Path) -> Candidate:
    program = folder / "a runner.py"
    program.write_text(_PROGRAM)
    words = (sys.executable, str(program))
    return Candidate(
        lambda: CommandRunner(words), lambda: CommandRunner((*words, "-x")), reads_audio=True
    )


def _birdnet(_: Path) -> Candidate:
    return Candidate(lambda: BirdnetRunner(0.25), lambda: BirdnetRunner(0.5), reads_audio=True)


def _hawkears(folder: Path) -> Candidate:
    root = folder / "HawkEars"
    (root / "data" / "ckpt").mkdir(parents=True)
    (root / "data" / "ckpt" / "one.ckpt").write_bytes(b"weights")
    (root / "version.txt").write_text("1.0.9")
    stand_in = Path(__file__).parents[1] / "unit" / "runners" / "hawkears" / "analyze_v1.py"
    shutil.copy(stand_in, root / "analyze.py")
    environ = {"BADC_HAWKEARS_ROOT": str(root)}
    return Candidate(
        lambda: choose_hawkears((), environ),
        lambda: choose_hawkears(("--min_score", "0.5"), environ),
        reads_audio=True,
        opens_pipes=False,
    )


def _hawkears_2(folder: Path) -> Candidate:
    environ = {
        "BADC_HAWKEARS_PYTHON": str(make_python(folder)),
        "BADC_HAWKEARS_ROOT": str(make_root(folder / "HawkEars 2")),
    }
    return Candidate(
        lambda: choose_hawkears((), environ),
        lambda: choose_hawkears(("--models", "2"), environ),
        reads_audio=True,
        opens_pipes=False,
    )


CANDIDATES: dict[str, Callable[[Path], Candidate]] = {
    "stub": _stub,
    "command": _command,
    "birdnet": _birdnet,
    "hawkears": _hawkears,
    "hawkears 2": _hawkears_2,
}


@pytest.fixture(params=sorted(CANDIDATES))
def candidate(request: pytest.FixtureRequest, tmp_path: Path) -> Candidate:
    """Each runner in turn."""
    return CANDIDATES[request.param](tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A CPU slot's desk, with a scratch folder of its own."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    door = ProcessDoor()
    yield Desk(Slot("cpu-0"), door, scratch)
    door.close()


@pytest.fixture
def chunk_of() -> Callable[[Path], Chunk]:
    """Makes a chunk of a file."""

    def make(path: Path) -> Chunk:
        return Chunk(ChunkKey("REC", path.stem), path.name, path)

    return make


@pytest.fixture
def chunks(yellowthroat: Path, tmp_path: Path, chunk_of: Callable[[Path], Chunk]) -> list[Chunk]:
    """A real song in 3 s, then 2.9 s of the same, then a second of silence."""
    samples, rate_hz = soundfile.read(yellowthroat, dtype="float32")
    folder = tmp_path / "a dataset's chunks"
    folder.mkdir()
    parts = [samples[: 3 * rate_hz], samples[3 * rate_hz :], np.zeros(rate_hz, np.float32)]
    made = []
    for number, part in enumerate(parts):
        path = folder / f"chunk {number}.wav"
        soundfile.write(path, part, rate_hz, "PCM_16")
        made.append(chunk_of(path))
    return made
