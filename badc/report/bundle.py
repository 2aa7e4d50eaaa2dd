"""``report bundle``: every report of one table, under one prefix."""

from dataclasses import dataclass
from pathlib import Path

from badc.report.database import write_database, write_exports
from badc.report.overview import overview, write_overview
from badc.report.quicklook import quicklook, write_quicklook
from badc.report.source import Source

_PARQUET_SUFFIX = "_detections"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports a bundle holds."""

    quicklook: bool = True
    parquet_report: bool = True
    duckdb: bool = True


def default_prefix(parquet: Path) -> str:
    """Return ``rec1`` for ``rec1_detections.parquet``."""
    return parquet.stem.removesuffix(_PARQUET_SUFFIX) or parquet.stem


def write_bundle(
    source: Source, folder: Path, prefix: str, bucket_minutes: int, wanted: Wanted
) -> list[Path]:
    """Write ``<p>_quicklook/``, ``<p>_parquet_report/``, ``<p>.duckdb``, ``<p>_duckdb_exports/``.

    Returns:
        Every file that was written.
    """
    written: list[Path] = []
    if wanted.quicklook:
        written += write_quicklook(quicklook(source), folder / f"{prefix}_quicklook")
    if wanted.parquet_report:
        found = overview(source, bucket_minutes)
        written += write_overview(found, folder / f"{prefix}_parquet_report")
    if wanted.duckdb:
        database = folder / f"{prefix}.duckdb"
        views = write_database(source, database, bucket_minutes)
        exports = write_exports(views, folder / f"{prefix}_duckdb_exports")
        written += [database, *exports]
    return written
