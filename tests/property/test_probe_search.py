from math import ceil, log2

from hypothesis import example, given
from hypothesis import strategies as st

from badc.probing import Limits, longest

lengths = st.integers(1, 10**8)  # a millisecond to a day, and beyond


@given(st.integers(0, 2 * 10**8), lengths, lengths, lengths)
@example(95_000, 60_000, 3_600_000, 5_000)
@example(0, 60_000, 3_600_000, 5_000)
@example(10**9, 60_000, 3_600_000, 5_000)
def test_the_answer_is_close_below_the_truth(true_ms, initial_ms, most_ms, tolerance_ms):
    tried: list[int] = []

    def fits(length_ms: int) -> bool:
        tried.append(length_ms)
        return length_ms <= true_ms

    found = longest(fits, Limits(initial_ms, most_ms, tolerance_ms))

    assert tried[0] == min(initial_ms, most_ms)
    assert len(set(tried)) == len(tried), "no length twice"
    assert all(1 <= length_ms <= most_ms for length_ms in tried)
    assert found.fits_ms == max((each for each in tried if each <= true_ms), default=0)
    assert found.too_long_ms == min((each for each in tried if each > true_ms), default=None)
    if true_ms >= most_ms:
        assert (found.fits_ms, found.too_long_ms) == (most_ms, None)
    else:
        assert found.too_long_ms is not None
        assert found.fits_ms <= true_ms < found.too_long_ms
        assert found.too_long_ms - found.fits_ms <= tolerance_ms

    doublings = max(0, ceil(log2(most_ms / tried[0])))
    halvings = max(0, ceil(log2(max(tried) / tolerance_ms)))
    assert len(tried) <= 1 + doublings + halvings
