from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from badc.chunking import Grid

grids = st.builds(
    lambda duration_ms, share, rate_hz: Grid(duration_ms, int(duration_ms * share), rate_hz),
    st.integers(1, 5000),
    st.floats(0, 0.95),
    st.sampled_from([1, 7, 999, 8000, 11025, 22050, 24000, 44100, 48000, 250000]),
)


@given(grids, st.integers(0, 100_000))
def test_spans_cover_the_recording_without_gap(grid: Grid, frames: int) -> None:
    frames = min(frames, grid.duration_ms * grid.rate_hz // 10)
    spans = list(grid.spans_of(frames))
    reached = 0
    for span in spans:
        assert span.start_frame <= reached < span.end_frame, "each span has something new"
        reached = span.end_frame
    assert reached == frames


@given(grids, st.integers(1, 100_000))
def test_without_overlap_neighbours_meet_in_one_frame(grid: Grid, frames: int) -> None:
    frames = min(frames, max(1, grid.duration_ms * grid.rate_hz // 10))
    apart = Grid(grid.duration_ms, 0, grid.rate_hz)
    spans = list(apart.spans_of(frames))
    assert all(one.end_frame == other.start_frame for one, other in pairwise(spans))
    assert sum(span.end_frame - span.start_frame for span in spans) == frames


@given(grids, st.integers(1, 100_000))
def test_times_are_those_of_the_frames(grid: Grid, frames: int) -> None:
    frames = min(frames, max(1, grid.duration_ms * grid.rate_hz // 10))
    spans = list(grid.spans_of(frames))
    for span in spans:
        assert 0 <= span.start_ms < span.end_ms <= span.start_ms + grid.duration_ms
        assert abs(span.start_ms * grid.rate_hz / 1000 - span.start_frame) <= 0.5
    assert len({(span.start_ms, span.end_ms) for span in spans}) == len(spans)
    assert spans[0].overlap_ms == 0
    for one, other in pairwise(spans):
        assert other.overlap_ms == max(0, one.end_ms - other.start_ms)
