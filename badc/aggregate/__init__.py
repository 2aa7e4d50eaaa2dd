"""Detections as a table: the only home of DuckDB and pandas beside reports."""

from badc.aggregate.aggregation import (
    Aggregated,
    UnsoundTablesError,
    aggregate,
    raise_if_mixed,
)
from badc.aggregate.columns import COLUMNS, EFFORT_COLUMNS
from badc.aggregate.currency import are_current, date_tables, made_by, newest_change_ns
from badc.aggregate.detectors import DETECTORS_FORM, Detector, Detectors, count_detectors
from badc.aggregate.effort import effort_path
from badc.aggregate.engine import DEFAULT_MEMORY_MIB
from badc.aggregate.origin import Origins
from badc.aggregate.rejected import Rejected
from badc.aggregate.request import DEFAULT_OUTPUT, Request, recipe_of

__all__ = [
    "COLUMNS",
    "DEFAULT_MEMORY_MIB",
    "DEFAULT_OUTPUT",
    "DETECTORS_FORM",
    "EFFORT_COLUMNS",
    "Aggregated",
    "Detector",
    "Detectors",
    "Origins",
    "Rejected",
    "Request",
    "UnsoundTablesError",
    "aggregate",
    "are_current",
    "count_detectors",
    "date_tables",
    "effort_path",
    "made_by",
    "newest_change_ns",
    "raise_if_mixed",
    "recipe_of",
]
