"""What a device was doing at one moment, as an event's ``gpu_metrics`` tell it."""

from typing import NamedTuple

from badc.telemetry.event import Event, finite


class DeviceSnapshot(NamedTuple):
    """One moment of a GPU.

    Attributes:
        utilization_pct: how busy it was, None where the record does not say.
        used_mib, total_mib: its memory, likewise.
    """

    utilization_pct: float | None
    used_mib: float | None
    total_mib: float | None


def snapshots(event: Event) -> list[DeviceSnapshot]:
    """Return the device before and after an attempt, as far as the event knows; oldest first."""
    metrics = event.details.get("gpu_metrics")
    if not isinstance(metrics, dict):
        return []
    records = (metrics.get(moment) for moment in ("before", "after"))
    return [
        DeviceSnapshot(
            finite(record.get("utilization")),
            finite(record.get("memory_used_mb")),
            finite(record.get("memory_total_mb")),
        )
        for record in records
        if isinstance(record, dict)
    ]
