"""Opening a recording: whatever libsndfile can decode, read once, front to back."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from badc.errors import BadcError, UsageError

_BLOCK_SAMPLES = 1 << 18
_ENDLESS = 1 << 62  # libsndfile's length of a stream whose header does not tell
_PLACEHOLDERS = frozenset({0xFFFFFFFF, 0xFFFFFFFE, 0x7FFFFFFF})  # sizes that streams write
_CUT_SHORT = re.compile(
    r"^\s*(?:data|SSND|riff|Riff size|Data Size)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE
)
_POINTER = b"/annex/objects/"
_SNIFFED_BYTES = 4096


class _Forward(soundfile.SoundFile):  # type: ignore[misc] # soundfile has no types
    """A sound file read forwards only.

    soundfile seeks to where it stands after each block of a seekable file, which makes compressed
    formats slow, and it never reads past the length in the header, which may be wrong.
    """

    def seekable(self) -> bool:
        return False


class Recording:
    """An open recording.

    Attributes:
        path: the file, as named by the caller.
        rate_hz, channels: as in its header.
        subtype: libsndfile's name of the sample type or codec, ``PCM_16`` for example.
        frames: its length by the header, or None where the header does not tell.
        promised_frames: what the header promised before the file was cut short, else ``frames``.
    """

    def __init__(self, path: Path, sound: Any) -> None:  # noqa: ANN401 - soundfile has no types
        self.path = path
        self.rate_hz: int = sound.samplerate
        self.channels: int = sound.channels
        self.subtype: str = sound.subtype
        self.frames: int | None = sound.frames if 0 <= sound.frames < _ENDLESS else None
        self.promised_frames = _promised(self.frames, sound.extra_info)
        self._sound = sound

    def blocks(self, dtype: str) -> Iterator[np.ndarray]:
        """Yield the recording from its beginning, as arrays of (frames, channels).

        Each array is the same memory, filled anew: use it before asking for the next.

        Raises:
            BadcError: the decoder met damage.
        """
        buffer = np.empty((max(1, _BLOCK_SAMPLES // self.channels), self.channels), dtype)
        read = 0
        try:
            self._sound.seek(0)
            while len(block := self._sound.read(out=buffer)):
                read += len(block)
                yield block
        except soundfile.LibsndfileError as error:
            where = f" somewhere after {read / self.rate_hz:.1f} s" if read else ""
            raise BadcError(
                f"{self.path}: is damaged{where} ({_reason(error)}).",
                "Copy it again from its source, or repair it, then cut it again.",
            ) from error

    def length(self) -> int:
        """Return the length in frames, decoding everything only where the header does not tell."""
        if self.frames is not None:
            return self.frames
        return sum(len(block) for block in self.blocks("int16"))


@contextmanager
def open_recording(path: Path) -> Iterator[Recording]:
    """Open the recording at ``path``; its content, not its name, says what it is.

    Raises:
        UsageError: it is missing, not fetched, no regular file, empty, no audio, or holds none.
    """
    descriptor = _open(path)
    try:
        _check_content(path, descriptor)
        try:
            sound = _Forward(descriptor, closefd=False)
        except (soundfile.SoundFileError, TypeError, ValueError) as error:
            raise UsageError(
                f"{path}: is no audio that can be read ({_reason(error)}).",
                "Name a recording such as WAV, FLAC, MP3 or OGG.",
            ) from error
        with sound:
            recording = Recording(path, sound)
            if recording.frames == 0:
                raise UsageError(
                    f"{path}: holds a header but no audio"
                    f" ({os.fstat(descriptor).st_size} bytes in all).",
                    "The recorder may have stopped before it wrote the header; mend that first.",
                )
            yield recording
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
            raise UsageError(f"{path}: is {what}.", "Name one recording.")
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        if path.is_symlink():
            raise UsageError(
                f"{path}: is a link to content that is not here.",
                f"Fetch it with 'datalad get {path}'.",
            ) from None
        raise UsageError(f"{path}: no such recording.", "Check the path.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: cannot be read ({reason}).", "Check the path.") from None


def _check_content(path: Path, descriptor: int) -> None:
    """Name the ways in which field files go wrong that libsndfile has no words for."""
    head = os.pread(descriptor, _SNIFFED_BYTES, 0)
    size = os.fstat(descriptor).st_size
    if not head:
        raise UsageError(f"{path}: is empty (0 bytes).", "Copy it again from the recorder's card.")
    if not any(head):
        raise UsageError(
            f"{path}: begins with NUL bytes only ({size} bytes in all) and holds no audio.",
            "The recorder failed to write it; leave it out.",
        )
    if _POINTER in head[:32]:
        raise UsageError(
            f"{path}: is git-annex's pointer to content that is not here.",
            f"Fetch it with 'datalad get {path}'.",
        )


def _promised(frames: int | None, log: str) -> int | None:
    """Return the length that the header promised, by libsndfile's account of reading it.

    Some formats tell only the size of the whole file, so it is right to a few milliseconds.
    """
    if not frames:
        return frames
    for declared, actual in _CUT_SHORT.findall(log):
        if int(declared) > int(actual) > 0 and int(declared) not in _PLACEHOLDERS:
            return frames * int(declared) // int(actual)
    return frames


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", None) or str(error)
    return str(text).removeprefix("Error : ").strip().rstrip(".")
