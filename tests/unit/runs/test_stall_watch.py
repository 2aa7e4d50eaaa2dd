"""When a run waits for longer than it should, by a clock that the test turns."""

from pathlib import Path

import pytest

from badc.manifest import Chunk, ChunkKey
from badc.runs.stall_watch import StallWatch
from badc.telemetry import Event

ATTEMPT_S, GRACE_S = 100.0, 30.0


class Clock:
    def __init__(self):
        self.now_s = 5000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch(clock):
    return StallWatch(lambda _chunk: ATTEMPT_S, GRACE_S, clock)


@pytest.fixture
def stalls_after(watch, clock):
    """Looks every second; returns after how many the watch complains, and its complaint."""

    def look(most_s=1000):
        for second in range(1, most_s):
            clock.now_s += 1
            if (stall := watch.look()) is not None:
                return second, stall
        return None, None

    return look


def chunk(name):
    return Chunk(ChunkKey("REC", name), f"{name}.wav", Path(f"{name}.wav"))


def event(name, status, **details):
    return Event("REC", name, "cpu-1", status, "2026-01-01T00:00:00+00:00", details=details)


def test_nothing_under_way_is_no_stall(watch, stalls_after):
    assert stalls_after() == (None, None)
    watch.submitted([chunk("a")])
    watch.ended([chunk("a")])
    assert stalls_after() == (None, None)


def test_what_does_not_begin_is_noticed_after_the_grace(watch, stalls_after):
    watch.submitted([chunk("a")])
    after_s, stall = stalls_after()
    assert after_s == GRACE_S + 1
    assert not stall.begun
    assert str(stall).endswith("The run waits for REC/a (not begun, for 31 s).")


def test_an_attempt_may_take_all_its_time(watch, stalls_after):
    watch.submitted([chunk("a")])
    watch.submitted([chunk("b")])
    watch.take(event("a", "start", attempt=1))
    after_s, stall = stalls_after()
    assert after_s == ATTEMPT_S + GRACE_S + 1
    assert stall.begun
    assert "REC/a (being heard in cpu-1, for 131 s), REC/b (not begun, for 131 s)" in str(stall)


def test_a_task_run_whose_end_is_not_told_is_noticed_after_the_grace(watch, stalls_after):
    watch.submitted([chunk("a")])
    watch.submitted([chunk("b")])
    watch.take(event("a", "start", attempt=1))
    watch.take(event("a", "success", attempt=1))
    after_s, stall = stalls_after()
    assert after_s == GRACE_S + 1
    assert "REC/a (ended in cpu-1, but its task run has not, for 31 s)" in str(stall)


@pytest.mark.parametrize(
    ("details", "allowed_s"),
    [({"backoff_s": 5.0}, 5), ({"backoff_s": None}, 0), ({"interrupted": True}, 0)],
)
def test_a_pause_before_another_attempt_is_no_stall(watch, stalls_after, details, allowed_s):
    watch.submitted([chunk("a")])
    watch.take(event("a", "start", attempt=1))
    watch.take(event("a", "failure", attempt=1, **details))
    assert stalls_after()[0] == allowed_s + GRACE_S + 1


def test_a_task_run_that_waits_before_it_begins_has_that_time(watch, stalls_after):
    watch.submitted([chunk("a")], pause_s=5.0)
    assert stalls_after()[0] == 5 + GRACE_S + 1


def test_chunks_that_are_heard_at_once_have_their_time_together_and_each_again(watch, stalls_after):
    watch.submitted([chunk("a"), chunk("b"), chunk("c")])
    watch.take(event("a", "start", attempt=1))
    assert stalls_after()[0] == 4 * ATTEMPT_S + GRACE_S + 1


@pytest.mark.parametrize("sign", ["event", "end", "reason"])
def test_any_sign_of_life_lets_the_count_begin_anew(watch, clock, stalls_after, sign):
    for name in ("a", "b"):
        watch.submitted([chunk(name)])
    for _ in range(29):
        clock.now_s += 1
        assert watch.look() is None
    if sign == "event":
        watch.take(event("elsewhere", "skipped"))
    elif sign == "end":
        watch.ended([chunk("b")])
    else:
        watch.progress()
    assert stalls_after()[0] == GRACE_S + 1


def test_a_process_that_was_stopped_for_an_hour_has_not_waited_for_one(watch, clock, stalls_after):
    watch.submitted([chunk("a")])
    clock.now_s += 3600
    assert watch.look() is None
    assert stalls_after()[0] == GRACE_S - 4


def test_of_many_chunks_the_first_are_named_and_the_rest_counted(watch, stalls_after):
    for number in range(8):
        watch.submitted([chunk(f"c{number}")])
    _, stall = stalls_after()
    assert str(stall).endswith("REC/c4 (not begun, for 31 s) and 3 more.")
