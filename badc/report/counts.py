"""How many detections, by label, recording, chunk and time. One query for each question."""

from badc.report.answers import Table, Totals
from badc.report.source import Source

MS_PER_MINUTE = 60_000

LABELS = """
SELECT label, min(label_name) AS label_name, count(*) AS detections,
    avg(confidence) AS avg_confidence
FROM detection GROUP BY label ORDER BY detections DESC, label
"""

RECORDINGS = """
SELECT recording_id, count(*) AS detections, avg(confidence) AS avg_confidence
FROM detection GROUP BY recording_id ORDER BY detections DESC, recording_id
"""

CHUNKS = """
SELECT recording_id, chunk_id, min(chunk_start_ms) AS chunk_start_ms, count(*) AS detections,
    avg(confidence) AS avg_confidence
FROM detection GROUP BY recording_id, chunk_id ORDER BY recording_id, chunk_start_ms, chunk_id
"""

_PAIRS = """
SELECT label, min(label_name) AS label_name, recording_id, count(*) AS detections,
    avg(confidence) AS avg_confidence
FROM detection GROUP BY label, recording_id ORDER BY detections DESC, label, recording_id
"""

GROUPINGS = {
    "label": LABELS,
    "recording_id": RECORDINGS,
    "label,recording_id": _PAIRS,
}
"""What detections may be grouped by -> the query that does it."""


def timeline(bucket_minutes: int) -> str:
    """Return the query for detections by time since the start of their recording.

    A detection whose own time is unknown counts where its chunk begins; one without either is
    left out.
    """
    bucket_ms = bucket_minutes * MS_PER_MINUTE
    index = f"(coalesce(absolute_time_ms, chunk_start_ms) // {bucket_ms})"
    return f"""
SELECT {index} AS bucket_index, {index} * {bucket_ms} AS bucket_start_ms,
    count(*) AS detections, avg(confidence) AS avg_confidence
FROM detection WHERE coalesce(absolute_time_ms, chunk_start_ms) IS NOT NULL
GROUP BY ALL ORDER BY bucket_index
"""  # noqa: S608 - made of numbers


def ask(source: Source, query: str) -> Table:
    """Return what ``query`` finds."""
    result = source.connection.execute(query)
    return Table(tuple(name for name, *_ in result.description or ()), result.fetchall())


def count_totals(source: Source) -> Totals:
    """Count the whole table."""
    return Totals(
        *source.rows(
            "SELECT count(*), count(DISTINCT label), count(DISTINCT recording_id),"
            " min(chunk_start_ms), max(chunk_start_ms) FROM detection"
        )[0]
    )
