"""Words that reach bash, and values that reach sbatch, exactly as they were meant."""

import os
import re
import shlex
from pathlib import Path

from badc.errors import UsageError

_NEEDS_ESCAPES = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def shell_word(word: str | Path) -> str:
    r"""Return ``word`` as one bash word on one line of UTF-8.

    Line breaks and other control characters become escapes (``$'a\012b'``): sbatch refuses
    scripts with DOS line ends in them. So do bytes that are no UTF-8 in file names.

    Raises:
        UsageError: it holds a NUL or half a surrogate pair, which no argument can hold.
    """
    text = str(word)
    if not _NEEDS_ESCAPES.search(text):
        return shlex.quote(text)
    if "\0" in text:
        raise UsageError(f"{text!r}: holds a NUL character.", "No file or argument can; mend it.")
    return f"$'{''.join(map(_escaped, text))}'"


def sbatch_value(option: str, value: str) -> str:
    """Return ``value`` as an ``#SBATCH`` line takes it, quoted where need be.

    Raises:
        UsageError: it is empty or holds a control character.
    """
    if not value.strip():
        raise UsageError(f"{option}: is empty.", "Leave it out, or give it a value.")
    if _NEEDS_ESCAPES.search(value):
        raise UsageError(f"{option}: {value!r} holds characters that no #SBATCH line can.")
    if re.fullmatch(r"[\w@%+=:,./\[\]-]+", value, re.ASCII):
        return value
    # sbatch knows both kinds of quotes, and a backslash before any character, within them too
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def _escaped(character: str) -> str:
    if character in "'\\":
        return f"\\{character}"
    if not _NEEDS_ESCAPES.match(character):
        return character
    try:
        return "".join(f"\\{byte:03o}" for byte in os.fsencode(character))
    except UnicodeEncodeError:
        raise UsageError(f"{character!r}: is no character of a file name or argument.") from None
