"""What a runner said before it failed."""

from badc.cli.console import warn
from badc.errors import AttemptError, BadcError

_LINES = 20


def show_last_words(error: BadcError) -> None:
    """Print the last words of the runner behind a failed chunk."""
    cause = error.__cause__ if not isinstance(error, AttemptError) else error
    tail = getattr(cause, "stderr_tail", "").strip()
    if tail:
        warn("The runner's last words on standard error:")
        for line in tail.splitlines()[-_LINES:]:
            warn(f"  {line}")
