"""What happened to each chunk, as it happens: events, and the JSONL log that keeps them."""

from badc.telemetry.event import Event, timestamp
from badc.telemetry.log import LogFollower, LogWriter

__all__ = ["Event", "LogFollower", "LogWriter", "timestamp"]
