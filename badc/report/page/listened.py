"""Listening time, hour by hour."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from badc.report.page.facts import Listening

_HOUR = timedelta(hours=1)


def by_day_and_hour(listening: Iterable[Listening]) -> dict[tuple[date, int], float]:
    """Return (local day, hour of the day) -> seconds listened to.

    Each recording is taken to be listened to from its start on, without a gap. Recordings whose
    start is unknown are left out.
    """
    seconds: dict[tuple[date, int], float] = {}
    for each in listening:
        for slot, part in _slots(each):
            seconds[slot] = seconds.get(slot, 0) + part
    return seconds


def by_hour(listening: Iterable[Listening]) -> list[float]:
    """Return the seconds listened to in each hour of the day."""
    seconds = [0.0] * 24
    for (_, hour), part in by_day_and_hour(listening).items():
        seconds[hour] += part
    return seconds


def _slots(each: Listening) -> Iterator[tuple[tuple[date, int], float]]:
    at, left = each.started, each.seconds
    while at is not None and left > 0:
        to_next = _HOUR - timedelta(minutes=at.minute, seconds=at.second)
        part = min(left, to_next.total_seconds())
        yield (at.date(), at.hour), part
        at, left = at + to_next, left - part
