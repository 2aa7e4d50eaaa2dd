"""``badc chunk probe``: the longest chunk that fits a device."""

from pathlib import Path
from typing import Annotated

import typer

from badc.cli.runner_options import (
    AttemptLimit,
    HawkearsArgs,
    MinConfidence,
    RunnerCommand,
    RunnerName,
    UseHawkears,
    chosen_runner,
)

Option = typer.Option


def probe(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Recording that chunks are cut from.")
    ],
    initial_duration: Annotated[float, Option(help="Seconds of the chunk to try first.")] = 60.0,
    max_duration: Annotated[
        float | None, Option(help="Seconds of the longest to try.  [default: all of FILE]")
    ] = None,
    tolerance: Annotated[float, Option(help="Stop when it is known to so many seconds.")] = 5.0,
    gpu_index: Annotated[
        int | None, Option(help="Which GPU.  [default: the first; the CPU where there is none]")
    ] = None,
    log: Annotated[
        Path | None,
        Option(help="Record of attempts (JSONL).  [default: in artifacts/telemetry/chunk_probe]"),
    ] = None,
    estimate: Annotated[
        bool, Option("--estimate", help="Estimate by a rule of thumb; run nothing.")
    ] = False,
    runner: RunnerName = None,
    runner_cmd: RunnerCommand = None,
    use_hawkears: UseHawkears = None,
    hawkears_arg: HawkearsArgs = None,
    min_confidence: MinConfidence = 0.25,
    timeout: AttemptLimit = None,
    as_json: Annotated[bool, Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Find the longest chunk that a device has memory for, by really listening to longer ones.

    A chunk that cannot be heard within --timeout does not fit either. Any other failure of the
    runner ends the probe: it says nothing about memory.
    """
    from badc.cli.chunk_probe_session import carry_out, tell_estimate
    from badc.probing import ProbeRequest
    from badc.runners.choice import choose_runner

    chosen = choose_runner(
        chosen_runner(runner, runner_cmd, use_hawkears),
        command=runner_cmd,
        hawkears_args=tuple(hawkears_arg or ()),
        min_confidence=min_confidence,
    )
    if estimate:
        tell_estimate(file, gpu_index, as_json=as_json)
        return
    carry_out(
        ProbeRequest(
            recording=file,
            runner=chosen,
            initial_s=initial_duration,
            max_s=max_duration,
            tolerance_s=tolerance,
            gpu_index=gpu_index,
            timeout_s=timeout,
            log=log,
        ),
        as_json=as_json,
    )
