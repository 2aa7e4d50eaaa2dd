"""Files that appear whole or not at all.

A file is written beside its destination, flushed to the disk, and renamed over it. A reader sees
the old file or the new one; a killed writer leaves at most a hidden ``.….tmp`` file behind.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from badc.errors import BadcError, UsageError

_NAME_ROOM = 200  # a file name may have 255 bytes; the rest is for our prefix and suffix
_DRAFT = re.compile(r"\..+\.[0-9a-f]{8}\.tmp", re.DOTALL)


def aside(path: Path) -> Path:
    """Return a fresh hidden name in the folder of ``path``, for a file still being written."""
    known = os.fsencode(path.name)[:_NAME_ROOM].decode("utf-8", "ignore")
    return path.with_name(f".{known}.{token_hex(4)}.tmp")


def is_draft(name: str) -> bool:
    """Say whether ``name`` is one that :func:`aside` makes."""
    return _DRAFT.fullmatch(name) is not None


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open ``path`` for writing so that it appears, complete, when the block ends well.

    Folders are made as needed. When the block raises, the previous file stays as it was.

    Raises:
        BadcError: the file cannot be written (no room, no permission, a folder in its place).
    """
    draft = aside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        raise BadcError(
            f"{path}: cannot be written ({error.strerror or error}).",
            "Check free space and permissions; whatever stood there before is unchanged.",
        ) from error
    finally:
        with suppress(OSError):  # it was renamed, or its folder could not even be made
            draft.unlink()


def write_whole(path: Path, content: str | bytes) -> None:
    """Put ``content`` (text as UTF-8) at ``path``, whole or not at all; see :func:`whole_file`.

    Raises:
        UsageError: the text holds half a character, such as a file name that is not UTF-8 brings.
        BadcError: as there.
    """
    try:
        raw = content.encode("utf-8") if isinstance(content, str) else content
    except UnicodeEncodeError as error:
        shown = error.object[max(0, error.start - 40) : error.end]
        raise UsageError(
            f"{path}: cannot be written: {shown!r} is not UTF-8 text.",
            "Rename what is called so; whatever stood there before is unchanged.",
        ) from None
    with whole_file(path) as stream:
        stream.write(raw)
