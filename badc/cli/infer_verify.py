"""``badc infer verify``: whether a folder of results is what a manifest asks for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from badc.cli.field_options import field_values, takes
from badc.requests import InferRequest, RunnerOptions

Option = typer.Option


@takes(RunnerOptions, RunnerOptions.model_fields)
def verify(
    output_dir: Annotated[
        Path,
        typer.Argument(metavar="OUTPUT_DIR", help="Folder that 'badc infer run' wrote to."),
    ],
    manifest: Annotated[Path, Option(help="Chunk manifest CSV that says what should be there.")],
    use_hawkears: Annotated[
        bool | None, Option("--use-hawkears/--stub-runner", help="Expect HawkEars, or the stub.")
    ] = None,
    repair: Annotated[
        bool, Option("--repair", help="Hear the missing, corrupt and stale chunks again.")
    ] = False,
    **options: Any,  # noqa: ANN401 - as the fields of RunnerOptions are
) -> None:
    """Check every chunk of a manifest against its JSON, its audio and the runner that heard it.

    Lists missing, corrupt and stale JSON, audio that is not what the manifest says, and foreign
    files; exits 0 only when there are none. The runner options say which runner is expected;
    without them it is the one that made most of the results.
    """
    request = _requested({**options, "manifest": manifest, "use_hawkears": use_hawkears})
    from badc.cli.infer_verify_session import carry_out

    carry_out(output_dir, manifest, request, repair=repair)


def _requested(options: Mapping[str, Any]) -> InferRequest | None:
    """Return the request that the runner options make, or None where they name no runner.

    Raises:
        UsageError: they name different runners, or are about one that none of them names.
    """
    from badc.errors import UsageError
    from badc.runs import agreed_runner

    named = {
        "--runner": options["runner"],
        "--runner-cmd": None if options["runner_cmd"] is None else "command",
        "--use-hawkears": {True: "hawkears", False: "stub", None: None}[options["use_hawkears"]],
    }
    asked = field_values(RunnerOptions, options) | {"runner": agreed_runner(named)}
    request = InferRequest(manifest=options["manifest"], **asked)
    if any(word is not None for word in named.values()):
        return request
    lonely = request.model_dump(exclude_defaults=True).keys() - {"manifest", "runner"}
    if lonely:
        raise UsageError(
            "--hawkears-arg and --min-confidence are about a runner that no option names.",
            "Add --use-hawkears or --runner birdnet.",
        )
    return None
