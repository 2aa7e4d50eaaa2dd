"""Which chunks of a recording are still to be heard."""

from badc.errors import BadcError
from badc.manifest import Chunk
from badc.orchestration.recording_plan import RecordingPlan
from badc.results import AudioDigests, digest_memory, examine, result_path
from badc.runners.choice import choose_runner


def outstanding_chunks(plan: RecordingPlan, chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Return the chunks without a finished JSON of the plan's own runner.

    Where that runner is not installed (a plan made on a login node), a chunk counts as heard when
    its JSON is whole and says that a runner of the same kind made it. Where the audio is not here
    (dropped, after it was heard), the JSON is believed about it.
    """
    if not plan.recording_output_dir.is_dir():
        return chunks
    kind, fingerprint = _runner(plan)
    digests = AudioDigests(digest_memory())
    return tuple(chunk for chunk in chunks if not _heard(plan, chunk, kind, fingerprint, digests))


def _runner(plan: RecordingPlan) -> tuple[str, str | None]:
    runner = choose_runner(
        plan.runner,
        command=plan.runner_cmd,
        hawkears_args=plan.hawkears_args,
        min_confidence=plan.min_confidence,
    )
    try:
        return runner.kind, runner.fingerprint()
    except BadcError:
        return runner.kind, None


def _heard(
    plan: RecordingPlan,
    chunk: Chunk,
    kind: str,
    fingerprint: str | None,
    digests: AudioDigests,
) -> bool:
    path = result_path(plan.recording_output_dir, chunk.key)
    found = examine(chunk, path, fingerprint, digests)
    if found.result is None or found.result.runner != kind or found.fault is not None:
        return False
    return found.audio_fault is None or not chunk.path.exists()
