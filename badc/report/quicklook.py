"""A first look: the most frequent labels, the busiest recordings, and when they were busy."""

from dataclasses import dataclass
from pathlib import Path

from badc.report.answers import Table, Totals
from badc.report.counts import CHUNKS, LABELS, RECORDINGS, ask, count_totals
from badc.report.files import write_table
from badc.report.source import Source

_BARS = "▁▂▃▄▅▆▇█"
_MOST_BARS = 24

# place of each detection between the first and the last of its recording's chunks with detections
_SPREAD = f"""
WITH placed AS (
    SELECT recording_id, label, coalesce(absolute_time_ms, chunk_start_ms) AS at_ms FROM detection
), ends AS (
    SELECT max(at_ms) + 1 AS end_ms FROM placed
)
SELECT {{group}}, at_ms * {_MOST_BARS} // end_ms AS bar, count(*)
FROM placed, ends WHERE at_ms >= 0 AND {{group}} IN (SELECT unnest($names::VARCHAR[]))
GROUP BY ALL
"""  # noqa: S608 - made of our own words


@dataclass(frozen=True, slots=True)
class Quicklook:
    """What a first look shows.

    Attributes:
        totals: figures of the whole table.
        labels, recordings, chunks: every group, the largest first (chunks in their order).
        label_sparks, recording_sparks: name -> bars, one for each 24th of the longest
            recording, from its start on.
    """

    totals: Totals
    labels: Table
    recordings: Table
    chunks: Table
    label_sparks: dict[str, str]
    recording_sparks: dict[str, str]


def quicklook(source: Source, top_labels: int = 10, top_recordings: int = 5) -> Quicklook:
    """Look; sparklines are made for the ``top_…`` groups only."""
    labels, recordings = ask(source, LABELS), ask(source, RECORDINGS)
    return Quicklook(
        totals=count_totals(source),
        labels=labels,
        recordings=recordings,
        chunks=ask(source, CHUNKS),
        label_sparks=_sparks(source, "label", [row[0] for row in labels.rows[:top_labels]]),
        recording_sparks=_sparks(
            source, "recording_id", [row[0] for row in recordings.rows[:top_recordings]]
        ),
    )


def write_quicklook(look: Quicklook, folder: Path) -> list[Path]:
    """Write ``labels.csv``, ``recordings.csv`` and ``chunks.csv``; return their paths."""
    return [
        write_table(folder / "labels.csv", look.labels),
        write_table(folder / "recordings.csv", look.recordings),
        write_table(folder / "chunks.csv", look.chunks),
    ]


def spark(counts: list[int]) -> str:
    """Return one bar for each count, the highest as high as it goes; nothing is a space."""
    most = max(counts, default=0)
    return "".join(_BARS[-(-n * len(_BARS) // most) - 1] if n else " " for n in counts)


def _sparks(source: Source, group: str, names: list[str]) -> dict[str, str]:
    counts = {name: [0] * _MOST_BARS for name in names}
    for name, bar, count in source.rows(_SPREAD.format(group=group), names=names):
        counts[name][bar] = count
    return {name: spark(bars) for name, bars in counts.items()}
