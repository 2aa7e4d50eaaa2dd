"""Which files of a results tree may be detection payloads."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_RAW_FOLDER = "_hawkears"
_RAW_TABLES = ("HawkEars_labels.csv", "scores.csv")


@dataclass(frozen=True, slots=True)
class Found:
    """A JSON file that may be a payload, or a folder that could not be listed.

    Attributes:
        path: absolute.
        size_bytes: the file's length; 0 where there is a fault.
        fault: why it cannot be read at all, or None.
    """

    path: str
    size_bytes: int = 0
    fault: str | None = None


def find_json(detections_dir: Path) -> Iterator[Found]:
    """Yield the JSON files below ``detections_dir``, sorted by path within each folder.

    Left out by name: hidden files and folders (chunk status, unfinished files, result stores),
    ``*.summary.json``, and the raw output folders ``<chunk_id>_hawkears``. Links are followed, but
    no folder is entered twice, nor one that holds ``detections_dir``: links may form circles.
    """
    top = os.path.abspath(detections_dir)
    real = Path(os.path.realpath(top))
    seen = {_identity(str(folder)) for folder in (real, *real.parents)}
    folders = [top]
    while folders:
        inner, files = _listing(folders.pop())
        yield from files
        fresh = []
        for folder in inner:
            if (identity := _identity(folder)) not in seen:
                seen.add(identity)
                fresh.append(folder)
        folders.extend(reversed(fresh))


def _identity(folder: str) -> tuple[int, int] | str:
    """Return what is the same for every path to a folder."""
    try:
        found = os.stat(folder)  # noqa: PTH116 - the name may be no text
    except OSError:
        return folder
    return found.st_dev, found.st_ino


def _listing(folder: str) -> tuple[list[str], list[Found]]:
    """Return the folders to go into, and the files to read, of one folder."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        return [], [Found(folder, fault=f"a folder that cannot be listed ({error.strerror}).")]
    names = {entry.name for entry in entries}
    inner, files = [], []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if _is_folder(entry):
            if not _is_raw_output(entry, names):
                inner.append(entry.path)
        elif _may_be_payload(entry):
            files.append(_look_at(entry))
    return inner, files


def _may_be_payload(entry: os.DirEntry[str]) -> bool:
    name = entry.name.lower()
    return name.endswith(".json") and not name.endswith(".summary.json")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads back to itself
        return False


def _is_raw_output(folder: os.DirEntry[str], beside: set[str]) -> bool:
    """Tell a chunk's raw output from a recording whose name merely ends like one."""
    if not folder.name.endswith(_RAW_FOLDER):
        return False
    if folder.name.removesuffix(_RAW_FOLDER) + ".json" in beside:
        return True
    return any(os.path.exists(os.path.join(folder.path, name)) for name in _RAW_TABLES)  # noqa: PTH110, PTH118 - names may be no text


def _look_at(entry: os.DirEntry[str]) -> Found:
    try:
        if entry.is_file():
            return Found(entry.path, entry.stat().st_size)
        fault = "no regular file."  # reading a pipe would wait for ever
        if entry.is_symlink() and not os.path.exists(entry.path):  # noqa: PTH110
            fault = "a link to content that is not here ('datalad get' fetches it)."
    except OSError as error:
        fault = f"cannot be read ({error.strerror})."
    return Found(entry.path, fault=fault)
