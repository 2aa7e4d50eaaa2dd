"""GUANO: what a recorder wrote about a recording into the WAV file itself.

A RIFF sub-chunk ``guan`` of UTF-8 lines ``Key: value``; ``Timestamp`` is an ISO 8601 time, in
local time where it has no offset.
"""

import struct
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from badc.meta.recorder_name import NamedTime, is_credible

_RIFF = (b"RIFF", b"RF64")
_MOST_CHUNKS = 100  # a sound file has a handful
_LONGEST_TEXT_BYTES = 1 << 20
_SIZE_IN_DS64 = 0xFFFFFFFF  # what a file of 4 GiB or more says instead of a chunk's size


def read_guano(path: Path) -> dict[str, str]:
    """Return the GUANO fields of a recording; none where it is not there or bears none."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return {}
        with path.open("rb") as stream:
            text = _text(stream)
    except (OSError, ValueError):
        return {}
    lines = (line.partition(":") for line in text.splitlines())
    return {key.strip(): value.strip() for key, colon, value in lines if colon}


def guano_start(path: Path) -> NamedTime | None:
    """Return when a recording began, as its GUANO tells it; None where it does not."""
    stamp = read_guano(path).get("Timestamp", "")
    if len(stamp) <= len("2020-06-01"):  # a day alone is no start
        return None
    try:
        wall = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    if not is_credible(wall):
        return None
    return NamedTime(wall.replace(microsecond=0), "site" if wall.tzinfo is None else "stated")


def _text(stream: BinaryIO) -> str:
    head = stream.read(12)
    if head[:4] not in _RIFF or head[8:] != b"WAVE":
        return ""
    for _ in range(_MOST_CHUNKS):
        header = stream.read(8)
        if len(header) < 8:
            return ""
        name, size = struct.unpack("<4sI", header)
        if name == b"guan":
            return (
                stream.read(min(size, _LONGEST_TEXT_BYTES)).decode("utf-8", "replace").strip("\0")
            )
        if size == _SIZE_IN_DS64:
            return ""
        stream.seek(size + size % 2, 1)
    return ""
