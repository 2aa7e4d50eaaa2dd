"""A plan comes back from its file as it went in."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from badc.chunking import CutPlan
from badc.manifest.chunk import id_fault
from badc.orchestration.chunk_plan_files import read_plan, write_plan_csv, write_plan_json

DATASET = Path("/data/set {1}")
letters = st.characters(exclude_categories=["Cs"], exclude_characters="/\0")
parts = st.text(letters, min_size=1, max_size=12).filter(lambda part: part not in (".", ".."))
paths = st.builds(
    lambda root, below: root.joinpath(*below),
    st.sampled_from([DATASET, DATASET.parent, Path("/")]),
    st.lists(parts, min_size=1, max_size=3),
)
ids = st.text(max_size=20).filter(lambda text: id_fault(text) is None)


@st.composite
def cuts(draw: st.DrawFn) -> CutPlan:
    duration_ms = draw(st.integers(1, 10**12))
    overlap_ms = draw(st.integers(0, duration_ms - 1))
    return CutPlan(draw(paths), draw(ids), duration_ms, overlap_ms, draw(paths), draw(paths))


@given(st.lists(cuts(), max_size=4, unique_by=lambda cut: cut.recording_id))
def test_a_chunk_plan_comes_back_as_it_went_in(plan: list[CutPlan]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("p.csv", write_plan_csv), ("p.json", write_plan_json)):
            write(Path(folder, name), plan, DATASET)
            assert read_plan(Path(folder, name), DATASET) == tuple(plan)
