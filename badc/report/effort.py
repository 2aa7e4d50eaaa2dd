"""Effort: what was listened to, from the CSV that stands beside each canonical table."""

from pathlib import Path

import duckdb

from badc.aggregate import EFFORT_COLUMNS
from badc.errors import UsageError
from badc.report.literal import literal

_REQUIRED = ("recording_id", "chunks", "seconds")


def load_effort(connection: duckdb.DuckDBPyConnection, csvs: list[Path]) -> bool:
    """Make the table ``effort`` from the CSVs that are there.

    Returns:
        Whether every table had one. Effort that is known for some tables only would be compared
        with the detections of all, so then the table stays empty.

    Raises:
        UsageError: one of them is no effort CSV.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in EFFORT_COLUMNS.items())
    connection.execute(f"CREATE TABLE effort ({columns})")
    if not csvs or not all(csv.is_file() for csv in csvs):
        return False
    for csv in csvs:
        try:
            _append(connection, csv)
        except (duckdb.Error, UnicodeEncodeError) as error:
            raise UsageError(
                f"{csv}: is no effort table ({str(error).strip().splitlines()[0]}).",
                "'badc infer aggregate' writes it; aggregate again, or move the file away.",
            ) from error
    return True


def _append(connection: duckdb.DuckDBPyConnection, csv: Path) -> None:
    source = "read_csv($path, header = true, all_varchar = true, delim = ',', quote = '\"')"
    path = {"path": literal(csv)}
    described = connection.execute(f"DESCRIBE FROM {source}", path).fetchall()
    present = {name for name, *_ in described}
    missing = [name for name in _REQUIRED if name not in present]
    if missing:
        raise UsageError(f"{csv}: lacks the column {missing[0]!r}.", "It is no effort table.")
    fields = [
        f"{name}::{kind}" if name in present else f"NULL::{kind}"
        for name, kind in EFFORT_COLUMNS.items()
    ]
    connection.execute(f"INSERT INTO effort SELECT {', '.join(fields)} FROM {source}", path)  # noqa: S608
