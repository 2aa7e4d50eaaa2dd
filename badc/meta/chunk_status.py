"""``.chunk_status.json``, read: what became of a cut, and which recording it was made of."""

import json
import os
from pathlib import Path
from typing import Any, TypeGuard

from badc.datalad import dataset_root
from badc.possible_path import is_possible_path

STATUS_NAME = ".chunk_status.json"
_LARGEST_BYTES = 1 << 20


def read_status(chunk_dir: Path) -> dict[str, Any] | None:
    """Return the status kept in ``chunk_dir``, or None where there is none that can be read."""
    path = chunk_dir / STATUS_NAME
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_BYTES:
            return None
        status = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return status if isinstance(status, dict) else None


def noted_audio(chunk_dir: Path, root: Path | None = None) -> tuple[Path, ...]:
    """Return where the recording of a chunk folder is, by its status; nothing where that is silent.

    First the place that the status names; then, where it names the chunk folder too and that has
    moved since, the place that has moved with it. An older status that does not tell by itself
    where relative paths start from means ``root``, else the working directory.
    """
    status = read_status(chunk_dir) or {}
    audio, folder = status.get("audio_path"), status.get("chunk_output_dir")
    if not _is_path(audio):
        return ()
    base = _base(chunk_dir, folder) or dataset_root(chunk_dir) or root or Path.cwd()
    place = _absolute(base / audio)
    if not _is_path(folder):
        return (place,)
    moved = _absolute(chunk_dir / os.path.relpath(place, _absolute(base / folder)))
    return (place,) if moved == place else (place, moved)


def _base(chunk_dir: Path, folder: object) -> Path | None:
    """Return the folder from which the status of ``chunk_dir`` calls that ``folder``."""
    if _is_path(folder):
        parts = Path(folder).parts
        own = _absolute(chunk_dir)
        if own.parts[-len(parts) :] == parts and not Path(folder).is_absolute():
            return own.parents[len(parts) - 1]
    return None


def _is_path(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != "" and is_possible_path(value)


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))
