"""Time zones as people write them."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from badc.errors import UsageError

_OFFSET = re.compile(r"(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?")
_WIDEST_OFFSET = timedelta(hours=14)


def read_zone(text: str) -> tzinfo:
    """Return the zone named by ``America/Yellowknife`` (with its daylight saving), ``-07:00`` (a
    recorder clock that was never moved) or ``UTC``.

    Raises:
        UsageError: it is none of these.
    """  # noqa: D205 - the three forms belong together
    name = text.strip()
    if name.upper() in ("UTC", "Z"):
        return UTC
    if match := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if offset <= _WIDEST_OFFSET and int(match[3] or 0) < 60:
            return timezone(-offset if match[1] == "-" else offset)
    else:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise UsageError(
        f"{text!r} is no time zone.",
        "Write for example America/Yellowknife, -07:00 or UTC.",
    )
