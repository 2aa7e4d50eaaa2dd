"""``badc infer aggregate``: per-chunk detections into one table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from badc.cli.console import say, show, warn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from badc.aggregate import Aggregated, Request

_SHOWN_REJECTED = 50
_SHOWN_SPECIES = 10
_SHOWN_LEFT_OUT = 5


def aggregate(
    detections_dir: Annotated[
        Path,
        typer.Argument(
            metavar="DETECTIONS_DIR", help="Directory containing inference outputs (JSON)."
        ),
    ],
    output: Annotated[Path, typer.Option(help="Summary CSV path.")] = Path(
        "artifacts/aggregate/summary.csv"
    ),
    manifest: Annotated[
        Path | None, typer.Option(help="Chunk manifest CSV that fills what the JSON leaves out.")
    ] = None,
    parquet: Annotated[Path | None, typer.Option(help="Also write the table as Parquet.")] = None,
    database: Annotated[
        Path | None,
        typer.Option(help="Also write a DuckDB file with tables 'detections' and 'effort'."),
    ] = None,
    dedupe: Annotated[
        bool, typer.Option("--dedupe", help="Merge one call heard in two overlapping chunks.")
    ] = False,
    places: Annotated[
        str | None,
        typer.Option(
            help="How paths tell study area and location: aru-data, aru-type, station, or a TOML"
            " file."
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(help="The recorders' time zone, such as America/Yellowknife or -07:00."),
    ] = None,
    audio_dir: Annotated[
        Path | None, typer.Option(help="Folder of the recordings, whose paths tell the places.")
    ] = None,
    allow_rejected: Annotated[
        bool, typer.Option("--allow-rejected", help="Exit 0 although files had to be left out.")
    ] = False,
    memory_mib: Annotated[
        int, typer.Option(min=64, help="Memory for DuckDB; what does not fit goes to TMPDIR.")
    ] = 320,
) -> None:
    """Aggregate per-chunk detection JSON files into canonical summaries.

    Chunks without detections give no row: OUTPUT's neighbour *_effort.csv counts them. Broken
    files are named, listed in OUTPUT.rejected.csv, and make the command exit 1.
    """
    from badc.aggregate import Origins, Request
    from badc.cli.signals import ending_on_signals

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
    request.check()
    with ending_on_signals():
        aggregated = _run(
            request, allow_rejected, places=places, timezone=timezone, audio_dir=audio_dir
        )
    _tell(request, aggregated)
    if aggregated.rejected and not allow_rejected:
        raise typer.Exit(1)


def _run(request: "Request", allow_rejected: bool, **origins: str | Path | None) -> "Aggregated":
    """Aggregate as a Prefect flow run where a server is there to record it, else right away."""
    from badc.aggregate import aggregate as run
    from flows.server import answers, configured_server

    server = configured_server()
    if server is None:
        return run(request)
    if not answers(server):
        warn(f"Warning: no Prefect server answers at {server}; this is not recorded as a flow run.")
        return run(request)
    return _run_flow(request, allow_rejected, origins)


def _run_flow(
    request: "Request", allow_rejected: bool, origins: "Mapping[str, Any]"
) -> "Aggregated":
    from flows.settings import settle_prefect

    settle_prefect()
    from badc.aggregate import Aggregated, RejectedFilesError
    from flows.aggregate import aggregate as flow
    from flows.console import announcing

    try:
        result: Aggregated = announcing(flow, say)(
            detections_dir=request.detections_dir,
            output=request.csv,
            parquet=request.parquet,
            manifest=request.manifest,
            database=request.database,
            dedupe=request.dedupe,
            allow_rejected=allow_rejected,
            memory_mib=request.memory_mib,
            **origins,
        )
    except RejectedFilesError as error:
        return error.aggregated
    return result


def _tell(request: "Request", aggregated: "Aggregated") -> None:
    if not aggregated.chunks:
        warn(f"Warning: no detections of any chunk found in {request.detections_dir}.")
    if aggregated.written:
        _count(request, aggregated)
        _show_species(aggregated)
    else:
        warn("The tables that are already there stay as they are.")
    for path in aggregated.written:
        say(f"Wrote {path}")
    if aggregated.left_out:
        names = aggregated.left_out_files[:_SHOWN_LEFT_OUT]
        more = ", …" if aggregated.left_out > len(names) else ""
        say(
            f"Left out as no detections of a chunk: {_number(aggregated.left_out, 'JSON file')}"
            f" ({', '.join(_below(request, name) for name in names)}{more})."
        )
    if aggregated.rejected:
        _show_rejected(request, aggregated)


def _count(request: "Request", aggregated: "Aggregated") -> None:
    say(
        f"{_number(aggregated.detections, 'detection')} in {_number(aggregated.chunks, 'chunk')}"
        f" ({aggregated.silent_chunks} without any) of"
        f" {_number(aggregated.recordings, 'recording')}."
    )
    if aggregated.merged:
        say(f"{_number(aggregated.merged, 'row')} merged: calls heard in two overlapping chunks.")
    if request.origins.rules.patterns and aggregated.unplaced_recordings:
        warn(
            f"Warning: {_number(aggregated.unplaced_recordings, 'recording')} without a place: no"
            " path fits the patterns. --audio-dir names the folder of the recordings."
        )
    if aggregated.chunks_heard_twice:
        warn(
            f"Warning: {_number(aggregated.chunks_heard_twice, 'chunk')} heard by more than one"
            " runner or model; before counting, choose by the columns runner, model_version and"
            " runner_fingerprint."
        )


def _show_species(aggregated: "Aggregated") -> None:
    from rich.table import Table
    from rich.text import Text

    if not aggregated.species:
        return
    table = Table("Label", "Detections", title="Most frequent labels")
    for label, rows in list(aggregated.species.items())[:_SHOWN_SPECIES]:
        table.add_row(Text(label), str(rows))
    show(table)


def _show_rejected(request: "Request", aggregated: "Aggregated") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Rejected files")
    table.add_column("File", no_wrap=True, overflow="fold")
    table.add_column("Reason")
    for entry in aggregated.rejected[:_SHOWN_REJECTED]:
        table.add_row(Text(_below(request, entry.file)), Text(entry.reason))
    show(table)
    rejected = _number(len(aggregated.rejected), "file")
    warn(f"{rejected} rejected, all of them listed in {request.rejected_csv}")


def _below(request: "Request", file: str) -> str:
    """Return a file's path as seen from the results tree."""
    return file.removeprefix(f"{request.detections_dir.absolute()}/")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
