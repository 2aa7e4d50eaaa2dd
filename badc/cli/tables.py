"""Counts as a table: drawn on a terminal; aligned plain text, never cut or wrapped, when piped."""

import sys
import unicodedata
from collections.abc import Sequence
from typing import Literal

from badc.cli.console import on_one_line, say, show

SPARKLINE = "over time"
"""The column whose bars are never folded."""


def show_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print ``rows`` under ``title``; numbers stand to the right."""
    cells = [[_text(value) for value in row] for row in rows]
    right = [
        bool(rows) and all(isinstance(row[n], int | float | None) for row in rows)
        for n in range(len(columns))
    ]
    if sys.stdout.isatty():
        _draw(title, columns, cells, right)
    else:
        _align(title, columns, cells, right)


def _draw(
    title: str, columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]
) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left")
    for name, to_right in zip(columns, right, strict=True):
        justify: Literal["left", "right"] = "right" if to_right else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name == SPARKLINE)
    for row in cells:
        table.add_row(*map(Text, row))
    show(table)


def _align(
    title: str, columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]
) -> None:
    lines = [list(columns), *map(list, cells)]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(columns))]
    say(title)
    for line in lines:
        padded = [
            " " * (width - _width(cell)) + cell if r else cell + " " * (width - _width(cell))
            for cell, width, r in zip(line, widths, right, strict=True)
        ]
        say("  ".join(padded).rstrip())
    say()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    return on_one_line(str(value))


def _width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )
