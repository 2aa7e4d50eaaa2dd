"""The view of a log that grows, and may be replaced by another."""

from pathlib import Path

from badc.telemetry.following import LogFollower
from badc.telemetry.rows import Tables, event_rows, worker_rows
from badc.telemetry.view import RunView


class LogView:
    """Two tables of a log, brought up to date by reading what was added since.

    A log that another one has replaced is forgotten, and the new one seen from its beginning.

    Attributes:
        title: what it is called where it is shown.
    """

    def __init__(self, path: Path, tail: int) -> None:
        self.title = str(path)
        self._path = path
        self._tail = tail
        self._follower = LogFollower(path, started_over=self._forget)
        self._view = RunView(keep=tail)

    def look(self) -> Tables | None:
        """Return the tables as they are now, or None while there is no log."""
        for event in self._follower.new_events():
            self._view.fold(event)
        if not self._view.workers and not self._path.exists():
            return None
        return Tables(worker_rows(self._view), event_rows(self._view, self._tail))

    def _forget(self) -> None:
        self._view = RunView(keep=self._tail)
