"""Which chunks of a recording are still to be heard."""

from badc.detections import DetectionFormError, read_result
from badc.errors import BadcError
from badc.manifest import Chunk
from badc.orchestration.recording_plan import RecordingPlan
from badc.results import intact_result
from badc.runners.choice import choose_runner
from badc.runs.paths import result_path


def outstanding_chunks(plan: RecordingPlan, chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Return the chunks without a finished JSON of the plan's own runner.

    Where that runner is not installed (a plan made on a login node), a chunk counts as heard when
    its JSON is whole and says that a runner of the same kind made it. Where the audio is not here
    (dropped, after it was heard), the JSON is believed about it.
    """
    if not plan.recording_output_dir.is_dir():
        return chunks
    kind, fingerprint = _runner(plan)
    return tuple(chunk for chunk in chunks if not _heard(plan, chunk, kind, fingerprint))


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


def _heard(plan: RecordingPlan, chunk: Chunk, kind: str, fingerprint: str | None) -> bool:
    path = result_path(plan.recording_output_dir, chunk.key)
    if fingerprint is not None:
        if intact_result(path, chunk, fingerprint) is not None:
            return True
        if chunk.path.exists():
            return False
    try:
        result = read_result(path)
    except DetectionFormError:
        return False
    made_by = result.provenance.get("runner_fingerprint")
    return (
        result.key == chunk.key
        and result.runner == kind
        and (fingerprint is None or made_by == fingerprint)
    )
