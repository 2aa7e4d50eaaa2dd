"""Ctrl-C and SIGTERM, for commands whose libraries turn a signal into an error of their own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Never

from badc.errors import Terminated


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block in good order: temporary files are cleaned up.

    Raises:
        KeyboardInterrupt: Ctrl-C came, whatever the interrupted library made of it.
        Terminated: SIGTERM came.
    """
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> Never:
        received.append(number)
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    previous = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except BaseException as error:
        if signal.SIGTERM in received and not isinstance(error, Terminated):
            raise Terminated from error
        raise
    finally:
        for each, earlier in previous.items():
            signal.signal(each, earlier)
