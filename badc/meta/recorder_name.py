"""When a recording began, as its recorder wrote it into the file's name.

Conventions, each told by its form alone:

- Wildlife Acoustics SM4 and Mini, ``PREFIX_YYYYMMDD_HHMMSS``; SM2 and SM3 with a channel tag
  (``_0_``, ``_1_``, ``_0+1_``) before the date, and ``$`` instead of the last ``_`` where the
  clock was set by GPS. The clock shows the site's time.
- AudioMoth, ``YYYYMMDD_HHMMSS`` (a ``T`` behind it marks triggered recordings), or the same behind
  the device's sixteen hexadecimal digits: usually UTC.
- Old AudioMoth, eight hexadecimal digits: seconds since 1970 in UTC.
- Frontier Labs BAR-LT, ``YYYYMMDDTHHMMSS+HHMM_REC [lat lon]``: local time with its offset.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

Clock = Literal["site", "bare", "stated"]

_AUDIO_SUFFIX = re.compile(r"\.(wav|flac|mp3|ogg|oga|opus|aiff?|aifc|m4a|wac|w4v)$", re.IGNORECASE)
CHUNK_SUFFIX = re.compile(r"_chunk_\d+_\d+$")

_FORMS: tuple[tuple[re.Pattern[str], Clock], ...] = (
    (
        re.compile(
            r"(?P<date>[0-9]{8})T(?P<time>[0-9]{6})(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})(?:_.*)?",
            re.DOTALL,
        ),
        "stated",
    ),
    (re.compile(r"(?:[0-9A-F]{16}_)?(?P<date>[0-9]{8})_(?P<time>[0-9]{6})T?"), "bare"),
    (
        re.compile(r".+?_(?:(?:0\+1|[01])_)?(?P<date>[0-9]{8})[_$](?P<time>[0-9]{6})", re.DOTALL),
        "site",
    ),
)
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{8}")

_CREDIBLE_YEARS = range(1900, 2200)  # beyond, no recorder ever was; and zones reckon badly there
_OLDEST_HEX = datetime(2016, 1, 1, tzinfo=UTC)  # before AudioMoth was first sold
_NEWEST_HEX = datetime(2038, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NamedTime:
    """A recording's start as its name has it.

    Attributes:
        wall: what the recorder's clock showed; with an offset only where ``clock`` is "stated".
        clock: "site": the site's time; "bare": an AudioMoth's name, nothing but date and time,
            which it writes in UTC unless set otherwise; "stated": the name gives the offset.
    """

    wall: datetime
    clock: Clock


def read_recorder_name(name: str) -> NamedTime | None:
    """Read the start from a file name or a recording or chunk id; None where it has none.

    An audio extension, in any case, and the ``_chunk_<start>_<end>`` of a chunk are no part of
    the recorder's name. A date or time that no calendar has, or no recorder can have seen, is none.
    """
    stem = CHUNK_SUFFIX.sub("", _AUDIO_SUFFIX.sub("", name))
    for form, clock in _FORMS:
        if match := form.fullmatch(stem):
            wall = _moment(match["date"], match["time"])
            return None if wall is None else NamedTime(_stated(wall, match), clock)
    if _HEXADECIMAL.fullmatch(stem):
        instant = datetime.fromtimestamp(int(stem, 16), UTC)
        if _OLDEST_HEX <= instant < _NEWEST_HEX:
            return NamedTime(instant, "stated")
    return None


def _moment(date: str, time: str) -> datetime | None:
    try:
        wall = datetime.strptime(date + time, "%Y%m%d%H%M%S")  # noqa: DTZ007 - a clock's face
    except ValueError:
        return None
    return wall if is_credible(wall) else None


def is_credible(wall: datetime) -> bool:
    """Say whether a recorder can have begun then, as far as the year tells."""
    return wall.year in _CREDIBLE_YEARS


def _stated(wall: datetime, match: re.Match[str]) -> datetime:
    """Add the offset, where the name states one."""
    text = match.groupdict().get("offset")
    if text is None:
        return wall
    if text == "Z":
        return wall.replace(tzinfo=UTC)
    minutes = min(int(text[1:3]) * 60 + int(text[-2:]), 24 * 60 - 1)
    return wall.replace(tzinfo=timezone((-1 if text[0] == "-" else 1) * timedelta(minutes=minutes)))
