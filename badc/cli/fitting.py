"""Fitting a table into a terminal's width: what is elided, and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

_DOTS = "…"

Keep = Literal["head", "tail", "latest"]
"""Which end of a cell stays when it is elided; dots mark the other, but of a sparkline."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table that is to fit.

    Attributes:
        name: the row's key.
        header: its heading, a line break where it may stand on two lines.
        least: how narrow it may become, None if it is shown whole or not at all.
        keep: which end of an elided cell stays.
        rank: the column with the highest goes first when there is no room.
        right: whether it stands to the right.
    """

    name: str
    header: str
    least: int | None = None
    keep: Keep = "head"
    rank: int = 0
    right: bool = False

    def natural(self, cells: Sequence[str]) -> int:
        """Return the width that shows everything."""
        return max(map(cell_len, [*self.header.split("\n"), *cells]))

    def narrowest(self, cells: Sequence[str]) -> int:
        """Return the width below which the column says too little."""
        natural = self.natural(cells)
        if self.least is None:
            return natural
        return min(natural, max(self.least, *map(cell_len, self.header.split("\n"))))


Rows = Sequence[dict[str, str]]


def fit(
    columns: Sequence[Column], rows: Rows, width: int, gap: int
) -> list[tuple[Column, list[str]]] | None:
    """Return the columns with their cells elided to fit ``width``, or None if they cannot."""
    cells = [[row[column.name] for row in rows] for column in columns]
    widths = [column.narrowest(each) for column, each in zip(columns, cells, strict=True)]
    spare = width - sum(widths) - gap * (len(columns) - 1)
    if spare < 0:
        return None
    growing = [n for n, column in enumerate(columns) if column.natural(cells[n]) > widths[n]]
    while spare and growing:
        for n in growing[:spare]:
            widths[n] += 1
        spare = max(0, spare - len(growing))
        growing = [n for n in growing if columns[n].natural(cells[n]) > widths[n]]
    return [
        (column, [elide(cell, room, column.keep) for cell in each])
        for column, each, room in zip(columns, cells, widths, strict=True)
    ]


def fit_some(
    columns: Sequence[Column], rows: Rows, width: int, gap: int
) -> list[tuple[Column, list[str]]]:
    """Fit as many columns as there is room for: empty ones go first, then by their rank."""
    left = list(columns)
    while (fitted := fit(left, rows, width, gap)) is None and len(left) > 1:
        empty = {column.name for column in left if not any(row[column.name] for row in rows)}
        left.remove(max(left, key=lambda column: (column.name in empty, column.rank)))
    return fitted or []


def elide(text: str, width: int, keep: Keep = "head") -> str:
    """Return ``text`` cut to ``width`` columns of a terminal, dots where something is missing."""
    if cell_len(text) <= width:
        return text
    room = width - 1 if keep != "latest" else width
    kept = text
    while kept and cell_len(kept) > room:
        kept = kept[:-1] if keep == "head" else kept[1:]
    return {"head": kept + _DOTS, "tail": _DOTS + kept, "latest": kept}[keep]
