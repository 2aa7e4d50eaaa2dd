"""What a run may make of the results that stand in its output folder: keep, replace, or refuse."""

from collections.abc import Sequence
from pathlib import Path

from badc.errors import BadcError, UsageError
from badc.manifest import ChunkKey, read_manifest
from badc.requests import InferRequest
from badc.results import AudioDigests, Maker, PriorResults, digest_memory, look_through
from badc.runners.choice import choose_runner
from badc.runners.protocol import Runner
from badc.runs.paths import absolute, default_output_dir, run_dataset


def refuse_what_is_in_the_way(
    prior: PriorResults,
    request: InferRequest,
    runner: Runner,
    output_dir: Path,
    elsewhere: str = "another --output-dir",
) -> None:
    """Refuse to replace results that nobody asked to replace.

    The stub replaces no real result, whatever is asked. Those of other recordings, and of other
    runners or settings, give way to ``--replace``, the latter to ``--rerun`` as well. What the
    summary given with ``--resume-summary`` tells of is set aside, not replaced
    (:mod:`badc.runs.carry_over`).

    Args:
        prior: what stands in the output folder.
        request: what is asked for.
        runner: who is to listen.
        output_dir: the output folder, for the complaint.
        elsewhere: how whoever asked can have another one, in words.

    Raises:
        UsageError: there are such results. Nothing has been written.
    """
    ways_out = f"Nothing was written. Give {elsewhere} to keep both, or --replace to replace them."
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
                "Nothing was written. Name the runner (--runner, --runner-cmd, --use-hawkears), or"
                f" give {elsewhere}.",
            )
        if request.replace or request.rerun or prior.in_summary.issuperset(keys):
            continue
        raise UsageError(
            f"{output_dir}: holds {results_named(keys)} of {_other(maker, runner)}.", ways_out
        )


def refuse_to_record_over(request: InferRequest) -> None:
    """Refuse a line for DataLad that would, when it is run, replace what nobody asked to replace.

    It says ``--rerun-finished``, so that it is not asked again then.

    Raises:
        UsageError: there are such results.
    """
    runner = choose_runner(
        request.runner,
        command=request.runner_cmd,
        hawkears_args=request.hawkears_args,
        min_confidence=request.min_confidence,
    )
    try:
        fingerprint = runner.fingerprint()
    except BadcError:  # not installed here; whoever runs the line has it
        return
    chunks = read_manifest(request.manifest, content_needed=False)
    folder = absolute(
        request.output_dir or default_output_dir(run_dataset(request.manifest, chunks))
    )
    digests = AudioDigests(digest_memory())
    prior = look_through(chunks, folder, fingerprint, digests, audio_needed=False)
    refuse_what_is_in_the_way(prior, request, runner, folder)


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
