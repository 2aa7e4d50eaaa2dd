from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from badc.runs import BatchSize


def test_a_number_is_obeyed_whatever_was_heard():
    size = BatchSize(7)
    size.heard(7, 100.0)
    assert size.next(1000, 2) == 7


def test_auto_begins_with_single_chunks_and_grows_step_by_step():
    size = BatchSize("auto")
    assert size.next(100_000, 2) == 1
    sizes = []
    for _ in range(6):
        size.heard(sizes[-1] if sizes else 1, 0.001 * (sizes[-1] if sizes else 1))
        sizes.append(size.next(100_000, 2))
    assert sizes[0] > 1
    assert sizes == sorted(sizes)
    assert sizes[-1] == 1000


def test_auto_leaves_chunks_alone_that_take_long_enough_by_themselves():
    size = BatchSize("auto")
    size.heard(1, 5.0)
    assert size.next(1000, 2) == 1


def test_auto_knows_nothing_after_a_task_run_in_which_nothing_was_heard():
    size = BatchSize("auto")
    size.heard(0, 3.0)
    assert size.next(1000, 2) == 1


@given(
    each_s=st.floats(0, 100),
    waiting=st.integers(1, 10**6),
    slots=st.integers(1, 64),
    runs=st.integers(1, 8),
)
def test_task_runs_cost_little_and_the_last_ones_leave_no_slot_waiting(
    each_s, waiting, slots, runs
):
    size = BatchSize("auto")
    carried = 1
    for _ in range(runs):
        size.heard(carried, carried * each_s)
        carried = size.next(10**9, slots)
    chosen = size.next(waiting, slots)
    assert 1 <= chosen <= carried <= 1000
    assert chosen <= max(1, ceil(waiting / (2 * slots)), carried // 8)
    if runs == 8:  # grown as far as it will: a task run of 25 ms is 2 % of its batch or less
        assert carried * each_s >= 1.25 or carried == 1000
    assert (carried - 1) * each_s <= 1.25 * 1.001
