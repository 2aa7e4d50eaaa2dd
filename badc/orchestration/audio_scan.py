"""Which recordings a dataset holds, by their names."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from badc.chunking import STATUS_NAME
from badc.errors import UsageError
from badc.meta.recorder_name import CHUNK_SUFFIX

AUDIO_SUFFIXES = frozenset(
    {".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus"}
    | {".rf64", ".snd", ".w64", ".wav"}
)
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class AudioScan:
    """What was found.

    Attributes:
        recordings: absolute, sorted, symbolic links kept.
        unread: folders that could not be looked into, one line each.
    """

    recordings: tuple[Path, ...]
    unread: tuple[str, ...]


def scan_audio(audio_dir: Path, patterns: Sequence[str]) -> AudioScan:
    """Find the recordings below ``audio_dir`` whose names fit one of ``patterns``, in any case.

    A pattern with a slash is compared with the path below ``audio_dir``, another with the file's
    name. Where a pattern leaves the extension open (``*``), only names of audio files count.
    Hidden files, chunks and folders of chunks are passed over. Links to folders are followed, but
    no folder is looked into twice.

    Raises:
        UsageError: there is no such folder, or a pattern is empty.
    """
    if not all(patterns) or not patterns:
        raise UsageError("--pattern is empty.", "Give for example '*.wav'.")
    if not os.path.isdir(audio_dir):  # noqa: PTH112 - says no to a name too long, where Path raises
        raise UsageError(f"{audio_dir}: is no folder.", "A dataset keeps its recordings in audio/.")
    found: list[Path] = []
    unread: list[str] = []
    seen: set[str] = set()

    def complain(error: OSError) -> None:
        unread.append(f"{error.filename}: cannot be looked into ({error.strerror}).")

    for folder, inner, names in os.walk(audio_dir, onerror=complain, followlinks=True):
        place = os.path.realpath(folder)
        if place in seen or STATUS_NAME in names:
            inner.clear()
            continue
        seen.add(place)
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        below = Path(folder).relative_to(audio_dir)
        found += [Path(folder, name) for name in names if _counts(below / name, patterns)]
    return AudioScan(tuple(sorted(found)), tuple(unread))


def changed_within(recording: Path, seconds: float) -> bool:
    """Say whether a recording was written, or its name or rights changed, so recently.

    This disk's own clock is asked (``ctime``): a copy that keeps the recorder's times, even wrong
    ones, still shows when it was made. A link counts as the file that it leads to.
    """
    try:
        return seconds > 0 and time.time() - recording.stat().st_ctime < seconds
    except OSError:  # who opens it will say what is wrong
        return False


def _counts(below: Path, patterns: Sequence[str]) -> bool:
    if below.name.startswith(".") or CHUNK_SUFFIX.search(below.stem):
        return False
    return any(_fits(below, pattern) for pattern in patterns)


def _fits(below: Path, pattern: str) -> bool:
    words = below.as_posix() if "/" in pattern else below.name
    if not fnmatchcase(words.lower(), pattern.lower()):
        return False
    suffix = os.path.splitext(pattern.rpartition("/")[2])[1]  # noqa: PTH122 - no path
    return bool(suffix and not _WILD & set(suffix)) or below.suffix.lower() in AUDIO_SUFFIXES
