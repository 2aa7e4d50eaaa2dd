"""Before a run hears anything: earlier results brought to where they belong, and what is said."""

import re
import shutil
from pathlib import Path

from badc.atomic import write_whole
from badc.errors import BadcError
from badc.manifest import ChunkKey
from badc.results import Maker, result_path
from badc.runs.plan import InferPlan
from badc.runs.prior_results import names_of, results_named

_NAME_LETTERS = 64


def carry_over(plan: InferPlan) -> list[str]:
    """Copy here what counts and stands elsewhere; set aside what the summary tells of others.

    Returns:
        A line for each kind of earlier result that is copied, replaced, set aside or doubted.

    Raises:
        BadcError: a file cannot be copied or moved.
    """
    prior, runner = plan.prior, plan.assignment.runner
    told: list[str] = []
    elsewhere = {key: each.elsewhere for key, each in plan.done.items() if each.elsewhere}
    for key, source in elsewhere.items():
        _copy(source, result_path(plan.output_dir, key))
    if elsewhere:
        told.append(f"Copied {results_named(list(elsewhere))} to {plan.output_dir}.")
    for maker, keys in prior.of_others.items():
        if plan.assignment.replaces:
            told.append(f"Replacing {results_named(keys)} of {maker} by those of {runner}.")
        else:
            told.append(
                f"The summary that is resumed from tells of {maker}, not of {runner}:"
                f" {results_named(keys)} set aside in {_set_aside(plan, maker, keys)}."
            )
    if prior.of_other_recordings:
        names = names_of(list(prior.of_other_recordings))
        told.append(f"Replacing results of other recordings of the same name: {names}.")
    if prior.of_stub:
        told.append(f"Replacing {results_named(prior.of_stub)} of the stub, which heard nothing.")
    if prior.of_other_audio:
        names = names_of(prior.of_other_audio)
        told.append(f"Audio has changed since it was heard, and is heard again: {names}.")
    if prior.torn:
        names = names_of(prior.torn)
        told.append(
            f"The JSON is damaged or another chunk's, and the chunk is heard again: {names}."
        )
    return told


def _copy(source: Path, place: Path) -> None:
    try:
        content = source.read_bytes()
    except OSError as error:
        raise BadcError(f"{source}: cannot be read ({error.strerror}).", "Run again.") from None
    write_whole(place, content)


def _set_aside(plan: InferPlan, maker: Maker, keys: list[ChunkKey]) -> Path:
    """Move away what another runner found, and nobody said should be replaced; return where to.

    That is beside the run's log: whatever lies below an output folder may be taken for results.
    """
    log = plan.telemetry_log
    name = re.sub(r"\W", "_", str(maker.fingerprint))[:_NAME_LETTERS]  # a JSON may say anything
    folder = log.with_name(f"{log.stem}.set-aside") / name
    for key in keys:
        place = result_path(plan.output_dir, key)
        aside = folder / key.recording_id / place.name
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(place, aside)
        except OSError as error:
            raise BadcError(
                f"{place}: cannot be moved to {aside} ({error.strerror}).",
                "Check permissions; nothing was heard.",
            ) from None
    return folder
