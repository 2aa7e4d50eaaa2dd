"""``badc infer verify``: whether a folder of results is what a manifest asks for."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from badc.cli.runner_options import HawkearsArgs, MinConfidence, RunnerCommand, RunnerName

if TYPE_CHECKING:
    from badc.runs import InferRequest

Option = typer.Option


def verify(
    output_dir: Annotated[
        Path,
        typer.Argument(metavar="OUTPUT_DIR", help="Folder that 'badc infer run' wrote to."),
    ],
    manifest: Annotated[Path, Option(help="Chunk manifest CSV that says what should be there.")],
    runner_cmd: RunnerCommand = None,
    use_hawkears: Annotated[
        bool | None, Option("--use-hawkears/--stub-runner", help="Expect HawkEars, or the stub.")
    ] = None,
    runner: RunnerName = None,
    hawkears_arg: HawkearsArgs = None,
    min_confidence: MinConfidence = 0.25,
    repair: Annotated[
        bool, Option("--repair", help="Hear the missing, corrupt and stale chunks again.")
    ] = False,
) -> None:
    """Check every chunk of a manifest against its JSON, its audio and the runner that heard it.

    Lists missing, corrupt and stale JSON, audio that is not what the manifest says, and foreign
    files; exits 0 only when there are none. The runner options say which runner is expected;
    without them it is the one that made most of the results.
    """
    request = _requested(locals())
    from badc.cli.infer_verify_session import carry_out

    carry_out(output_dir, manifest, request, repair=repair)


def _requested(options: Mapping[str, Any]) -> "InferRequest | None":
    """Return the request that the runner options make, or None where they name no runner.

    Raises:
        UsageError: they name different runners, or are about one that none of them names.
    """
    from badc.errors import UsageError
    from badc.runs import InferRequest, agreed_runner

    named = {
        "--runner": options["runner"],
        "--runner-cmd": None if options["runner_cmd"] is None else "command",
        "--use-hawkears": {True: "hawkears", False: "stub", None: None}[options["use_hawkears"]],
    }
    request = InferRequest(
        manifest=options["manifest"],
        runner=agreed_runner(named),
        runner_cmd=options["runner_cmd"],
        hawkears_args=tuple(options["hawkears_arg"] or ()),
        min_confidence=options["min_confidence"],
    )
    if any(word is not None for word in named.values()):
        return request
    lonely = request.model_dump(exclude_defaults=True).keys() - {"manifest", "runner"}
    if lonely:
        raise UsageError(
            "--hawkears-arg and --min-confidence are about a runner that no option names.",
            "Add --use-hawkears or --runner birdnet.",
        )
    return None
