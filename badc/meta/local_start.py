"""A recording's start as local time, and how its clock runs on from there."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from badc.meta.recorder_name import NamedTime

_HORIZON = timedelta(hours=48)  # no recorder writes longer files


@dataclass(frozen=True, slots=True)
class LocalStart:
    """Local start of a recording.

    Attributes:
        wall: local date and time, without zone.
        offset: from UTC, or None where the zone is unknown.
        switch_after: how long after the start the offset changes (daylight saving), if it does
            within two days.
        offset_after: the offset from then on.
    """

    wall: datetime
    offset: timedelta | None = None
    switch_after: timedelta | None = None
    offset_after: timedelta | None = None

    def isoformat(self) -> str:
        """Return ISO 8601, with the offset where it is known."""
        return self.wall.isoformat(timespec="seconds") + offset_text(self.offset)


def local_start(named: NamedTime, site_zone: tzinfo | None, bare_zone: tzinfo | None) -> LocalStart:
    """Turn what a name says into the site's local time.

    Args:
        named: the name's date and time.
        site_zone: the site's zone, where known: what the start is told in.
        bare_zone: the zone of names that are only date and time; None means the site's.

    An hour that the clock of the site's zone shows twice is taken for the first of the two; an
    hour that it skips, for a clock that was not yet moved.
    """
    clock_zone = {"stated": named.wall.tzinfo, "bare": bare_zone, "site": None}[named.clock]
    clock_zone = clock_zone or site_zone
    if clock_zone is None:
        return LocalStart(named.wall.replace(tzinfo=None))
    # by way of UTC, so that an hour the zone skips becomes one that its clocks did show
    instant = named.wall.replace(tzinfo=clock_zone).astimezone(UTC)
    zone = site_zone or clock_zone
    here = instant.astimezone(zone)
    switch_after = _switch_after(instant, zone)
    return LocalStart(
        wall=here.replace(tzinfo=None),
        offset=here.utcoffset(),
        switch_after=switch_after,
        offset_after=None if switch_after is None else _offset(instant + switch_after, zone),
    )


def offset_text(offset: timedelta | None) -> str:
    """Return ``+10:00``, ``-06:00``, or nothing for None."""
    if offset is None:
        return ""
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _offset(instant: datetime, zone: tzinfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def _switch_after(instant: datetime, zone: tzinfo) -> timedelta | None:
    """Find, to the second, when the zone's offset changes within the horizon."""
    before = _offset(instant, zone)
    if _offset(instant + _HORIZON, zone) == before:
        return None
    unchanged_s, changed_s = 0, round(_HORIZON.total_seconds())
    while changed_s - unchanged_s > 1:
        middle_s = (unchanged_s + changed_s) // 2
        if _offset(instant + timedelta(seconds=middle_s), zone) == before:
            unchanged_s = middle_s
        else:
            changed_s = middle_s
    return timedelta(seconds=changed_s)
