"""A run's view as rows of plain values, for a terminal and for a table in the Prefect UI alike."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from badc.telemetry.event import Event, finite
from badc.telemetry.snapshot import snapshots
from badc.telemetry.view import RunView, Spread, WorkerView

Cell = str | int | float | None
Row = dict[str, Cell]

WORKER_COLUMNS = (
    "GPU",
    "Events",
    "Success",
    "Fail",
    "Retry attempts",
    "Failed attempts",
    "Avg runtime",
    "Util % min/avg/max",
    "VRAM max",
    "Util trend",
    "VRAM trend",
    "Retry trend",
    "Last status",
    "Last chunk",
    "Updated",
)
EVENT_COLUMNS = ("Time", "Status", "Chunk", "GPU", "Runtime", "Attempt", "Metrics")

_BARS = "▁▂▃▄▅▆▇█"
_FEW_RETRIES = 3
_ERROR_LETTERS = 200


class Tables(NamedTuple):
    """A view as two tables: one row per worker, and the latest events, the newest last."""

    workers: list[Row]
    events: list[Row]


def worker_rows(view: RunView) -> list[Row]:
    """Return one row per worker, GPUs first; what is not known of it is None."""
    return [
        _worker_row(label, view.workers[label]) for label in sorted(view.workers, key=_slot_order)
    ]


def event_rows(view: RunView, tail: int) -> list[Row]:
    """Return the last ``tail`` events (as far as the view keeps them), the newest last."""
    latest = list(view.latest)
    return [event_row(event) for event in latest[max(0, len(latest) - tail) :]]


def event_row(event: Event) -> Row:
    """Return one event as a row."""
    cells: tuple[Cell, ...] = (
        _moment(event),
        _status(event),
        plain(str(event.key)),
        plain(event.worker),
        None if event.runtime_s is None else f"{event.runtime_s:.2f} s",
        event.attempt,
        ", ".join(_metrics(event)) or None,
    )
    return dict(zip(EVENT_COLUMNS, cells, strict=True))


def plain(text: str) -> str:
    """Keep what a log holds from steering a terminal or breaking a request to Prefect."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _worker_row(label: str, worker: WorkerView) -> Row:
    tally, memory = worker.tally, worker.used_mib
    cells: tuple[Cell, ...] = (
        plain(label),
        worker.events,
        tally.success,
        tally.failure,
        tally.retries,
        tally.failed_retries,
        f"{worker.runtime_s.mean:.2f} s" if worker.runtime_s.count else None,
        _least_mean_most(worker.utilization_pct),
        _memory(memory.most, worker.total_mib) if memory.count else None,
        _sparkline(worker.utilization_trend, 100),
        _sparkline(worker.memory_trend, worker.total_mib or memory.most),
        _sparkline(worker.retry_trend, max([_FEW_RETRIES, *worker.retry_trend])),
        _status(worker.last),
        plain(str(worker.last.key)),
        _moment(worker.last),
    )
    return dict(zip(WORKER_COLUMNS, cells, strict=True))


def _slot_order(label: str) -> tuple[int, str, int]:
    """Order gpu-2 before gpu-10, GPUs before CPUs, and those before whatever else reports."""
    kind, _, number = label.rpartition("-")
    if kind in ("gpu", "cpu") and number.isascii() and number.isdigit() and len(number) < 10:
        return (0 if kind == "gpu" else 1, "", int(number))
    return (2, label, 0)


def _least_mean_most(spread: Spread) -> str | None:
    if not spread.count:
        return None
    return f"{spread.least:.0f}/{spread.mean:.0f}/{spread.most:.0f}"


def _memory(used_mib: float, total_mib: float | None) -> str:
    return f"{used_mib:.0f}/{total_mib:.0f} MiB" if total_mib else f"{used_mib:.0f} MiB"


def _sparkline(figures: Iterable[float], full: float) -> str | None:
    """Return one bar for each figure, the lowest for nothing and the highest for ``full``."""
    shares = (min(1.0, max(0.0, figure / full if full > 0 else 0.0)) for figure in figures)
    return "".join(_BARS[round(share * (len(_BARS) - 1))] for share in shares) or None


def _status(event: Event) -> str:
    return "interrupted" if event.interrupted else event.status


def _moment(event: Event) -> str:
    """Return when the event was reported, ISO 8601 in UTC to the second."""
    said = event.finished_at or event.timestamp
    try:
        return f"{datetime.fromisoformat(said).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return plain(said)


def _metrics(event: Event) -> Iterable[str]:
    """Tell the device after the attempt and what came of it; of a failure, what went wrong."""
    for seen in snapshots(event)[-1:]:
        if seen.utilization_pct is not None:
            yield f"util {seen.utilization_pct:.0f} %"
        if seen.used_mib is not None:
            yield f"VRAM {_memory(seen.used_mib, seen.total_mib)}"
    detections = finite(event.details.get("detections"))
    if event.status == "success" and detections is not None:
        yield f"{detections:.0f} detection" + "s" * (detections != 1)
    error = event.details.get("error")
    if event.status == "failure" and isinstance(error, str):
        yield plain(" ".join(error.split())[:_ERROR_LETTERS])
