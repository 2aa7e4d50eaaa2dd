"""Several chunks in one start of HawkEars 1.x: which ones, and each one's share of what it wrote.

Chunks keep their names, because HawkEars may look into them for dates, and because its tables and
files tell chunks apart by nothing else.
"""

import csv
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from badc.errors import ChunkUnreadableError
from badc.process import Finished
from badc.runners.hawkears import v1, verdict
from badc.runners.hawkears.labels_csv import LabelsFormError

_MOST_CHUNKS = 32
_LONGEST_S = 600.0  # of audio: what a start that fails has cost in vain
_MARK = "_HawkEars"  # follows a chunk's stem in the names of files about that chunk alone
_COLUMN = "filename"


def company(paths: Iterable[Path]) -> dict[Path, float]:
    """Return those of these chunks that one start can hear, with their playing times in seconds.

    One that cannot be decoded, or has another one's name, is left to a start of its own. So is what
    follows after 32 chunks or ten minutes of audio.
    """
    chosen: dict[Path, float] = {}
    taken: set[str] = set()
    for path in paths:
        try:
            length_s = verdict.playing_time_s(path)
        except ChunkUnreadableError:
            continue
        if chosen and (len(chosen) == _MOST_CHUNKS or sum(chosen.values()) + length_s > _LONGEST_S):
            break
        stems = {Path(name).stem for name in _names(path)}
        if not stems & taken:
            taken |= stems
            chosen[path] = length_s
    return chosen


def link(paths: Iterable[Path], folder: Path) -> None:
    """Make a folder that holds these chunks."""
    folder.mkdir()
    for path in paths:
        (folder / path.name).symlink_to(path)


def refuse_unheard(ended: Finished, paths: Iterable[Path], folder: Path) -> None:
    """Return when HawkEars said of each chunk in the folder that it began it.

    What it takes for no audio it passes over without a word, as if it had been silent.

    Raises:
        LabelsFormError: of one it did not say so.
    """
    lines = set(ended.stderr.splitlines())
    for path in paths:
        if not any(line.endswith(f"Analyzing {folder / path.name}") for line in lines):
            raise LabelsFormError(f"HawkEars did not say that it listened to {path.name}.")


def divide(output: Path, shares: Mapping[Path, Path]) -> None:
    """Give each chunk its share of what one start wrote, as a start of its own would have written.

    Args:
        output: what HawkEars wrote about all of them.
        shares: each chunk's folder, to be made.

    Raises:
        LabelsFormError: a table has rows about none of these chunks, or does not say which.
        OSError: there is no room.
    """
    for share in shares.values():
        share.mkdir(parents=True)
    for file in output.rglob("*"):
        if not file.is_file():
            continue
        place = file.relative_to(output)
        owner = _owner(file.name, shares)
        if owner is None and file.suffix == ".csv":
            _divide_table(file, place, shares)
            continue
        for share in shares.values() if owner is None else (shares[owner],):
            (share / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, share / place)


def _owner(name: str, paths: Iterable[Path]) -> Path | None:
    """Return the chunk that a file is about, by its name, if it is about one."""
    about = [path for path in paths if name.startswith(path.stem + _MARK)]
    return max(about, key=lambda path: len(path.stem), default=None)


def _divide_table(table: Path, place: Path, shares: Mapping[Path, Path]) -> None:
    """Write each chunk's rows as they stand; a table of no rows only where 1.x always writes it."""
    header, rows = _rows(table)
    owners = {name: path for path in shares for name in _names(path)}
    texts = dict.fromkeys(shares, "")
    for name, text in rows:
        if name not in owners:
            raise LabelsFormError(f"{table.name} has a row about {name!r}, which was not asked.")
        texts[owners[name]] += text
    for path, share in shares.items():
        if texts[path] or table.name == v1.LABELS_FILE:
            (share / place).parent.mkdir(parents=True, exist_ok=True)
            (share / place).write_text(header + texts[path], encoding="utf-8", newline="")


def _rows(table: Path) -> tuple[str, list[tuple[str, str]]]:
    """Return a table's header as written, and each row's file name with the row as written."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(stream)
        reader = csv.reader(lines)
        column = next(reader, []).index(_COLUMN)
        begun = header_ends = reader.line_num
        rows: list[tuple[str, str]] = []
        for fields in reader:
            rows.append((fields[column], "".join(lines[begun : reader.line_num])))
            begun = reader.line_num
    except (OSError, ValueError, IndexError, csv.Error) as error:
        raise LabelsFormError(f"{table.name} cannot be divided ({error}).") from None
    return "".join(lines[:header_ends]), rows


def _names(path: Path) -> Sequence[str]:
    """Return what HawkEars may call a chunk: its name, or that of the annexed file behind it."""
    return path.name, os.path.basename(os.path.realpath(path))  # noqa: PTH119
