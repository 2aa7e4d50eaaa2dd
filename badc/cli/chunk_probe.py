"""``badc chunk probe``: the longest chunk that fits a device."""

from pathlib import Path
from typing import Annotated, Any

import typer

from badc.cli.field_options import field_values, takes
from badc.cli.runner_options import UseHawkears, chosen_runner
from badc.requests import RunnerOptions, RunOptions

Option = typer.Option


@takes(RunOptions, {*RunnerOptions.model_fields, "timeout_s"})
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
    use_hawkears: UseHawkears = None,
    as_json: Annotated[bool, Option("--json", help="Print the answer as JSON.")] = False,
    **options: Any,  # noqa: ANN401 - as the fields of RunOptions are
) -> None:
    """Find the longest chunk that a device has memory for, by really listening to longer ones.

    A chunk that cannot be heard within --timeout does not fit either. Any other failure of the
    runner ends the probe: it says nothing about memory.
    """
    from badc.cli.chunk_probe_session import carry_out, tell_estimate
    from badc.probing import ProbeRequest
    from badc.runners.choice import choose_runner

    asked = field_values(RunOptions, options)
    chosen = choose_runner(
        chosen_runner({**options, "use_hawkears": use_hawkears}),
        command=asked["runner_cmd"],
        hawkears_args=asked["hawkears_args"],
        min_confidence=asked["min_confidence"],
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
            timeout_s=asked["timeout_s"],
            log=log,
        ),
        as_json=as_json,
    )
