"""How far a run is, told from its telemetry log: a bar on a terminal, plain lines elsewhere."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from badc.cli.console import warn
from badc.runs import InferPlan
from badc.telemetry import LogFollower

_LOOK_EVERY_S = 0.5
_LINE_EVERY_S = 30.0


class _Display(Protocol):
    def show(self, done: int, failed: int) -> None: ...
    def close(self) -> None: ...


class _Bar:
    """A live bar on standard error."""

    def __init__(self, total: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task("chunks", total=total)
        self._progress.start()

    def show(self, done: int, failed: int) -> None:
        words = f"chunks, {failed} failed" if failed else "chunks"
        self._progress.update(self._task, completed=done, description=words)

    def close(self) -> None:
        self._progress.stop()


class _Lines:
    """A plain line now and then, for logs and pipes."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._last = time.monotonic()

    def show(self, done: int, failed: int) -> None:
        if time.monotonic() - self._last >= _LINE_EVERY_S:
            self._last = time.monotonic()
            warn(f"{done} of {self._total} chunks done" + (f", {failed} failed" * bool(failed)))

    def close(self) -> None:
        pass


@contextmanager
def following(plan: InferPlan) -> Iterator[None]:
    """Show progress while the block runs, by following the run's own log."""
    outstanding = {chunk.key for chunk in plan.outstanding}
    total = len(outstanding)
    display: _Display = _Bar(total) if sys.stderr.isatty() else _Lines(total)
    ending = threading.Event()
    follower = LogFollower(plan.telemetry_log)
    for _ in follower.new_events():
        pass  # what earlier runs wrote is no progress of this one

    def follow() -> None:
        done = failed = 0
        last = False
        while not last:
            last = ending.wait(_LOOK_EVERY_S)
            for event in follower.new_events():
                done += event.status in ("success", "skipped") and event.key in outstanding
                failed += event.gives_up
            display.show(done, failed)

    thread = threading.Thread(target=follow, name="badc-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        display.close()
