"""What a program started and left outside its process group, found by a mark and ended.

A group is ended as one, but a child that opens a session of its own (``setsid``, any daemon) has
left it. Its environment it keeps, so each program is started with a mark there. Who means a
process to outlive its runner starts it without: ``env -u BADC_STARTED``. Linux alone shows the
environment of other processes; elsewhere nothing is found.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from secrets import token_hex

_NAME = "BADC_STARTED"
_OWN = token_hex(8)
_numbers = count(1)
_LIMIT_S = 5.0
_PAUSE_S = 0.01


def new_mark() -> dict[str, str]:
    """Return a variable for the environment of one program, unlike any other's."""
    return {_NAME: f"{_OWN}.{next(_numbers)}."}


def own_mark() -> str:
    """Return what all marks begin with that this process gives."""
    return f"{_OWN}."


def end_strays(mark: str) -> None:
    """Kill what carries a mark that begins so, and wait until it is gone."""
    deadline = time.monotonic() + _LIMIT_S
    wanted = f"{_NAME}={mark}".encode()
    while _kill_all(wanted) and time.monotonic() < deadline:
        time.sleep(_PAUSE_S)  # one that dies just now may have had a child just before


def _kill_all(wanted: bytes) -> int:
    return sum(_kill(number, wanted) for number in _own_processes())


def _own_processes() -> Iterator[int]:
    """Yield the ids of this user's processes."""
    user = os.getuid() if hasattr(os, "getuid") else None
    with suppress(OSError), os.scandir("/proc") as entries:
        for entry in entries:
            if entry.name.isdigit():
                with suppress(OSError):
                    if entry.stat().st_uid == user:
                        yield int(entry.name)


def _kill(number: int, wanted: bytes) -> bool:
    """Kill a process if it carries the mark."""
    if not _carries(number, wanted):
        return False
    with suppress(AttributeError, OSError):
        process = os.pidfd_open(number)
        try:
            if _carries(number, wanted):  # else its number had passed to another before
                signal.pidfd_send_signal(process, signal.SIGKILL)
                return True
        finally:
            os.close(process)
    return False


def _carries(number: int, wanted: bytes) -> bool:
    try:
        with open(f"/proc/{number}/environ", "rb") as environment:  # noqa: PTH123 - once per process
            return b"\0" + wanted in b"\0" + environment.read()
    except OSError:
        return False
