"""The page put together: facts, pictures and clips into one file."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from badc import __version__
from badc.atomic import write_whole
from badc.report.mixture import caution
from badc.report.page.charts.confidence import draw_confidence
from badc.report.page.charts.effort import draw_effort
from badc.report.page.charts.hours import draw_hours, shows_rates
from badc.report.page.charts.species import MOST_BARS, draw_species
from badc.report.page.charts.timelines import Timelines, draw_timelines
from badc.report.page.clips import make_clips
from badc.report.page.facts import Facts, gather_facts
from badc.report.page.style import Picture
from badc.report.page.words import count, days, duration, printable
from badc.report.source import Source, named

_NAMED_AREAS = 3
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Wish:
    """How the page is wanted.

    Attributes:
        chunk_roots: folders of chunk files.
        title: or None for one made of the study areas.
        clips_each: clips of each species; 0 for none.
    """

    chunk_roots: tuple[Path, ...] = ()
    title: str | None = None
    clips_each: int = 3


@dataclass(frozen=True, slots=True)
class Page:
    """What was written.

    Attributes:
        detections: in the table.
        clips, clips_missing: clips made, and wanted ones whose audio could not be found or read.
        size_bytes: of the file.
        caution: why the counts must not be taken as they are; empty if they may.
    """

    detections: int
    clips: int
    clips_missing: int
    size_bytes: int
    caution: str


@dataclass(frozen=True, slots=True)
class _Pictures:
    """None where there is nothing to draw."""

    species: Picture | None = None
    hours: Picture | None = None
    confidence: Picture | None = None
    timelines: Timelines | None = None
    effort: Picture | None = None


def write_page(source: Source, path: Path, wish: Wish) -> Page:
    """Write the page, whole or not at all. It holds everything and asks no network for anything.

    Raises:
        BadcError: the page cannot be written, or the table cannot be read.
    """
    facts = gather_facts(source)
    words = caution(source)
    clips = make_clips(source, facts.species, wish.clips_each, wish.chunk_roots)
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=printable(wish.title) or _title(facts),
            facts=facts,
            caution=printable(words),
            pictures=_draw(source, facts),
            clips=clips,
            has_effort=source.has_effort,
            is_rate=shows_rates(facts),
            others=_others(facts),
            listened=duration(facts.seconds),
            dates=_dates(facts),
            offsets=_offsets(facts.offsets),
            table_name=printable(named([Path(path.name) for path in source.paths])),
            made_at=datetime.now().astimezone().isoformat(sep=" ", timespec="minutes"),
            version=__version__,
        )
    )
    content = page.encode("utf-8", "replace")
    write_whole(path, content)
    made = sum(len(each) for each in clips.of_species.values())
    return Page(facts.totals.detections, made, clips.missing, len(content), words)


def _draw(source: Source, facts: Facts) -> _Pictures:
    return _Pictures(
        species=draw_species(facts) if facts.species else None,
        hours=draw_hours(facts) if facts.hours else None,
        confidence=draw_confidence(facts) if facts.confidences else None,
        timelines=draw_timelines(source, facts) if facts.recordings else None,
        effort=draw_effort(facts),
    )


def _environment() -> Environment:
    """Return the templates; whatever comes from the table is escaped."""
    environment = Environment(
        loader=PackageLoader("badc.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["count"] = count
    environment.globals["duration"] = duration
    return environment


def _others(facts: Facts) -> str:
    """Say what the bars leave out."""
    labels = facts.totals.labels - MOST_BARS
    if labels <= 0:
        return ""
    detections = facts.totals.detections - sum(n.detections for n in facts.species[:MOST_BARS])
    return f"; {count(labels, 'other')} with {count(detections, 'detection')} are not shown"


def _title(facts: Facts) -> str:
    if 0 < len(facts.areas) <= _NAMED_AREAS:
        return f"Birds heard at {' and '.join(facts.areas)}"
    return "Birds heard"


def _dates(facts: Facts) -> str:
    if facts.first_day is None or facts.last_day is None:
        return ""
    return days(facts.first_day, facts.last_day)


def _offsets(offsets: list[str]) -> str:
    """Say what the local times' clocks were set to."""
    known = [f"UTC{offset.removeprefix('Z')}".replace("-", _MINUS) for offset in offsets if offset]
    said = " and ".join(known[:4])
    if not known:
        return "offset from UTC unknown"
    return f"{said}, for some unknown" if "" in offsets else said
