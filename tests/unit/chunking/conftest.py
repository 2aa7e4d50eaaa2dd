from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    def make(frames: int, channels: int = 1, seed: int = 3) -> np.ndarray:
        values = np.random.default_rng(seed).integers(-(2**31), 2**31, (frames, channels))
        return values.astype(np.int32)

    return make


@pytest.fixture
def record(tmp_path: Path, noise: Callable[..., np.ndarray]) -> Callable[..., Path]:
    """Write a recording of noise; its samples are those that soundfile reads back."""

    def make(
        name: str = "REC.wav",
        subtype: str = "PCM_16",
        seconds: float = 2.5,
        rate_hz: int = 8000,
        channels: int = 1,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = noise(int(seconds * rate_hz), channels)
        soundfile.write(path, samples, rate_hz, subtype=subtype)
        return path

    return make
