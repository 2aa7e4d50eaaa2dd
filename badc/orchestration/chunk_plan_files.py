"""A chunk plan as CSV and as JSON, the same rows in both.

Paths inside the dataset are written relative to it, so that a plan can be kept in the dataset and
used in any clone; others are absolute. Times are seconds.
"""

import csv
import json
import os
from collections.abc import Iterable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from badc.atomic import write_whole
from badc.chunking import CutPlan
from badc.errors import UsageError
from badc.manifest.chunk import id_fault
from badc.orchestration.plan_guard import refuse_other
from badc.orchestration.plan_words import impossible_columns

COLUMNS = (
    "recording_id",
    "audio_path",
    "manifest_path",
    "chunk_output_dir",
    "chunk_duration",
    "overlap",
)
_LARGEST_MS = 10**12
_REMEDY = "Make the plan again with 'badc chunk orchestrate'."


def write_plan_csv(path: Path, cuts: Iterable[CutPlan], dataset: Path) -> None:
    """Write a plan at ``path``, whole or not at all.

    Raises:
        UsageError: something that is no plan stands there.
        BadcError: it cannot be written.
    """
    refuse_other(path, "chunk plan", ",".join(COLUMNS), COLUMNS[1])
    text = StringIO(newline="")
    plain = csv.writer(text, lineterminator="\n")
    careful = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain.writerow(COLUMNS)
    for row in (_row(cut, dataset).values() for cut in cuts):
        # before Python 3.13 the writer does not see that a lone \r must be quoted
        (careful if any("\r" in str(cell) for cell in row) else plain).writerow(row)
    write_whole(path, text.getvalue())


def write_plan_json(path: Path, cuts: Iterable[CutPlan], dataset: Path) -> None:
    """Write a plan at ``path``, whole or not at all; see :func:`write_plan_csv`."""
    refuse_other(path, "chunk plan", "[", COLUMNS[1])
    rows = [
        _row(cut, dataset)
        | {"chunk_duration": _number(cut.duration_ms), "overlap": _number(cut.overlap_ms)}
        for cut in cuts
    ]
    write_whole(path, json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def read_plan(path: Path, dataset: Path) -> tuple[CutPlan, ...]:
    """Read back a plan of ``dataset``, CSV or JSON by its first letter.

    Raises:
        UsageError: it cannot be read, or a row lacks something or repeats an id.
    """
    text = _text(path)
    rows = _json_rows(path, text) if text.lstrip()[:1] in ("[", "{") else _csv_rows(path, text)
    cuts = [_cut(where, row, Path(os.path.abspath(dataset))) for where, row in rows]
    seen: set[str] = set()
    for cut, (where, _) in zip(cuts, rows, strict=True):
        if cut.recording_id in seen:
            raise UsageError(
                f"{where}: recording {cut.recording_id!r} stands there twice.", _REMEDY
            )
        seen.add(cut.recording_id)
    return tuple(cuts)


def _row(cut: CutPlan, dataset: Path) -> dict[str, str | float]:
    root = Path(os.path.abspath(dataset))

    def seen(path: Path) -> str:
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)

    values = (
        cut.recording_id,
        seen(cut.recording),
        seen(cut.manifest),
        seen(cut.chunk_dir),
        seconds(cut.duration_ms),
        seconds(cut.overlap_ms),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _number(ms: int) -> float:
    """Return milliseconds as seconds, as JSON has them."""
    return ms / 1000 if ms % 1000 else ms // 1000


def seconds(ms: int) -> str:
    """Return milliseconds as seconds, exactly: 60000 is ``60`` and 1500 is ``1.5``."""
    whole, rest = divmod(ms, 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def _cut(where: str, row: dict[str, Any], dataset: Path) -> CutPlan:
    if missing := [name for name in COLUMNS if row.get(name) in (None, "")]:
        raise UsageError(f"{where}: lacks {', '.join(missing)}.", _REMEDY)
    name = str(row["recording_id"])
    if fault := id_fault(name):
        raise UsageError(f"{where}: recording_id {name[:100]!r} {fault}.", _REMEDY)
    if impossible_columns(row):
        raise UsageError(f"{where}: a path holds what no file name can.", _REMEDY)
    places = [str(row[column]) for column in COLUMNS[1:4]]
    audio, manifest, chunk_dir = (Path(os.path.abspath(dataset / place)) for place in places)
    duration_ms = _milliseconds(where, "chunk_duration", row["chunk_duration"])
    overlap_ms = _milliseconds(where, "overlap", row["overlap"])
    if overlap_ms >= duration_ms:
        raise UsageError(f"{where}: overlap is not less than chunk_duration.", _REMEDY)
    return CutPlan(audio, name, duration_ms, overlap_ms, chunk_dir, manifest, dataset=dataset)


def _milliseconds(where: str, column: str, value: object) -> int:
    try:
        ms = Decimal(str(value)) * 1000
        if 0 <= ms <= _LARGEST_MS and ms == ms.to_integral_value():
            return int(ms)
    except (ArithmeticError, ValueError):
        pass
    raise UsageError(
        f"{where}: {column} {str(value)[:100]!r} is no number of seconds, to the millisecond.",
        _REMEDY,
    )


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text.", "Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: cannot be read ({reason}).", "Name a plan file.") from None


def _csv_rows(path: Path, text: str) -> list[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    try:
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise UsageError(f"{path}:1: lacks the columns {', '.join(missing)}.", _REMEDY)
        rows = [(f"{path}:{reader.line_num}", row) for row in reader]
    except csv.Error as error:
        raise UsageError(
            f"{path}:{reader.line_num}: is not readable as CSV ({error}).", _REMEDY
        ) from None
    if crowded := next((where for where, row in rows if None in row), None):
        raise UsageError(f"{crowded}: has more cells than columns.", "Quote cells with commas.")
    return rows


def _json_rows(path: Path, text: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not readable as JSON ({error}).", _REMEDY) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"{path}: is no list of recordings.", _REMEDY)
    return [(f"{path}, recording {number}", row) for number, row in enumerate(rows, 1)]
