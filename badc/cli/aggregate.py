"""``badc infer aggregate``: per-chunk detections into one table."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli import options as shared


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
    places: shared.Places = None,
    timezone: shared.TimeZone = None,
    audio_dir: shared.AudioDir = None,
    allow_rejected: Annotated[
        bool, typer.Option("--allow-rejected", help="Exit 0 although files had to be left out.")
    ] = False,
    allow_mixed: Annotated[
        bool,
        typer.Option(
            "--allow-mixed", help="Exit 0 although several detectors or settings were heard with."
        ),
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
    from badc.cli.aggregate_session import Wanted, gather

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
    gather(request, Wanted(allow_rejected, allow_mixed, places, timezone, audio_dir))
