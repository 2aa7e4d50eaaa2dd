"""What happened to each chunk, as it happens: events, their JSONL log, and a view of both."""

from badc.telemetry.event import Event, timestamp
from badc.telemetry.highlights import Attempt, Highlights
from badc.telemetry.log import LogFollower, LogWriter
from badc.telemetry.rows import Row, event_rows, worker_rows
from badc.telemetry.tally import WorkerTally
from badc.telemetry.view import RunView

__all__ = [
    "Attempt",
    "Event",
    "Highlights",
    "LogFollower",
    "LogWriter",
    "Row",
    "RunView",
    "WorkerTally",
    "event_rows",
    "timestamp",
    "worker_rows",
]
