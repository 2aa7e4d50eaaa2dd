"""``badc chunk orchestrate``: a whole dataset's recordings into chunks."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from badc.cli.console import say, warn
from badc.errors import RunFailedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from badc.chunking import CutPlan, Outcome
    from badc.errors import BadcError
    from badc.orchestration.chunk_plan import ChunkPlan

Option = typer.Option
_MOST_WORKERS = 256
_NAMED = 5


def orchestrate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder with audio/ in it.")],
    pattern: Annotated[
        list[str] | None,
        Option(help="Names of recordings, in any case (repeatable).  [default: *.wav]"),
    ] = None,
    chunk_duration: Annotated[float, Option(help="Seconds of a chunk.")] = 60.0,
    overlap: Annotated[
        float, Option(help="Seconds that each chunk repeats of the one before it.")
    ] = 0.0,
    manifest_dir: Annotated[Path, Option(help="Folder for the manifests, from DATASET.")] = Path(
        "manifests"
    ),
    chunks_dir: Annotated[Path, Option(help="Folder for the chunk folders, from DATASET.")] = Path(
        "artifacts/chunks"
    ),
    include_existing: Annotated[
        bool,
        Option("--include-existing/--skip-existing", help="Cut again what has been cut."),
    ] = False,
    limit: Annotated[int | None, Option(help="Take at most so many recordings.")] = None,
    print_datalad_run: Annotated[
        bool,
        Option("--print-datalad-run", help="Print 'datalad run' commands; cut nothing."),
    ] = False,
    apply: Annotated[bool, Option("--apply/--plan-only", help="Cut what is planned.")] = False,
    plan_csv: Annotated[Path | None, Option(help="Save the plan as CSV.")] = None,
    plan_json: Annotated[Path | None, Option(help="Save the plan as JSON.")] = None,
    record_datalad: Annotated[
        bool | None,
        Option("--record-datalad/--no-record-datalad", help="Let DataLad record each cut."),
    ] = None,
    workers: Annotated[int, Option(help="Cut so many recordings at a time.")] = 1,
) -> None:
    """Plan the cuts of all recordings below DATASET/audio; with --apply, make them.

    A recording is left alone when its manifest is there and its cut was completed. One whose cut
    failed or was broken off is taken up again.

    A recording's id is the stem of its name. Where several have the same stem, their folders below
    audio/ come before it: StationA--20240601_050000.

    One recording that cannot be cut does not stop the others; the exit code is then 1.
    """
    from badc.orchestration.chunk_plan import ChunkRequest, plan_chunks

    _check(apply, print_datalad_run, record_datalad, workers, (plan_csv, plan_json))
    plan = plan_chunks(
        ChunkRequest(
            dataset=dataset,
            patterns=tuple(pattern or ["*.wav"]),
            chunk_duration_s=chunk_duration,
            overlap_s=overlap,
            manifest_dir=manifest_dir,
            chunks_dir=chunks_dir,
            include_existing=include_existing,
            limit=limit,
        )
    )
    if print_datalad_run:
        lines = _datalad_lines(plan.cuts, dataset)  # refuses before anything is written
    _save(plan.cuts, dataset, plan_csv, plan_json)
    failed: list[BadcError] = list(plan.faults)
    if print_datalad_run:
        _announce(plan, warn)
        for line in lines:
            say(line)
    elif apply:
        _announce(plan, say)
        failed += _carry_out(plan.cuts, dataset, workers, record_datalad)
    else:
        for cut in plan.cuts:
            say(f"{cut.recording_id}: {cut.recording}")
        _announce(plan, say)
    _end(failed, len(plan.cuts) + len(plan.faults))


def _check(
    apply: bool,
    print_datalad_run: bool,
    record: bool | None,
    workers: int,
    places: Sequence[Path | None],
) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: they do not.
    """
    if apply and print_datalad_run:
        raise UsageError(
            "--apply and --print-datalad-run: the one cuts, the other does not.", "Use one of them."
        )
    if apply and record:
        raise UsageError(
            "--record-datalad: the cuts cannot be recorded from here yet.",
            "Use --print-datalad-run and run the lines that it prints.",
        )
    if not 1 <= workers <= _MOST_WORKERS:
        raise UsageError(
            f"--workers {workers} is not from 1 to {_MOST_WORKERS}.",
            "Give about as many as there are cores.",
        )
    if places[0] is not None and places[0] == places[1]:
        raise UsageError("--plan-csv and --plan-json name one file.", "Give each its own.")


def _datalad_lines(cuts: Sequence[CutPlan], dataset: Path) -> list[str]:
    from badc.datalad import dataset_root
    from badc.orchestration.chunk_command import datalad_cut_line

    root = dataset_root(dataset)
    if root is None:
        raise UsageError(
            f"{dataset}: lies in no DataLad dataset, so there is nothing to record in.",
            "Run without --print-datalad-run, or make a dataset with 'datalad create'.",
        )
    return [datalad_cut_line(cut, root) for cut in cuts]


def _save(cuts: Sequence[CutPlan], dataset: Path, csv: Path | None, json: Path | None) -> None:
    from badc.orchestration.chunk_plan_files import write_plan_csv, write_plan_json

    for path, write in ((csv, write_plan_csv), (json, write_plan_json)):
        if path is not None:
            write(path, cuts, dataset)
            warn(f"Plan: {path}")


def _announce(plan: ChunkPlan, tell: Callable[[str], None]) -> None:
    """Say what is planned, what is not, and what cannot be."""
    for fault in plan.faults:
        warn(f"Error: {fault}")
    if plan.otherwise_cut:
        warn(
            f"Note: {_recordings(plan.otherwise_cut)} left alone, though cut with another"
            " --chunk-duration or --overlap; --include-existing cuts them again."
        )
    if not (plan.cuts or plan.done or plan.faults):
        warn("Note: no name of a recording fits; --pattern says which do.")
    later = f", {plan.beyond_limit} beyond --limit" if plan.beyond_limit else ""
    tell(f"To cut: {_recordings(len(plan.cuts))} ({plan.done} done before{later}).")


def _carry_out(
    cuts: Sequence[CutPlan], dataset: Path, workers: int, record: bool | None
) -> list[BadcError]:
    """Make the cuts, say of each what became of it, and return what went wrong."""
    errors: list[BadcError] = []
    with closing(_outcomes(cuts, dataset, workers, record)) as outcomes:
        for number, outcome in enumerate(outcomes, 1):
            _tell(outcome, f"[{number}/{len(cuts)}]")
            if outcome.error is not None:
                errors.append(outcome.error)
    return errors


def _outcomes(
    cuts: Sequence[CutPlan], dataset: Path, workers: int, record: bool | None
) -> Generator[Outcome]:
    """Return what becomes of each cut, as it is made.

    Here is the place to have DataLad record each cut: with ``record``, or by default in a dataset.
    """
    from badc.chunking import cut_many
    from badc.datalad import dataset_root

    if record is None and dataset_root(dataset) is not None:
        warn("Note: the cuts are not recorded by DataLad; --print-datalad-run prints such lines.")
    return cut_many(cuts, workers)


def _tell(outcome: Outcome, number: str) -> None:
    plan = outcome.plan
    if outcome.error is not None:
        warn(f"{number} Error: {outcome.error}")
        return
    for warning in outcome.warnings:
        warn(f"Warning: {warning}")
    if outcome.leftovers:
        warn(
            f"Note: {plan.chunk_dir} still holds {outcome.leftovers} chunk file(s) of an earlier"
            " cut; the manifest does not list them."
        )
    say(f"{number} {plan.recording_id}: {outcome.chunks} chunk(s), manifest {plan.manifest}")


def _end(failed: Sequence[BadcError], of: int) -> None:
    """Raise if anything went wrong.

    Raises:
        RunFailedError: it did.
    """
    if not failed:
        return
    named = ", ".join(error.message.partition(": ")[0] for error in failed[:_NAMED])
    more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    raise RunFailedError(
        f"{len(failed)} of {_recordings(of)} cannot be cut: {named}{more}.",
        "The others are not touched by that; the reasons stand above.",
    )


def _recordings(count: int) -> str:
    return f"{count} recording{'s' * (count != 1)}"
