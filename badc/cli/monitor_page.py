"""What a monitor shows on a terminal: a heading, the workers, the latest events. Never wrapped."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from badc.cli.fitting import Column, Rows, elide, fit, fit_some
from badc.cli.monitor_columns import (
    EVENTS_NARROW,
    EVENTS_WIDE,
    WORKERS_NARROW,
    WORKERS_WIDE,
    moment,
    texts,
)
from badc.telemetry import Row, Tables

_WIDE_GAP, _NARROW_GAP = 2, 1
_LINES_AROUND = 7  # heading 2, workers' heads 2, events' head 1, two blank
_FEWEST_EVENTS = 3
_LONG_SILENCE = timedelta(minutes=2)

_TOTALS = {
    "Success": ("heard", "green"),
    "Fail": ("failed", "bold red"),
    "Retry attempts": ("retry attempts", "yellow"),
    "Failed attempts": ("failed attempts", "yellow"),
}
_COLUMN_STYLES = {
    "Fail": "bold red",
    "Util trend": "green",
    "VRAM trend": "blue",
    "Retry trend": "yellow",
    "Time": "dim",
    "Updated": "dim",
}
_STATUS_STYLES = {
    "success": "green",
    "failure": "bold red",
    "interrupted": "yellow",
    "start": "cyan",
    "skipped": "dim",
}


def page(tables: Tables, title: str, width: int, height: int | None = None) -> RenderableType:
    """Return the tables for a terminal ``width`` columns wide, at most ``height`` lines high.

    Workers have precedence over events, of which the newest stay; a height of None shows all.
    """
    now = datetime.now(UTC)
    workers, events = texts(tables.workers, now), texts(tables.events, now)
    more = 0
    if height is not None:
        room = max(1, height - _LINES_AROUND - min(_FEWEST_EVENTS, len(events)))
        if len(workers) > room:
            more = len(workers) - room + 1
            workers = workers[: room - 1]
        left = max(0, height - _LINES_AROUND - len(workers) - bool(more))
        events = events[max(0, len(events) - left) :]
    parts: list[RenderableType] = [
        _title(title, now, width),
        _totals(tables.workers, now, width),
        Text(),
        _fitted(WORKERS_WIDE, WORKERS_NARROW, workers, width),
    ]
    if more:
        parts.append(Text(f"… and {more} more workers", "dim"))
    if events:
        parts += [Text(), _fitted(EVENTS_WIDE, EVENTS_NARROW, events, width)]
    return Group(*parts)


def waiting(title: str, width: int) -> RenderableType:
    """Return what is shown while there is nothing to show."""
    return Text(elide(f"Waiting for {title}", width, "tail"), "dim")


def _title(title: str, now: datetime, width: int) -> Text:
    clock = f"{now.astimezone():%H:%M:%S}"
    room = max(1, width - len(clock) - 2)
    shown = elide(title, room, "tail")
    return _line(
        width, (shown, "bold"), (" " * (room + 2 - Text(shown).cell_len), ""), (clock, "dim")
    )


def _totals(workers: Sequence[Row], now: datetime, width: int) -> Text:
    """Return all workers' counts in one line, and since when nothing has happened."""
    parts = []
    for name, (words, style) in _TOTALS.items():
        count = sum(value for row in workers if isinstance(value := row[name], int))
        parts.append((f"{words} {count:,}  ", style if count else "dim"))
    moments = [at for row in workers if (at := moment(str(row["Updated"]))) is not None]
    if moments:
        silence = now - max(moments)
        style = "yellow" if silence > _LONG_SILENCE else "dim"
        parts.append((f"last event {_ago(silence)}", style))
    return _line(width, *parts)


def _fitted(wide: Sequence[Column], narrow: Sequence[Column], rows: Rows, width: int) -> Table:
    """Return the table with all its columns if there is room for them, else a narrower one."""
    fitted = fit(wide, rows, width, _WIDE_GAP)
    if fitted is not None:
        return _drawn(fitted, _WIDE_GAP)
    return _drawn(fit_some(narrow, rows, width, _NARROW_GAP), _NARROW_GAP)


def _drawn(fitted: Sequence[tuple[Column, list[str]]], gap: int) -> Table:
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")
    for column, _ in fitted:
        justify: Literal["left", "right"] = "right" if column.right else "left"
        table.add_column(column.header, justify=justify, no_wrap=True)
    for cells in zip(*(cells for _, cells in fitted), strict=True):
        styled = zip(cells, fitted, strict=True)
        table.add_row(*(Text(cell, _style(column.name, cell)) for cell, (column, _) in styled))
    return table


def _style(name: str, cell: str) -> str:
    if name in ("Status", "Last status"):
        return _STATUS_STYLES.get(cell, "")
    return "" if cell == "0" else _COLUMN_STYLES.get(name, "")


def _ago(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    for limit, unit_s, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds // unit_s} {unit} ago"
    return f"{seconds // 86_400} days ago"


def _line(width: int, *parts: tuple[str, str]) -> Text:
    line = Text.assemble(*parts, no_wrap=True)
    line.truncate(width, overflow="ellipsis")
    return line
