"""Which runner is meant, where several words may name it."""

from collections.abc import Mapping
from typing import cast, get_args

from badc.errors import UsageError
from badc.requests import RunnerName


def agreed_runner(named: Mapping[str, str | None]) -> RunnerName:
    """Return the one runner that all words agree on; ``stub`` where none names any.

    Args:
        named: option or key, as the user wrote it -> the runner that it names, or None.

    Raises:
        UsageError: they name different ones, or one that does not exist.
    """
    meant = {word: runner for word, runner in named.items() if runner is not None}
    if len(set(meant.values())) > 1:
        raise UsageError(
            f"{' and '.join(meant)} name different runners.", "Use one of them, not both."
        )
    word, chosen = next(iter(meant.items()), ("", "stub"))
    if chosen not in get_args(RunnerName):
        raise UsageError(
            f"{word}: there is no runner '{chosen}'.",
            "Choose stub, command, hawkears or birdnet.",
        )
    return cast("RunnerName", chosen)
