"""What is known of a chunk's audio file: its size, its time, and its digest, read once."""

import contextlib
import hashlib
import os
import sqlite3
import stat
import threading
from dataclasses import dataclass
from pathlib import Path

NOT_HERE = "is a link to content that is not here ('datalad get' fetches it)"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS audio"
    " (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, sha256 TEXT)"
)
_RECALL = "SELECT sha256 FROM audio WHERE path = ? AND size = ? AND mtime_ns = ?"
_REMEMBER = "INSERT OR REPLACE INTO audio VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Audio:
    """A chunk's audio file as it is, or was, or why there is none.

    Attributes:
        size_bytes, mtime_ns: as the file system tells them.
        sha256: hex digest of its content, where it was asked for.
        fault: why it cannot be read, or None.
    """

    size_bytes: int | None = None
    mtime_ns: int | None = None
    sha256: str | None = None
    fault: str | None = None


class AudioDigests:
    """Digests of audio files, each computed once and remembered with the file's size and time.

    They are remembered in this process, and with a ``memory`` (an SQLite file) for later ones as
    well: a dataset that was copied, so that each file has a new time, is read once, not at every
    resume. A memory that cannot be used is done without. Thread-safe.
    """

    def __init__(self, memory: Path | None = None) -> None:
        self._known: dict[tuple[str, int, int], str] = {}
        self._lock = threading.Lock()
        self._memory = None if memory is None else _opened(memory)

    def look(self, path: Path, *, hashed: bool, earlier: Audio | None = None) -> Audio:
        """Look at a file.

        Args:
            path: the audio file.
            hashed: whether its digest is needed.
            earlier: the file that a result was made from, with its digest; where size and time are
                still the same, so is the content, and the file is not read.
        """
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                return Audio(fault="is no regular file")
            size, time = found.st_size, found.st_mtime_ns
            if (
                earlier
                and earlier.sha256
                and (earlier.size_bytes, earlier.mtime_ns) == (size, time)
            ):
                return earlier
            return Audio(size, time, self._digest(path, size, time) if hashed else None)
        except FileNotFoundError:
            return Audio(fault=NOT_HERE if is_link(path) else "there is no such chunk file")
        except OSError as error:
            return Audio(fault=f"cannot be read ({error.strerror})")

    def _digest(self, path: Path, size: int, time: int) -> str:
        file = (os.path.abspath(path), size, time)
        with self._lock:
            digest = self._known.get(file) or self._recall(file)
        if digest is None:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            with self._lock:
                self._remember(file, digest)
        with self._lock:
            self._known[file] = digest
        return digest

    def _recall(self, file: tuple[str, int, int]) -> str | None:
        if self._memory is not None:
            with contextlib.suppress(sqlite3.Error):
                row = self._memory.execute(_RECALL, file).fetchone()
                return None if row is None else str(row[0])
        return None

    def _remember(self, file: tuple[str, int, int], digest: str) -> None:
        if self._memory is not None:
            with contextlib.suppress(sqlite3.Error):
                self._memory.execute(_REMEMBER, (*file, digest))


def is_link(path: Path) -> bool:
    """Say whether a path is a symbolic link; unlike Path's own, this never raises."""
    return os.path.islink(path)  # noqa: PTH114 - see above


def digest_memory() -> Path:
    """Return where digests are remembered for this user's later runs."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - no home, no error
    return Path(cache) / "badc" / "audio-digests.sqlite3"


def _opened(memory: Path) -> sqlite3.Connection | None:
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        # each statement by itself; what a power cut takes is computed again
        opened = sqlite3.connect(memory, isolation_level=None, check_same_thread=False)
        opened.execute("PRAGMA synchronous = OFF")
        opened.execute(_TABLE)
    except (OSError, sqlite3.Error):
        return None
    return opened
