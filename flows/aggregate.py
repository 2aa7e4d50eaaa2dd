"""Per-chunk detections into tables, with what an ecologist asks first as Prefect artifacts."""

from pathlib import Path

import httpx
from prefect import flow, get_run_logger
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_table_artifact,
)

from badc.aggregate import (
    DEFAULT_MEMORY_MIB,
    DEFAULT_OUTPUT,
    Aggregated,
    Origins,
    Request,
    UnsoundTablesError,
    raise_if_mixed,
)
from badc.aggregate import aggregate as run_aggregation
from badc.datalad import dataset_root
from badc.runs import history_name
from badc.runs.markdown import plain, section, table
from flows.artifacts import artifact_key
from flows.cancellation import cancellable, so_far
from flows.console import warn
from flows.introduction import dataset_of

_LISTED_REJECTED = 500  # the page that shows them is for reading; the CSV has them all


@flow(name="aggregate", flow_run_name="{detections_dir}", persist_result=False)
@cancellable
def aggregate(  # noqa: PLR0913, PLR0917 - one argument per option
    detections_dir: Path,
    output: Path = DEFAULT_OUTPUT,
    parquet: Path | None = None,
    manifest: Path | None = None,
    database: Path | None = None,
    dedupe: bool = False,
    places: str | None = None,
    timezone: str | None = None,
    audio_dir: Path | None = None,
    allow_rejected: bool = False,
    allow_mixed: bool = False,
    memory_mib: int = DEFAULT_MEMORY_MIB,
) -> Aggregated:
    """Fold the detections below ``detections_dir`` into one table; publish what is in it.

    The parameters are the options of ``badc infer aggregate``.

    Args:
        detections_dir: folder that 'badc infer run' or 'orchestrate' wrote to.
        output: summary CSV; its effort stands beside it.
        parquet: the same table as Parquet; empty for none.
        manifest: chunk manifest that fills in what results leave out; empty for none.
        database: the same table as a DuckDB database; empty for none.
        dedupe: whether one call heard in two overlapping chunks becomes one row.
        places: how study area and location are read from paths.
        timezone: zone of the recorders' clocks.
        audio_dir: where the recordings lie, for where and when they were made.
        allow_rejected: whether the run succeeds though broken files had to be left out.
        allow_mixed: whether the run succeeds though results are of several detectors or settings.
        memory_mib: bound on DuckDB's memory.

    Raises:
        UnsoundTablesError: broken files had to be left out, or the results are of several
            detectors; the tables are written all the same.
        UsageError: the folder or the manifest is not there.
        RunCancelledError: somebody cancelled the flow run before the tables were finished.
    """
    so_far(lambda: "tables that were not finished are as they were")
    request = Request(
        detections_dir=detections_dir,
        csv=output,
        parquet=parquet,
        database=database,
        manifest=manifest,
        origins=Origins.read(places, timezone, audio_dir),
        dedupe=dedupe,
        memory_mib=memory_mib,
    )
    aggregated = run_aggregation(request)
    get_run_logger().info(
        "%d detections (%d rows merged) in %d chunks of %d recordings; %d files rejected;"
        " tables: %s",
        aggregated.detections,
        aggregated.merged,
        aggregated.chunks,
        aggregated.recordings,
        len(aggregated.rejected),
        ", ".join(str(path) for path in aggregated.written) or "none written",
    )
    if aggregated.detectors.are_mixed:
        get_run_logger().warning("The tables hold %s", aggregated.detectors)
    if request.origins.rules.patterns and aggregated.unplaced_recordings:
        get_run_logger().warning(
            "%d recordings without a place: no path fits the patterns of places",
            aggregated.unplaced_recordings,
        )
    try:
        publish(request, aggregated)
    except httpx.HTTPError as error:  # the tables are worth more than their pictures
        warn(f"Warning: the Prefect UI does not show these tables: {' '.join(str(error).split())}.")
    if aggregated.rejected and not allow_rejected:
        raise UnsoundTablesError(
            f"{len(aggregated.rejected)} files below {detections_dir} are broken; the others are"
            " in the tables.",
            f"They are listed in {request.rejected_csv}.",
            aggregated,
        )
    if not allow_mixed:
        raise_if_mixed(aggregated, request.csv)
    return aggregated


def publish(request: Request, aggregated: Aggregated) -> None:
    """Make the artifacts: species, counts, detectors, rejected files, and a link to each file.

    Their keys are the same in every run over the same dataset, so that the UI keeps a history of
    each. Outside any dataset they end in the manifest's name, if one was given.
    """
    name = _history(request)
    create_table_artifact(
        key=artifact_key("species", name),
        table=[{"label": label, "detections": rows} for label, rows in aggregated.species.items()],
        description=f"Detections by label in {plain(request.csv)}",
    )
    create_markdown_artifact(
        key=artifact_key("aggregate-counts", name),
        markdown=_counts(aggregated),
        description=f"What is in {plain(request.csv)}",
    )
    if aggregated.rejected:
        create_table_artifact(
            key=artifact_key("rejected-files", name),
            table=[
                {"file": entry.file, "reason": entry.reason}
                for entry in aggregated.rejected[:_LISTED_REJECTED]
            ],
            description=f"Broken files; all of them are in {plain(request.rejected_csv)}",
        )
    for path in aggregated.written:
        place = path.absolute()
        create_link_artifact(
            key=artifact_key(f"file {path.name}", name),
            link=place.as_uri(),
            link_text=plain(place),
        )


def _counts(aggregated: Aggregated) -> str:
    rows = {
        "Detections": aggregated.detections,
        "Chunks": aggregated.chunks,
        "Chunks without detections": aggregated.silent_chunks,
        "Chunks heard by several detectors": aggregated.chunks_heard_twice,
        "Recordings": aggregated.recordings,
        "Rows merged": aggregated.merged,
        "Other JSON files left out": aggregated.left_out,
        "Broken files": len(aggregated.rejected),
    }
    heard = [(each, each.chunks, each.recordings) for each in aggregated.detectors.found]
    return table(("", ""), rows.items()) + section(
        "Detectors and settings", table(("Detector", "Chunks", "Recordings"), heard)
    )


def _history(request: Request) -> str:
    dataset = dataset_of(dataset_root(request.detections_dir))
    if dataset is None and request.manifest is None:
        return ""
    return history_name(request.manifest or request.detections_dir, dataset)
