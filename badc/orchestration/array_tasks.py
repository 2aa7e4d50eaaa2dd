"""A plan as the tasks of a Slurm array."""

from collections.abc import Iterable
from pathlib import Path

from badc.orchestration.recording_plan import RecordingPlan
from badc.runs import infer_command
from badc.runs.paths import summary_path
from badc.runs.portable_words import from_anywhere
from badc.slurm import ArrayTask


def array_tasks(plans: Iterable[RecordingPlan], dataset: Path) -> list[ArrayTask]:
    """Return one task per recording, in the plan's order; its command starts in the dataset."""
    return [_task(plan, dataset) for plan in plans]


def _task(plan: RecordingPlan, dataset: Path) -> ArrayTask:
    manifest = plan.manifest_path
    if manifest.is_relative_to(dataset):
        manifest = manifest.relative_to(dataset)
    # Where outputs go is the script's to say: they may have to go to scratch first
    request = plan.request().model_copy(
        update={
            "manifest": manifest,
            "output_dir": None,
            "telemetry_log": None,
            "runner_cmd": from_anywhere(plan.runner_cmd),
        }
    )
    return ArrayTask(
        recording_id=plan.recording_id,
        command=tuple(infer_command(request)),
        manifest=manifest,
        output_dir=plan.recording_output_dir,
        telemetry_log=plan.telemetry_log,
        summary=summary_path(plan.telemetry_log),
        chunk_status=plan.chunk_status_path,
    )
