"""``badc infer monitor``: a run as its telemetry log, or its Prefect server, tells it."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from badc.cli.telemetry_log import DEFAULT_LOG, require_log
from badc.errors import UsageError

_MOST_EVENTS = 10_000
_SHORTEST_INTERVAL_S = 0.1

Option = typer.Option


def monitor(
    log: Annotated[
        Path | None, Option(help=f"Telemetry log (JSONL).  [default: {DEFAULT_LOG}]")
    ] = None,
    run: Annotated[
        str | None,
        Option(
            metavar="ID|latest", help="Ask the Prefect server instead: a run's id, name, or latest."
        ),
    ] = None,
    tail: Annotated[int, Option(min=1, max=_MOST_EVENTS, help="Latest events to show.")] = 15,
    follow: Annotated[
        bool, Option("--follow/--once", help="Refresh until Ctrl-C, or show it once.")
    ] = False,
    interval: Annotated[float, Option(help="Seconds between refreshes.")] = 5.0,
) -> None:
    """Show how a run is doing: its workers, and its latest events.

    With --follow, a log that is not there yet is waited for.
    """
    from badc.cli.monitor_session import Source, show, watch
    from badc.telemetry import LogView

    if not (_SHORTEST_INTERVAL_S <= interval < math.inf):
        raise UsageError(
            f"--interval {interval:g}: is no time to wait between refreshes.",
            f"Give seconds, {_SHORTEST_INTERVAL_S:g} or more.",
        )
    if log is not None and run is not None:
        raise UsageError("--log and --run exclude each other.", "Leave one of them out.")
    source: Source
    if run is not None:
        source = _flow_run(run, tail)
    else:
        require_log(log or DEFAULT_LOG, may_come=follow)
        source = LogView(log or DEFAULT_LOG, tail)
    if follow:
        watch(source, interval)
    else:
        show(source)


def _flow_run(words: str, tail: int) -> Any:  # noqa: ANN401 - a class that costs Prefect's import
    from flows.settings import settle_prefect

    settle_prefect()
    from flows.watching import find_run

    return find_run(words, tail)
