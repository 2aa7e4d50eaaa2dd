"""The figures of a benchmark as rows of one table."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

_HEADER = ("case", "figure", "met", "beside")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        what: what was measured.
        figure, unit: how much; None for a case that could not be measured.
        beside: what it is to be read beside, such as a limit or a ratio within the same run.
        met: whether it keeps to its limit; None where there is none.
        benchmark: the module that measured it.
    """

    what: str
    figure: float | None
    unit: str = ""
    beside: str = ""
    met: bool | None = None
    benchmark: str = ""

    @classmethod
    def at_most(cls, what: str, figure: float, unit: str, limit: float, beside: str = "") -> Self:
        """Return a figure that is not to exceed a limit."""
        told = f"at most {_number(limit)}{', ' * bool(beside)}{beside}"
        return cls(what, figure, unit, told, met=figure <= limit)

    @classmethod
    def at_least(cls, what: str, figure: float, unit: str, limit: float, beside: str = "") -> Self:
        """Return a figure that is not to fall below a limit."""
        told = f"at least {_number(limit)}{', ' * bool(beside)}{beside}"
        return cls(what, figure, unit, told, met=figure >= limit)

    @classmethod
    def absent(cls, what: str, why: str) -> Self:
        """Return the row of a case that was not measured."""
        return cls(what, None, "", why)

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row as the table shows it."""
        figure = "-" if self.figure is None else f"{_number(self.figure)} {self.unit}".strip()
        met = "" if self.met is None else "yes" if self.met else "NO"
        return f"  {self.what}", figure, met, self.beside


def table(rows: Iterable[Row]) -> str:
    """Return all rows, aligned, under the names of their benchmarks."""
    lines: list[tuple[str, str, str, str]] = [_HEADER]
    benchmark = ""
    for row in rows:
        if row.benchmark != benchmark:
            benchmark = row.benchmark
            lines.append((benchmark, "", "", ""))
        lines.append(row.cells)
    what, figure, met = (max(len(line[number]) for line in lines) for number in range(3))
    return "\n".join(
        f"{line[0]:{what}}  {line[1]:>{figure}}  {line[2]:{met}}  {line[3]}".rstrip()
        for line in lines
    )


def of_benchmark(rows: Iterable[Row], name: str) -> list[Row]:
    """Return the rows with their benchmark's name."""
    return [replace(row, benchmark=name) for row in rows]


def write_rows(path: Path, machine: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows as JSON, with the machine that they come from."""
    told = {"machine": list(machine), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def read_rows(path: Path) -> list[Row]:
    """Return what :func:`write_rows` wrote."""
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]]


def _number(figure: float) -> str:
    """Return three digits that mean something, never an exponent."""
    for least, digits in ((100, 0), (10, 1), (1, 2)):
        if abs(figure) >= least:
            return f"{figure:,.{digits}f}" if figure % 1 else f"{figure:,.0f}"
    return f"{figure:.3f}" if figure else "0"
