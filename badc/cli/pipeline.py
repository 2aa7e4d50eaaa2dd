"""``badc pipeline``: from recordings to reports in one go."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli.runner_options import (
    HawkearsArgs,
    RunnerCommand,
    RunnerName,
    UseHawkears,
    chosen_runner,
)

Option = typer.Option
app = typer.Typer(
    help="From recordings to reports in one go.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    """Make ``run`` a word of its own, though it is the only command."""


@app.command()
def run(
    dataset: Annotated[Path, typer.Argument(metavar="[DATASET]", help="The dataset's folder.")] = (
        Path()
    ),
    chunk_plan: Annotated[Path, Option(help="Where the plan of cuts is kept.")] = Path(
        "plans/pipeline_chunks.json"
    ),
    pattern: Annotated[
        list[str] | None, Option(help="Names of recordings (repeatable).  [default: *.wav]")
    ] = None,
    chunk_duration: Annotated[float, Option(help="Seconds of a chunk.")] = 60.0,
    overlap: Annotated[float, Option(help="Seconds that a chunk repeats.")] = 0.0,
    use_hawkears: UseHawkears = None,
    runner: RunnerName = None,
    runner_cmd: RunnerCommand = None,
    hawkears_arg: HawkearsArgs = None,
    max_gpus: Annotated[int | None, Option(help="Use at most N GPUs.  [default: all]")] = None,
    cpu_workers: Annotated[int, Option(help="CPU workers beside the GPUs.")] = 0,
    chunks_per_gpu: Annotated[int, Option(help="How many chunks share a GPU at a time.")] = 1,
    gpu_only: Annotated[
        bool, Option("--gpu-only", help="Hear on GPUs alone; refused where there is none.")
    ] = False,
    record_datalad: Annotated[
        bool | None,
        Option(
            "--record-datalad/--no-record-datalad",
            help="Have 'datalad run' record each step.  [default: in a DataLad dataset]",
        ),
    ] = None,
    bundle: Annotated[
        bool, Option("--bundle/--no-bundle", help="Make tables and reports at the end.")
    ] = True,
) -> None:
    """Cut all recordings below DATASET/audio, hear their chunks, make tables and reports.

    What is done already is not repeated: to go on after a failure, type the same again.
    """
    from badc.cli import chunk_orchestrate_session, orchestrate, orchestrate_session
    from badc.cli.console import warn
    from badc.errors import RunFailedError
    from badc.orchestration import OrchestrateRequest
    from badc.orchestration.chunk_plan import ChunkRequest

    uncut: RunFailedError | None = None
    try:
        chunk_orchestrate_session.carry_out(
            ChunkRequest(dataset, tuple(pattern or ["*.wav"]), chunk_duration, overlap),
            chunk_orchestrate_session.Wishes(
                plan_csv=None,
                plan_json=dataset / chunk_plan,
                print_datalad_run=False,
                apply=True,
                record=record_datalad,
                workers=1,
            ),
        )
    except RunFailedError as error:  # the recordings that could be cut are heard all the same
        warn(f"Error: {error}")
        uncut = error
    request = OrchestrateRequest(
        dataset=dataset.absolute(),
        runner=chosen_runner(runner, runner_cmd, use_hawkears),
        runner_cmd=runner_cmd,
        hawkears_args=tuple(hawkears_arg or ()),
        max_gpus=max_gpus,
        cpu_workers=cpu_workers,
        chunks_per_gpu=chunks_per_gpu,
        gpu_only=gpu_only,
    )
    folder = dataset / "artifacts" / "aggregate"
    orchestrate_session.carry_out(
        request,
        orchestrate_session.Wishes(
            plan_files=(),
            print_datalad_run=False,
            apply=True,
            record=record_datalad,
            resume=True,
            bundling=orchestrate.bundling(folder, 60, True, 20, None) if bundle else None,
        ),
    )
    if uncut is not None:
        raise uncut
