"""The canonical Parquet, opened for questions.

Whatever its age, a table is seen through one view, ``detection``, with all canonical columns. A
chunk in which nothing was heard has a row in older tables; it is no detection and not in the view.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from badc.aggregate import COLUMNS, effort_path
from badc.errors import BadcError, UsageError
from badc.report.effort import load_effort
from badc.report.literal import literal

DEFAULT_PARQUET = Path("artifacts/aggregate/detections.parquet")
_MEMORY_MIB = 512
_REQUIRED = ("recording_id", "label")
_MEND = "Make it with 'badc infer aggregate … --parquet PATH'."

# What marks a silent chunk: no time, no confidence, and no label but what older tables put there.
_HEARD = "coalesce(nullif(trim(label), ''), 'unknown') <> 'unknown'"
_IS_SILENT = f"""
(timestamp_ms IS NULL AND confidence IS NULL
    AND coalesce(lower(status), '') <> 'ok'
    AND (lower(status) IN ('no_detections', 'stub') OR NOT ({_HEARD})))
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Open detections.

    Attributes:
        connection: a DuckDB with the view ``detection`` and the table ``effort``.
        paths: the Parquet files behind them.
        has_effort: whether every file had its effort beside it; without, ``effort`` is empty.
        silent_chunks: rows that only say that nothing was heard (older tables).
    """

    connection: duckdb.DuckDBPyConnection
    paths: tuple[Path, ...]
    has_effort: bool
    silent_chunks: int

    def rows(self, query: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(query, parameters or None).fetchall()

    def value(self, query: str, **parameters: object) -> Any:  # noqa: ANN401 - whatever it asks for
        """Return the one value of a query."""
        return self.rows(query, **parameters)[0][0]


@contextmanager
def open_source(*paths: Path) -> Iterator[Source]:
    """Open one or more canonical Parquet files as one.

    Raises:
        UsageError: a file is not there, is no Parquet, or lacks a column no report can do without.
        BadcError: reading failed on the way.
    """
    for path in paths:
        _check(path)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="badc-report-") as scratch,
            duckdb.connect(config=_bounds(Path(scratch))) as connection,
        ):
            yield _opened(connection, paths)
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise  # a fault of the question, not of the file
    except duckdb.Error as error:
        raise BadcError(f"{named(paths)}: cannot be read ({first_line(error)}).", _MEND) from error


def named(paths: Sequence[Path]) -> str:
    """Return how messages call these files."""
    return str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


def first_line(error: Exception) -> str:
    """Return the first line of what DuckDB says."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _check(path: Path) -> None:
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{path}: its name is no UTF-8.", "Rename it, or its folder.") from error
    if "\0" in str(path) or not path.is_file():
        fault = "is no file" if os.path.lexists(path) else "is not there"
        raise UsageError(f"{path}: {fault}.", _MEND)


def _bounds(scratch: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": f"{_MEMORY_MIB}MiB",
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": "false",  # nothing is fetched from outside
        "autoload_known_extensions": "false",
    }


def _opened(connection: duckdb.DuckDBPyConnection, paths: tuple[Path, ...]) -> Source:
    files = [literal(path) for path in paths]
    try:
        present = _columns(connection, files)
    except duckdb.Error:
        for path in paths:
            _columns_of_one(connection, path)
        raise
    missing = set(_REQUIRED) - {name.lower() for name in present}
    if missing:
        raise UsageError(f"{named(paths)}: lacks the column {min(missing)!r}.", _MEND)
    _make_views(connection, files, present)
    silent = connection.execute(f"SELECT count(*) FROM every_row WHERE {_IS_SILENT}").fetchall()  # noqa: S608
    has_effort = load_effort(connection, [effort_path(path) for path in paths])
    return Source(connection, paths, has_effort, silent[0][0])


def _columns(connection: duckdb.DuckDBPyConnection, files: list[str]) -> list[str]:
    described = connection.execute(f"DESCRIBE FROM {_parquet(files)}").fetchall()
    return [name for name, *_ in described if name != "badc_file"]


def _columns_of_one(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    try:
        _columns(connection, [literal(path)])
    except duckdb.Error as error:
        raise UsageError(
            f"{path}: is no Parquet that can be read ({first_line(error)}).", _MEND
        ) from error


def _parquet(files: list[str]) -> str:
    """Return the table function that reads ``files``; a view takes no parameters."""
    quoted = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return (
        f"read_parquet([{quoted}], union_by_name = true, hive_partitioning = false,"
        " filename = 'badc_file')"
    )


def _make_views(
    connection: duckdb.DuckDBPyConnection, files: list[str], present: list[str]
) -> None:
    """Make ``every_row`` (canonical columns first, then the file's others) and ``detection``."""
    lowered = {name.lower() for name in present}  # DuckDB's names do not mind case
    canonical = [
        f'{_as_kind(name, kind)} AS "{name}"' if name in lowered else f'NULL::{kind} AS "{name}"'
        for name, kind in COLUMNS.items()
    ]
    others = [
        '"' + name.replace('"', '""') + '"' for name in present if name.lower() not in COLUMNS
    ]
    connection.execute(
        f"CREATE VIEW every_row AS SELECT {', '.join([*canonical, *others])}, badc_file"  # noqa: S608
        f" FROM {_parquet(files)}"
    )
    absolute = "coalesce(absolute_time_ms, chunk_start_ms + timestamp_ms)"
    absolute_end = "coalesce(absolute_end_ms, chunk_start_ms + end_ms)"
    connection.execute(
        "CREATE VIEW detection AS SELECT * REPLACE ("  # noqa: S608 - our own words
        "CASE WHEN trim(label) <> '' THEN label ELSE 'unknown' END AS label,"
        f" {absolute} AS absolute_time_ms, {absolute_end} AS absolute_end_ms"
        f") FROM every_row WHERE ({_IS_SILENT}) IS NOT TRUE"
    )


def _as_kind(name: str, kind: str) -> str:
    """Return an expression for a column of whatever type; what does not fit becomes NULL."""
    cast = f'TRY_CAST("{name}" AS {kind})'
    if kind == "DOUBLE":
        return f"CASE WHEN isfinite({cast}) THEN {cast} END"
    return cast  # which rounds times that an older table holds as floats, and drops NaN
