"""``badc infer aggregate``: per-chunk detections into one table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from badc.cli.console import say, show, warn

if TYPE_CHECKING:
    from badc.aggregate import Aggregated, Request

_SHOWN_REJECTED = 50
_SHOWN_SPECIES = 10


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
    from badc.aggregate import aggregate as run
    from badc.meta import load_rules
    from badc.meta.recording_path import by_stem, find_recordings

    request = Request(
        detections_dir=detections_dir,
        csv=output,
        parquet=parquet,
        database=database,
        manifest=manifest,
        origins=Origins(
            rules=load_rules(places, timezone),
            recordings={} if audio_dir is None else by_stem(find_recordings(audio_dir)),
        ),
        dedupe=dedupe,
        memory_mib=memory_mib,
    )
    aggregated = run(request)
    _tell(request, aggregated)
    if aggregated.rejected and not allow_rejected:
        raise typer.Exit(1)


def _tell(request: "Request", aggregated: "Aggregated") -> None:
    if aggregated.chunks == 0 and not aggregated.rejected:
        warn(f"Warning: no detection JSON found in {request.detections_dir}.")
        if not aggregated.written:
            warn("The tables that are already there stay as they are.")
            return
    say(
        f"{aggregated.detections} detections in {aggregated.chunks} chunks"
        f" ({aggregated.silent_chunks} without any) of {aggregated.recordings} recordings."
    )
    if request.dedupe:
        say(f"{aggregated.merged} rows merged: the same call in two overlapping chunks.")
    if aggregated.left_out:
        say(f"{aggregated.left_out} JSON files left out: they hold no detections of a chunk.")
    _show_species(aggregated)
    for path in aggregated.written:
        say(f"Wrote {path}")
    if aggregated.rejected:
        _show_rejected(request, aggregated)


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
    root = f"{request.detections_dir.absolute()}/"
    for entry in aggregated.rejected[:_SHOWN_REJECTED]:
        table.add_row(Text(entry.file.removeprefix(root)), Text(entry.reason))
    show(table)
    warn(f"{len(aggregated.rejected)} files rejected; all are listed in {request.rejected_csv}")
