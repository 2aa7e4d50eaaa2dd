"""Work that might take for ever."""

import subprocess
import sys
import threading

import pytest

from badc.time_limit import within


def test_work_that_ends_in_time_has_ended():
    done = []
    assert within(60, lambda: done.append(1))
    assert done == [1]


def test_work_that_does_not_end_holds_nobody_up():
    never = threading.Event()
    assert not within(0.05, never.wait)
    never.set()


def test_what_work_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 / 0)


_STUCK = """
import sys, threading
from badc.time_limit import end_within
timer = end_within(0.2, 7, lambda: print("last words", flush=True))
if sys.argv[1] == "cancel":
    timer.cancel()
    threading.Event().wait(0.5)
else:
    threading.Event().wait()
"""


@pytest.mark.parametrize(("how", "code", "said"), [("stuck", 7, "last words\n"), ("cancel", 0, "")])
def test_a_process_that_is_stuck_ends_all_the_same(how, code, said):
    words = [sys.executable, "-c", _STUCK, how]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout) == (code, said)
