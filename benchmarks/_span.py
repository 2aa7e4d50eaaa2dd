"""How long a run listened, by its own telemetry."""

import json
import sys
from datetime import datetime
from pathlib import Path


def span_s(log: Path, chunks: int) -> float:
    """Return seconds from the first chunk's start to the last one's success: no start-up.

    Raises:
        SystemExit: not every chunk was heard.
    """
    events = [json.loads(line) for line in log.read_text().splitlines()]
    heard = [event for event in events if event["status"] == "success"]
    if len(heard) != chunks:
        sys.exit(f"Only {len(heard)} of {chunks} chunks were heard.")
    began = min(datetime.fromisoformat(event["timestamp"]) for event in heard)
    ended = max(datetime.fromisoformat(event["finished_at"]) for event in heard)
    return (ended - began).total_seconds()
