"""A request for a whole dataset, as the command line that would make it."""

from badc.requests import OrchestrateRequest, RunOptions, paths_of
from badc.runs.command_line import option_words, path_word


def orchestrate_command(request: OrchestrateRequest) -> list[str]:
    """Return the words of the ``badc infer orchestrate`` that hears what is left of a dataset.

    Nothing is recorded by DataLad: that would have each recording heard in a process of its own,
    and wants a dataset without unsaved files.
    """
    asked = request.model_dump(exclude_defaults=True)
    if request.chunk_plan is not None:  # over a saved plan, what was given counts, default or not
        asked |= request.model_dump(exclude_unset=True)
    for name in ("chunk_plan", *paths_of(RunOptions)):  # found from where the command is typed
        if asked.get(name) is not None:
            asked[name] = request.dataset / asked[name]
    words = ["badc", "infer", "orchestrate", path_word(request.dataset)]
    if "runner" in asked and request.runner != "command":
        words += ["--runner", request.runner]
    words += option_words(OrchestrateRequest, asked, but={"runner", "rerun"})
    again = "--rerun-all" if request.rerun else "--resume-completed"
    return [*words, "--apply", again, "--no-record-datalad"]
