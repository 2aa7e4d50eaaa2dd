"""The canonical columns: names, order and types, the same whatever the content.

The first eighteen are BADC's oldest wire format and keep their order; what came later follows.
"""

COLUMNS: dict[str, str] = {
    "recording_id": "VARCHAR",
    "chunk_id": "VARCHAR",
    "chunk_start_ms": "BIGINT",
    "chunk_end_ms": "BIGINT",
    "timestamp_ms": "BIGINT",
    "absolute_time_ms": "BIGINT",
    "end_ms": "BIGINT",
    "absolute_end_ms": "BIGINT",
    "label": "VARCHAR",
    "label_code": "VARCHAR",
    "label_name": "VARCHAR",
    "confidence": "DOUBLE",
    "status": "VARCHAR",
    "runner": "VARCHAR",
    "model_version": "VARCHAR",
    "chunk_sha256": "VARCHAR",
    "source_path": "VARCHAR",
    "dataset_root": "VARCHAR",
    "study_area": "VARCHAR",
    "location": "VARCHAR",
    "recording_date_time": "VARCHAR",
    "detection_date_time": "VARCHAR",
    "runner_fingerprint": "VARCHAR",
    "merged_chunk_ids": "VARCHAR",
}
"""Column -> DuckDB type.

- ``timestamp_ms`` and ``end_ms`` count from the chunk's start, the ``absolute_`` ones from the
  recording's; NULL where the chunk's start or the detection's time is unknown.
- ``label`` is the detection's label, else its code, else its name, else ``unknown``.
- ``status`` is the chunk's.
- ``recording_date_time`` and ``detection_date_time`` are local ISO 8601 times, with their UTC
  offset where it is known (``2020-06-01T04:30:00-06:00``), without one where it is not.
- ``merged_chunk_ids``: a JSON list of the chunks whose rows ``--dedupe`` merged into this one.
"""

EFFORT_COLUMNS: dict[str, str] = {
    "recording_id": "VARCHAR",
    "chunks": "BIGINT",
    "silent_chunks": "BIGINT",
    "chunks_of_unknown_length": "BIGINT",
    "seconds": "DOUBLE",
    "detections": "BIGINT",
    "stub_chunks": "BIGINT",
    "study_area": "VARCHAR",
    "location": "VARCHAR",
    "recording_date_time": "VARCHAR",
    "detectors": "VARCHAR",
}
"""Effort, one row per recording: chunks listened to and the seconds they cover.

Where chunks overlap, a second counts once. ``seconds`` leaves out chunks of unknown length.
``detections`` counts the rows of the canonical table, so that a recording with none is seen.
``stub_chunks`` went to the stub runner, which listens to nothing; only ``detectors``
counts them too: a JSON list of who listened, each with ``runner``, ``model_version``,
``runner_fingerprint`` and ``chunks``.
"""

SORT_ORDER = (
    "recording_id, absolute_time_ms, label, chunk_id, timestamp_ms, end_ms, confidence DESC, "
    "label_code, label_name, runner, model_version, position"
)
"""By recording, absolute time and label; the rest makes the order the same in every run."""
