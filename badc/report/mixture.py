"""Whether a table may be counted as one: who listened, by its effort or by its own rows."""

from badc.aggregate import DETECTORS_FORM, Detectors, count_detectors
from badc.report.source import Source

# Effort knows those that heard nothing, too; a recording without it is judged by its detections.
_HEARD_BY = f"""
WITH told AS (
    SELECT recording_id, stub_chunks,
        CASE WHEN json_valid(detectors) THEN from_json(detectors, '{DETECTORS_FORM}') END AS listed
    FROM effort
), known AS (
    SELECT recording_id, unnest(listed) AS d FROM told
)
SELECT recording_id, d.runner AS runner, d.model_version AS model_version,
    d.runner_fingerprint AS runner_fingerprint, '' AS status, d.chunks AS chunks
FROM known
UNION ALL
SELECT recording_id, 'stub', NULL, NULL, 'stub', stub_chunks
FROM told WHERE listed IS NULL AND stub_chunks > 0
UNION ALL
SELECT recording_id, runner, model_version, runner_fingerprint, status, count(DISTINCT chunk_id)
FROM every_row WHERE recording_id NOT IN (SELECT recording_id FROM known)
GROUP BY ALL
"""  # noqa: S608 - made of our own words


def detectors_of(source: Source) -> Detectors:
    """Return all detectors and settings that the table's results come from, as far as is known."""
    return count_detectors(source.connection, _HEARD_BY)


def caution(source: Source) -> str:
    """Say in one line why the table's counts must not be taken as they are; nothing if they may."""
    detectors = detectors_of(source)
    if detectors.are_mixed:
        return (
            f"This table holds {detectors}. Before counting, choose one by the columns runner,"
            " model_version and runner_fingerprint, or hear the rest again with it."
        )
    if detectors.are_stub_alone:
        return "Every chunk of this table went to the stub runner, which hears nothing."
    return ""
