"""Where chunks and manifests go by default.

Inside a DataLad dataset everything stays in it: ``artifacts/chunks/REC/`` and
``manifests/REC.csv``. Elsewhere it goes beside the audio: ``REC_chunks/`` and ``REC_chunks.csv``.
"""

import os
from pathlib import Path

from badc.datalad import dataset_root


def absolute(path: Path) -> Path:
    """Return ``path`` absolute, symbolic links kept: an annexed file keeps its name."""
    return Path(os.path.abspath(path))


def chunk_folder(recording: Path, recording_id: str | None = None) -> Path:
    """Return the default folder for the chunks of ``recording``; its id is by default its stem."""
    root = dataset_root(recording.parent)
    name = recording_id or recording.stem
    if root is not None:
        return root / "artifacts" / "chunks" / name
    return absolute(recording).parent / f"{name}_chunks"


def manifest_file(recording: Path, recording_id: str | None = None) -> Path:
    """Return the default manifest for ``recording``; its id is by default its stem."""
    root = dataset_root(recording.parent)
    name = recording_id or recording.stem
    if root is not None:
        return root / "manifests" / f"{name}.csv"
    return absolute(recording).parent / f"{name}_chunks.csv"
