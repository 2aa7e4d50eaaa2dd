"""The path of the recording that a chunk was cut from, as far as it can still be told."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from badc.datalad import dataset_root
from badc.errors import UsageError
from badc.manifest import name_from
from badc.meta.chunk_status import STATUS_NAME, noted_audio
from badc.meta.recorder_name import CHUNK_SUFFIX

AUDIO_SUFFIXES = frozenset(
    {".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc", ".m4a", ".wac"}
)


def find_recordings(audio_dir: Path) -> list[Path]:
    """Return the audio files below ``audio_dir``, sorted, but for chunks and hidden files.

    Raises:
        UsageError: it is no folder.
    """
    if not audio_dir.is_dir():
        raise UsageError(f"{audio_dir}: is no folder.", "Name the folder of the recordings.")
    found = []
    for folder, inner, names in os.walk(audio_dir):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        if STATUS_NAME not in names:
            found += [Path(folder, name) for name in sorted(names) if _is_recording(name)]
    return found


def _is_recording(name: str) -> bool:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    return (
        not name.startswith(".")
        and suffix.lower() in AUDIO_SUFFIXES
        and CHUNK_SUFFIX.search(stem) is None
    )


def by_stem(recordings: list[Path]) -> dict[str, Path]:
    """Return stem -> recording, without the stems that several recordings share."""
    count = Counter(path.stem for path in recordings)
    return {path.stem: path for path in recordings if count[path.stem] == 1}


def recording_path(
    recording_id: str, source_path: str, roots: Sequence[Path], known: Mapping[str, Path]
) -> PurePosixPath | None:
    """Return the recording's own path, as far as it can be told; perhaps relative to a root.

    Args:
        recording_id: usually the stem of the recording's name.
        source_path: the chunk's, absolute or relative to one of the roots.
        roots: folders to look in; the first that has the chunk's folder is taken.
        known: stem -> path of recordings that are known from elsewhere.

    Looked for in this order: ``known`` recordings by stem; the chunk status file beside the
    chunk; the chunk's own path, where the chunk lies in a folder beside its recording. A folder
    of nothing but chunks (``artifacts/chunks``) says nothing about the place: None.
    """
    if recording_id in known:
        return PurePosixPath(os.path.abspath(known[recording_id]))
    if not source_path:
        return None
    path = PurePosixPath(source_path)
    for root in roots:
        if os.path.isdir(root / path.parent):  # noqa: PTH112 - Path raises where a name is too long
            if (noted := _noted_by_chunking(root / path.parent, root)) is not None:
                return noted
            path = PurePosixPath(root / path)
            break
    folders = list(path.parent.parts)
    if path.stem != recording_id:
        while folders and (folders[-1].startswith(recording_id) or folders[-1] == "chunks"):
            folders.pop()
        if folders and folders[-1] == "artifacts":
            return None
    return PurePosixPath(*folders, recording_id)


def _noted_by_chunking(chunks_dir: Path, root: Path) -> PurePosixPath | None:
    """Return the recording that the status beside the chunks names.

    From a DataLad dataset's root where it lies in one, as in every clone of it; else absolute, so
    that the folders above tell the place.
    """
    places = noted_audio(chunks_dir, root)
    if not places:
        return None
    place = next(filter(os.path.lexists, places), places[0])
    return PurePosixPath(name_from(dataset_root(chunks_dir), place))
