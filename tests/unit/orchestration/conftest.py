"""A small dataset: recordings cut into chunk files, with manifests."""

from collections.abc import Callable
from pathlib import Path

import pytest

_HEADER = "recording_id,chunk_id,source_path,start_ms,end_ms\n"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """An empty dataset."""
    folder = tmp_path / "a dataset"
    (folder / "manifests").mkdir(parents=True)
    return folder


@pytest.fixture
def recording(dataset: Path) -> Callable[..., Path]:
    """Adds a recording of so many chunks of a second each; returns its manifest."""

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
