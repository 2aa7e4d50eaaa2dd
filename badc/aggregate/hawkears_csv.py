"""Raw HawkEars tables, for payloads that point to one instead of listing detections."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badc.detections import Detection, DetectionFormError

_TIMES = ("start_time", "end_time", "score")


@dataclass(frozen=True, slots=True)
class _Form:
    """How one HawkEars generation writes its table.

    Attributes:
        file: the table's name.
        recording, code, name: the columns that tell the recording and what was heard; an empty
            one does not exist.
    """

    file: str
    recording: str
    code: str
    name: str

    @property
    def needed(self) -> tuple[str, ...]:
        return (*_TIMES, self.code or self.name)


_FORMS = (
    _Form("HawkEars_labels.csv", recording="filename", code="class_code", name="class_name"),  # 1.x
    _Form("scores.csv", recording="recording", code="", name="name"),  # 2.x
)


def reparse(payload_path: Path, payload: dict[str, Any]) -> tuple[Detection, ...] | None:
    """Return the detections in the raw table that belongs to a payload; None where there is none.

    The table, of HawkEars 1.x or 2.x, is looked for in the payload's ``hawkears_output`` folder
    (absolute, or relative to the payload, the dataset or the working directory) and in
    ``<chunk_id>_hawkears`` beside it. HawkEars' last window may pass the chunk's end; where the
    payload tells the chunk's length, times are clipped to it.

    Raises:
        DetectionFormError: the table is there but cannot be read.
    """
    chunk_id = str(payload.get("chunk_id") or payload_path.stem)
    for folder in _folders(payload_path, payload):
        for form in _FORMS:
            table = folder / form.file
            try:
                if table.is_file():
                    rows = _rows(table, form, chunk_id)
                    return tuple(_detection(row, line, form, payload) for row, line in rows)
            except (OSError, ValueError, csv.Error) as error:
                raise DetectionFormError(
                    f"its raw table {table} cannot be read ({error})."
                ) from None
    return None


def _folders(payload_path: Path, payload: dict[str, Any]) -> list[Path]:
    beside = payload_path.with_name(f"{payload_path.stem}_hawkears")
    named = payload.get("hawkears_output")
    if named is None:
        return [beside]
    if not isinstance(named, str) or not named or "\0" in named:
        raise DetectionFormError("hawkears_output names no folder.")
    root = payload.get("dataset_root")
    bases = [payload_path.parent, *([Path(root)] if isinstance(root, str) else []), Path.cwd()]
    return [*(base / named for base in bases), beside]


def _rows(table: Path, form: _Form, chunk_id: str) -> list[tuple[dict[str, str], int]]:
    """Return the rows about one chunk, each with its line."""
    with table.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        missing = [name for name in form.needed if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"line 1 lacks the column {', '.join(missing)}")
        rows = [(row, reader.line_num) for row in reader]
    if len({row.get(form.recording) for row, _ in rows}) > 1:  # heard together with other chunks
        rows = [
            (row, line) for row, line in rows if Path(row[form.recording] or "").stem == chunk_id
        ]
    return rows


def _detection(row: dict[str, str], line: int, form: _Form, payload: dict[str, Any]) -> Detection:
    code, name = row.get(form.code) or None, row.get(form.name) or None
    length_ms = _length_ms(payload.get("chunk"))
    try:
        return Detection.from_json(
            {
                "timestamp_ms": min(_ms(row["start_time"]), length_ms),
                "end_ms": min(_ms(row["end_time"]), length_ms),
                "label": code or name,
                "label_code": code,
                "label_name": name if form.code else None,
                "confidence": float(row["score"]),
            }
        )
    except (TypeError, ValueError, OverflowError, DetectionFormError) as error:
        raise ValueError(f"line {line}: {error}") from None


def _length_ms(chunk: object) -> float:
    """Return the chunk's length; without end where the payload does not tell it."""
    if isinstance(chunk, dict):
        start_ms, end_ms = chunk.get("start_ms"), chunk.get("end_ms")
        if isinstance(start_ms, int | float) and isinstance(end_ms, int | float):
            return max(0.0, end_ms - start_ms)
    return math.inf


def _ms(seconds: str) -> int:
    return math.floor(float(seconds) * 1000 + 0.5)
