"""Texts that came from a file and may be no path at all."""

import os


def is_possible_path(text: str) -> bool:
    """Say whether a file could be called so: JSON can write NUL, and half a character."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False
