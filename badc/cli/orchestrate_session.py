"""One ``badc infer orchestrate`` from its plan to its last recording."""

import collections
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from badc.cli.console import cell, say, show, warn
from badc.cli.dataset_tally import DatasetTally
from badc.cli.infer_session import (
    begin_server,
    listen,
    require_server,
    server_lost,
    sigterm_from_prefect,
)
from badc.cli.leaving import ending_when_cancelled
from badc.cli.sockeye import Scripts, write_scripts
from badc.datalad import dataset_root, records, save
from badc.errors import BadcError, RunCancelledError, RunFailedError, UsageError
from badc.orchestration import (
    DatasetPlan,
    Forecast,
    OrchestrateRequest,
    PlannedRecording,
    RecordingPlan,
    forecast,
    plan_dataset,
    write_plan_csv,
    write_plan_json,
)
from badc.process import ProcessDoor
from badc.results import existing_summary
from badc.runs import InferRequest, RunTally, datalad_run_line, recorded_run
from badc.runs.paths import summary_path
from badc.telemetry import LogFollower

_SHOWN = 40


@dataclass(frozen=True)
class Wishes:
    """What is to be done with a plan.

    Attributes:
        plan_csv, plan_json: where to write it.
        print_datalad_run: whether to print a command line per recording.
        apply: whether to carry it out.
        record: whether DataLad is to record that; None where it can.
        resume: whether summaries of earlier runs count.
        bundling: the ``Bundling`` of tables and reports that follows, or None.
        scripts: which scripts for Slurm to write, or None.
    """

    plan_csv: Path | None
    plan_json: Path | None
    print_datalad_run: bool
    apply: bool
    record: bool | None
    resume: bool
    bundling: Any = None
    scripts: Scripts | None = None


def carry_out(request: OrchestrateRequest, wishes: Wishes) -> None:
    """Plan, show, and do what was asked.

    Raises:
        BadcError: the plan cannot be made, or recordings are not finished.
    """
    _check(request, wishes)
    plan = plan_dataset(request)
    _show_plan(plan)
    found = forecast(plan, plan.dataset / request.telemetry_dir)
    _show_forecast(found)
    plans = [recording.plan for recording in plan.recordings]
    for path, write in ((wishes.plan_csv, write_plan_csv), (wishes.plan_json, write_plan_json)):
        if path is not None:
            write(path, plans, plan.dataset)
            say(f"Wrote {path}")
    if wishes.print_datalad_run:
        for recording in plan.recordings:
            each = recording.plan.request(_resume(recording.plan, wishes))
            say(datalad_run_line(each, hears=bool(recording.outstanding)))
    if wishes.scripts is not None:
        write_scripts(plan, wishes.scripts, found)
    if wishes.apply:
        _save(plan, wishes, "Plan of inference", filter(None, (wishes.plan_csv, wishes.plan_json)))
    if wishes.apply and plan.recordings:
        _hear_and_bundle(request, plan, wishes)
        return
    if wishes.apply:
        _bundle(plan, wishes)
    if plan.broken:
        raise RunFailedError(
            f"{len(plan.broken)} manifests cannot be read.", "They are named above: mend them."
        )


def _check(request: OrchestrateRequest, wishes: Wishes) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: they do not.
    """
    if wishes.plan_csv is not None and wishes.plan_csv == wishes.plan_json:
        raise UsageError("--plan-csv and --plan-json name one file.", "Give each its own.")
    if wishes.apply and wishes.record and dataset_root(request.dataset) is None:
        raise UsageError(
            f"--record-datalad: {request.dataset} lies in no DataLad dataset.",
            "Leave it out, or make a dataset with 'datalad create'.",
        )


def _record_dataset(plan: DatasetPlan, wishes: Wishes) -> None:
    """Have DataLad run and record each recording; one that fails stops no other.

    Raises:
        UsageError: DataLad cannot record here, which it then could for no recording.
        RunFailedError: recordings are not finished.
    """
    begin_server()
    require_server()  # once, for the runs that DataLad is going to start
    failed = [path.stem for path, _ in plan.broken]
    tally = DatasetTally(plan)
    try:
        for number, recording in enumerate(plan.recordings, 1):
            say(f"[{number}/{len(plan.recordings)}] {recording.plan.recording_id}")
            try:
                _record(recording, wishes, tally)
            except UsageError:
                raise
            except BadcError as error:
                warn(f"Error: {error}")
                failed.append(recording.plan.recording_id)
    finally:
        say(str(tally))
    if failed:
        raise RunFailedError(
            f"{len(failed)} recordings of {plan.dataset} are not finished: {', '.join(failed)}.",
            "Each says why above. Mend that and run again: what is done is not repeated.",
        )


def _record(recording: PlannedRecording, wishes: Wishes, tally: DatasetTally) -> None:
    """Have DataLad run and record one recording; count what its process logs."""
    plan, door = recording.plan, ProcessDoor()
    log, figures = LogFollower(plan.telemetry_log), RunTally()
    collections.deque(log.new_events(), maxlen=0)  # those of earlier runs
    try:
        request = plan.request(_resume(plan, wishes))
        recorded_run(request, hears=bool(recording.outstanding)).carry_out(door)
    finally:
        door.close()
        for event in log.new_events():
            figures.fold(event)
        tally.add(plan.recording_id, figures.counts(len(recording.chunks)))


def _hear_and_bundle(request: OrchestrateRequest, plan: DatasetPlan, wishes: Wishes) -> None:
    """Bundle what was heard also when some recordings failed, though not after Ctrl-C."""
    failed: BadcError | None = None
    try:
        if records(dataset_root(plan.dataset), wishes.record):
            _record_dataset(plan, wishes)
        else:
            _hear_dataset(request, plan, wishes)
    except RunFailedError as error:
        failed = error
    _bundle(plan, wishes)
    if failed is not None:
        raise failed


def _bundle(plan: DatasetPlan, wishes: Wishes) -> None:
    if wishes.bundling is None:
        return
    from badc.cli.bundling import bundle_dataset

    bundle_dataset((each.plan for each in plan.recordings), plan.heard, wishes.bundling)
    _save(plan, wishes, "Tables and reports", [wishes.bundling.folder])


def _hear_dataset(request: OrchestrateRequest, plan: DatasetPlan, wishes: Wishes) -> None:
    """Run the orchestrate flow in this process; one recording that fails stops no other."""
    begin_server()
    require_server()
    from flows.console import announcing
    from flows.lost_server import outliving
    from flows.orchestrate import hearing_by, orchestrate

    begun, tally = 0, DatasetTally(plan)
    names = {each.plan.manifest_path: each.plan.recording_id for each in plan.recordings}

    def hear(each: InferRequest) -> None:
        nonlocal begun
        begun += 1
        say(f"[{begun}/{len(plan.recordings)}] {each.manifest.stem}")
        try:
            listen(each, lambda counts: tally.add(names.get(each.manifest, ""), counts))
        except RunCancelledError as error:
            if not error.around:  # the others are heard
                warn(str(error))
            raise
        except BadcError as error:
            warn(f"Error: {error}")
            raise

    try:
        with hearing_by(hear), sigterm_from_prefect(), ending_when_cancelled():
            hear_all = outliving(announcing(orchestrate, say), server_lost)
            hear_all(request, wishes.resume, aggregate_too=False)
    finally:
        say(str(tally))


def _save(plan: DatasetPlan, wishes: Wishes, message: str, paths: Iterable[Path]) -> None:
    """Save files of ours, where DataLad records: the next run must find the dataset clean."""
    root = dataset_root(plan.dataset)
    if root is None or not records(root, wishes.record):
        return
    places = [path.absolute() for path in paths]
    inside = [path.relative_to(root) for path in places if path.is_relative_to(root)]
    save(root, message, inside, ProcessDoor())


def _resume(plan: RecordingPlan, wishes: Wishes) -> Path | None:
    return existing_summary(summary_path(plan.telemetry_log)) if wishes.resume else None


def _show_plan(plan: DatasetPlan) -> None:
    if plan.override_note:
        say(plan.override_note)
    for path, reason in plan.broken:
        warn(f"Warning: left out {path}: {reason}")
    table = Table("Recording", "Chunks", "Outstanding", "Audio", "Cut", "Output")
    for recording in plan.recordings[:_SHOWN]:
        table.add_row(*map(cell, _cells(plan.dataset, recording)))
    if plan.recordings:
        show(table)
    if len(plan.recordings) > _SHOWN:
        say(f"… and {len(plan.recordings) - _SHOWN} more recordings.")
    say(
        f"{len(plan.recordings)} recordings to hear, {len(plan.done)} already done,"
        f" {len(plan.broken)} unreadable."
    )


def _cells(dataset: Path, recording: PlannedRecording) -> tuple[str, ...]:
    plan = recording.plan
    output = plan.recording_output_dir
    audio_s = sum(chunk.duration_s or 0.0 for chunk in recording.chunks)
    return (
        plan.recording_id,
        str(len(recording.chunks)),
        str(len(recording.outstanding)),
        f"{audio_s / 60:.1f} min",
        plan.chunk_status or "-",
        str(output.relative_to(dataset) if output.is_relative_to(dataset) else output),
    )


def _show_forecast(found: Forecast) -> None:
    unknown = f", and {found.unknown} chunks of unknown length" if found.unknown else ""
    say(f"Forecast: {found.chunks} chunks, {found.audio_s / 3600:.2f} hours of audio{unknown}.")
    for kind, name in (("gpu", "GPU"), ("cpu", "CPU")):
        hours = found.hours(kind)
        if hours is not None:
            speed = found.audio_s_per_s[kind]
            say(
                f"  One {name} worker: {hours:.2f} hours, by earlier runs here"
                f" ({speed:.1f} s of audio per second)."
            )
    if not found.audio_s_per_s:
        say("  How long that takes is not known: nothing has been heard in this dataset yet.")
