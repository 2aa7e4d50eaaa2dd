"""What a command prints.

Results go to standard output as plain lines, never wrapped or styled, so that a path can be
copied or piped whole. Errors, warnings and progress go to standard error.

Names, labels and what runners say come from elsewhere, and may hold what steers a terminal: none of
that reaches one. Into a file or a pipe results go unchanged.
"""

import re
import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 200
# Control characters but tab and line feed, and those that turn the direction of writing
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def say(line: str = "") -> None:
    """Print one line of results exactly as it is; on a terminal, what would steer it is shown."""
    shown = _harmless(line) if sys.stdout.isatty() else line
    sys.stdout.write(_printable(shown) + "\n")
    sys.stdout.flush()


def warn(line: str) -> None:
    """Print one line on standard error; what would steer a terminal is shown as an escape."""
    sys.stderr.write(_printable(_harmless(line)) + "\n")
    sys.stderr.flush()


def show(table: Table) -> None:
    """Print a table: as wide as the terminal, or wide enough for everything when piped."""
    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, soft_wrap=False)
    console.print(table)


def cell(value: object) -> Text:
    """Return a table's cell that shows ``value`` as it is: rich finds no markup in it."""
    return Text(_harmless(str(value)))


def _harmless(line: str) -> str:
    """Write what would steer a terminal as Python would, an escape as ``backslash x1b``."""
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], line)


def on_one_line(text: str) -> str:
    """Return ``text`` with a mark for each letter that would break a line or move the cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _printable(line: str) -> str:
    """Keep file names with undecodable bytes from ending the command that names them."""
    return line.encode("utf-8", "backslashreplace").decode("utf-8")
