"""What the page tells: figures from the table, each asked for once."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from badc.report.answers import Totals
from badc.report.counts import count_totals
from badc.report.page.words import local, printable
from badc.report.source import Source

CONFIDENCE_BINS = 25
_LISTED_SPECIES = 100
_LISTED_SITES = 40
_TIMED_RECORDINGS = 12

LOCAL_TIME = """
coalesce(try_cast(left(detection_date_time, 19) AS TIMESTAMP),
    try_cast(left(recording_date_time, 19) AS TIMESTAMP) + to_milliseconds(absolute_time_ms))
"""

_SPECIES = f"""
SELECT label, coalesce(min(nullif(trim(label_name), '')), label), count(*) AS n,
    count(DISTINCT recording_id), median(confidence), max(confidence)
FROM detection GROUP BY label ORDER BY n DESC, label LIMIT {_LISTED_SPECIES}
"""  # noqa: S608 - made of our own words

_HOURS = f"""
SELECT label, hour(wall) AS hour, count(*)
FROM (SELECT label, {LOCAL_TIME} AS wall FROM detection)
WHERE wall IS NOT NULL GROUP BY ALL
"""  # noqa: S608

_OFFSETS = r"""
SELECT DISTINCT regexp_extract(coalesce(detection_date_time, recording_date_time),
    '(Z|[+-]\d\d:?\d\d)$') AS zone
FROM detection WHERE coalesce(detection_date_time, recording_date_time) IS NOT NULL ORDER BY zone
"""

_CONFIDENCES = f"""
SELECT label, greatest(0, least({CONFIDENCE_BINS - 1}, floor(confidence * {CONFIDENCE_BINS})))::INT
    AS bin, count(*)
FROM detection WHERE confidence IS NOT NULL GROUP BY ALL
"""  # noqa: S608

_TIMED = f"""
SELECT recording_id, min(location), min(recording_date_time), count(*) AS n, max(absolute_time_ms)
FROM detection WHERE absolute_time_ms >= 0
GROUP BY recording_id ORDER BY n DESC, recording_id LIMIT {_TIMED_RECORDINGS}
"""  # noqa: S608

_MADE_BY = """
SELECT DISTINCT coalesce(nullif(runner, ''), 'unknown') AS runner, coalesce(model_version, '')
FROM detection ORDER BY ALL LIMIT 6
"""


@dataclass(frozen=True, slots=True)
class Species:
    """One label: how often, where, and how sure."""

    label: str
    name: str
    detections: int
    recordings: int
    median_confidence: float | None
    max_confidence: float | None


@dataclass(frozen=True, slots=True)
class Listening:
    """How long one recording was listened to, and what for. Local start where known."""

    recording_id: str
    site: str
    seconds: float
    chunks: int
    silent_chunks: int
    detections: int
    started: datetime | None


@dataclass(frozen=True, slots=True)
class Site:
    """The effort at one place."""

    name: str
    recordings: int
    seconds: float
    chunks: int
    silent_chunks: int
    detections: int

    @property
    def per_hour(self) -> float | None:
        """Detections per hour of listening."""
        return self.detections / (self.seconds / 3600) if self.seconds else None


@dataclass(frozen=True, slots=True)
class Timed:
    """A recording whose detections have a place in it."""

    recording_id: str
    location: str | None
    started: datetime | None
    detections: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the page is made of but pictures and sounds.

    Attributes:
        totals: figures of the whole table.
        species: the most frequent labels, with their detections and confidences.
        hours: label -> detections in each of the day's 24 hours, local time.
        timed_detections: how many detections those are.
        offsets: the local times' offsets from UTC; an empty text where one is unknown.
        confidences: label -> detections in each bin of confidence.
        recordings: those with the most placed detections.
        listening: one for each recording; empty where effort is unknown.
        first_day, last_day: local dates of recordings or detections.
        made_by: runners and model versions.
        areas: study areas.
        least_confidence: lowest in the table.
    """

    totals: Totals
    species: list[Species]
    hours: dict[str, list[int]]
    timed_detections: int
    offsets: list[str]
    confidences: dict[str, list[int]]
    recordings: list[Timed]
    listening: list[Listening]
    first_day: date | None
    last_day: date | None
    made_by: list[tuple[str, str]]
    areas: list[str]
    least_confidence: float | None

    @property
    def seconds(self) -> float:
        """Seconds listened to."""
        return sum(each.seconds for each in self.listening)

    @property
    def sites(self) -> list[Site]:
        """Effort by place, the longest first."""
        by_site = sorted(self.listening, key=lambda each: each.site)
        sites = [
            _site(name, list(group)) for name, group in groupby(by_site, lambda each: each.site)
        ]
        return sorted(sites, key=lambda site: (-site.seconds, site.name))[:_LISTED_SITES]


def gather_facts(source: Source) -> Facts:
    """Ask the table for everything."""
    first, last = _days(source)
    hours = _spread(source.rows(_HOURS), 24)
    return Facts(
        totals=count_totals(source),
        species=[
            Species(label, printable(name), *rest) for label, name, *rest in source.rows(_SPECIES)
        ],
        hours=hours,
        timed_detections=sum(map(sum, hours.values())),
        offsets=[zone for (zone,) in source.rows(_OFFSETS)],
        confidences=_spread(source.rows(_CONFIDENCES), CONFIDENCE_BINS),
        recordings=[
            Timed(recording, location, local(start), n, last_ms)
            for recording, location, start, n, last_ms in source.rows(_TIMED)
        ],
        listening=_listening(source),
        first_day=first,
        last_day=last,
        made_by=source.rows(_MADE_BY),
        areas=[
            printable(area)
            for (area,) in source.rows(
                "SELECT DISTINCT study_area FROM detection WHERE trim(study_area) <> '' ORDER BY 1"
            )
        ],
        least_confidence=source.value("SELECT min(confidence) FROM detection"),
    )


def _spread(rows: list[tuple[str, int, int]], bins: int) -> dict[str, list[int]]:
    spread: dict[str, list[int]] = {}
    for label, place, number in rows:
        spread.setdefault(label, [0] * bins)[place] = number
    return spread


def _listening(source: Source) -> list[Listening]:
    rows = source.rows(
        "SELECT recording_id, coalesce(nullif(location, ''), nullif(study_area, ''), ''),"
        " coalesce(seconds, 0), coalesce(chunks, 0), coalesce(silent_chunks, 0),"
        " coalesce(detections, 0), recording_date_time FROM effort ORDER BY recording_id"
    )
    return [
        Listening(recording_id, site, seconds, chunks, silent, found, local(start))
        for recording_id, site, seconds, chunks, silent, found, start in rows
    ]


def _site(name: str, group: list[Listening]) -> Site:
    return Site(
        printable(name) or "place unknown",
        len(group),
        sum(each.seconds for each in group),
        sum(each.chunks for each in group),
        sum(each.silent_chunks for each in group),
        sum(each.detections for each in group),
    )


def _days(source: Source) -> tuple[date | None, date | None]:
    first, last = source.rows(
        f"SELECT min(wall)::DATE, max(wall)::DATE FROM (SELECT {LOCAL_TIME} AS wall FROM detection"  # noqa: S608
        " UNION ALL SELECT try_cast(left(recording_date_time, 19) AS TIMESTAMP) FROM effort)"
    )[0]
    return first, last
