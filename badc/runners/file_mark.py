"""Whether a file that was prepared ahead of its turn is still the same when that comes."""

import stat
from pathlib import Path


def mark_of(path: Path) -> tuple[int, ...] | None:
    """Return what tells a file from another one at the same place; None where it is no file.

    A pipe is none: to read it ahead of its turn would take from it what is there once.
    """
    try:
        found = path.stat()
    except (OSError, ValueError):  # the latter where a name holds a NUL
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
