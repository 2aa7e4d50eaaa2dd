"""The one place that chooses a runner."""

from badc.errors import UsageError
from badc.runners.command import CommandRunner
from badc.runners.protocol import Runner
from badc.runners.stub import StubRunner


def choose_runner(
    name: str,
    *,
    command: str | None = None,
    hawkears_args: tuple[str, ...] = (),
    min_confidence: float = 0.25,
) -> Runner:
    """Return the runner called ``name``: stub, command, hawkears or birdnet.

    Raises:
        UsageError: the name is unknown, or an argument belongs to another runner.
    """
    if command is not None and name != "command":
        raise UsageError(
            f"--runner-cmd does not go with runner '{name}'.",
            "Use either --runner-cmd, or --use-hawkears, or --runner NAME.",
        )
    if hawkears_args and name != "hawkears":
        raise UsageError(f"--hawkears-arg does not go with runner '{name}'.", "Add --use-hawkears.")
    match name:
        case "stub":
            return StubRunner()
        case "command":
            if command is None:
                raise UsageError("Runner 'command' lacks its program.", "Give --runner-cmd CMD.")
            return CommandRunner.from_text(command)
        case _:
            raise UsageError(
                f"There is no runner '{name}'.", "Choose stub, command, hawkears or birdnet."
            )
