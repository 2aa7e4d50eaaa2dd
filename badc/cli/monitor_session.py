"""Showing a run's view once, or again and again until Ctrl-C."""

import contextlib
import os
import sys
import time
from typing import Protocol

from rich.console import Console
from rich.live import Live

from badc.cli.console import say, warn
from badc.cli.monitor_page import page, waiting
from badc.cli.tables import show_rows
from badc.errors import UsageError
from badc.telemetry import Tables

_LOOK_AT_SIZE_EVERY_S = 0.25


class Source(Protocol):
    """Where a view comes from.

    Attributes:
        title: what it is called on the screen.
    """

    title: str

    def look(self) -> Tables | None:
        """Return the view as it is now, or None if there is none yet."""


def show(source: Source) -> None:
    """Print the view once.

    Raises:
        UsageError: there is none yet.
    """
    tables = source.look()
    if tables is None:
        raise UsageError(
            f"{source.title}: there is nothing to see yet.",
            "A run shows within seconds of its first chunk; --follow waits for it.",
        )
    _print(tables, source.title)


def watch(source: Source, interval_s: float) -> None:
    """Show the view every ``interval_s`` seconds until Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        if _can_draw():
            _in_place(source, interval_s)
        else:
            _as_it_changes(source, interval_s)


def _in_place(source: Source, interval_s: float) -> None:
    """Draw over what was drawn before, on a screen of its own; leave the last view behind."""
    console = Console()
    tables = None
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            _draw(live, tables, source.title)
            while True:
                tables = source.look() or tables
                _draw(live, tables, source.title)
                _wait(live, tables, source.title, interval_s)
    finally:
        if tables is not None:
            _print(tables, source.title)


def _draw(live: Live, tables: Tables | None, title: str) -> None:
    width, height = live.console.size
    shown = waiting(title, width) if tables is None else page(tables, title, width, height)
    live.update(shown, refresh=True)


def _wait(live: Live, tables: Tables | None, title: str, interval_s: float) -> None:
    """Let an interval pass; a terminal that changes its size meanwhile is drawn at once."""
    end = time.monotonic() + interval_s
    size = live.console.size
    while (left_s := end - time.monotonic()) > 0:
        time.sleep(min(left_s, _LOOK_AT_SIZE_EVERY_S))
        if live.console.size != size:
            size = live.console.size
            _draw(live, tables, title)


def _as_it_changes(source: Source, interval_s: float) -> None:
    """Print the tables whenever they have changed, for a file or a pipe."""
    shown = None
    while True:
        tables = source.look()
        if tables is None and shown is None:
            warn(f"Waiting for {source.title}")
            shown = Tables([], [])
        elif tables is not None and tables != shown:
            _print(tables, source.title)
            shown = tables
        time.sleep(interval_s)


def _print(tables: Tables, title: str) -> None:
    """Print the tables: fitted to a terminal, whole and plain when piped."""
    if not tables.workers:
        say(f"{title}: no events yet.")
    elif _can_draw():
        console = Console()
        console.print(page(tables, title, console.width))
    else:
        for heading, rows in ((f"Workers of {title}", tables.workers), ("Events", tables.events)):
            columns = list(rows[0]) if rows else []
            show_rows(heading, columns, [list(row.values()) for row in rows])


def _can_draw() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")
