from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    (tmp_path / "set" / "audio").mkdir(parents=True)
    return tmp_path / "set"


@pytest.fixture
def record(dataset: Path) -> Callable[..., Path]:
    """Put a recording of 2.5 s below the dataset's audio/."""

    def make(name: str, frames: int = 2500) -> Path:
        path = dataset / "audio" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = {"wav": "WAV", "flac": "FLAC"}[path.suffix.lower()[1:]]
        with path.open("wb") as stream:  # soundfile itself refuses names that are not UTF-8
            soundfile.write(stream, np.zeros(frames), 1000, format=kind, subtype="PCM_16")
        return path

    return make
