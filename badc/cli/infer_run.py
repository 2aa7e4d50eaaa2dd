"""``badc infer run``: a shim around the infer flow."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from badc.cli import options as shared
from badc.cli.runner_options import (
    AttemptLimit,
    HawkearsArgs,
    MinConfidence,
    RunnerCommand,
    RunnerName,
)

if TYPE_CHECKING:
    from badc.runs import InferRequest

Option = typer.Option


def run(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="Chunk manifest CSV.")],
    max_gpus: shared.MaxGpus = None,
    cpu_workers: shared.CpuWorkers = 0,
    chunks_per_gpu: shared.ChunksPerGpu = 1,
    chunks_per_task: shared.ChunksPerTask = 1,
    gpu_only: shared.GpuOnly = False,
    output_dir: Annotated[
        Path | None,
        Option(help="Folder for the JSON.  [default: artifacts/infer, inside the dataset]"),
    ] = None,
    runner_cmd: RunnerCommand = None,
    use_hawkears: Annotated[
        bool, Option("--use-hawkears/--stub-runner", help="Listen with HawkEars.")
    ] = False,
    runner: RunnerName = None,
    hawkears_arg: HawkearsArgs = None,
    min_confidence: MinConfidence = 0.25,
    max_retries: shared.MaxRetries = 2,
    timeout: AttemptLimit = None,
    telemetry_log: Annotated[
        Path | None, Option(help="Event log (JSONL).  [default: a fresh one per run]")
    ] = None,
    resume_summary: Annotated[
        Path | None, Option(help="Skip chunks that this *.summary.json marks success.")
    ] = None,
    keep_going: Annotated[
        bool, Option("--keep-going", help="Go on past failed chunks; report them at the end.")
    ] = False,
    rerun: Annotated[
        bool, Option("--rerun", help="Listen again even to chunks that are done.")
    ] = False,
    rerun_finished: Annotated[
        bool,
        Option(
            "--rerun-finished", help="Listen again if all is done, else go on; as DataLad records."
        ),
    ] = False,
    replace: shared.Replace = False,
    scheduler_address: shared.SchedulerAddress = None,
    cluster_profile: shared.ClusterProfile = None,
    print_datalad_run: Annotated[
        bool, Option("--print-datalad-run", help="Print a 'datalad run' command; run nothing.")
    ] = False,
) -> None:
    """Listen to every chunk of a manifest; write one JSON per chunk.

    A chunk that has been heard already, by the same runner and from the same audio, is not heard
    again: to resume, type the same command.
    """
    request = requested(locals())
    from badc.cli.infer_session import carry_out

    carry_out(request, print_datalad_run=print_datalad_run)


def requested(options: Mapping[str, Any]) -> "InferRequest":
    """Return the request that options of :func:`run` make; each field has its option's name.

    Args:
        options: every argument of :func:`run`, by name.

    Raises:
        UsageError: options name different runners.
    """
    from badc.runs import InferRequest, agreed_runner

    named = {
        "--runner": options["runner"],
        "--runner-cmd": None if options["runner_cmd"] is None else "command",
        "--use-hawkears": "hawkears" if options["use_hawkears"] else None,
    }
    asked = {
        **options,
        "runner": agreed_runner(named),
        "hawkears_args": tuple(options["hawkears_arg"] or ()),
        "timeout_s": options["timeout"],
    }
    return InferRequest.model_validate({name: asked[name] for name in InferRequest.model_fields})
