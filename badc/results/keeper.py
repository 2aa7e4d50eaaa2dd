"""Keeps a summary current on disk while a run goes on."""

import contextlib
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from badc.errors import BadcError
from badc.results.summary import RunSummary
from badc.telemetry import Event

_SHORTEST_PAUSE_S = 1.0
_PAUSE_PER_WRITE = 20  # spend at most a twentieth of the time on writing


class SummaryKeeper:
    """Folds events and writes the summary at most seconds later, and once more at the end.

    Writing happens in a thread of its own, so that a large summary holds nobody up.

    Attributes:
        fault: why the last word could not be written, or None.
    """

    def __init__(self, summary: RunSummary, path: Path) -> None:
        self.summary = summary
        self.path = path
        self.fault: BadcError | None = None
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="badc-summary", daemon=True)

    def fold(self, event: Event) -> None:
        """Take in one event; thread-safe."""
        with self._lock:
            self.summary.fold(event)
        self._changed.set()

    def __enter__(self) -> Self:
        self.summary.write(self.path)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._changed.set()
        self._thread.join()
        try:
            with self._lock:
                self.summary.write(self.path)
                self.summary.write_workers(workers_path(self.path))
        except BadcError as fault:  # how the chunks ended is worth more
            self.fault = fault

    def _keep(self) -> None:
        while not self._ending.is_set():
            self._changed.wait()
            self._changed.clear()
            began = time.monotonic()
            with self._lock:
                snapshot = RunSummary(
                    self.summary.telemetry_log,
                    dict(self.summary.workers),
                    dict(self.summary.jobs),
                )
            with contextlib.suppress(BadcError):  # a full disk may recover
                snapshot.write(self.path)
            spent_s = time.monotonic() - began
            self._ending.wait(max(_SHORTEST_PAUSE_S, _PAUSE_PER_WRITE * spent_s))


def workers_path(summary_path: Path) -> Path:
    """Return where the per-worker CSV of a summary stands."""
    return summary_path.with_name(f"{summary_path.name}.workers.csv")
