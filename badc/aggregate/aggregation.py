"""Per-chunk detections into one table, from request to files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from badc.aggregate.dedupe import merge_doubles
from badc.aggregate.effort import count_effort
from badc.aggregate.engine import DEFAULT_MEMORY_MIB, Engine, open_engine
from badc.aggregate.fill import fill_from, read_chunks, recordings_by_chunk_id
from badc.aggregate.gather import Gathered, gather
from badc.aggregate.origin import Origins, add_origins
from badc.aggregate.rejected import Rejected, reject_repeats, write_rejected
from badc.aggregate.table import store_rows
from badc.aggregate.write import effort_path, write_tables
from badc.datalad import dataset_root
from badc.errors import BadcError, UsageError

DEFAULT_OUTPUT = Path("artifacts/aggregate/summary.csv")


class RejectedFilesError(BadcError):
    """Tables were written, but files had to be left out of them because they are broken."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to aggregate, and where to.

    Attributes:
        detections_dir: results tree.
        csv: the canonical table; its effort and its rejected files stand beside it.
        parquet, database: the same table in other forms, where wanted.
        manifest: fills what payloads leave out.
        origins: how where and when are told.
        dedupe: whether one call heard in two overlapping chunks becomes one row.
        memory_mib: bound on DuckDB's memory.
    """

    detections_dir: Path
    csv: Path = DEFAULT_OUTPUT
    parquet: Path | None = None
    database: Path | None = None
    manifest: Path | None = None
    origins: Origins = field(default_factory=Origins)
    dedupe: bool = False
    memory_mib: int = DEFAULT_MEMORY_MIB

    @property
    def rejected_csv(self) -> Path:
        """Where the files that had to be left out are listed."""
        return self.csv.with_name(f"{self.csv.name}.rejected.csv")

    @property
    def written(self) -> tuple[Path, ...]:
        """Every table that this request writes."""
        tables = [path for path in (self.csv, self.parquet) if path is not None]
        efforts = [effort_path(path) for path in tables]
        databases = [] if self.database is None else [self.database]
        return tuple(dict.fromkeys([*tables, *databases, *efforts]))


@dataclass(frozen=True, slots=True)
class Aggregated:
    """What an aggregation found and did.

    Attributes:
        detections: rows of the table.
        chunks: payloads taken; ``silent_chunks`` of them gave no row.
        recordings: recordings among them.
        merged: rows that ``dedupe`` merged into others.
        left_out: how many JSON files are no payloads.
        rejected: broken files.
        species: label -> rows, most frequent first.
        written: the files that were written.
    """

    detections: int
    chunks: int
    silent_chunks: int
    recordings: int
    merged: int
    left_out: int
    rejected: tuple[Rejected, ...]
    species: Mapping[str, int]
    written: tuple[Path, ...]


def aggregate(request: Request) -> Aggregated:
    """Fold the per-chunk JSON of a results tree into its tables.

    Broken files are left out and listed in ``request.rejected_csv``; the caller decides whether
    they are an error. Where there are no payloads at all, tables without rows are written, but
    never over a table that is already there.

    Raises:
        UsageError: the results tree or the manifest is not there, or two outputs are one file.
        BadcError: an output cannot be written; the previous ones are unchanged.
    """
    _check_outputs(request)
    manifest = read_chunks(request.manifest)
    with open_engine(request.memory_mib) as engine:
        gathered = gather(engine, request.detections_dir, recordings_by_chunk_id(manifest).get)
        if request.manifest is not None:
            fill_from(engine, manifest, dataset_root(request.manifest))
        rejected = (*gathered.rejected, *reject_repeats(engine))
        add_origins(engine, request.origins)
        count_effort(engine)
        merged = merge_doubles(engine) if request.dedupe else 0
        result = _result(engine, request, gathered, rejected, merged)
        if result.written:
            write_tables(engine, store_rows(engine), request.csv, request.parquet, request.database)
            write_rejected(request.rejected_csv, rejected)
    return result


def _check_outputs(request: Request) -> None:
    outputs = [path for path in (request.csv, request.parquet, request.database) if path]
    if len({path.absolute() for path in outputs}) < len(outputs):
        raise UsageError(
            f"{request.csv}: two of the tables would be one file.", "Give each its own name."
        )


def _result(
    engine: Engine,
    request: Request,
    gathered: Gathered,
    rejected: tuple[Rejected, ...],
    merged: int,
) -> Aggregated:
    run = engine.connection.execute
    species = run(
        "SELECT label, count(*) AS rows FROM heard GROUP BY label ORDER BY rows DESC, label"
    ).fetchall()
    chunks, recordings = run("SELECT count(*), count(DISTINCT recording_id) FROM chunk").fetchall()[
        0
    ]
    silent = run("SELECT count(*) FROM chunk ANTI JOIN heard USING (n)").fetchall()[0][0]
    is_empty = chunks == 0 and not rejected
    would_replace = any(path.exists() for path in request.written)
    return Aggregated(
        detections=sum(rows for _, rows in species),
        chunks=chunks,
        silent_chunks=silent,
        recordings=recordings,
        merged=merged,
        left_out=gathered.left_out_count,
        rejected=rejected,
        species=dict(species),
        written=() if is_empty and would_replace else request.written,
    )
