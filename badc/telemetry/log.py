"""The JSONL telemetry log: one writer, any number of readers (:mod:`badc.telemetry.following`)."""

import json
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from badc.errors import BadcError


class Record(Protocol):
    """What a log can keep: an event, or another thing that is one line of JSON."""

    def to_json(self) -> dict[str, Any]:
        """Return the line's content."""
        ...


class LogWriter:
    """Appends events to a log. There is one per run, in the flow's process; thread-safe.

    Raises:
        BadcError: the log cannot be opened for appending.
    """

    def __init__(self, path: Path, option: str = "--telemetry-log") -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = path.open("ab")
            if _ends_torn(path):
                self._stream.write(b"\n")
        except OSError as error:
            raise BadcError(
                f"{path}: the log cannot be written ({error.strerror}).",
                f"Choose another place with {option}.",
            ) from error

    def write(self, event: Record) -> None:
        """Append one event and hand it to the operating system."""
        line = json.dumps(event.to_json(), separators=(",", ":"), default=str)
        with self._lock:
            if not self._stream.closed:
                self._stream.write(line.encode("utf-8") + b"\n")
                self._stream.flush()

    def close(self) -> None:
        """Close the log; events that arrive later are dropped."""
        with self._lock:
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _ends_torn(path: Path) -> bool:
    """Say whether a killed writer left half a line at the end of the log."""
    with path.open("rb") as stream:
        if stream.seek(0, 2) == 0:
            return False
        stream.seek(-1, 2)
        return stream.read(1) != b"\n"
