"""Before a run hears anything: results of earlier runs brought to where this one keeps its own."""

import os
from pathlib import Path

from badc.atomic import write_whole
from badc.errors import BadcError
from badc.results import result_path
from badc.runs.plan import InferPlan

_ASIDE = ".superseded"


def carry_over(plan: InferPlan) -> list[str]:
    """Copy here what counts and stands elsewhere, and set aside what the summary tells of others.

    Returns:
        A line for each of the two, where there was anything to do.

    Raises:
        BadcError: a file cannot be copied or moved.
    """
    told = []
    copied = 0
    for key, done in plan.done.items():
        place = result_path(plan.output_dir, key)
        if done.source != place:
            write_whole(place, _content(done.source))
            copied += 1
    if copied:
        told.append(f"Copied {copied} finished results to {plan.output_dir}.")
    if aside := _set_aside(plan):
        told.append(
            f"The summary that is resumed from tells of another runner: {aside} of its results are"
            f" kept in {plan.output_dir / _ASIDE}, and their chunks are heard again."
        )
    return told


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadcError(f"{path}: cannot be read ({error.strerror}).", "Run again.") from None


def _set_aside(plan: InferPlan) -> int:
    """Move away what another runner found and nobody said should be replaced."""
    if plan.assignment.rerun or plan.replace:
        return 0
    moved = 0
    for maker, keys in plan.prior.of_others.items():
        for key in keys:
            place = result_path(plan.output_dir, key)
            aside = (
                plan.output_dir / _ASIDE / str(maker.fingerprint) / key.recording_id / place.name
            )
            try:
                aside.parent.mkdir(parents=True, exist_ok=True)
                os.replace(place, aside)  # noqa: PTH105 - as the atomic writer does
            except OSError as error:
                raise BadcError(
                    f"{place}: cannot be moved to {aside} ({error.strerror}).",
                    "Check permissions; nothing was heard.",
                ) from None
            moved += 1
    return moved
