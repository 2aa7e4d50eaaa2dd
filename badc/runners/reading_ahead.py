"""The next chunk's file on its way into memory while a program still hears the one before.

For programs that read files themselves, and files on disks that are slow to answer. The system
reads and decides what it keeps; nothing is copied here.
"""

import contextlib
import os
import threading
from collections.abc import Sequence

from badc.manifest import Chunk
from badc.runners.file_mark import mark_of


class ReadingAhead:
    """Asks the system to read one file at a time."""

    def __init__(self) -> None:
        self._asking: threading.Thread | None = None

    def begin(self, coming: Sequence[Chunk]) -> None:
        """Have the first of these read, where this system knows how; never waits, never raises.

        A thread asks, because even that may hang on a network disk; while it does, it asks no more.
        """
        asking = self._asking is not None and self._asking.is_alive()
        if coming and not asking and hasattr(os, "posix_fadvise"):
            self._asking = threading.Thread(target=_ask, args=(coming[0],), daemon=True)
            self._asking.start()


def _ask(chunk: Chunk) -> None:
    with contextlib.suppress(OSError):  # what is wrong with it, its own turn will show
        if mark_of(chunk.path) is None:
            return
        file = os.open(chunk.path, os.O_RDONLY)
        try:
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_WILLNEED)
        finally:
            os.close(file)
