"""After a dataset was heard: its tables and reports, where something changed."""

from pathlib import Path

from prefect import get_run_logger

from badc.errors import BadcError
from badc.orchestration import TableSettings

_BUCKET_MINUTES = 60


def renew_tables(detections_dir: Path, folder: Path, dataset: Path, settings: TableSettings) -> str:
    """Fold the detections into ``folder``, unless its tables hold all of them, made so, already.

    Returns:
        What is doubtful about tables old or new, in one line; or nothing.
    """
    # Only here: DuckDB 2.0 fills the screen at the end of a process that holds Prefect as well
    from badc.aggregate import (  # noqa: PLC0415
        UnsoundTablesError,
        are_current,
        date_tables,
        made_by,
        newest_change_ns,
        recipe_of,
    )
    from flows.aggregate import aggregate  # noqa: PLC0415

    csv, parquet = folder / "detections.csv", folder / "detections.parquet"
    change_ns = newest_change_ns(detections_dir)
    recipe = recipe_of(settings.rules(dataset), dedupe=settings.dedupe)
    if are_current((csv, parquet), change_ns) and made_by(recipe, [parquet]):
        get_run_logger().info("Tables are left as they are: nothing changed since")
        return _warned_of(parquet)
    try:
        written = aggregate(
            detections_dir, output=csv, parquet=parquet, **settings.arguments(dataset)
        ).written
    except UnsoundTablesError as error:
        get_run_logger().warning("%s", error)
        written = error.aggregated.written
    date_tables(written, change_ns)
    return _warned_of(parquet)


def _warned_of(parquet: Path) -> str:
    """Say, and log, what a reader of the table has to know before anything else."""
    from badc.report.mixture import caution  # noqa: PLC0415 - see above
    from badc.report.source import open_source  # noqa: PLC0415

    if not parquet.is_file():
        return ""
    try:
        with open_source(parquet) as source:
            words = caution(source)
    except BadcError as error:  # as with the reports
        words = str(error)
    if words:
        get_run_logger().warning("%s: %s", parquet, words)
    return words


def renew_reports(folder: Path) -> None:
    """Make the reports on ``folder``'s table anew, unless they are newer than it is."""
    from badc.aggregate import are_current  # noqa: PLC0415 - see above
    from badc.report.bundle import Wanted, default_prefix, write_bundle  # noqa: PLC0415
    from badc.report.source import open_source  # noqa: PLC0415

    parquet = folder / "detections.parquet"
    if not parquet.is_file():
        return
    prefix = default_prefix(parquet)
    # The last ones that a bundle writes, so that one that was broken off is made again
    last = folder / f"{prefix}_duckdb_exports" / "timeline.csv"
    if are_current((last,), parquet.stat().st_mtime_ns):
        return
    try:
        with open_source(parquet) as source:
            written = write_bundle(source, folder, prefix, _BUCKET_MINUTES, Wanted())
    except BadcError as error:  # what was heard is heard: no reason to call the run failed
        get_run_logger().warning("No reports: %s", error)
    else:
        get_run_logger().info("%d reports in %s", len(written), folder)
