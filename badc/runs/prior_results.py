"""What a run may make of the results that stand in its output folder: keep, replace, or refuse."""

from collections.abc import Sequence
from pathlib import Path

from badc.errors import UsageError
from badc.manifest import ChunkKey
from badc.requests import InferRequest
from badc.results import Maker, PriorResults
from badc.runners.protocol import Runner


def refuse_what_is_in_the_way(
    prior: PriorResults, request: InferRequest, runner: Runner, output_dir: Path
) -> None:
    """Refuse to replace results that nobody asked to replace.

    The stub replaces no real result, whatever is asked. Those of other recordings, and of other
    runners or settings, give way to ``--replace``, the latter to ``--rerun`` as well. What the
    summary given with ``--resume-summary`` tells of is set aside, not replaced
    (:mod:`badc.runs.carry_over`).

    Raises:
        UsageError: there are such results. Nothing has been written.
    """
    ways_out = (
        "Nothing was written. Give another --output-dir to keep both, or --replace to replace them."
    )
    if others := prior.of_other_recordings:
        key, place = next(iter(others.items()))
        if not request.replace or runner.kind == "stub":
            raise UsageError(
                f"{output_dir}: holds results of other recordings of the same name:"
                f" {names_of(list(others))}; {key} was heard in {place}.",
                ways_out,
            )
    for maker, keys in prior.of_others.items():
        if runner.kind == "stub":
            raise UsageError(
                f"{output_dir}: holds {results_named(keys)} of {maker}; the stub, which hears"
                " nothing, never replaces a result.",
                "Nothing was written. Name the runner (--runner, --runner-cmd, --use-hawkears),"
                " or another --output-dir.",
            )
        if request.replace or request.rerun or prior.in_summary.issuperset(keys):
            continue
        raise UsageError(
            f"{output_dir}: holds {results_named(keys)} of {_other(maker, runner)}.", ways_out
        )


def _other(maker: Maker, runner: Runner) -> str:
    """Say whose results stand in the way of ``runner``'s."""
    if maker.settings != str(runner):
        return f"{maker}, not of {runner}"
    return (
        f"an earlier state of {maker}: its program, a script or model file that it uses, or its"
        " version has changed since"
    )


def results_named(keys: Sequence[ChunkKey]) -> str:
    """Return how many results these are, and of which chunks."""
    return f"{len(keys)} result{'s' * (len(keys) != 1)} ({names_of(keys)})"


def names_of(keys: Sequence[ChunkKey]) -> str:
    """Return the first of some chunks, and how many more there are."""
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{keys[0]}{more}"
