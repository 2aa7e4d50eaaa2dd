"""Manifest CSV -> chunks. Every complaint names the file and the line."""

import csv
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import StringIO
from pathlib import Path

from badc.errors import UsageError
from badc.manifest.chunk import Chunk, ChunkKey, id_fault
from badc.manifest.naming import NamedFrom

REQUIRED = ("recording_id", "chunk_id", "source_path")
_Row = dict[str, str]
# 60000.0 is what a spreadsheet or pandas makes of 60000; 15 digits are 30,000 years
_WHOLE_MS = re.compile(r"([0-9]{1,15})(?:\.0+)?")


def read_manifest(
    path: Path,
    *,
    audio_needed: bool = True,
    content_needed: bool = True,
    absence_allowed: bool = False,
) -> tuple[Chunk, ...]:
    """Read the manifest at ``path`` and find every chunk's audio.

    ``source_path`` may be absolute, or relative to a folder that :mod:`badc.manifest.naming` names:
    the first place that has the file is taken. Without ``audio_needed`` its folder alone is looked
    for, and the file may have gone: what was heard in a chunk is still worth reading then. Without
    ``content_needed`` an annexed file will do whose content is not here. With ``absence_allowed``
    all places are looked at, and a chunk file that is at none of them is given the first.

    Raises:
        UsageError: missing file or column, an id that repeats or could escape the output folder,
            a time that is no whole number, or a chunk file that is not there.
    """
    rows = list(_rows(path))
    if not rows:
        raise UsageError(f"{path}: lists no chunks.", "Make it again with 'badc chunk run'.")
    finds = partial(
        _find,
        named=NamedFrom(path.parent),
        audio_needed=audio_needed,
        content_needed=content_needed and not absence_allowed,
        absence_allowed=absence_allowed,
    )
    seen: dict[ChunkKey, int] = {}
    chunks = []
    for line, row in rows:
        chunk = _chunk(path, line, row, finds)
        if chunk.key in seen:
            raise UsageError(
                f"{path}:{line}: chunk '{chunk.key}' stands already in line {seen[chunk.key]}.",
                "Give each chunk of a recording its own chunk_id.",
            )
        seen[chunk.key] = line
        chunks.append(chunk)
    return tuple(chunks)


def moved_note(chunks: Sequence[Chunk]) -> str | None:
    """Say which chunk files were found beside the manifest instead of at their absolute paths."""
    moved = [
        chunk
        for chunk in chunks
        if chunk.source_path.startswith("/")
        and os.path.abspath(chunk.source_path) != str(chunk.path)
    ]
    if not moved:
        return None
    first = moved[0]
    return (
        f"{len(moved)} of {len(chunks)} chunk files are not where the manifest says and were found"
        f" beside it: {_short(first.source_path, 200)} is now {first.path}."
    )


def _text(path: Path) -> str:
    try:
        if not (path.is_file() or path.is_dir()) and path.exists():  # it is read more than once
            raise UsageError(f"{path}: is not a regular file.", "Save the manifest in a file.")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if path.is_symlink():
            raise UsageError(
                f"{path}: is a link to content that is not here.",
                f"Fetch it with 'datalad get {path}'.",
            ) from None
        raise UsageError(
            f"{path}: no such manifest.", "Make one with 'badc chunk run RECORDING'."
        ) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: is not UTF-8 text.", "Save the CSV as UTF-8.") from None
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read ({error.strerror}).", "Name a manifest CSV file."
        ) from None


def _rows(path: Path) -> Iterator[tuple[int, _Row]]:
    """Yield (line number, row) for each row that holds anything."""
    reader = csv.reader(StringIO(_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header)
        line = reader.line_num + 1
        for cells in reader:
            if any(map(str.strip, cells)):
                if len(cells) > len(header):
                    raise UsageError(
                        f"{path}:{line}: has {len(cells)} cells under {len(header)} columns.",
                        "Quote cells that hold commas.",
                    )
                yield line, dict(zip(header, cells, strict=False))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(
            f"{path}:{reader.line_num}: is not readable as CSV ({error}).",
            "Make the manifest again with 'badc chunk run'.",
        ) from None


def _check_header(path: Path, header: list[str]) -> None:
    if missing := [name for name in REQUIRED if name not in header]:
        raise UsageError(
            f"{path}:1: lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}.",
            f"A manifest's first line names {', '.join(REQUIRED)}, separated by commas.",
        )
    if repeated := sorted({name for name in header if name and header.count(name) > 1}):
        raise UsageError(
            f"{path}:1: names the column {', '.join(repeated)} twice.", "Keep one of them."
        )


def _chunk(manifest: Path, line: int, row: _Row, finds: Callable[[Path, int, str], Path]) -> Chunk:
    for column in ("recording_id", "chunk_id"):
        if fault := id_fault(row.get(column, "")):
            raise UsageError(
                f"{manifest}:{line}: {column} {row.get(column, '')!r} {fault}.",
                "Ids become file names: use plain letters, digits, '-', '_' and '.'.",
            )
    start_ms = _whole_ms(manifest, line, row, "start_ms")
    end_ms = _whole_ms(manifest, line, row, "end_ms")
    if start_ms is not None and end_ms is not None and end_ms < start_ms:
        raise UsageError(
            f"{manifest}:{line}: end_ms {end_ms} lies before start_ms {start_ms}.",
            "Exchange or correct them.",
        )
    source_path = row.get("source_path", "")
    return Chunk(
        key=ChunkKey(row["recording_id"], row["chunk_id"]),
        source_path=source_path,
        path=finds(manifest, line, source_path),
        start_ms=start_ms,
        end_ms=end_ms,
        overlap_ms=_whole_ms(manifest, line, row, "overlap_ms") or 0,
        sha256=row.get("sha256", "").strip().lower() or None,
        notes=row.get("notes", ""),
    )


def _whole_ms(manifest: Path, line: int, row: _Row, column: str) -> int | None:
    text = row.get(column, "").strip()
    if not text:
        return None
    if (number := _WHOLE_MS.fullmatch(text)) is None:
        raise UsageError(
            f"{manifest}:{line}: {column} {_short(text)!r} is not a whole number of milliseconds.",
            "Write for example 60000.",
        )
    return int(number[1])


def _find(
    manifest: Path,
    line: int,
    source_path: str,
    *,
    named: NamedFrom,
    audio_needed: bool,
    content_needed: bool,
    absence_allowed: bool,
) -> Path:
    """Return where the chunk file is, absolute, links not followed."""
    if not source_path.strip() or "\0" in source_path:
        raise UsageError(
            f"{manifest}:{line}: source_path {_short(source_path)!r} names no file.",
            "Give the path of the chunk's audio file.",
        )
    if not audio_needed:
        return Path(named.first(source_path))
    places = list(named.paths(source_path))
    for place in places:
        if os.path.isfile(place):  # noqa: PTH113 - for 100,000 chunks, quickly
            return Path(place)
    for place in places:
        if os.path.islink(place):  # noqa: PTH114 - unlike Path, it never raises
            if not content_needed:
                return Path(place)
            raise UsageError(
                f"{manifest}:{line}: {place} is a link to content that is not here.",
                f"Fetch it with 'datalad get {place}'.",
            )
    if absence_allowed:
        return Path(named.first(source_path))
    looked = _short(", ".join(named.meant(source_path)), 600)
    raise UsageError(
        f"{manifest}:{line}: chunk file not found (looked at {looked}).",
        "Correct source_path, or make the chunks again with 'badc chunk run'.",
    )


def _short(text: str, limit: int = 100) -> str:
    """Return ``text`` for a message, its end left out where it is endless."""
    return text if len(text) <= limit else f"{text[:limit]}…"
