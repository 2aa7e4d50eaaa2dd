"""A request for a whole dataset, as the command line that would make it."""

from badc.orchestration.request import OrchestrateRequest
from badc.runs.command_line import option_words, path_word


def orchestrate_command(request: OrchestrateRequest) -> list[str]:
    """Return the words of the ``badc infer orchestrate`` that hears what is left of a dataset.

    Nothing is recorded by DataLad: that would have each recording heard in a process of its own,
    and wants a dataset without unsaved files.
    """
    asked = request.model_dump(exclude_defaults=True)
    words = ["badc", "infer", "orchestrate", path_word(request.dataset)]
    if request.runner in ("stub", "birdnet"):
        words += ["--runner", request.runner]
    return [*words, *option_words(asked, _VALUED, _SWITCHES), *_HOW]


_HOW = ("--apply", "--resume-completed", "--no-record-datalad")
_VALUED = {
    "manifest_dir": "--manifest-dir",
    "pattern": "--pattern",
    "chunk_plan": "--chunk-plan",
    "limit": "--limit",
    "output_dir": "--output-dir",
    "telemetry_dir": "--telemetry-dir",
    "chunks_dir": "--chunks-dir",
    "runner_cmd": "--runner-cmd",
    "min_confidence": "--min-confidence",
    "max_gpus": "--max-gpus",
    "cpu_workers": "--cpu-workers",
    "max_retries": "--max-retries",
    "timeout_s": "--timeout",
}
_SWITCHES = {
    "include_existing": "--include-existing",
    "allow_partial_chunks": "--allow-partial-chunks",
    "keep_going": "--keep-going",
}
