"""``badc chunk orchestrate``: a whole dataset's recordings into chunks."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli import options as shared

Option = typer.Option


def orchestrate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder with audio/ in it.")],
    pattern: shared.RecordingPattern = None,
    chunk_duration: shared.ChunkDuration = 60.0,
    overlap: shared.Overlap = 0.0,
    manifest_dir: Annotated[Path, Option(help="Folder for the manifests, from DATASET.")] = Path(
        "manifests"
    ),
    chunks_dir: Annotated[Path, Option(help="Folder for the chunk folders, from DATASET.")] = Path(
        "artifacts/chunks"
    ),
    include_existing: Annotated[
        bool,
        Option("--include-existing/--skip-existing", help="Cut again what has been cut."),
    ] = False,
    limit: Annotated[int | None, Option(help="Take at most so many recordings.")] = None,
    print_datalad_run: Annotated[
        bool,
        Option("--print-datalad-run", help="Print 'datalad run' commands; cut nothing."),
    ] = False,
    apply: Annotated[bool, Option("--apply/--plan-only", help="Cut what is planned.")] = False,
    plan_csv: shared.PlanCsv = None,
    plan_json: shared.PlanJson = None,
    record_datalad: shared.RecordDatalad = None,
    workers: shared.CutWorkers = 1,
) -> None:
    """Plan the cuts of all recordings below DATASET/audio; with --apply, make them.

    A recording is left alone when its manifest is there and its cut was completed. One whose cut
    failed or was broken off is taken up again.

    A recording's id is the stem of its name. Where several have the same stem, their folders below
    audio/ come before it: StationA--20240601_050000.

    One recording that cannot be cut does not stop the others; the exit code is then 1.
    """
    from badc.cli.chunk_orchestrate_session import Wishes, carry_out
    from badc.orchestration.chunk_plan import ChunkRequest

    carry_out(
        ChunkRequest(
            dataset=dataset,
            patterns=tuple(pattern or ["*.wav"]),
            chunk_duration_s=chunk_duration,
            overlap_s=overlap,
            manifest_dir=manifest_dir,
            chunks_dir=chunks_dir,
            include_existing=include_existing,
            limit=limit,
        ),
        Wishes(plan_csv, plan_json, print_datalad_run, apply, record_datalad, workers),
    )
