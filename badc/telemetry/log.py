"""The JSONL telemetry log: one writer, any number of readers that follow it."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from badc.errors import BadcError
from badc.telemetry.event import Event

_READ_BYTES = 1 << 20


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


class LogFollower:
    """Reads a log bit by bit: each call of :meth:`new_events` goes on where the last one ended.

    A log that is not there yet has no events. A torn last line waits until it is complete. A log
    that became shorter (rotated, replaced) is read from its beginning.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0

    def new_events(self) -> Iterator[Event]:
        """Yield the events that were completed since the last call; skip lines that are none."""
        try:
            stream = self.path.open("rb")
        except OSError:
            return
        with stream:
            if stream.seek(0, 2) < self._offset:
                self._offset = 0
            stream.seek(self._offset)
            torn = b""
            while piece := stream.read(_READ_BYTES):
                *lines, torn = (torn + piece).split(b"\n")
                for line in lines:
                    self._offset += len(line) + 1
                    if (event := _parse(line)) is not None:
                        yield event


def _parse(line: bytes) -> Event | None:
    try:
        return Event.from_json(json.loads(line))
    except (ValueError, RecursionError):
        return None


def _ends_torn(path: Path) -> bool:
    """Say whether a killed writer left half a line at the end of the log."""
    with path.open("rb") as stream:
        if stream.seek(0, 2) == 0:
            return False
        stream.seek(-1, 2)
        return stream.read(1) != b"\n"
