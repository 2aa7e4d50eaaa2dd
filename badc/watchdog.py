"""What this process has under way, told to one that outlives it.

A process that is killed (SIGKILL, a lack of memory) can end nothing any more: what it started would
go on and hold its GPU. So a child of this process is told of each process group and scratch folder,
and takes away what is left when the pipe between the two closes, however that comes about, with
whatever carries this process's mark (:mod:`badc.strays`). Its own side is
:mod:`badc.watchdog_child`. It starts with the first thing that it is told; where it cannot be
started or is gone, nothing else changes.
"""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from badc import strays

_lock = threading.Lock()
_pipes: list[int] = []  # the one to the watchdog, once it was started; -1 where it could not be


def guard(what: int | Path) -> None:
    """Have a process group ended, or a folder removed, should this process be killed."""
    _tell(b"+", what)


def release(what: int | Path) -> None:
    """Take back what was said of a process group or folder: it is gone."""
    _tell(b"-", what)


def _tell(sign: bytes, what: int | Path) -> None:
    name = str(what).encode() if isinstance(what, int) else os.fsencode(what.absolute())
    with _lock, contextlib.suppress(OSError):  # its pipe may be full or broken
        if not _pipes:
            _pipes.append(_start())
        os.write(_pipes[0], sign + name + b"\0")


def _start() -> int:
    """Start the watchdog; return the writing end of its pipe."""
    program = Path(__file__).with_name("watchdog_child.py")
    reading, writing = os.pipe()
    try:
        subprocess.Popen(
            [sys.executable, "-I", "-S", str(program), strays.own_mark()],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        ).returncode = 0  # it is never waited for: it ends after this process
    except OSError:
        os.close(writing)
        return -1
    finally:
        os.close(reading)
    os.set_blocking(writing, False)
    return writing
