"""The JSONL telemetry log: one writer, any number of readers (:mod:`badc.telemetry.following`)."""

import contextlib
import fcntl
import json
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

from badc.errors import BadcError, UsageError


class Record(Protocol):
    """What a log can keep: an event, or another thing that is one line of JSON."""

    def to_json(self) -> dict[str, Any]:
        """Return the line's content."""
        ...


class LogWriter:
    """Appends events to a log. There is one per log, in the flow's process; thread-safe.

    The system sees to that: a second one is refused while the first lives, also where it was
    killed a moment ago and has left no trace but its lines. (Not on a network file system that
    knows no locks.)

    Attributes:
        fault: why lines still wait to be written (a full disk, say), or None where none do.

    Raises:
        BadcError: the log cannot be opened for appending.
        UsageError: somebody else is writing to it.
    """

    def __init__(self, path: Path, option: str = "--telemetry-log") -> None:
        self.path = path
        self.fault: OSError | None = None
        self._waiting = bytearray()
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = path.open("ab", buffering=0)
            _claim(self._stream, option)
            if _ends_torn(path):
                self._stream.write(b"\n")
        except OSError as error:
            raise BadcError(
                f"{path}: the log cannot be written ({error.strerror}).",
                f"Choose another place with {option}.",
            ) from error

    def write(self, event: Record) -> None:
        """Append one event and hand it to the operating system.

        Raises:
            OSError: it cannot be written now. It is kept, and comes before the next one, so that
                no line is torn or lost once there is room again.
        """
        line = json.dumps(event.to_json(), separators=(",", ":"), default=str)
        with self._lock:
            if not self._stream.closed:
                self._waiting += line.encode("utf-8") + b"\n"
                self._write_out()

    def close(self) -> None:
        """Close the log; events that arrive later are dropped."""
        with self._lock, self._stream, contextlib.suppress(OSError):
            if not self._stream.closed:
                self._write_out()

    def _write_out(self) -> None:
        try:
            while self._waiting:
                del self._waiting[: self._stream.write(self._waiting)]
        except OSError as error:
            self.fault = error
            raise
        self.fault = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def refuse_if_written(path: Path, option: str) -> None:
    """See that no run is writing to a log that is there.

    Raises:
        UsageError: one is.
        OSError: it cannot be opened for appending.
    """
    with path.open("ab") as stream:
        _claim(stream, option)


def _claim(stream: IO[bytes], option: str) -> None:
    """Lock a log until it is closed, in whatever way its process ends."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise UsageError(
            f"{option}: {stream.name} is being written by another run.",
            "Wait for its end, or name another file.",
        ) from None
    except OSError:
        return  # a file system without locks


def _ends_torn(path: Path) -> bool:
    """Say whether a killed writer left half a line at the end of the log."""
    with path.open("rb") as stream:
        if stream.seek(0, 2) == 0:
            return False
        stream.seek(-1, 2)
        return stream.read(1) != b"\n"
