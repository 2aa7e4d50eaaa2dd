"""The options that say who listens, alike in every command that has them."""

from typing import Annotated, Any

from typer import Option

RunnerName = Annotated[
    str | None, Option(metavar="NAME", help="stub, command, hawkears or birdnet.")
]
RunnerCommand = Annotated[
    str | None, Option(help="Program to run on each chunk, with --input and --output.")
]
UseHawkears = Annotated[
    bool | None,
    Option("--use-hawkears/--stub-runner", help="Listen with HawkEars.  [default: yes]"),
]
HawkearsArgs = Annotated[
    list[str] | None, Option(help="Argument handed on to HawkEars as it is (repeatable).")
]
MinConfidence = Annotated[float, Option(help="Lowest confidence that counts (birdnet).")]
AttemptLimit = Annotated[
    float | None,
    Option(help="Seconds one attempt may take.  [default: 600 + 30 times the chunk's length]"),
]


def chosen_runner(name: str | None, command: str | None, hawkears: bool | None) -> Any:  # noqa: ANN401 - RunnerName
    """Return the one runner that three options agree on; HawkEars where none says any."""
    from badc.runs import agreed_runner

    words = {
        "--runner": name,
        "--runner-cmd": None if command is None else "command",
        "--use-hawkears": {True: "hawkears", False: "stub", None: None}[hawkears],
    }
    return agreed_runner(words if any(words.values()) else {"the default": "hawkears"})
