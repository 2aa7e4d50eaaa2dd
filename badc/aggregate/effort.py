"""Effort: what was listened to, whether or not anything was heard.

A chunk without detections gives the canonical table no row; it counts here. A stub's chunk was
not listened to: it is counted apart, and its seconds are not.
"""

from pathlib import Path

from badc.aggregate.engine import Engine

_EFFORT = """
CREATE TABLE effort AS
WITH listened AS (
    SELECT c.recording_id, c.chunk_id, min(c.start_ms) AS start_ms, max(c.end_ms) AS end_ms,
        bool_or(h.n IS NOT NULL) AS is_voiced,
        bool_and(c.status = 'stub' AND h.n IS NULL) AS is_stub, min(o.study_area) AS study_area,
        min(o.location) AS location, min(o.recording_date_time) AS recording_date_time
    FROM chunk AS c
    LEFT JOIN (SELECT DISTINCT n FROM heard) AS h USING (n)
    LEFT JOIN chunk_origin AS co USING (n)
    LEFT JOIN origin AS o USING (origin)
    GROUP BY c.recording_id, c.chunk_id
), covering AS (
    SELECT *, max(end_ms) OVER (
        PARTITION BY recording_id, is_stub ORDER BY start_ms NULLS LAST, end_ms NULLS LAST, chunk_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_to_ms
    FROM listened
)
SELECT recording_id, count(*) FILTER (NOT is_stub) AS chunks,
    count(*) FILTER (NOT is_stub AND NOT is_voiced) AS silent_chunks,
    count(*) FILTER (NOT is_stub AND (start_ms IS NULL OR end_ms IS NULL))
        AS chunks_of_unknown_length,
    coalesce(sum(greatest(0, end_ms - greatest(start_ms, coalesce(covered_to_ms, start_ms))))
        FILTER (NOT is_stub AND start_ms IS NOT NULL AND end_ms IS NOT NULL), 0)::DOUBLE / 1000
        AS seconds,
    count(*) FILTER (is_stub) AS stub_chunks,
    min(study_area) AS study_area, min(location) AS location,
    min(recording_date_time) AS recording_date_time
FROM covering GROUP BY recording_id
"""

EFFORT_SELECT = """
SELECT e.recording_id, e.chunks, e.silent_chunks, e.chunks_of_unknown_length, e.seconds,
    coalesce(d.detections, 0)::BIGINT AS detections, e.stub_chunks, e.study_area, e.location,
    e.recording_date_time, l.detectors
FROM effort AS e
LEFT JOIN (
    SELECT c.recording_id, count(*) AS detections FROM heard JOIN chunk AS c USING (n) GROUP BY ALL
) AS d USING (recording_id)
LEFT JOIN (
    SELECT recording_id, to_json(list({runner: runner, model_version: model_version,
        runner_fingerprint: runner_fingerprint, chunks: chunks}
        ORDER BY runner, model_version, runner_fingerprint))::VARCHAR AS detectors
    FROM detector GROUP BY recording_id
) AS l USING (recording_id)
ORDER BY e.recording_id
"""


def effort_path(table: Path) -> Path:
    """Return where the effort that belongs to a table stands: ``x.csv`` has ``x_effort.csv``."""
    return table.with_name(f"{table.stem}_effort.csv")


def count_effort(engine: Engine) -> None:
    """Make the table ``effort``. To be called before rows are merged: a merged row was heard."""
    engine.connection.execute(_EFFORT)
