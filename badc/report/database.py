"""``report duckdb``: a database file to ask one's own questions."""

from pathlib import Path

import duckdb

from badc.errors import UsageError
from badc.report.answers import Table
from badc.report.counts import LABELS, RECORDINGS, timeline
from badc.report.files import draft_for, write_table
from badc.report.source import Source

VIEWS = ("label_summary", "recording_summary", "timeline_summary")


def write_database(source: Source, path: Path, bucket_minutes: int = 60) -> dict[str, Table]:
    """Write ``path`` with table ``detections``, the views, and ``effort`` where it is known.

    ``detections`` holds every column of the Parquet, canonical ones first.

    Returns:
        What each view shows.

    Raises:
        UsageError: the database would replace a file it is made from.
        BadcError: it cannot be written; the previous one is unchanged.
    """
    if any(path.absolute() == parquet.absolute() for parquet in source.paths):
        raise UsageError(f"{path}: is the Parquet itself.", "Give --database another name.")
    with draft_for(path) as draft:
        _copy(source, draft)
        with duckdb.connect(draft) as connection:
            return _make_views(connection, bucket_minutes)


def write_exports(views: dict[str, Table], folder: Path) -> list[Path]:
    """Write ``label_summary.csv``, ``recording_summary.csv`` and ``timeline.csv``."""
    names = ("label_summary.csv", "recording_summary.csv", "timeline.csv")
    return [
        write_table(folder / name, views[view]) for name, view in zip(names, VIEWS, strict=True)
    ]


def _copy(source: Source, draft: Path) -> None:
    run = source.connection.execute
    quoted = str(draft).replace("'", "''")
    run(f"ATTACH '{quoted}' AS written (TYPE duckdb)")
    try:
        run(
            "CREATE TABLE written.detections AS SELECT * EXCLUDE (badc_file) FROM detection"
            " ORDER BY recording_id, absolute_time_ms, label"
        )
        if source.has_effort:
            run("CREATE TABLE written.effort AS FROM effort ORDER BY recording_id")
    finally:
        run("DETACH written")


def _make_views(connection: duckdb.DuckDBPyConnection, bucket_minutes: int) -> dict[str, Table]:
    queries = (LABELS, RECORDINGS, timeline(bucket_minutes))
    shown = {}
    for view, query in zip(VIEWS, queries, strict=True):
        of_table = query.replace("FROM detection", "FROM detections")
        connection.execute(f"CREATE VIEW {view} AS {of_table}")
        result = connection.execute(f"FROM {view}")
        shown[view] = Table(tuple(name for name, *_ in result.description), result.fetchall())
    return shown
