"""Chunks with something to hear in them, made from the recording that the tests use."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from tools.fetch_recording import fetch

_HISS = 0.005


def make_chunks(folder: Path, lengths_s: Sequence[int]) -> list[Path]:
    """Write one chunk file for each length: hiss, and the recording's song here and there.

    The same lengths always give the same files (mono, 16 bit, at the recording's rate). Every
    tenth holds nothing but hiss.
    """
    song, rate_hz = soundfile.read(fetch(), dtype="float32")
    rng = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write(folder / f"chunk{number:03}.wav", _scene(song, length_s * rate_hz, rng), rate_hz)
        if number % 10 != 9
        else _write(folder / f"chunk{number:03}.wav", _hiss(length_s * rate_hz, rng), rate_hz)
        for number, length_s in enumerate(lengths_s)
    ]


def _hiss(frames: int, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0, _HISS, frames).astype(np.float32)


def _scene(song: np.ndarray, frames: int, rng: np.random.Generator) -> np.ndarray:
    scene = _hiss(frames, rng)
    place = int(rng.integers(len(song)))
    while place + len(song) < frames:
        scene[place : place + len(song)] += song * rng.uniform(0.3, 1)
        place += int(len(song) * rng.uniform(1.2, 2.5))
    return np.clip(scene, -1, 1)


def _write(path: Path, samples: np.ndarray, rate_hz: int) -> Path:
    soundfile.write(path, samples, rate_hz, subtype="PCM_16")
    return path
