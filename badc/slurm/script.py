"""Jobs as the bash scripts that sbatch takes. Pure: nothing is looked at and nothing written."""

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from badc.errors import UsageError
from badc.slurm.job import ArrayJob
from badc.slurm.quoting import shell_word
from badc.slurm.task import ArrayTask

LARGEST_ARRAY = 1000  # Slurm's MaxArraySize is 1001 unless a site says otherwise
_LARGEST_SCRIPT_BYTES = 4 << 20  # Slurm's max_script_size unless a site says otherwise


@dataclass(frozen=True)
class Bundle:
    """Tables and a report after each recording.

    Attributes:
        aggregate_dir: their folder; absolute, or relative to the dataset.
        bucket_minutes: the width of a time bucket.
        options: further words of each ``badc infer aggregate``, typed in the dataset's folder.
    """

    aggregate_dir: Path
    bucket_minutes: int = 60
    options: tuple[str, ...] = ()


def array_script(
    job: ArrayJob,
    tasks: Sequence[ArrayTask],
    *,
    dataset: Path,
    scratch_dir: Path | None = None,
    resume: bool = False,
    bundle: Bundle | None = None,
) -> str:
    """Return a script that hears each of ``tasks`` in an array task of its own.

    Array task *n* is ``tasks[n]``. More than :data:`LARGEST_ARRAY` need several submissions,
    which the script's first lines spell out.

    Args:
        job: the resources of each array task.
        tasks: the recordings; at least one.
        dataset: absolute; the working directory of every command.
        scratch_dir: absolute; where outputs go that belong in the dataset, at the same place below
            it. ``BADC_SCRATCH_DIR`` in the job's environment overrides it. None for the dataset.
        resume: hand on a recording's summary, where there is one, as ``--resume-summary``.
        bundle: also aggregate each recording and bundle its report.

    Raises:
        UsageError: no tasks, or more than one script can hold; or a path or word that cannot be
            written down.
    """
    if not tasks:
        raise UsageError("There is no recording to make a Slurm script for.")
    sizes = [len(tasks[first : first + LARGEST_ARRAY]) for first in range(0, len(tasks), 1000)]
    throttle = f"%{job.throttle}" if job.throttle else ""
    options = [
        *job.sbatch_options("%x-%A_%a.out"),
        f"--array=0-{sizes[0] - 1}{throttle}",
        f"--signal=B:TERM@{job.lead_s}",
        "--requeue",
        "--open-mode=append",
    ]
    return _script(
        "array.sh.j2",
        job,
        options,
        dataset,
        scratch_dir,
        tasks=[_task_lines(task, dataset) for task in tasks],
        more=[
            f"--array=0-{size - 1}{throttle} --export=ALL,BADC_FIRST={number * LARGEST_ARRAY}"
            for number, size in enumerate(sizes)
            if number
        ],
        resume=resume,
        bundle=bundle and _bundle_lines(bundle, dataset),
    )


def aggregate_script(
    job: ArrayJob,
    *,
    dataset: Path,
    detections_dir: Path,
    bundle: Bundle,
    scratch_dir: Path | None = None,
) -> str:
    """Return a script that gathers all recordings into one table and one report.

    To be submitted with ``--dependency=afterok:ARRAY``. The table is ``summary.csv`` and
    ``detections.parquet`` in the bundle's folder.

    Args:
        job: its resources; what concerns arrays is left out.
        dataset: as in :func:`array_script`.
        detections_dir: the folder of all recordings' JSON; absolute, or relative to the dataset.
        bundle: where the table and the report go.
        scratch_dir: as in :func:`array_script`.

    Raises:
        UsageError: as :func:`array_script`.
    """
    options = [*job.sbatch_options("%x-%j.out"), "--kill-on-invalid-dep=yes"]
    options += [f"--signal=B:TERM@{job.lead_s}", "--requeue", "--open-mode=append"]
    return _script(
        "aggregate.sh.j2",
        job,
        options,
        dataset,
        scratch_dir,
        detections_dir=_output(detections_dir, dataset),
        bundle=_bundle_lines(bundle, dataset),
    )


def bring_home_script(
    job: ArrayJob,
    tasks: Sequence[ArrayTask],
    *,
    dataset: Path,
    scratch_dir: Path | None = None,
    aggregate_dir: Path | None = None,
) -> str:
    """Return a script that copies what ``tasks`` left on scratch into the dataset.

    It runs in a shell on a login node (``bash SCRIPT``) or, where the dataset can be written to,
    as a job after the array. Files replace earlier ones whole; links to annexed content are
    replaced, not written through. Without results of some recording it ends with status 1.

    Args:
        job: its resources; what concerns arrays is left out.
        tasks: as in :func:`array_script`.
        dataset: as in :func:`array_script`.
        scratch_dir: as in :func:`array_script`.
        aggregate_dir: the folder of tables and reports, to be brought home as well.

    Raises:
        UsageError: as :func:`array_script`.
    """
    brought: list[tuple[str, list[str]]] = [
        (shell_word(task.recording_id), _inside(_outputs(task), dataset)) for task in tasks
    ]
    return _script(
        "bring_home.sh.j2",
        job,
        job.sbatch_options("%x-%j.out"),
        dataset,
        scratch_dir,
        brought=brought,
        tables=_inside([aggregate_dir], dataset) if aggregate_dir else [],
    )


def _script(
    template: str,
    job: ArrayJob,
    options: list[str],
    dataset: Path,
    scratch_dir: Path | None,
    **more: object,
) -> str:
    for name, folder in (("dataset", dataset), ("scratch folder", scratch_dir)):
        if folder is not None and not folder.is_absolute():
            raise UsageError(f"{name} {folder}: is relative.", "Give the path from the root.")
    script = (
        _templates()
        .get_template(template)
        .render(
            options=options,
            setup=job.setup,
            dataset=shell_word(dataset),
            scratch_dir=shell_word(scratch_dir or ""),
            **more,
        )
    )
    size = len(script.encode())
    if size > _LARGEST_SCRIPT_BYTES:
        raise UsageError(
            f"The Slurm script would have {size} bytes; Slurm takes {_LARGEST_SCRIPT_BYTES}.",
            "Make several scripts of fewer recordings each.",
        )
    return script


@functools.cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("badc.slurm"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - bash, not HTML; shell_word quotes
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _task_lines(task: ArrayTask, dataset: Path) -> dict[str, str]:
    if not task.command or not task.command[0]:
        raise UsageError(f"{task.recording_id}: has no command.")
    return {
        "recording": shell_word(task.recording_id),
        "command": " ".join(map(shell_word, task.command)),
        "manifest": shell_word(task.manifest),
        "output_dir": _output(task.output_dir, dataset),
        "telemetry_log": _output(task.telemetry_log, dataset),
        "summary": _output(task.summary, dataset),
        "chunk_status": shell_word(task.chunk_status or ""),
    }


def _bundle_lines(bundle: Bundle, dataset: Path) -> dict[str, str]:
    return {
        "aggregate_dir": _output(bundle.aggregate_dir, dataset),
        "bucket_minutes": str(int(bundle.bucket_minutes)),
        "options": " ".join(map(shell_word, bundle.options)),
    }


def _output(path: Path, dataset: Path) -> str:
    """Return an output as a bash word: what belongs in the dataset follows ``$results``."""
    place = Path(os.path.normpath(dataset / path))
    if not place.is_relative_to(dataset):
        return shell_word(place)
    return f'"$results"/{shell_word(place.relative_to(dataset))}'


def _outputs(task: ArrayTask) -> list[Path]:
    workers = task.summary.with_name(f"{task.summary.name}.workers.csv")
    return [task.output_dir, task.telemetry_log, task.summary, workers]


def _inside(paths: Sequence[Path], dataset: Path) -> list[str]:
    places = [Path(os.path.normpath(dataset / path)) for path in paths]
    return [
        shell_word(place.relative_to(dataset)) for place in places if place.is_relative_to(dataset)
    ]
