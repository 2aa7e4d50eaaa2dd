"""``report parquet``: labels, recordings and the time line as files that other programs read."""

from dataclasses import asdict, dataclass
from pathlib import Path

from badc.report.answers import Table
from badc.report.counts import LABELS, RECORDINGS, ask, count_totals, timeline
from badc.report.files import write_json, write_table
from badc.report.source import Source


@dataclass(frozen=True, slots=True)
class Summary:
    """``summary.json``; times in milliseconds from a recording's start."""

    detections: int
    label_count: int
    recording_count: int
    first_chunk_ms: int | None
    last_chunk_ms: int | None
    bucket_minutes: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Every label and recording, the largest first, and the time line in its order."""

    summary: Summary
    labels: Table
    recordings: Table
    timeline: Table


def overview(source: Source, bucket_minutes: int = 60) -> Overview:
    """Count by label, recording and bucket of time."""
    totals = count_totals(source)
    return Overview(
        summary=Summary(
            totals.detections,
            totals.labels,
            totals.recordings,
            totals.first_chunk_ms,
            totals.last_chunk_ms,
            bucket_minutes,
        ),
        labels=ask(source, LABELS),
        recordings=ask(source, RECORDINGS),
        timeline=ask(source, timeline(bucket_minutes)),
    )


def write_overview(found: Overview, folder: Path) -> list[Path]:
    """Write ``labels.csv``, ``recordings.csv``, ``timeline.csv`` and ``summary.json``."""
    return [
        write_table(folder / "labels.csv", found.labels),
        write_table(folder / "recordings.csv", found.recordings),
        write_table(folder / "timeline.csv", found.timeline),
        write_json(folder / "summary.json", asdict(found.summary)),
    ]
