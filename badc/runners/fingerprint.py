"""One short name for everything that decides what a runner hears."""

import hashlib
import json


def fingerprint_of(kind: str, **deciding: object) -> str:
    """Return 16 hex digits that change when the kind or any deciding value changes.

    Values must be plain JSON values; their order does not matter.
    """
    text = json.dumps({"kind": kind, **deciding}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
