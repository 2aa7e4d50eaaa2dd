"""What happened to each chunk, as it happens: events, their JSONL log, and a view of both."""

from badc.telemetry.event import Event, seconds_since_1970, timestamp
from badc.telemetry.following import LogFollower, last_events
from badc.telemetry.highlights import Attempt, Highlights
from badc.telemetry.log import LogWriter, refuse_if_written
from badc.telemetry.log_view import LogView
from badc.telemetry.rows import Row, Tables, event_row, event_rows, worker_rows
from badc.telemetry.tally import WorkerTally
from badc.telemetry.view import RunView

__all__ = [
    "Attempt",
    "Event",
    "Highlights",
    "LogFollower",
    "LogView",
    "LogWriter",
    "Row",
    "RunView",
    "Tables",
    "WorkerTally",
    "event_row",
    "event_rows",
    "last_events",
    "refuse_if_written",
    "seconds_since_1970",
    "timestamp",
    "worker_rows",
]
