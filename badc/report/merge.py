"""Several canonical tables as one, and one for each study area."""

from pathlib import Path

from badc.aggregate import effort_path
from badc.errors import UsageError
from badc.report.files import draft_for, file_name
from badc.report.source import Source

_OVERALL = "all"
_NOWHERE = "no_study_area"
_ORDER = "recording_id, absolute_time_ms, label, chunk_id, timestamp_ms, end_ms, confidence DESC"

_DOUBLES = """
SELECT coalesce(sum(files - 1), 0) FROM (
    SELECT count(DISTINCT badc_file) AS files FROM detection
    GROUP BY recording_id, chunk_id, source_path, timestamp_ms, end_ms, label, confidence, runner,
        model_version
)
"""


def find_tables(folder: Path) -> list[Path]:
    """Return a folder's ``*_detections.parquet``; where there is none, its ``*.parquet``.

    Raises:
        UsageError: it is no folder, or holds no table.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: is no folder.", "Name the folder of the Parquet files.")
    try:
        names = sorted(
            path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
        )
    except OSError as error:
        raise UsageError(f"{folder}: cannot be listed ({error.strerror}).") from error
    every = [path for path in names if path.suffix == ".parquet"]
    found = [path for path in every if path.stem.endswith("_detections")] or every
    if not found:
        raise UsageError(
            f"{folder}: holds no Parquet file.", "'badc infer aggregate … --parquet' makes them."
        )
    return found


def count_doubles(source: Source) -> int:
    """Return how many detections stand in more than one of the files, and so count twice."""
    return int(source.value(_DOUBLES)) if len(source.paths) > 1 else 0


def write_merged(source: Source, folder: Path) -> list[Path]:
    """Write ``all_detections`` and ``<study area>_detections``, each as Parquet and CSV.

    Each has its effort beside it where the effort of every table is known.

    Returns:
        Every file that was written.

    Raises:
        UsageError: the folder is that of the tables, where a second run would merge the merged.
    """
    for path in source.paths:
        if path.parent.resolve() == folder.resolve():
            raise UsageError(
                f"{folder}: is the folder of the tables themselves.",
                "Give --output-dir another one, or the next merge would count everything twice.",
            )
    taken = {_OVERALL}
    written = _write(source, folder / f"{_OVERALL}_detections", "true", {})
    areas = source.rows(
        "SELECT study_area FROM detection UNION SELECT study_area FROM effort ORDER BY ALL"
    )
    for (area,) in areas:
        name = file_name(_NOWHERE if area is None else area, taken)
        condition = "study_area IS NOT DISTINCT FROM $area"
        written += _write(source, folder / f"{name}_detections", condition, {"area": area})
    return written


def _write(
    source: Source, stem: Path, condition: str, parameters: dict[str, str | None]
) -> list[Path]:
    detections = f"FROM detection SELECT * EXCLUDE (badc_file) WHERE {condition} ORDER BY {_ORDER}"
    effort = f"FROM effort WHERE {condition} ORDER BY recording_id"
    csv = stem.with_name(f"{stem.name}.csv")
    parquet = stem.with_name(f"{stem.name}.parquet")
    jobs = {csv: (detections, "FORMAT csv, HEADER true"), parquet: (detections, "FORMAT parquet")}
    if source.has_effort:
        jobs[effort_path(csv)] = (effort, "FORMAT csv, HEADER true")
    for path, (query, form) in jobs.items():
        with draft_for(path) as draft:
            source.connection.execute(
                f"COPY ({query}) TO $path ({form})", {"path": str(draft), **parameters}
            )
    return list(jobs)
