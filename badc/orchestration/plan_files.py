"""Plans as CSV and JSON files, for people, scripts and later runs.

Paths in a file are relative to the dataset where they lie in it, so that a plan made here can be
carried out where the dataset has another place.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from badc.atomic import write_whole
from badc.errors import UsageError
from badc.manifest.chunk import id_fault
from badc.orchestration.plan_guard import refuse_other
from badc.orchestration.plan_words import impossible_columns
from badc.orchestration.recording_plan import RecordingPlan
from badc.requests import options_of, paths_of

_OPTIONS = options_of(RecordingPlan)
_FIRST = (
    "recording_id", "manifest_path", "output_dir", "recording_output_dir", "telemetry_log",
    "use_hawkears", "hawkears_args", "max_gpus", "cpu_workers", "chunk_status",
    "chunk_status_path",
)  # fmt: skip
COLUMNS = (*_FIRST, *(name for name in RecordingPlan.model_fields if name not in _FIRST))
"""Scripts may count on their order; a new option's column comes last."""

_PATHS = frozenset(paths_of(RecordingPlan))
_TEXTS = _PATHS | {
    name for name, each in _OPTIONS.items() if each.kind in ("text", "whole number or auto")
}
_NEEDED = ("recording_id", "manifest_path")
_OURS = ("recording_output_dir", "telemetry_log")  # what a plan of recordings has beyond a cut's


def write_plan_csv(path: Path, plans: Iterable[RecordingPlan], dataset: Path) -> None:
    """Write a plan as CSV, whole or not at all.

    Raises:
        UsageError: something that is no plan stands there.
        BadcError: it cannot be written.
    """
    refuse_other(path, "plan of recordings", ",".join(COLUMNS[:2]), _OURS[0])
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    rows = (_row(plan, dataset) for plan in plans)
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    write_whole(path, text.getvalue())


def write_plan_json(path: Path, plans: Iterable[RecordingPlan], dataset: Path) -> None:
    """Write a plan as JSON, whole or not at all; see :func:`write_plan_csv`."""
    refuse_other(path, "plan of recordings", "[", _OURS[0])
    rows = [_row(plan, dataset) for plan in plans]
    write_whole(path, json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def read_recordings(
    path: Path, dataset: Path, plan_for: Callable[[str, Path], RecordingPlan]
) -> Iterator[RecordingPlan]:
    """Read a plan of recordings, or one of cuts (``badc chunk orchestrate``).

    Args:
        path: CSV or JSON.
        dataset: what relative paths in it are relative to.
        plan_for: makes the plan of a recording (id, manifest) of which the file says no more.

    Raises:
        UsageError: it is not there, no plan, or a row of it makes no sense.
    """
    for place, row in _rows(path):
        missing = [name for name in _NEEDED if not row.get(name)]
        if missing:
            raise UsageError(f"{place}: lacks {', '.join(missing)}.", "Make the plan again.")
        if impossible := impossible_columns(row):
            raise UsageError(
                f"{place}: {impossible[0][:100]!r} holds what no file name or argument can.",
                "Make the plan again.",
            )
        recording = str(row["recording_id"])
        if (fault := id_fault(recording)) is not None:
            raise UsageError(
                f"{place}: recording_id {recording!r} {fault}.", "Make the plan again."
            )
        if all(row.get(name) for name in _OURS):
            yield _plan(row, dataset, place)
        else:
            yield plan_for(recording, dataset / str(row["manifest_path"]))


def _row(plan: RecordingPlan, dataset: Path) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in COLUMNS:
        value = getattr(plan, name)
        if isinstance(value, Path):
            value = str(value.relative_to(dataset) if value.is_relative_to(dataset) else value)
        row[name] = list(value) if isinstance(value, tuple) else value
    return row


def _cell(value: object) -> object:
    """Return what a CSV cell holds: texts as they are, everything else as JSON, None as nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plan(row: dict[str, Any], dataset: Path, place: str) -> RecordingPlan:
    known = {
        name: value for name, value in row.items() if name in _OPTIONS and value not in (None, "")
    }
    for name in _PATHS & known.keys():
        known[name] = dataset / str(known[name])
    if "runner" not in known and "use_hawkears" in row:
        known["runner"] = "hawkears" if row["use_hawkears"] else "stub"
    try:
        plan = RecordingPlan.model_validate(known)
        plan.request()  # what no run can be asked for is refused here, by its row
        return plan
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{place}: {where}: {first['msg']}.", "Make the plan again.") from None


def _rows(path: Path) -> list[tuple[str, dict[str, Any]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such plan.", "Write one with --plan-csv.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error}).", "Write it again.") from None
    if path.suffix.lower() == ".json" or text.lstrip().startswith(("[", "{")):
        return _json_rows(path, text)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for cells in reader:
            if None in cells:
                raise UsageError(f"{path}:{reader.line_num}: has too many cells.", "Mend the line.")
            row = {name: _value(name, cell) for name, cell in cells.items()}
            rows.append((f"{path}:{reader.line_num}", row))
    except (csv.Error, ValueError, RecursionError) as error:  # ValueError: also an endless number
        raise UsageError(f"{path}:{reader.line_num}: {error}.", "Mend the line.") from None
    return rows


def _json_rows(path: Path, text: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not JSON ({error}).", "Write the plan again.") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"{path}: is no list of recordings.", "Write the plan again.")
    return [(f"{path}: row {number}", row) for number, row in enumerate(rows, 1)]


def _value(name: str, cell: str | None) -> Any:  # noqa: ANN401 - JSON
    """Undo :func:`_cell`; what other columns of other plans hold stays text."""
    if not cell:
        return None
    if name in _TEXTS or name not in COLUMNS:
        return cell
    return json.loads(cell.lower() if cell in ("True", "False") else cell)
