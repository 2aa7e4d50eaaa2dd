"""Detections as a table: the only home of DuckDB and pandas beside reports."""

from badc.aggregate.aggregation import (
    DEFAULT_OUTPUT,
    Aggregated,
    RejectedFilesError,
    Request,
    aggregate,
)
from badc.aggregate.columns import COLUMNS, EFFORT_COLUMNS
from badc.aggregate.engine import DEFAULT_MEMORY_MIB
from badc.aggregate.origin import Origins
from badc.aggregate.rejected import Rejected
from badc.aggregate.write import effort_path

__all__ = [
    "COLUMNS",
    "DEFAULT_MEMORY_MIB",
    "DEFAULT_OUTPUT",
    "EFFORT_COLUMNS",
    "Aggregated",
    "Origins",
    "Rejected",
    "RejectedFilesError",
    "Request",
    "aggregate",
    "effort_path",
]
