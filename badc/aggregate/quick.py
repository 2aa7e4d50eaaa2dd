"""The quick way in: DuckDB reads many payloads at once and sets aside any that it doubts.

A payload goes through only when every field has the type and range that
:class:`badc.detections.Detection` demands; nothing is cast from another type. Whatever is doubted
goes the careful way (:mod:`badc.aggregate.careful`), which knows the reason.

Paths enter SQL as parameters. ``read_blob`` takes ``*``, ``?`` and ``[`` in a path for patterns,
so such paths, too, go the careful way.
"""

import json
import re
from collections.abc import Sequence

import duckdb

from badc.aggregate.engine import Engine

_PLAIN_PATH = re.compile(r"/[^*?\[\]{}\\\0]*")
_FARTHEST_MS = 2**53  # as in badc.detections: beyond this a JSON number is no longer exact

_TABLES = """
CREATE SEQUENCE chunk_number;
CREATE TABLE chunk (
    n BIGINT, file VARCHAR, recording_id VARCHAR, chunk_id VARCHAR, status VARCHAR,
    source_path VARCHAR, dataset_root VARCHAR, runner VARCHAR, model_version VARCHAR,
    runner_fingerprint VARCHAR, start_ms BIGINT, end_ms BIGINT, sha256 VARCHAR);
CREATE TABLE heard (
    n BIGINT, position BIGINT, timestamp_ms BIGINT, end_ms BIGINT, label VARCHAR,
    label_code VARCHAR, label_name VARCHAR, confidence DOUBLE, merged_chunk_ids VARCHAR);
"""

_MACROS = f"""
CREATE MACRO opening(x) AS left(x::VARCHAR, 1);
CREATE MACRO is_text(x) AS x IS NULL OR opening(x) = '"';
CREATE MACRO is_name(x) AS coalesce(opening(x) = '"' AND length(x::VARCHAR) > 2, false);
CREATE MACRO as_text(x) AS nullif(x->>'$', '');
CREATE MACRO as_number(x) AS
    CASE WHEN opening(x) BETWEEN '-' AND '9' THEN try_cast(x::VARCHAR AS DOUBLE) END;
CREATE MACRO is_time(x) AS
    x IS NULL OR coalesce(as_number(x) BETWEEN 0 AND {_FARTHEST_MS}, false);
CREATE MACRO as_ms(x) AS
    CASE WHEN as_number(x) BETWEEN 0 AND {_FARTHEST_MS}
    THEN floor(as_number(x) + 0.5)::BIGINT END;
CREATE MACRO in_order(a, b) AS coalesce(b >= a, true);
"""

_SHAPE = json.dumps(
    dict.fromkeys(
        ("recording_id", "chunk_id", "status", "source_path", "dataset_root", "runner"), "JSON"
    )
    | {
        "model_version": "JSON",
        "provenance": {"runner_fingerprint": "JSON"},
        "chunk": {"start_ms": "JSON", "end_ms": "JSON", "sha256": "JSON"},
        "detections": [
            dict.fromkeys(
                ("timestamp_ms", "end_ms", "label", "label_code", "label_name", "confidence"),
                "JSON",
            )
        ],
    }
)

# what DuckDB's parser lets pass and BADC's own does not: a comma too many, NaN, infinity
_LENIENT = r"(?i),\s*[\]}]|[\[:,]\s*-?(nan|inf)"

_READ = r"""
CREATE OR REPLACE TEMP TABLE batch AS
WITH raw AS (
    SELECT filename AS file, try(decode(content)) AS text FROM read_blob($paths)
), valid AS (
    SELECT file, CASE WHEN json_valid(text) AND NOT contains(text, '\u0000')
        AND NOT regexp_matches(text, $lenient) THEN text END AS text
    FROM raw
), taken AS (
    SELECT file, from_json(text, $shape) AS p,
        coalesce(json_type(text, '$.detections') = 'ARRAY', false)
        AND coalesce(json_type(text, '$.chunk') IN ('OBJECT', 'NULL'), true)
        AND len(list_filter(json_type(text, '$.detections[*]'), lambda kind: kind <> 'OBJECT')) = 0
        AND len(json_keys(text)) = len(list_distinct(json_keys(text)))
        AS has_shape
    FROM valid
)
SELECT nextval('chunk_number') AS n, file, p, as_ms(p.chunk.start_ms) AS start_ms,
    as_ms(p.chunk.end_ms) AS end_ms,
    has_shape AND is_name(p.recording_id) AND is_name(p.chunk_id)
    AND coalesce(as_text(p.status) IN ('ok', 'no_detections', 'stub'), false)
    AND (as_text(p.status) <> 'ok' OR len(p.detections) > 0)
    AND is_text(p.source_path) AND is_text(p.dataset_root) AND is_text(p.runner)
    AND is_text(p.model_version) AND is_text(p.chunk.sha256)
    AND is_time(p.chunk.start_ms) AND is_time(p.chunk.end_ms)
    AND in_order(as_ms(p.chunk.start_ms), as_ms(p.chunk.end_ms)) AS sound
FROM taken
"""

_TAKE_ENTRIES = """
CREATE OR REPLACE TEMP TABLE entry AS
WITH each AS (
    SELECT n, generate_subscripts(p.detections, 1) AS position, unnest(p.detections) AS d
    FROM batch WHERE sound
)
SELECT n, position, as_ms(d.timestamp_ms) AS timestamp_ms, as_ms(d.end_ms) AS end_ms,
    as_text(d.label) AS label, as_text(d.label_code) AS label_code,
    as_text(d.label_name) AS label_name, as_number(d.confidence) AS confidence,
    is_time(d.timestamp_ms) AND is_time(d.end_ms)
    AND in_order(as_ms(d.timestamp_ms), as_ms(d.end_ms))
    AND is_text(d.label) AND is_text(d.label_code) AND is_text(d.label_name)
    AND (d.confidence IS NULL OR coalesce(as_number(d.confidence) BETWEEN 0 AND 1, false)) AS sound
FROM each
"""

_DOUBT = "UPDATE batch SET sound = false WHERE n IN (SELECT n FROM entry WHERE NOT sound)"

_KEEP_CHUNKS = """
INSERT INTO chunk
SELECT n, file, as_text(p.recording_id), as_text(p.chunk_id), as_text(p.status),
    as_text(p.source_path), as_text(p.dataset_root), as_text(p.runner), as_text(p.model_version),
    CASE WHEN is_text(p.provenance.runner_fingerprint)
    THEN as_text(p.provenance.runner_fingerprint) END,
    start_ms, end_ms, as_text(p.chunk.sha256)
FROM batch WHERE sound
"""

_KEEP_ENTRIES = """
INSERT INTO heard
SELECT n, position, timestamp_ms, end_ms, coalesce(label, label_code, label_name, 'unknown'),
    label_code, label_name, confidence, NULL
FROM entry WHERE n IN (SELECT n FROM batch WHERE sound)
"""


def prepare(engine: Engine) -> None:
    """Make the tables ``chunk`` (one row per payload) and ``heard`` (one per detection)."""
    engine.connection.execute(_TABLES)
    engine.connection.execute(_MACROS)


def has_plain_path(path: str) -> bool:
    """Say whether DuckDB would take ``path`` for exactly the file it names."""
    return _PLAIN_PATH.fullmatch(path) is not None and _is_text(path)


def read_quickly(engine: Engine, paths: Sequence[str]) -> list[str]:
    """Read payloads into ``chunk`` and ``heard``; return the paths of those that are doubted.

    Args:
        engine: prepared with :func:`prepare`.
        paths: plain (:func:`has_plain_path`), and few enough that their content fits in memory.
    """
    if not paths:
        return []
    run = engine.connection.execute
    try:
        run(_READ, {"paths": list(paths), "shape": _SHAPE, "lenient": _LENIENT})
        run(_TAKE_ENTRIES)
        run(_DOUBT)
    except duckdb.IOException:
        return list(paths)  # one file that went away or cannot be read spoils the whole batch
    run(_KEEP_CHUNKS)
    run(_KEEP_ENTRIES)
    return [file for (file,) in run("SELECT file FROM batch WHERE NOT sound").fetchall()]


def forget_batch(engine: Engine) -> None:
    """Let go of the memory of the last batch."""
    engine.connection.execute("DROP TABLE IF EXISTS batch; DROP TABLE IF EXISTS entry")


def _is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
