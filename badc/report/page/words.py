"""How labels, numbers and times read on the page."""

from datetime import date, datetime

_LONGEST_LABEL = 34
_DASH = "\N{EN DASH}"


def printable(text: str | None) -> str:
    """Return ``text`` on one line, without characters that an SVG must not hold."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text or "")


def short(text: str, longest: int = _LONGEST_LABEL) -> str:
    """Return ``text`` cut to fit beside a chart."""
    clean = printable(text)
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 recording`` or ``1,200 recordings``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(total_s: float) -> str:
    """Return a span of listening: ``40 s``, ``12 min``, ``1.5 h``, ``1,200 h``."""
    if total_s < 120:
        return f"{total_s:.0f} s"
    if total_s < 7200:
        return f"{total_s / 60:.0f} min"
    return f"{total_s / 3600:,.1f} h" if total_s < 360_000 else f"{total_s / 3600:,.0f} h"


def clock(time_ms: int) -> str:
    """Return a place in a recording: ``12:05.3`` or ``1:12:05.3``."""
    sign = "-" if time_ms < 0 else ""
    minutes, rest_ms = divmod(abs(time_ms), 60_000)
    hours, minutes = divmod(minutes, 60)
    lead = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{lead}:{rest_ms // 1000:02d}.{rest_ms % 1000 // 100}"


def local(text: str | None) -> datetime | None:
    """Return the wall time of an ISO 8601 text, its offset left out; None where it is none."""
    try:
        return datetime.fromisoformat((text or "")[:19])
    except ValueError:
        return None


def day(when: date) -> str:
    """Return ``3 May 2026``."""
    return f"{when.day} {when:%b %Y}"


def days(first: date, last: date) -> str:
    """Return ``3-9 May 2026``, ``28 Apr - 3 May 2026`` or as much as is needed, with dashes."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}{_DASH}{day(last)}"
    begin = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{begin} {_DASH} {day(last)}"
