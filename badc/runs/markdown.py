"""The little Markdown that reports are written in."""

import re
from collections.abc import Iterable, Sequence

_FENCES = re.compile("`+")
_MEANT_BY_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~])")


def plain(text: object) -> str:
    """Return ``text`` so that Markdown shows it as it is, on one line."""
    return _MEANT_BY_MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; numbers stand to the right. Empty text where there are no rows.

    Columns are Markdown already; cells are made plain.
    """
    listed = list(rows)
    if not listed:
        return ""
    rules = ["---:" if isinstance(cell, int | float) else "---" for cell in listed[0]]
    lines = [columns, rules, *([_cell(cell) for cell in row] for row in listed)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def section(title: str, body: str) -> str:
    """Return a headed section, or nothing where there is no body."""
    return f"\n## {title}\n\n{body}" if body else ""


def command_block(line: str) -> str:
    """Return a shell line to copy; its fence is longer than any that a path in it could bring."""
    longest = max(map(len, _FENCES.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{line}\n{fence}\n"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else plain(value)
