"""The end of the process, which nothing may hold up once all is said."""

import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from badc.cli.console import warn
from badc.errors import RunCancelledError
from badc.time_limit import end_within

_EXIT_LIMIT_S = 10.0
_HURRY_S = 2.0
CANCELLED_LIMIT_S = 9.5  # after somebody cancelled the run
_LEAST_S = 3.0  # after the server has told so
_hurried = threading.Event()
_last_line = threading.Lock()


def hurry() -> None:
    """Let this process end without delivering what a lost server was still to be told."""
    _hurried.set()


def hurried() -> bool:
    """Say whether there is nothing to wait for any more."""
    return _hurried.is_set()


def say_once() -> bool:
    """Say whether the last line of a cancelled run is still to be printed, by whoever asks."""
    return _last_line.acquire(blocking=False)


def ending_when_cancelled(
    limit_s: float = CANCELLED_LIMIT_S, report: Callable[[], None] = lambda: None
) -> AbstractContextManager[None]:
    """Return a block in which the process ends soon after its flow run was cancelled in Prefect.

    Runners are gone and records written long before; only a slow server holds up the rest.

    Args:
        limit_s: how soon.
        report: tells what there is, where the block had to be left in the middle.
    """
    from flows.cancellation import noticing
    from flows.run_watch import Asked

    def last_words(asked: Asked) -> None:
        report()
        if say_once():
            warn(f"Cancelled {asked}. Type the same command again: what is done is not repeated.")

    def notice(asked: Asked) -> None:
        warn("Ending the run: stopping runners and writing the summary …")
        left_s = max(_LEAST_S, limit_s - asked.age_s)
        end_within(left_s, RunCancelledError.exit_code, partial(last_words, asked))

    return noticing(notice)


def leave_in_peace(code: int) -> None:
    """Ignore further signals: all is in order, and only the interpreter's own end is left.

    That end has a limit: Prefect would wait for ever to tell a server that died its last events.
    """
    limit_s = _HURRY_S if hurried() else _EXIT_LIMIT_S
    end_within(limit_s, code)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
