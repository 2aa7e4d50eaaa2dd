"""The path of the recording that a chunk was cut from, as far as it can still be told."""

import json
import os
from collections import Counter
from pathlib import Path, PurePosixPath

from badc.errors import UsageError

AUDIO_SUFFIXES = frozenset(
    {".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc", ".m4a", ".wac"}
)
_STATUS_FILE = ".chunk_status.json"


def find_recordings(audio_dir: Path) -> list[Path]:
    """Return the audio files below ``audio_dir``, sorted; hidden folders and files are left out.

    Raises:
        UsageError: it is no folder.
    """
    if not audio_dir.is_dir():
        raise UsageError(f"{audio_dir}: is no folder.", "Name the folder of the recordings.")
    found = []
    for folder, inner, names in os.walk(audio_dir):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        found += [
            Path(folder, name)
            for name in sorted(names)
            if not name.startswith(".") and Path(name).suffix.lower() in AUDIO_SUFFIXES
        ]
    return found


def by_stem(recordings: list[Path]) -> dict[str, Path]:
    """Return stem -> recording, without the stems that several recordings share."""
    count = Counter(path.stem for path in recordings)
    return {path.stem: path for path in recordings if count[path.stem] == 1}


def recording_path(
    recording_id: str, source_path: str, dataset_root: str | None, known: dict[str, Path]
) -> PurePosixPath | None:
    """Return the recording's own path: absolute, or relative to its dataset.

    Looked for in this order: ``known`` recordings by stem; the chunk status file beside the
    chunk; the chunk's own path, where the chunk lies in a folder beside its recording. A folder
    of nothing but chunks (``artifacts/chunks``) says nothing about the place: None.
    """
    if recording_id in known:
        return PurePosixPath(os.path.abspath(known[recording_id]))
    if not source_path:
        return None
    if (noted := _noted_by_chunking(source_path, dataset_root)) is not None:
        return noted
    path = PurePosixPath(source_path)
    folders = list(path.parent.parts)
    if path.stem != recording_id:
        while folders and (folders[-1].startswith(recording_id) or folders[-1] == "chunks"):
            folders.pop()
        if folders and folders[-1] == "artifacts":
            return None
    return PurePosixPath(*folders, recording_id)


def _noted_by_chunking(source_path: str, dataset_root: str | None) -> PurePosixPath | None:
    status = Path(dataset_root or ".", source_path).parent / _STATUS_FILE
    try:
        noted = json.loads(status.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    audio_path = noted.get("audio_path") if isinstance(noted, dict) else None
    return PurePosixPath(audio_path) if isinstance(audio_path, str) and audio_path else None
