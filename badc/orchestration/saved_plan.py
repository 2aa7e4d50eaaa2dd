"""A saved plan of recordings, and options typed beside it: they count over what it says."""

from collections.abc import Iterator
from pathlib import Path

from badc.errors import UsageError
from badc.orchestration.recording_plan import RecordingPlan
from badc.requests import OrchestrateRequest
from badc.runs import check_request
from badc.runs.overriding import option_names, typed_over_saved

_SELECTING = {"manifest_dir": "--manifest-dir", "pattern": "--pattern"}
_FIELDS = {  # of a plan, where they have another name than in the request or are several
    "output_dir": ("output_dir", "recording_output_dir"),
    "telemetry_dir": ("telemetry_log",),
    "chunks_dir": ("chunk_status", "chunk_status_path"),
}
_NAMES = {field: name for name, fields in _FIELDS.items() for field in fields}
_OF_THE_WHOLE = {"dataset", "chunk_plan", "limit", "include_existing", "allow_partial_chunks"}


def refuse_ignored(request: OrchestrateRequest, plan_file: Path) -> None:
    """Refuse what could say nothing beside a saved plan, which names its manifests itself.

    Raises:
        UsageError: such an option was given.
    """
    for name, option in _SELECTING.items():
        if getattr(request, name) != OrchestrateRequest.model_fields[name].default:
            raise UsageError(
                f"{option} does not go with --chunk-plan: {plan_file} names its manifests itself.",
                f"Leave {option} or --chunk-plan out.",
            )


def overridden(
    saved: RecordingPlan, request: OrchestrateRequest, asked: RecordingPlan
) -> tuple[RecordingPlan, list[str]]:
    """Return a saved plan with what was typed beside it, and the options that changed it.

    Args:
        saved: the row of the plan.
        request: the fields that were given count over the plan, those left at their default do not.
        asked: what the request alone makes of the recording.

    Raises:
        UsageError: typed and saved do not go together.
    """
    typed = {name: getattr(asked, name) for name in _typed(request)}
    changes = typed_over_saved(dict(saved), typed)
    if not changes:
        return saved, []
    plan = saved.model_copy(update=changes)
    check_request(plan.request())
    return plan, option_names(OrchestrateRequest, (_NAMES.get(name, name) for name in changes))


def _typed(request: OrchestrateRequest) -> Iterator[str]:
    for name in request.model_fields_set - _OF_THE_WHOLE - _SELECTING.keys():
        yield from _FIELDS.get(name, (name,))
