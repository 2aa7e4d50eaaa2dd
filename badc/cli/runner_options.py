"""Who listens, where three options may say it."""

from collections.abc import Mapping
from typing import Annotated, Any

from typer import Option

from badc.requests import RunnerName

UseHawkears = Annotated[
    bool | None,
    Option("--use-hawkears/--stub-runner", help="Listen with HawkEars.  [default: yes]"),
]


def chosen_runner(options: Mapping[str, Any]) -> RunnerName:
    """Return the one runner that options agree on; HawkEars where none says any."""
    from badc.runs import agreed_runner

    words = {
        "--runner": options["runner"],
        "--runner-cmd": None if options["runner_cmd"] is None else "command",
        "--use-hawkears": {True: "hawkears", False: "stub", None: None}[options["use_hawkears"]],
    }
    return agreed_runner(words if any(words.values()) else {"the default": "hawkears"})
