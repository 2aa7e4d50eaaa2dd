"""Raw HawkEars tables, for payloads that point to one instead of listing detections."""

import csv
import math
from pathlib import Path
from typing import Any

from badc.detections import Detection, DetectionFormError

_TABLE = "HawkEars_labels.csv"
_NEEDED = ("start_time", "end_time", "class_code", "score")


def reparse(payload_path: Path, payload: dict[str, Any]) -> tuple[Detection, ...] | None:
    """Return the detections in the raw table that belongs to a payload; None where there is none.

    The table is looked for in the payload's ``hawkears_output`` folder (absolute, or relative to
    the payload, the dataset or the working directory) and in ``<chunk_id>_hawkears`` beside it.

    Raises:
        DetectionFormError: the table is there but cannot be read.
    """
    for folder in _folders(payload_path, payload):
        table = folder / _TABLE
        try:
            if table.is_file():
                return _detections(table, str(payload.get("chunk_id") or payload_path.stem))
        except (OSError, ValueError, csv.Error) as error:
            raise DetectionFormError(f"its raw table {table} cannot be read ({error}).") from None
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


def _detections(table: Path, chunk_id: str) -> tuple[Detection, ...]:
    with table.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"line 1 lacks the column {', '.join(missing)}")
        rows = [(row, reader.line_num) for row in reader]
    names = {row.get("filename") for row, _ in rows}
    if len(names) > 1:  # heard together with other chunks
        rows = [(row, line) for row, line in rows if Path(row["filename"] or "").stem == chunk_id]
    return tuple(_detection(row, line) for row, line in rows)


def _detection(row: dict[str, str], line: int) -> Detection:
    code, name = row["class_code"] or None, row.get("class_name") or None
    try:
        return Detection.from_json(
            {
                "timestamp_ms": _ms(row["start_time"]),
                "end_ms": _ms(row["end_time"]),
                "label": code or name,
                "label_code": code,
                "label_name": name,
                "confidence": float(row["score"]),
            }
        )
    except (TypeError, ValueError, DetectionFormError) as error:
        raise ValueError(f"line {line}: {error}") from None


def _ms(seconds: str) -> int:
    return math.floor(float(seconds) * 1000 + 0.5)
