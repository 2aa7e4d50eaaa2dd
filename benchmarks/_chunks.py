"""Chunks with something to hear in them, made from the recording that the tests use.

Songs of a real bird, near and far, in hiss that falls with pitch as wind and distance make it;
every tenth chunk holds nothing but the hiss. 48 kHz, 16 bit, mono.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from tools.fetch_recording import fetch

_RATE_HZ = 48_000
_HISS = 0.02
_GAP_S = (2, 8)
_LOUDEST = 0.5

Samples = np.ndarray


def make_chunks(folder: Path, lengths_s: Sequence[int]) -> list[Path]:
    """Write one chunk file for each length, and ``truth.csv``: which song is where.

    The same lengths always give the same files.
    """
    song = _song()
    rng = np.random.default_rng(7)
    folder.mkdir(parents=True)
    paths = [folder / f"chunk{number:03}.wav" for number in range(len(lengths_s))]
    with (folder / "truth.csv").open("w", newline="") as stream:
        truth = csv.writer(stream)
        truth.writerow(["file", "start_s", "end_s"])
        for number, (path, length_s) in enumerate(zip(paths, lengths_s, strict=True)):
            scene = _hiss(length_s * _RATE_HZ, rng)
            places = [] if number % 10 == 9 else _sing(song, scene, rng)
            truth.writerows(
                [path.name, start_s, start_s + len(song) / _RATE_HZ] for start_s in places
            )
            soundfile.write(path, np.clip(scene, -1, 1), _RATE_HZ, subtype="PCM_16")
    return paths


def _song() -> Samples:
    song, rate_hz = soundfile.read(fetch(), dtype="float32")
    song = soxr.resample(song, rate_hz, _RATE_HZ)
    return song / np.abs(song).max() * _LOUDEST


def _hiss(frames: int, rng: np.random.Generator) -> Samples:
    tones = np.fft.rfft(rng.normal(0, 1, frames))
    tones /= np.sqrt(np.maximum(np.arange(len(tones)), 50))
    hiss = np.fft.irfft(tones, frames)
    return hiss / np.abs(hiss).max() * _HISS


def _sing(song: Samples, scene: Samples, rng: np.random.Generator) -> list[float]:
    """Put songs into a scene; return where each begins, in seconds."""
    places = []
    at = int(rng.uniform(0.2, 3) * _RATE_HZ)
    while at + len(song) < len(scene):
        scene[at : at + len(song)] += song * rng.uniform(0.3, 1)
        places.append(round(at / _RATE_HZ, 3))
        at += len(song) + int(rng.uniform(*_GAP_S) * _RATE_HZ)
    return places
