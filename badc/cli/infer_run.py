"""``badc infer run``: a shim around the infer flow."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli.runner_options import (
    AttemptLimit,
    HawkearsArgs,
    MinConfidence,
    RunnerCommand,
    RunnerName,
)

Option = typer.Option


def run(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="Chunk manifest CSV.")],
    max_gpus: Annotated[
        int | None, Option(help="Use at most N of the GPUs found; 0 for none.  [default: all]")
    ] = None,
    cpu_workers: Annotated[
        int, Option(help="CPU workers beside the GPUs; at least one without any GPU.")
    ] = 0,
    chunks_per_gpu: Annotated[int, Option(help="How many chunks share a GPU at a time.")] = 1,
    gpu_only: Annotated[
        bool, Option("--gpu-only", help="Hear on GPUs alone; refused where there is none.")
    ] = False,
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
    max_retries: Annotated[int, Option(help="Retries per chunk.")] = 2,
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
    scheduler_address: Annotated[
        str | None, Option(metavar="tcp://HOST:PORT", help="Run on an existing Dask cluster.")
    ] = None,
    print_datalad_run: Annotated[
        bool, Option("--print-datalad-run", help="Print a 'datalad run' command; run nothing.")
    ] = False,
) -> None:
    """Listen to every chunk of a manifest; write one JSON per chunk.

    A chunk that has been heard already, by the same runner and from the same audio, is not heard
    again: to resume, type the same command.
    """
    from badc.cli.infer_session import carry_out
    from badc.runs import InferRequest, agreed_runner

    request = InferRequest.model_validate(
        {
            "manifest": manifest,
            "runner": agreed_runner(
                {
                    "--runner": runner,
                    "--runner-cmd": None if runner_cmd is None else "command",
                    "--use-hawkears": "hawkears" if use_hawkears else None,
                }
            ),
            "runner_cmd": runner_cmd,
            "hawkears_args": tuple(hawkears_arg or ()),
            "min_confidence": min_confidence,
            "max_gpus": max_gpus,
            "cpu_workers": cpu_workers,
            "chunks_per_gpu": chunks_per_gpu,
            "gpu_only": gpu_only,
            "output_dir": output_dir,
            "max_retries": max_retries,
            "timeout_s": timeout,
            "telemetry_log": telemetry_log,
            "resume_summary": resume_summary,
            "keep_going": keep_going,
            "rerun": rerun,
            "scheduler_address": scheduler_address,
        }
    )
    carry_out(request, print_datalad_run=print_datalad_run)
