"""The watchdog's own side of :mod:`badc.watchdog`; it needs Python and :mod:`badc.strays`.

Standard input brings ``+`` or ``-`` and the number of a process group or the path of a folder, each
ended by a NUL. At its end, what is left is ended and removed, and with it whatever carries the mark
that is the one argument.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # started with nothing but the standard library
from badc.strays import end_strays

_GRACE_S = 2.0
_READ_BYTES = 65_536


def main() -> None:
    """Wait for the end of whoever talks to us, then clear up behind it."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are meant for what we outlive
    left: set[bytes] = set()
    for message in _messages():
        (left.add if message[:1] == b"+" else left.discard)(message[1:])
    groups = [int(each) for each in left if each.isdigit()]
    _end(groups)
    end_strays(sys.argv[1])
    for folder in left:
        if folder.startswith(b"/"):
            shutil.rmtree(folder, ignore_errors=True)


def _messages() -> Iterator[bytes]:
    unread = b""
    while piece := os.read(0, _READ_BYTES):
        *whole, unread = (unread + piece).split(b"\0")
        yield from whole


def _end(groups: Iterable[int]) -> None:
    """Ask process groups to end; force those that have not after a while."""
    groups = [each for each in groups if _signal(each, signal.SIGTERM)]
    deadline = time.monotonic() + _GRACE_S
    while groups and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = [each for each in groups if _signal(each, 0)]
    for each in groups:
        _signal(each, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Send a signal to a group, or with 0 none; False where there is nobody left."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
