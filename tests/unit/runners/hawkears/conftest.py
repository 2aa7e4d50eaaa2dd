"""Stand-ins for both generations of HawkEars, and chunks for them."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.process import ProcessDoor
from badc.runners.protocol import Desk

HERE = Path(__file__).parent
RATE_HZ = 8000
_LOADER = """
def load_from_checkpoint(path):
    with open("loaded.txt", "a") as file:
        file.write(f"{path}\\n")
    return path
"""


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
    root = tmp_path / "HawkEars 2 data"
    (root / "data" / "ckpt").mkdir(parents=True)
    (root / "data" / "ckpt" / "one.ckpt").write_bytes(b"weights")
    (root / "data" / "classes.csv").write_text(
        "Name,Code,AltName,AltCode\nCommon Yellowthroat,COYE,Geothlypis trichas,comyel\n"
    )
    return root


@pytest.fixture
def python_v2(tmp_path: Path) -> Path:
    """Give an interpreter that has a package hawkears, and a torch that needs no mending."""
    site = tmp_path / "site"
    core = site / "hawkears" / "core"
    core.mkdir(parents=True)
    for folder in (core, core.parent):
        (folder / "__init__.py").touch()
    (core / "class_manager.py").write_text(_LOADER)
    shutil.copy(HERE / "cli_v2.py", site / "hawkears" / "cli.py")
    (site / "hawkears-2.3.0.dist-info").mkdir()
    (site / "hawkears-2.3.0.dist-info" / "METADATA").write_text("Name: hawkears\nVersion: 2.3.0\n")
    (site / "torch.py").write_text("class version:\n    cuda = '13.0'\n")
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nPYTHONPATH='{site}' exec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    return python
