"""Stand-ins for both generations of HawkEars, and chunks for them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.process import ProcessDoor
from badc.runners.protocol import Desk
from tests.unit.runners.hawkears.stand_in_v2 import make_python, make_root

HERE = Path(__file__).parent
RATE_HZ = 8000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    door = ProcessDoor()
    yield Desk(Slot("cpu-0"), door, scratch)
    door.close()


@pytest.fixture
def chunk(tmp_path: Path) -> Callable[..., Chunk]:
    def make(name: str = "rec_0_5000.wav", seconds: float = 5.0, *, loud: bool = True) -> Chunk:
        path = tmp_path / "chunks" / name
        path.parent.mkdir(exist_ok=True)
        time_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
        sound = np.sin(2 * np.pi * 440 * time_s) * (0.5 if loud else 0.0)
        with path.open("wb") as stream:
            soundfile.write(stream, sound, RATE_HZ, format="WAV", subtype="PCM_16")
        return Chunk(ChunkKey("rec", "rec_0_5000"), name, path)

    return make


@pytest.fixture
def root_v1(tmp_path: Path) -> Path:
    root = tmp_path / "HawkEars 1"
    (root / "data" / "ckpt").mkdir(parents=True)
    (root / "data" / "ckpt" / "one.ckpt").write_bytes(b"weights")
    (root / "version.txt").write_text("1.0.9\n")
    shutil.copy(HERE / "analyze_v1.py", root / "analyze.py")
    return root


@pytest.fixture
def root_v2(tmp_path: Path) -> Path:
    return make_root(tmp_path / "HawkEars 2 data")


@pytest.fixture
def python_v2(tmp_path: Path) -> Path:
    return make_python(tmp_path)
