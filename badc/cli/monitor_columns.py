"""The columns of the monitor's two tables, wide and narrow, and what stands in them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from badc.cli.fitting import Column
from badc.telemetry import Row

WORKERS_WIDE = (
    Column("GPU", "GPU"),
    Column("Events", "Events", right=True),
    Column("Success", "Success", right=True),
    Column("Fail", "Fail", right=True),
    Column("Retry attempts", "Retry\nattempts", right=True),
    Column("Failed attempts", "Failed\nattempts", right=True),
    Column("Avg runtime", "Avg\nruntime", right=True),
    Column("Util % min/avg/max", "Util %\nmin/avg/max", right=True),
    Column("VRAM max", "VRAM\nmax", right=True),
    Column("Util trend", "Util\ntrend", 8, "latest"),
    Column("VRAM trend", "VRAM\ntrend", 8, "latest"),
    Column("Retry trend", "Retry\ntrend", 8, "latest"),
    Column("Last status", "Last\nstatus"),
    Column("Last chunk", "Last\nchunk", 16, "tail"),
    Column("Updated", "\nUpdated"),
)
WORKERS_NARROW = (
    Column("GPU", "GPU"),
    Column("Events", "Events", rank=14, right=True),
    Column("Success", "Success", rank=1, right=True),
    Column("Fail", "Fail", rank=2, right=True),
    Column("Retry/failed", "Retry/\nfailed", rank=3, right=True),
    Column("Avg runtime", "Avg\nruntime", rank=5, right=True),
    Column("Util % min/avg/max", "Util %\nmin/avg/max", rank=6, right=True),
    Column("VRAM MiB", "VRAM\nMiB", rank=8, right=True),
    Column("Util trend", "Util\ntrend", 6, "latest", rank=7),
    Column("VRAM trend", "VRAM\ntrend", 6, "latest", rank=12),
    Column("Retry trend", "Retry\ntrend", 6, "latest", rank=10),
    Column("Last status", "Last\nstatus", rank=11),
    Column("Last chunk", "Last\nchunk", 12, "tail", rank=13),
    Column("Updated", "\nUpdated", rank=4),
)
EVENTS_WIDE = (
    Column("Time", "Time"),
    Column("Status", "Status"),
    Column("Chunk", "Chunk", 24, "tail"),
    Column("GPU", "GPU"),
    Column("Runtime", "Runtime", right=True),
    Column("Attempt", "Attempt", right=True),
    Column("Metrics", "Metrics", 40),
)
EVENTS_NARROW = (
    Column("Time", "Time"),
    Column("Status", "Status", rank=1),
    Column("Chunk", "Chunk", 16, "tail", rank=2),
    Column("GPU", "GPU", rank=3),
    Column("Runtime", "Runtime", rank=4, right=True),
    Column("Attempt", "Try", rank=6, right=True),
    Column("Metrics", "Metrics", 12, rank=5),
)

_MOMENTS = ("Time", "Updated")
_CHUNKS = ("Chunk", "Last chunk")


def texts(rows: Sequence[Row], now: datetime) -> list[dict[str, str]]:
    """Return rows as a terminal shows them: local times, and two columns merged for narrow ones.

    A chunk whose id begins with its recording's, as BADC's own do, is shown by its id alone.
    """
    shown = []
    for row in rows:
        cells = {name: "" if value is None else str(value) for name, value in row.items()}
        cells |= {name: _clock(cells[name], now) for name in _MOMENTS if name in cells}
        cells |= {name: _chunk(cells[name]) for name in _CHUNKS if name in cells}
        if "VRAM max" in cells:
            cells["Retry/failed"] = f"{cells['Retry attempts']}/{cells['Failed attempts']}"
            cells["VRAM MiB"] = cells["VRAM max"].removesuffix(" MiB").partition("/")[0]
        shown.append(cells)
    return shown


def moment(said: str) -> datetime | None:
    """Read a row's time, None if it is none."""
    try:
        return datetime.fromisoformat(said).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _chunk(key: str) -> str:
    recording, _, chunk = key.partition("/")
    return chunk if recording and chunk.startswith(recording) else key


def _clock(said: str, now: datetime) -> str:
    """Return a moment as the local clock shows it, with its date if that is not today."""
    at = moment(said)
    if at is None:
        return said
    local = at.astimezone()
    return (
        f"{local:%H:%M:%S}"
        if local.date() == now.astimezone().date()
        else f"{local:%m-%d %H:%M:%S}"
    )
