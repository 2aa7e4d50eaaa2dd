"""A HawkEars that was found here, or what is missing."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_MARKED_BYTES = 1 << 16


@dataclass(frozen=True)
class Installation:
    """One HawkEars.

    Attributes:
        flavour: ``1.x`` is the script ``analyze.py``, ``2.x`` the package ``hawkears``.
        python: the interpreter that runs it.
        root: the 1.x checkout, or the 2.x data root (``data/ckpt``, ``yaml``). HawkEars takes its
            working directory for it.
        version: as the installation itself says, or empty.
    """

    flavour: Literal["1.x", "2.x"]
    python: str
    root: Path
    version: str


@dataclass(frozen=True)
class Missing:
    """No HawkEars that could run: what is wrong and how to mend it."""

    message: str
    hint: str


def model_files(root: Path, folders: tuple[str, ...]) -> list[list[str]]:
    """Return name and mark of every model file in these folders of a root, sorted."""
    return sorted(
        [str(path.relative_to(root)), _mark(path)]
        for folder in folders
        for path in (root / folder).glob("*")
        if path.suffix in (".ckpt", ".onnx") and path.is_file()
    )


def _mark(path: Path) -> str:
    """Return size and digest of a file's beginning and end: checkpoints are too large to read."""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        digest = hashlib.sha256(stream.read(_MARKED_BYTES))
        stream.seek(max(0, size - _MARKED_BYTES))
        digest.update(stream.read())
    return f"{size} {digest.hexdigest()[:16]}"
