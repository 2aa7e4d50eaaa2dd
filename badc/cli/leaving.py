"""The end of the process, which nothing may hold up once all is said."""

import signal
import threading

from badc.time_limit import end_within

_EXIT_LIMIT_S = 10.0
_HURRY_S = 2.0
_hurried = threading.Event()


def hurry() -> None:
    """Let this process end without delivering what a lost server was still to be told."""
    _hurried.set()


def hurried() -> bool:
    """Say whether there is nothing to wait for any more."""
    return _hurried.is_set()


def leave_in_peace(code: int) -> None:
    """Ignore further signals: all is in order, and only the interpreter's own end is left.

    That end has a limit: Prefect would wait for ever to tell a server that died its last events.
    """
    limit_s = _HURRY_S if hurried() else _EXIT_LIMIT_S
    end_within(limit_s, code)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
