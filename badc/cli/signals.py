"""Ctrl-C and SIGTERM, for commands whose libraries turn a signal into an error of their own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Never

from badc.errors import Terminated


@contextmanager
def ending_on_signals(*, once: bool = False) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block in good order: temporary files are cleaned up.

    With ``once``, a lost terminal ends it too (not under nohup), and a repetition changes nothing:
    the end takes seconds where programs have to be stopped, and nobody shall disturb it.

    Raises:
        KeyboardInterrupt: Ctrl-C came, whatever the interrupted library made of it.
        Terminated: SIGTERM came.
    """
    received: list[int] = []
    ending = [signal.SIGINT, signal.SIGTERM]
    if once and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        ending.append(signal.SIGHUP)

    def stop(number: int, _frame: FrameType | None) -> Never:
        received.append(number)
        if once:
            for each in ending:
                signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    previous = {each: signal.signal(each, stop) for each in ending}
    try:
        yield
    except BaseException as error:
        if {*received} - {signal.SIGINT} and not isinstance(error, Terminated):
            raise Terminated from error
        raise
    finally:
        for each, earlier in previous.items():
            # what was told to end is not disturbed on its last way: not even for a moment may the
            # system's own handler stand here, which would end it without a word
            if signal.getsignal(each) != signal.SIG_IGN:
                signal.signal(each, signal.SIG_IGN if received else earlier)
