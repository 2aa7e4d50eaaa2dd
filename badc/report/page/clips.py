"""The surest detections of each species, to be seen and heard."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from badc.manifest import NamedFrom
from badc.report.page.chunk_file import find_chunk, read_around
from badc.report.page.facts import LOCAL_TIME, Species
from badc.report.page.sound import as_audio
from badc.report.page.spectrogram import draw_spectrogram
from badc.report.page.style import Picture
from badc.report.page.words import clock, day, printable
from badc.report.source import Source

MOST_SPECIES = 10
_MOST_BYTES = 6_000_000
_TRIED_EACH = 3  # candidates for each clip wanted: some chunk files may be missing

# the surest detection of each recording first, so that one loud bird does not fill the row
_CANDIDATES = f"""
WITH placed AS (
    SELECT *, {LOCAL_TIME} AS wall, row_number() OVER (PARTITION BY label, recording_id
        ORDER BY confidence DESC NULLS LAST, chunk_id, timestamp_ms) AS nth_of_recording
    FROM detection
    WHERE timestamp_ms >= 0 AND label IN (SELECT unnest($labels::VARCHAR[]))
)
SELECT label, recording_id, chunk_id, source_path, dataset_root, timestamp_ms,
    coalesce(end_ms, timestamp_ms), absolute_time_ms, location, confidence, wall
FROM placed
WHERE nth_of_recording <= $most
QUALIFY row_number() OVER (PARTITION BY label ORDER BY nth_of_recording,
    confidence DESC NULLS LAST, recording_id) <= $most
ORDER BY label, nth_of_recording, confidence DESC NULLS LAST, recording_id
"""  # noqa: S608 - made of our own words


@dataclass(frozen=True, slots=True)
class Clip:
    """One detection, to be seen and heard.

    Attributes:
        picture: its spectrogram.
        audio: its sound, as a ``data:`` address.
        where, when: in words; ``when`` is a place in the recording where no time is known.
        confidence: or None.
    """

    picture: Picture
    audio: str
    where: str
    when: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Clips:
    """The clips of the page.

    Attributes:
        of_species: label -> its clips.
        missing: clips that were wanted but whose audio could not be found or read.
    """

    of_species: dict[str, list[Clip]]
    missing: int


def make_clips(source: Source, species: list[Species], each: int, roots: tuple[Path, ...]) -> Clips:
    """Make up to ``each`` clips of the most frequent species, within a limit of bytes."""
    labels = [one.label for one in species[:MOST_SPECIES]]
    names = {one.label: one.name for one in species}
    if not each or not labels:
        return Clips({}, 0)
    tables = tuple(NamedFrom(path.parent) for path in source.paths)
    rows = source.rows(_CANDIDATES, labels=labels, most=each * _TRIED_EACH)
    waiting = {label: _made(group, names[label], roots, tables) for label, group in _by_label(rows)}
    wanted = {label: min(each, sum(row[0] == label for row in rows)) for label in waiting}
    made: dict[str, list[Clip]] = {}
    spent = missing = 0
    for turn in range(each):  # the first of every species before the second of any
        for label in [label for label in labels if label in waiting and turn < wanted[label]]:
            if spent > _MOST_BYTES:
                break
            clip = next(waiting[label], None)
            if clip is None:
                missing += 1
                continue
            made.setdefault(label, []).append(clip)
            spent += len(clip.audio) + len(clip.picture.uri)
    return Clips({label: made[label] for label in labels if label in made}, missing)


def _by_label(rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    for label, group in groupby(rows, key=lambda row: row[0]):
        yield label, list(group)


def _made(
    rows: list[tuple[Any, ...]], name: str, roots: tuple[Path, ...], tables: tuple[NamedFrom, ...]
) -> Iterator[Clip]:
    for row in rows:
        _, recording_id, chunk_id, source_path, dataset_root, begin_ms, end_ms, *rest = row
        path = find_chunk(source_path, dataset_root, (recording_id, chunk_id), roots, tables)
        cut = None if path is None else read_around(path, begin_ms, end_ms)
        if cut is None:
            continue
        absolute_ms, location, confidence, wall = rest
        place = f"at {clock(absolute_ms)} of the recording" if absolute_ms is not None else ""
        when = f"{day(wall)}, {wall:%H:%M:%S}" if wall is not None else place or "time unknown"
        yield Clip(
            draw_spectrogram(cut, f"Spectrogram of {name}, {when}."),
            as_audio(cut),
            printable(location or recording_id),
            when,
            confidence,
        )
