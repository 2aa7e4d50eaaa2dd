"""What happened to each chunk, as it happens: events, and the JSONL log that keeps them."""

from badc.telemetry.event import Event, seconds_since_1970, timestamp
from badc.telemetry.log import LogFollower, LogWriter

__all__ = ["Event", "LogFollower", "LogWriter", "seconds_since_1970", "timestamp"]
