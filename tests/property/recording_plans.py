"""Plans and requests as anybody might make them, awkward words included.

Each field has a strategy here; a field that is new in the model and has none fails, by name.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from hypothesis import strategies as st

from badc.manifest.chunk import id_fault
from badc.orchestration import OrchestrateRequest, RecordingPlan
from badc.runs import InferRequest

DATASET = Path("/data/a {set} 'ö'")
# What an argument can hold: quotes, line ends, what looks like an option or like another cell
_TEXT = st.text(
    st.sampled_from("-'\"$`\\,;=\t\r\n {}[]*~\N{ZERO WIDTH NO-BREAK SPACE}")
    | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=12,
)
_PART = _TEXT.map(lambda text: text.replace("/", "-")).filter(
    lambda part: part not in ("", ".", "..")
)
_PATH = st.builds(
    lambda root, parts: root.joinpath(*parts),
    st.sampled_from([DATASET, DATASET.parent, Path("/")]),
    st.lists(_PART, min_size=1, max_size=3),
)
_COUNT = st.integers(0, 99)
_SECONDS = st.floats(min_value=0.001, max_value=1e9)
_STRATEGIES: Mapping[str, st.SearchStrategy[object]] = {
    "recording_id": st.text(min_size=1, max_size=12).filter(lambda text: id_fault(text) is None),
    "manifest_path": _PATH,
    "manifest": _PATH,
    "output_dir": _PATH,
    "recording_output_dir": _PATH,
    "telemetry_log": _PATH,
    "hawkears_args": st.lists(_TEXT, max_size=3).map(tuple),
    "min_confidence": st.floats(0, 1),
    "max_gpus": st.none() | _COUNT,
    "cpu_workers": _COUNT,
    "chunks_per_gpu": st.integers(1, 16),
    "chunks_per_task": st.integers(1, 1000) | st.just("auto"),
    "gpu_only": st.booleans(),
    "max_retries": _COUNT,
    "timeout_s": st.none() | _SECONDS,
    "keep_going": st.booleans(),
    "rerun": st.booleans(),
    "rerun_finished": st.booleans(),
    "replace": st.booleans(),
    "resume_summary": st.none() | _PATH,
    "scheduler_address": st.none() | _TEXT.filter(bool),  # refused where empty, as a command is
    "cluster_profile": st.none() | _PATH,
    "chunk_status": st.none() | st.sampled_from(["completed", "failed", "in_progress"]),
    "chunk_status_path": st.none() | _PATH,
    "dataset": _PATH,
    "manifest_dir": _PATH,
    "pattern": _TEXT,
    "chunk_plan": st.none() | _PATH,
    "limit": st.none() | _COUNT,
    "include_existing": st.booleans(),
    "telemetry_dir": _PATH,
    "chunks_dir": _PATH,
    "allow_partial_chunks": st.booleans(),
}
_RUNNERS = st.sampled_from([(name, None) for name in ("stub", "hawkears", "birdnet")]) | st.tuples(
    st.just("command"),
    _TEXT.filter(bool),  # an empty command is refused before any plan is made
)


@st.composite
def recording_plans(draw: st.DrawFn) -> RecordingPlan:
    """Draw a plan, every field of it."""
    return RecordingPlan(
        **_drawn(draw, RecordingPlan, [each.name for each in fields(RecordingPlan)])
    )


@st.composite
def infer_requests(draw: st.DrawFn) -> InferRequest:
    """Draw a request, every field of it."""
    return InferRequest(**_drawn(draw, InferRequest, list(InferRequest.model_fields)))


@st.composite
def orchestrate_requests(draw: st.DrawFn) -> OrchestrateRequest:
    """Draw a request for a whole dataset, every field of it."""
    return OrchestrateRequest(
        **_drawn(draw, OrchestrateRequest, list(OrchestrateRequest.model_fields))
    )


def _drawn(draw: st.DrawFn, model: type, names: list[str]) -> dict[str, object]:
    # a command is given where a command listens, and only there
    drawn: dict[str, object] = dict(zip(("runner", "runner_cmd"), draw(_RUNNERS), strict=True))
    for name in names:
        if name not in drawn:
            assert name in _STRATEGIES, f"{__name__} has no strategy for {model.__name__}.{name}"
            drawn[name] = draw(_STRATEGIES[name])
    return drawn
