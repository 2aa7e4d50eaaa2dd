"""Reading a log while it is being written: on from where one was, or back from its end."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from badc.telemetry.event import Event

_READ_BYTES = 1 << 20
_MARK_BYTES = 256
LONGEST_LINE_BYTES = 16 << 20
"""A longer line is no event of ours; it is passed over, and never held in memory."""

_decode = json.JSONDecoder().raw_decode  # a third quicker than json.loads


class LogFollower:
    """Reads a log bit by bit: each call of :meth:`new_events` goes on where the last one ended.

    A log that is not there yet has no events. A torn last line waits until it is complete. A log
    that is another one than before is read from its beginning: one that became shorter, was
    replaced or was emptied and grew again. What tells is whether the bytes last read still stand
    where they stood: sizes may agree by chance, and file systems give inodes out again.

    Attributes:
        path: the log.
        started_over: called when another log was found in its place, before its first event.
    """

    def __init__(self, path: Path, started_over: Callable[[], None] = lambda: None) -> None:
        self.path = path
        self.started_over = started_over
        self._offset = 0
        self._last = b""
        self._in_long_line = False

    def new_events(self) -> Iterator[Event]:
        """Yield the events that were completed since the last call; skip lines that are none."""
        try:
            stream = self.path.open("rb")
        except OSError:
            return
        with stream:
            if not self._is_the_same(stream):
                self._offset, self._last, self._in_long_line = 0, b"", False
                self.started_over()
            stream.seek(self._offset)
            for line in self._lines(stream):
                if (event := parse_line(line)) is not None:
                    yield event

    def _is_the_same(self, stream: BinaryIO) -> bool:
        mark = self._last[-_MARK_BYTES:]
        if stream.seek(0, 2) < self._offset:
            return False
        stream.seek(self._offset - len(mark))
        return stream.read(len(mark)) == mark

    def _lines(self, stream: BinaryIO) -> Iterator[bytes]:
        """Yield whole lines; keep in mind how far they reach."""
        torn = b""
        while piece := stream.read(_READ_BYTES):
            *lines, torn = (torn + piece).split(b"\n")
            for line in lines:
                self._pass(line + b"\n")
                if not self._in_long_line:
                    yield line
                self._in_long_line = False
            if len(torn) > LONGEST_LINE_BYTES:
                self._pass(torn)
                self._in_long_line, torn = True, b""
        if torn.endswith(b"}") and parse_line(torn) is not None and not self._in_long_line:
            self._pass(torn)  # an object that is whole is no torn line, only one without an end
            yield torn

    def _pass(self, read: bytes) -> None:
        self._offset += len(read)
        self._last = read


def last_events(path: Path, count: int) -> list[Event]:
    """Return the last ``count`` events of a log, oldest first, reading back from its end.

    Raises:
        OSError: the log cannot be read.
    """
    found: list[Event] = []
    with path.open("rb") as stream:
        for line in _lines_backwards(stream):
            if (event := parse_line(line)) is not None:
                found.append(event)
            if len(found) >= count:
                break
    return found[::-1]


def _lines_backwards(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file, the last one first, reading no more of it than is asked for."""
    end = stream.seek(0, 2)
    torn = b""
    while end:
        begin = max(0, end - _READ_BYTES)
        stream.seek(begin)
        torn, *lines = (stream.read(end - begin) + torn).split(b"\n")
        yield from reversed(lines)
        if len(torn) > LONGEST_LINE_BYTES:
            torn = b""  # what is left of it in front of here will not parse, and is passed over
        end = begin
    yield torn


def parse_line(line: bytes) -> Event | None:
    """Read one line of a log, or return None for what is no event."""
    try:
        text = line.decode().strip()
        record, end = _decode(text)
    except (ValueError, RecursionError):
        return None
    return Event.from_json(record) if end == len(text) else None
