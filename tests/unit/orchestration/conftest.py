"""A small dataset: recordings, chunk files, manifests."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

_HEADER = "recording_id,chunk_id,source_path,start_ms,end_ms\n"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """An empty dataset."""
    folder = tmp_path / "a dataset"
    for name in ("audio", "manifests"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture
def record(dataset: Path) -> Callable[..., Path]:
    """Puts a recording of 2.5 s below the dataset's audio/."""

    def make(name: str, frames: int = 2500) -> Path:
        path = dataset / "audio" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = {"wav": "WAV", "flac": "FLAC"}[path.suffix.lower()[1:]]
        with path.open("wb") as stream:  # soundfile itself refuses names that are not UTF-8
            soundfile.write(stream, np.zeros(frames), 1000, format=kind, subtype="PCM_16")
        return path

    return make


@pytest.fixture
def recording(dataset: Path) -> Callable[..., Path]:
    """Adds a recording that is cut into so many chunks of a second; returns its manifest."""

    def add(name: str, count: int = 2, status: str | None = "completed") -> Path:
        chunks = dataset / "artifacts" / "chunks" / name
        chunks.mkdir(parents=True, exist_ok=True)
        if status is not None:
            (chunks / ".chunk_status.json").write_text(f'{{"status": "{status}"}}')
        rows = [_HEADER]
        for number in range(count):
            path = chunks / f"{name}_{number}.wav"
            path.write_bytes(b"sound %d" % number)
            start_ms = 1000 * number
            rows.append(f"{name},{path.stem},{path},{start_ms},{start_ms + 1000}\n")
        manifest = dataset / "manifests" / f"{name}.csv"
        manifest.write_text("".join(rows))
        return manifest

    return add
