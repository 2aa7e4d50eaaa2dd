"""``--sockeye-script``: a plan as scripts for Slurm."""

from dataclasses import dataclass
from pathlib import Path

from badc.atomic import write_whole
from badc.cli.console import say
from badc.errors import UsageError
from badc.orchestration import DatasetPlan, Forecast
from badc.orchestration.array_tasks import array_tasks
from badc.slurm import ArrayJob, Bundle, aggregate_script, array_script, bring_home_script


@dataclass(frozen=True)
class Scripts:
    """Which scripts to write.

    Attributes:
        path: the array's; others stand beside it, named for it.
        job: what each array task asks for.
        resume: whether finished chunks are skipped by the recordings' summaries.
        scratch_dir: where outputs go if compute nodes cannot write to the dataset.
        bundle: tables and a report after each recording, or None.
    """

    path: Path
    job: ArrayJob
    resume: bool
    scratch_dir: Path | None
    bundle: Bundle | None


def write_scripts(plan: DatasetPlan, wanted: Scripts, found: Forecast) -> None:
    """Write the array's script, and those that gather its tables and bring them home.

    Raises:
        UsageError: a value that Slurm would refuse, nothing to hear, or options that exclude each
            other.
    """
    for recording in plan.recordings:
        if recording.plan.rerun and wanted.resume:
            raise UsageError(
                "--rerun-all and --sockeye-resume-completed: the one hears again what the other"
                " skips.",
                "Use one of them.",
            )
        if recording.plan.scheduler_address or recording.plan.cluster_profile:
            raise UsageError(
                "--sockeye-script hears each recording within its own job, not on another cluster.",
                "Leave --scheduler-address and --cluster-profile out, or the script.",
            )
    tasks = array_tasks([recording.plan for recording in plan.recordings], plan.dataset)
    dataset, scratch = plan.dataset, wanted.scratch_dir
    scripts = {
        wanted.path: array_script(
            wanted.job,
            tasks,
            dataset=dataset,
            scratch_dir=scratch,
            resume=wanted.resume,
            bundle=wanted.bundle,
        )
    }
    if wanted.bundle is not None:
        scripts[_beside(wanted.path, "aggregate")] = aggregate_script(
            wanted.job,
            dataset=dataset,
            detections_dir=plan.output_dir,
            bundle=wanted.bundle,
            scratch_dir=scratch,
        )
    if scratch is not None:
        scripts[_beside(wanted.path, "bring_home")] = bring_home_script(
            wanted.job,
            tasks,
            dataset=dataset,
            scratch_dir=scratch,
            aggregate_dir=wanted.bundle.aggregate_dir if wanted.bundle else None,
        )
    for path, text in scripts.items():
        write_whole(path, text)
        mode = path.stat().st_mode
        path.chmod(mode | (mode & 0o444) >> 2)  # whoever may read it may run it
        say(f"Wrote {path}")
    if wanted.job.time is None:
        _suggest_time(plan, found)


def _suggest_time(plan: DatasetPlan, found: Forecast) -> None:
    first = plan.recordings[0].plan
    gpus = 1 if first.max_gpus is None else first.max_gpus
    time = found.slurm_time(gpus, max(first.cpu_workers, 0 if gpus else 1))
    if time is not None:
        say(f"By earlier runs here, ask for --sockeye-time {time}.")


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.stem}_{what}{path.suffix}")
