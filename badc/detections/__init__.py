"""What was heard in a chunk, and the only reader and writer of its JSON."""

from badc.detections.detection import Detection, DetectionFormError
from badc.detections.label_counts import label_counts
from badc.detections.payload import Heard, detections_from, parse_payload
from badc.detections.result import (
    ChunkResult,
    read_record,
    read_result,
    result_json,
    write_result,
)
from badc.detections.results_tree import Found, find_json

__all__ = [
    "ChunkResult",
    "Detection",
    "DetectionFormError",
    "Found",
    "Heard",
    "detections_from",
    "find_json",
    "label_counts",
    "parse_payload",
    "read_record",
    "read_result",
    "result_json",
    "write_result",
]
