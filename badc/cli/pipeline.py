"""``badc pipeline``: from recordings to reports in one go."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from badc.cli import options as shared
from badc.cli.runner_options import (
    AttemptLimit,
    HawkearsArgs,
    MinConfidence,
    RunnerCommand,
    RunnerName,
    UseHawkears,
)
from badc.cli.table_options import table_settings
from badc.cli.typed import typed_options

if TYPE_CHECKING:
    from badc.errors import RunFailedError
    from badc.orchestration.chunk_plan import ChunkRequest

Option = typer.Option
app = typer.Typer(
    help="From recordings to reports in one go.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    """Make ``run`` a word of its own, though it is the only command."""


@app.command()
def run(
    context: typer.Context,
    dataset: shared.Dataset = Path(),
    chunk_plan: Annotated[
        Path | None,
        Option(
            help="Write the plan of cuts here, from the working directory."
            "  [default: plans/pipeline_chunks.json in DATASET]"
        ),
    ] = None,
    pattern: shared.RecordingPattern = None,
    chunk_duration: shared.ChunkDuration = 60.0,
    overlap: shared.Overlap = 0.0,
    workers: shared.CutWorkers = 1,
    use_hawkears: UseHawkears = None,
    runner: RunnerName = None,
    runner_cmd: RunnerCommand = None,
    hawkears_arg: HawkearsArgs = None,
    min_confidence: MinConfidence = 0.25,
    max_gpus: shared.MaxGpus = None,
    cpu_workers: shared.CpuWorkers = 0,
    chunks_per_gpu: shared.ChunksPerGpu = 1,
    chunks_per_task: shared.ChunksPerTask = 1,
    gpu_only: shared.GpuOnly = False,
    max_retries: shared.MaxRetries = 2,
    timeout: AttemptLimit = None,
    keep_going: shared.KeepGoing = False,
    rerun_all: shared.RerunAll = False,
    replace: shared.Replace = False,
    scheduler_address: shared.SchedulerAddress = None,
    cluster_profile: shared.ClusterProfile = None,
    record_datalad: shared.RecordDatalad = None,
    bundle: Annotated[
        bool, Option("--bundle/--no-bundle", help="Make tables, reports and a page at the end.")
    ] = True,
    places: shared.Places = None,
    timezone: shared.TimeZone = None,
    keep_doubles: shared.KeepDoubles = False,
) -> None:
    """Cut all recordings below DATASET/audio, hear their chunks, make tables and reports.

    What is done already is not repeated: to go on after a failure, type the same again. With
    --rerun-all everything is heard again; what has been cut stays.
    """
    asked = locals()
    from badc.cli import orchestrate, orchestrate_session
    from badc.orchestration.chunk_plan import ChunkRequest

    hearing = {
        **asked,
        "dataset": dataset.absolute(),
        "chunk_plan": None,
        "resume_completed": not rerun_all,
    }
    typed = typed_options(context) - {"chunk_plan", "pattern"} | {"resume_completed"}
    # before anything is cut: they may make no sense
    request = orchestrate.requested(hearing, typed)
    settings = table_settings(hearing, typed, wanted=bundle, else_say="--bundle")
    cuts = ChunkRequest(dataset, tuple(pattern or ["*.wav"]), chunk_duration, overlap)
    plan = chunk_plan or dataset / "plans" / "pipeline_chunks.json"
    uncut = _cut(cuts, plan, record_datalad, workers)
    folder = dataset / "artifacts" / "aggregate"
    orchestrate_session.carry_out(
        request,
        orchestrate_session.Wishes(
            plan_csv=None,
            plan_json=None,
            print_datalad_run=False,
            apply=True,
            record=record_datalad,
            resume=not rerun_all,
            bundling=orchestrate.bundling(
                folder, 60, True, 20, None, dataset / request.chunks_dir, dataset, settings
            )
            if bundle
            else None,
        ),
    )
    if uncut is not None:
        raise uncut


def _cut(
    request: "ChunkRequest", plan: Path, record: bool | None, workers: int
) -> "RunFailedError | None":
    """Cut what can be cut; return what to fail with when that has been heard all the same."""
    from badc.cli.chunk_orchestrate_session import Wishes, carry_out
    from badc.cli.console import warn
    from badc.errors import RunFailedError

    try:
        carry_out(request, Wishes(None, plan, False, True, record, workers, keep_plan=True))
    except RunFailedError as error:
        warn(f"Error: {error}")
        return error
    return None
