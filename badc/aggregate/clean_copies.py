"""Payloads that were judged by Python, on their way into DuckDB's tables.

They are written as two files of JSON lines, chunks and detections, whose every value is known to
fit its column, and read back in one go.
"""

import json
from types import TracebackType
from typing import Any, Self

from badc.aggregate.careful import Payload
from badc.aggregate.engine import Engine
from badc.detections import DetectionFormError

_TEXT, _WHOLE = "VARCHAR", "BIGINT"
_CHUNK = {
    "n": _WHOLE,
    "file": _TEXT,
    "recording_id": _TEXT,
    "chunk_id": _TEXT,
    "status": _TEXT,
    "source_path": _TEXT,
    "dataset_root": _TEXT,
    "runner": _TEXT,
    "model_version": _TEXT,
    "runner_fingerprint": _TEXT,
    "start_ms": _WHOLE,
    "end_ms": _WHOLE,
    "sha256": _TEXT,
}
_HEARD = {
    "n": _WHOLE,
    "position": _WHOLE,
    "timestamp_ms": _WHOLE,
    "end_ms": _WHOLE,
    "label": _TEXT,
    "label_code": _TEXT,
    "label_name": _TEXT,
    "confidence": "DOUBLE",
}
_LONGEST_TEXT = 1 << 20


class CleanCopies:
    """Collects payloads; when the block ends well, they are in ``chunk`` and ``heard``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._paths = engine.scratch / "chunks.jsonl", engine.scratch / "heard.jsonl"
        self._has_any = False

    def __enter__(self) -> Self:
        self._chunks, self._heard = (path.open("w", encoding="utf-8") for path in self._paths)
        return self

    def add(self, file: str, payload: Payload) -> None:
        """Add one payload, read from ``file``.

        Raises:
            DetectionFormError: a text in it is longer than any label or path.
        """
        number = self._engine.connection.execute("SELECT nextval('chunk_number')").fetchall()[0][0]
        heard = [
            _line(
                {
                    "n": number,
                    "position": position,
                    "timestamp_ms": one.timestamp_ms,
                    "end_ms": one.end_ms,
                    "label": one.counted_as,
                    "label_code": one.label_code,
                    "label_name": one.label_name,
                    "confidence": one.confidence,
                }
            )
            for position, one in enumerate(payload.detections, start=1)
        ]
        self._chunks.write(_line({"n": number, "file": file} | payload.chunk))
        self._heard.writelines(heard)
        self._has_any = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._chunks.close()
        self._heard.close()
        if kind is None and self._has_any:
            self._take()

    def _take(self) -> None:
        for path, table, columns in zip(
            self._paths, ("chunk", "heard"), (_CHUNK, _HEARD), strict=True
        ):
            shape = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
            self._engine.connection.execute(
                f"INSERT INTO {table} BY NAME FROM read_json("
                f"$path, format = 'newline_delimited', columns = {{{shape}}})",
                {"path": str(path)},
            )


def _line(record: dict[str, Any]) -> str:
    fields = {
        name: _sayable(value) if isinstance(value, str) else value for name, value in record.items()
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _sayable(text: str) -> str | None:
    """Replace what neither CSV nor Parquet can hold: NUL, and half a surrogate pair."""
    if len(text) > _LONGEST_TEXT:
        raise DetectionFormError(f"holds a text of {len(text):,} letters.")
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\ufffd") or None
