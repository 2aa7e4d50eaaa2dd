"""A request as the command line that would make it, plain or recorded by DataLad."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from badc.datalad import Recorded
from badc.errors import UsageError
from badc.manifest import read_manifest
from badc.runs.paths import (
    absolute,
    default_output_dir,
    default_telemetry_log,
    run_dataset,
    summary_path,
)
from badc.runs.portable_words import from_anywhere, hawkears_settings
from badc.runs.request import InferRequest

# Fields that say who listens, on what and how often, alike for a manifest and a whole dataset
RUN_OPTIONS = {
    "runner_cmd": "--runner-cmd",
    "min_confidence": "--min-confidence",
    "max_gpus": "--max-gpus",
    "cpu_workers": "--cpu-workers",
    "chunks_per_gpu": "--chunks-per-gpu",
    "chunks_per_task": "--chunks-per-task",
    "max_retries": "--max-retries",
    "timeout_s": "--timeout",
    "scheduler_address": "--scheduler-address",
    "cluster_profile": "--cluster-profile",
}
RUN_SWITCHES = {
    "gpu_only": "--gpu-only",
    "keep_going": "--keep-going",
    "replace": "--replace",
}


def infer_command(request: InferRequest) -> list[str]:
    """Return the words of the ``badc infer run`` that makes ``request``; defaults are left out."""
    asked = request.model_dump(exclude_defaults=True)
    words = ["badc", "infer", "run", path_word(request.manifest)]
    if request.runner in ("stub", "birdnet") and "runner" in asked:
        words += ["--runner", request.runner]
    if request.runner == "hawkears":
        words.append("--use-hawkears")
    valued = RUN_OPTIONS | {
        "output_dir": "--output-dir",
        "telemetry_log": "--telemetry-log",
        "resume_summary": "--resume-summary",
    }
    again = {"rerun": "--rerun", "rerun_finished": "--rerun-finished"}
    return words + option_words(asked, valued, RUN_SWITCHES | again)


def path_word(path: Path) -> str:
    """Return a path as a word that is not taken for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def option_words(
    asked: Mapping[str, Any], valued: Mapping[str, str], switches: Mapping[str, str]
) -> list[str]:
    """Return the options that say what was asked.

    Args:
        asked: field -> value; a request without its defaults.
        valued: field -> option that takes a value.
        switches: field -> option that takes none.
    """
    words = []
    for name, option in valued.items():
        if asked.get(name) is not None:
            words += [option, str(asked[name])]
    words += [f"--hawkears-arg={argument}" for argument in asked.get("hawkears_args", ())]
    return words + [option for name, option in switches.items() if asked.get(name)]


def datalad_run_line(request: InferRequest, *, hears: bool = True) -> str:
    """Return a shell line that makes ``request`` and has DataLad record it; see there.

    Raises:
        UsageError: neither the manifest nor its chunks lie in a dataset.
    """
    return recorded_run(request, hears=hears).line()


def recorded_run(request: InferRequest, *, hears: bool = True) -> Recorded:
    """Return what DataLad is to run and record for ``request``.

    Paths in it are relative to the dataset's root, so that the record it leaves can be run again in
    any clone; what was found from the working directory is found from there as well.

    Args:
        request: what is asked.
        hears: whether there is anything to hear. If so the record hears all of it again when
            DataLad runs it again, but goes on where it was broken off (decision 10).

    Raises:
        UsageError: neither the manifest nor its chunks lie in a dataset.
    """
    chunks = read_manifest(request.manifest, content_needed=False)  # DataLad fetches it
    root = run_dataset(request.manifest, chunks)
    if root is None:
        raise UsageError(
            f"{request.manifest}: lies in no DataLad dataset, so there is nothing to record in.",
            "Run without --print-datalad-run, or make a dataset with 'datalad create'.",
        )
    manifest = absolute(request.manifest)
    output_dir = absolute(request.output_dir or default_output_dir(root))
    log = absolute(request.telemetry_log or default_telemetry_log(request.manifest, root))
    settled = request.model_copy(
        update={
            "manifest": _seen_from(root, manifest),
            "output_dir": _seen_from(root, output_dir),
            "telemetry_log": _seen_from(root, log),
            "resume_summary": request.resume_summary
            and _seen_from(root, absolute(request.resume_summary)),
            "cluster_profile": request.cluster_profile
            and _seen_from(root, absolute(request.cluster_profile)),
            "runner_cmd": from_anywhere(request.runner_cmd, root),
            "rerun_finished": request.rerun_finished or (hears and not request.rerun),
        }
    )
    summary = summary_path(log)
    inputs = [manifest, *sorted({chunk.path.parent for chunk in chunks})]
    if request.resume_summary is not None:
        inputs.append(absolute(request.resume_summary))
    return Recorded(
        root=root,
        message=f"Infer {request.manifest.stem}",
        inputs=_within(root, inputs),
        outputs=_within(
            root, [output_dir, log, summary, summary.with_name(f"{summary.name}.workers.csv")]
        ),
        command=(*hawkears_settings(request, root), *infer_command(settled)),
    )


def _seen_from(root: Path, path: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _within(root: Path, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths that lie in the dataset, seen from it; DataLad knows nothing of others."""
    return tuple(path.relative_to(root) for path in paths if path.is_relative_to(root))
