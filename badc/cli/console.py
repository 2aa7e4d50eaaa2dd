"""What a command prints.

Results go to standard output as plain lines, never wrapped or styled, so that a path can be
copied or piped whole. Errors, warnings and progress go to standard error.
"""

import sys

from rich.console import Console
from rich.table import Table

_PIPED_WIDTH = 200


def say(line: str = "") -> None:
    """Print one line of results exactly as it is."""
    sys.stdout.write(_printable(line) + "\n")
    sys.stdout.flush()


def warn(line: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(_printable(line) + "\n")
    sys.stderr.flush()


def show(table: Table) -> None:
    """Print a table: as wide as the terminal, or wide enough for everything when piped."""
    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, soft_wrap=False)
    console.print(table)


def on_one_line(text: str) -> str:
    """Return ``text`` with a mark for each letter that would break a line or move the cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _printable(line: str) -> str:
    """Keep file names with undecodable bytes from ending the command that names them."""
    return line.encode("utf-8", "backslashreplace").decode("utf-8")
