"""One ``badc chunk orchestrate`` from its plan to its last cut."""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from badc.chunking import CutPlan, Outcome, cut_many
from badc.cli.console import say, warn
from badc.datalad import dataset_root, records, save
from badc.errors import BadcError, RunFailedError, UsageError
from badc.manifest import read_manifest
from badc.orchestration.chunk_command import datalad_cut_line, recorded_cut
from badc.orchestration.chunk_plan import ChunkPlan, ChunkRequest, plan_chunks
from badc.orchestration.chunk_plan_files import write_plan_csv, write_plan_json
from badc.process import ProcessDoor

_MOST_WORKERS = 256
_NAMED = 5


@dataclass(frozen=True)
class Wishes:
    """What is to be done with a plan.

    Attributes:
        plan_csv, plan_json: where to save it.
        print_datalad_run: whether to print a command line per cut instead of making any.
        apply: whether to make the cuts.
        record: whether DataLad is to record them; None where it can.
        workers: how many to make at a time, where DataLad does not record.
        keep_plan: whether a plan in which nothing is left to cut replaces no earlier one.
    """

    plan_csv: Path | None
    plan_json: Path | None
    print_datalad_run: bool
    apply: bool
    record: bool | None
    workers: int
    keep_plan: bool = False


def carry_out(request: ChunkRequest, wishes: Wishes) -> None:
    """Plan the cuts, and do what was asked.

    Raises:
        UsageError: the request makes no sense.
        RunFailedError: recordings could not be cut.
    """
    _check(wishes)
    plan = plan_chunks(request)
    dataset = request.dataset
    lines = _datalad_lines(plan.cuts, dataset) if wishes.print_datalad_run else []
    _save(plan.cuts, dataset, wishes)
    failed: list[BadcError] = list(plan.faults)
    if wishes.print_datalad_run:
        _announce(plan, warn)
        for line in lines:
            say(line)
    elif wishes.apply:
        _announce(plan, say)
        _have_saved(dataset, wishes)
        failed += _carry_out(plan.cuts, dataset, wishes)
    else:
        for cut in plan.cuts:
            say(f"{cut.recording_id}: {cut.recording}")
        _announce(plan, say)
    _end(failed, len(plan.cuts) + len(plan.faults))


def _check(wishes: Wishes) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: they do not.
    """
    if wishes.apply and wishes.print_datalad_run:
        raise UsageError(
            "--apply and --print-datalad-run: the one cuts, the other does not.", "Use one of them."
        )
    if not 1 <= wishes.workers <= _MOST_WORKERS:
        raise UsageError(
            f"--workers {wishes.workers} is not from 1 to {_MOST_WORKERS}.",
            "Give about as many as there are cores.",
        )
    if wishes.plan_csv is not None and wishes.plan_csv == wishes.plan_json:
        raise UsageError("--plan-csv and --plan-json name one file.", "Give each its own.")


def _datalad_lines(cuts: Sequence[CutPlan], dataset: Path) -> list[str]:
    root = dataset_root(dataset)
    if root is None:
        raise UsageError(
            f"{dataset}: lies in no DataLad dataset, so there is nothing to record in.",
            "Run without --print-datalad-run, or make a dataset with 'datalad create'.",
        )
    return [datalad_cut_line(cut, root) for cut in cuts]


def _save(cuts: Sequence[CutPlan], dataset: Path, wishes: Wishes) -> None:
    for path, write in ((wishes.plan_csv, write_plan_csv), (wishes.plan_json, write_plan_json)):
        kept = wishes.keep_plan and not cuts and path is not None and os.path.lexists(path)
        if path is not None and not kept:
            write(path, cuts, dataset)
            warn(f"Plan: {path}")


def _have_saved(dataset: Path, wishes: Wishes) -> None:
    """Have DataLad save the plan's files, if it records: it works on clean datasets alone."""
    root = dataset_root(dataset)
    if root is None or not records(root, wishes.record):
        return
    places = [path.absolute() for path in (wishes.plan_csv, wishes.plan_json) if path is not None]
    inside = [path.relative_to(root) for path in places if path.is_relative_to(root)]
    save(root, "Plan of cuts", inside, ProcessDoor())


def _announce(plan: ChunkPlan, tell: Callable[[str], None]) -> None:
    """Say what is planned, what is not, and what cannot be."""
    for fault in plan.faults:
        warn(f"Error: {fault}")
    if plan.otherwise_cut:
        warn(
            f"Note: {_recordings(plan.otherwise_cut)} left alone, though cut with another"
            " --chunk-duration or --overlap; 'badc chunk orchestrate --include-existing' cuts"
            " them again."
        )
    if not (plan.cuts or plan.done or plan.faults):
        warn("Note: no name of a recording fits; --pattern says which do.")
    later = f", {plan.beyond_limit} beyond --limit" if plan.beyond_limit else ""
    tell(f"To cut: {_recordings(len(plan.cuts))} ({plan.done} done before{later}).")


def _carry_out(cuts: Sequence[CutPlan], dataset: Path, wishes: Wishes) -> list[BadcError]:
    """Make the cuts, say of each what became of it, and return what went wrong."""
    errors: list[BadcError] = []
    with closing(_outcomes(cuts, dataset, wishes)) as outcomes:
        for number, outcome in enumerate(outcomes, 1):
            _tell(outcome, f"[{number}/{len(cuts)}]")
            if outcome.error is not None:
                errors.append(outcome.error)
    return errors


def _outcomes(cuts: Sequence[CutPlan], dataset: Path, wishes: Wishes) -> Generator[Outcome]:
    """Return what becomes of each cut, as it is made; recorded by DataLad where that is wanted."""
    root = dataset_root(dataset)
    if wishes.record and root is None:
        raise UsageError(
            f"--record-datalad: {dataset} lies in no DataLad dataset.",
            "Leave it out, or make a dataset with 'datalad create'.",
        )
    if root is not None and records(root, wishes.record):
        return _recorded(cuts, root)
    return cut_many(cuts, wishes.workers)


def _recorded(cuts: Sequence[CutPlan], root: Path) -> Generator[Outcome]:
    """Have DataLad run and record each cut, one after the other: it locks the dataset."""
    for cut in cuts:
        door = ProcessDoor()
        try:
            recorded_cut(cut, root).carry_out(door)
            chunks = len(read_manifest(cut.manifest, audio_needed=False))
        except UsageError:
            raise
        except BadcError as error:
            yield Outcome(cut, error=error)
        else:
            yield Outcome(cut, chunks)
        finally:
            door.close()


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
    named = ", ".join(error.subject for error in failed[:_NAMED])
    more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    raise RunFailedError(
        f"{len(failed)} of {_recordings(of)} cannot be cut: {named}{more}.",
        "The others are not touched by that; the reasons stand above.",
    )


def _recordings(count: int) -> str:
    return f"{count} recording{'s' * (count != 1)}"
