"""The canonical table: chunks, what was heard in them, where and when, joined and sorted."""

from pathlib import Path

from badc.aggregate.columns import COLUMNS, SORT_ORDER
from badc.aggregate.engine import Engine

# a clock's time is its start plus what has passed, plus the shift if daylight saving came between
_PASSED_US = "1000 * absolute_time_ms"
_TOLD = f"""
CASE WHEN {_PASSED_US} >= switch_us
THEN strftime(make_timestamp(wall_us + {_PASSED_US} + shift_us), '%Y-%m-%dT%H:%M:%S.%g')
    || zone_after
ELSE strftime(make_timestamp(wall_us + {_PASSED_US}), '%Y-%m-%dT%H:%M:%S.%g') || zone END
"""

_ROWS = f"""
SELECT {", ".join(f"{name}::{kind} AS {name}" for name, kind in COLUMNS.items())}
FROM (
    SELECT *, {_TOLD} AS detection_date_time
    FROM (
        SELECT c.recording_id, c.chunk_id, c.start_ms AS chunk_start_ms, c.end_ms AS chunk_end_ms,
            h.timestamp_ms, c.start_ms + h.timestamp_ms AS absolute_time_ms,
            h.end_ms, c.start_ms + h.end_ms AS absolute_end_ms,
            h.label, h.label_code, h.label_name, h.confidence, c.status, c.runner,
            c.model_version, c.sha256 AS chunk_sha256, c.source_path, c.dataset_root,
            o.study_area, o.location, o.recording_date_time, c.runner_fingerprint,
            h.merged_chunk_ids, h.position, o.wall_us, o.zone, o.switch_us, o.shift_us,
            o.zone_after
        FROM heard AS h
        JOIN chunk AS c USING (n)
        JOIN chunk_origin AS co USING (n)
        JOIN origin AS o USING (origin)
    )
)
ORDER BY {SORT_ORDER}
"""  # noqa: S608 - made of this package's own constants


_STORE = f"""
COPY ({_ROWS}) TO $path (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{badc_recipe: $recipe}})
"""


def store_rows(engine: Engine, recipe: str) -> Path:
    """Sort the rows once, into a Parquet file in the scratch folder; return its path.

    Its metadata say by which ``recipe`` they were made, for :func:`made_by` to read.
    """
    path = engine.scratch / "rows.parquet"
    engine.connection.execute(_STORE, {"path": str(path), "recipe": recipe})
    return path
