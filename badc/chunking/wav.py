"""Writing one PCM WAV file: under a hidden name until it is complete."""

import fcntl
import hashlib
import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Self

from badc.atomic import aside
from badc.errors import BadcError, UsageError

HEADER_BYTES = 44
_LARGEST_BYTES = 0xFFFFFFFF - HEADER_BYTES
_COPY_BYTES = 1 << 20


class WavShape:
    """What all chunks of a recording have in common.

    Raises:
        UsageError: a WAV header cannot say it.
    """

    def __init__(self, rate_hz: int, channels: int, width_bytes: int) -> None:
        self.rate_hz = rate_hz
        self.channels = channels
        self.width_bytes = width_bytes
        self.frame_bytes = channels * width_bytes
        if self.frame_bytes > 0xFFFF or rate_hz * self.frame_bytes > 0xFFFFFFFF:
            raise UsageError(
                f"{channels} channels at {rate_hz} Hz are more than a WAV file can hold.",
                "Check the recording: its header is probably damaged.",
            )

    @property
    def room_frames(self) -> int:
        """How many frames a WAV file (at most 4 GiB) has room for."""
        return _LARGEST_BYTES // self.frame_bytes

    def header(self, size: int) -> bytes:
        """Return the header of a file with ``size`` bytes of samples."""
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF",
            HEADER_BYTES - 8 + size + size % 2,
            b"WAVE",
            b"fmt ",
            16,
            1,  # PCM
            self.channels,
            self.rate_hz,
            self.rate_hz * self.frame_bytes,
            self.frame_bytes,
            8 * self.width_bytes,
            b"data",
            size,
        )


class WavDraft:
    """A chunk file being written. Used as a context, it leaves nothing unless it was published.

    Raises:
        OSError: it cannot be written, from any method.
    """

    def __init__(self, folder: Path, name: str, shape: WavShape) -> None:
        self._shape = shape
        self._size = 0
        self._draft = aside(folder / f"{name}.wav")
        try:
            self._stream = self._draft.open("x+b")
            with suppress(OSError):  # some network file systems have no locks
                fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stream.write(shape.header(0))
        except BaseException:  # Ctrl-C, say, before anybody could enter this context
            with suppress(OSError):
                self._draft.unlink()
            raise

    def write(self, samples: bytes) -> None:
        """Add PCM samples."""
        self._size += len(samples)
        if self._size > _LARGEST_BYTES:
            raise BadcError("A chunk grows beyond a WAV file's 4 GiB.", "Make shorter chunks.")
        self._stream.write(samples)

    def copy_tail(self, path: Path, frames: int) -> None:
        """Add the last ``frames`` frames of the complete WAV file ``path`` of the same shape."""
        left = frames * self._shape.frame_bytes
        with path.open("rb") as before:
            size = struct.unpack("<I", before.read(HEADER_BYTES)[-4:])[0]
            before.seek(HEADER_BYTES + size - left)
            while left:
                piece = before.read(min(left, _COPY_BYTES))
                if not piece:
                    raise OSError(0, "was cut short while being read", str(path))
                self.write(piece)
                left -= len(piece)

    def publish(self, target: Path) -> str:
        """Complete the file, put it at ``target`` (over a file or link), return its sha256."""
        self._stream.write(b"\0" * (self._size % 2))
        self._stream.seek(0)
        self._stream.write(self._shape.header(self._size))
        self._stream.flush()
        self._stream.seek(0)
        digest = hashlib.file_digest(self._stream, "sha256").hexdigest()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._draft.replace(target)
        return digest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._stream.close()
        finally:
            with suppress(OSError):
                self._draft.unlink()


def remove_dead_drafts(folder: Path, name: str) -> None:
    """Remove the drafts that a killed process left: nobody holds their lock any more."""
    for draft in folder.iterdir():
        if draft.name.startswith(f".{name}.wav.") and draft.name.endswith(".tmp"):
            with suppress(OSError), draft.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.unlink()
