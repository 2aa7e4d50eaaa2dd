"""``badc telemetry``: the last records of a telemetry log, plainly."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli.console import say
from badc.cli.telemetry_log import DEFAULT_LOG, require_log

_RECORDS = 10


def telemetry(
    log: Annotated[Path, typer.Option(help="Telemetry log (JSONL).")] = DEFAULT_LOG,
) -> None:
    """Print the last ten records of a telemetry log."""
    from badc.telemetry import Row, event_row, last_events

    def line(row: Row) -> str:
        attempt = row["Attempt"] and f"attempt {row['Attempt']}"
        first = f"{row['Time']}  {row['Status']:11}  {row['GPU']:6}  {row['Chunk']}"
        rest = (row["Runtime"], attempt, row["Metrics"])
        return "  ".join([first, *(str(word) for word in rest if word is not None)])

    require_log(log)
    events = last_events(log, _RECORDS)
    for event in events:
        say(line(event_row(event)))
    if not events:
        say(f"{log}: no events yet.")
