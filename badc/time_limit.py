"""Work that might take for ever: waited for so long and no longer, or ended with the process."""

import contextvars
import os
import threading
from collections.abc import Callable


def within(limit_s: float, work: Callable[[], object]) -> bool:
    """Do ``work`` in a thread of its own, and wait for its end no longer than ``limit_s``.

    Returns:
        Whether it has come to its end; if not, it goes on, and nobody waits for it.

    Raises:
        Exception: whatever ``work`` raises in time.
    """
    raised: list[BaseException] = []

    def do() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below, where somebody waits
            raised.append(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(do,), daemon=True)
    thread.start()
    thread.join(limit_s)
    if raised:
        raise raised[0]
    return not thread.is_alive()


def end_within(
    limit_s: float, code: int, last_words: Callable[[], object] | None = None
) -> threading.Timer:
    """Let this process end with ``code`` after ``limit_s``, whatever it still waits for then.

    ``last_words`` are said first. Cancel what is returned where all ended in time.
    """

    def leave() -> None:
        try:
            if last_words is not None:
                last_words()
        finally:
            os._exit(code)

    last_resort = threading.Timer(limit_s, leave)
    last_resort.daemon = True
    last_resort.start()
    return last_resort
