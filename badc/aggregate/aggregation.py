"""Per-chunk detections into one table, from request to files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from badc.aggregate.dedupe import merge_doubles
from badc.aggregate.detectors import Detectors, count_detectors
from badc.aggregate.effort import count_effort
from badc.aggregate.engine import Engine, open_engine
from badc.aggregate.fill import fill_from, read_chunks, recordings_by_chunk_id
from badc.aggregate.gather import Gathered, gather
from badc.aggregate.locate import locate_chunks
from badc.aggregate.origin import add_origins
from badc.aggregate.rejected import Rejected, reject_repeats, write_rejected
from badc.aggregate.request import Request, recipe_of
from badc.aggregate.table import store_rows
from badc.aggregate.write import write_tables
from badc.datalad import dataset_root
from badc.errors import BadcError

_COUNTS = """
SELECT count(*), count(DISTINCT recording_id),
    count(*) FILTER (n NOT IN (SELECT n FROM heard))
FROM chunk
"""
_SPECIES = "SELECT label, count(*) AS rows FROM heard GROUP BY label ORDER BY rows DESC, label"
_HEARD_TWICE = """
SELECT count(*) FROM (SELECT 1 FROM chunk GROUP BY recording_id, chunk_id HAVING count(*) > 1)
"""
_UNPLACED = "SELECT count(*) FROM effort WHERE study_area IS NULL AND location IS NULL"


@dataclass(frozen=True, slots=True)
class Aggregated:
    """What an aggregation found and did.

    Attributes:
        detections: rows of the table.
        chunks: payloads taken; ``silent_chunks`` of them gave no row.
        recordings: recordings among them.
        detectors: who listened, with how much each heard.
        chunks_heard_twice: chunks that several detectors heard.
        unplaced_recordings: recordings whose study area and location are unknown.
        merged: rows that ``dedupe`` merged into others.
        left_out: how many JSON files are no payloads.
        left_out_files: their paths, a thousand at most.
        rejected: broken files.
        species: label -> rows, most frequent first.
        written: the files that were written.
    """

    detections: int
    chunks: int
    silent_chunks: int
    recordings: int
    detectors: Detectors
    chunks_heard_twice: int
    unplaced_recordings: int
    merged: int
    left_out: int
    left_out_files: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    species: Mapping[str, int]
    written: tuple[Path, ...]


class UnsoundTablesError(BadcError):
    """Tables were written, but not of all files, or of results that do not belong together.

    Attributes:
        aggregated: what was done all the same.
    """

    def __init__(self, message: str, hint: str, aggregated: Aggregated) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, aggregated)
        self.aggregated = aggregated


def raise_if_mixed(aggregated: Aggregated, csv: Path) -> None:
    """Raise if the table at ``csv`` holds results of several detectors.

    Raises:
        UnsoundTablesError: it does.
    """
    if aggregated.detectors.are_mixed:
        raise UnsoundTablesError(
            f"{csv}: holds {aggregated.detectors}.",
            "The tables are written all the same. Hear the rest again with one of them, aggregate"
            " their folders apart, or say that it is meant with --allow-mixed.",
            aggregated,
        )


def aggregate(request: Request) -> Aggregated:
    """Fold the per-chunk JSON of a results tree into its tables.

    Broken files are left out and listed in ``request.rejected_csv``; the caller decides whether
    they are an error. Where there are no payloads at all, tables without rows are written, but
    never over a table that is already there.

    Raises:
        UsageError: see :meth:`Request.check`; or the manifest is no manifest.
        BadcError: an output cannot be written; the previous ones are unchanged.
    """
    request.check()
    manifest = read_chunks(request.manifest)
    with open_engine(request.memory_mib) as engine:
        gathered = gather(engine, request.detections_dir, recordings_by_chunk_id(manifest).get)
        if request.manifest is not None:
            fill_from(engine, manifest, dataset_root(request.manifest))
        locate_chunks(engine, request.manifest)
        rejected = (*gathered.rejected, *reject_repeats(engine))
        add_origins(engine, request.origins, request.manifest)
        detectors = count_detectors(engine.connection)
        count_effort(engine)
        result = _result(engine, request, gathered, rejected, detectors)
        if result.written:
            recipe = recipe_of(request.origins.rules, dedupe=request.dedupe)
            write_tables(engine, store_rows(engine, recipe), request)
        write_rejected(request.rejected_csv, rejected)
    return result


def _result(
    engine: Engine,
    request: Request,
    gathered: Gathered,
    rejected: tuple[Rejected, ...],
    detectors: Detectors,
) -> Aggregated:
    """Merge rows, where asked, and count everything."""
    run = engine.connection.execute
    chunks, recordings, silent = run(_COUNTS).fetchall()[0]
    twice = run(_HEARD_TWICE).fetchall()[0][0]
    unplaced = run(_UNPLACED).fetchall()[0][0]
    merged = merge_doubles(engine) if request.dedupe else 0
    species = dict(run(_SPECIES).fetchall())
    outputs = (*request.tables, *request.efforts)
    would_lose_rows = chunks == 0 and any(path.exists() for path in outputs)
    return Aggregated(
        detections=sum(species.values()),
        chunks=chunks,
        silent_chunks=silent,
        recordings=recordings,
        detectors=detectors,
        chunks_heard_twice=twice,
        unplaced_recordings=unplaced,
        merged=merged,
        left_out=gathered.left_out_count,
        left_out_files=tuple(gathered.left_out),
        rejected=rejected,
        species=species,
        written=() if would_lose_rows else outputs,
    )
