"""``badc infer run``: a shim around the infer flow."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from badc.cli.field_options import field_values, takes
from badc.requests import InferRequest


@takes(InferRequest, InferRequest.model_fields)
def run(
    use_hawkears: Annotated[
        bool, typer.Option("--use-hawkears/--stub-runner", help="Listen with HawkEars.")
    ] = False,
    print_datalad_run: Annotated[
        bool,
        typer.Option("--print-datalad-run", help="Print a 'datalad run' command; run nothing."),
    ] = False,
    **options: Any,  # noqa: ANN401 - as the fields of InferRequest are
) -> None:
    """Listen to every chunk of a manifest; write one JSON per chunk.

    A chunk that has been heard already, by the same runner and from the same audio, is not heard
    again: to resume, type the same command.
    """
    request = requested({**options, "use_hawkears": use_hawkears})
    from badc.cli.infer_session import carry_out

    carry_out(request, print_datalad_run=print_datalad_run)


def requested(options: Mapping[str, Any]) -> InferRequest:
    """Return the request that options of :func:`run` make.

    Args:
        options: every argument of :func:`run`, by name.

    Raises:
        UsageError: options name different runners.
    """
    from badc.runs import agreed_runner

    named = {
        "--runner": options["runner"],
        "--runner-cmd": None if options["runner_cmd"] is None else "command",
        "--use-hawkears": "hawkears" if options["use_hawkears"] else None,
    }
    asked = field_values(InferRequest, options) | {"runner": agreed_runner(named)}
    return InferRequest.model_validate(asked)
