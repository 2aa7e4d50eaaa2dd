"""Plans and requests as anybody might make them, awkward words included.

What a field holds says what is drawn for it, so that a new one is tried without another word.
"""

from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st
from pydantic import BaseModel

from badc.manifest.chunk import id_fault
from badc.orchestration import OrchestrateRequest, RecordingPlan
from badc.requests import options_of
from badc.requests.option import Kind
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
_OF_KIND: Mapping[Kind, st.SearchStrategy[object]] = {
    "path": _PATH,
    "text": _TEXT,
    "switch": st.booleans(),
    "whole number": _COUNT,
    "whole number or auto": st.integers(1, 1000) | st.just("auto"),
    "number": _SECONDS,
    "texts": st.lists(_TEXT, max_size=3).map(tuple),
}
_NARROWER: Mapping[str, st.SearchStrategy[object]] = {
    "recording_id": st.text(min_size=1, max_size=12).filter(lambda text: id_fault(text) is None),
    "min_confidence": st.floats(0, 1),
    "chunks_per_gpu": st.integers(1, 16),
    "scheduler_address": _TEXT.filter(bool),  # refused where empty, as a command is
    "chunk_status": st.sampled_from(["completed", "failed", "in_progress"]),
}
_RUNNERS = st.sampled_from([(name, None) for name in ("stub", "hawkears", "birdnet")]) | st.tuples(
    st.just("command"),
    _TEXT.filter(bool),  # an empty command is refused before any plan is made
)


@st.composite
def recording_plans(draw: st.DrawFn) -> RecordingPlan:
    """Draw a plan, every field of it."""
    return RecordingPlan(**_drawn(draw, RecordingPlan))


@st.composite
def infer_requests(draw: st.DrawFn) -> InferRequest:
    """Draw a request, every field of it."""
    return InferRequest(**_drawn(draw, InferRequest))


@st.composite
def orchestrate_requests(draw: st.DrawFn) -> OrchestrateRequest:
    """Draw a request for a whole dataset, every field of it."""
    return OrchestrateRequest(**_drawn(draw, OrchestrateRequest))


def _drawn(draw: st.DrawFn, model: type[BaseModel]) -> dict[str, object]:
    # a command is given where a command listens, and only there
    drawn: dict[str, object] = dict(zip(("runner", "runner_cmd"), draw(_RUNNERS), strict=True))
    for name, option in options_of(model).items():
        if name not in drawn:
            some = _NARROWER.get(name, _OF_KIND[option.kind])
            drawn[name] = draw(st.none() | some if option.default is None else some)
    return drawn
