"""Which chunks of a recording are still to be heard, and what stands in their way."""

from badc.errors import BadcError
from badc.manifest import Chunk
from badc.orchestration.recording_plan import RecordingPlan
from badc.results import AudioDigests, PriorResults, examine, look_through, result_path
from badc.runners.choice import choose_runner
from badc.runners.protocol import Runner


def runner_of(plan: RecordingPlan) -> Runner:
    """Return the runner that a plan names."""
    return choose_runner(
        plan.runner,
        command=plan.runner_cmd,
        hawkears_args=plan.hawkears_args,
        min_confidence=plan.min_confidence,
    )


def look_at_results(
    plan: RecordingPlan, chunks: tuple[Chunk, ...], digests: AudioDigests
) -> tuple[tuple[Chunk, ...], PriorResults]:
    """Return the chunks without a finished JSON of the plan's own runner, and all that stands.

    Where the audio is not here (dropped, after it was heard), the JSON is believed about it. Where
    the runner is not installed (a plan made on a login node), a chunk counts as heard when its JSON
    is whole and says that a runner of the same kind made it.
    """
    folder = plan.recording_output_dir
    if not folder.is_dir():
        return chunks, PriorResults()
    runner = runner_of(plan)
    try:
        fingerprint = runner.fingerprint()
    except BadcError:
        found = (examine(chunk, result_path(folder, chunk.key), None, digests) for chunk in chunks)
        outstanding = [
            each.chunk
            for each in found
            if each.fault or each.result is None or each.result.runner != runner.kind
        ]
        return tuple(outstanding), PriorResults()
    prior = look_through(chunks, folder, fingerprint, digests, audio_needed=False)
    return tuple(chunk for chunk in chunks if chunk.key not in prior.done), prior
