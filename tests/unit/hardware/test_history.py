import os
import select
import subprocess
import sys

import pytest

from badc.hardware import GpuHistory, GpuSample


def sample(at_s, load, used_mib=100, uuid="GPU-a"):
    return GpuSample(uuid, at_s, 3, load, used_mib, 8192)


def history(*samples):
    made = GpuHistory()
    made.add(samples)
    return made


def test_an_attempt_gets_the_last_sample_before_it_and_a_short_spike_within_it():
    known = history(
        sample(1, 1), sample(9, 10), sample(11, 90, 700), sample(12, 20), sample(15, 99, 900)
    )
    told = known.during("GPU-a", 10, 13)
    assert told["before"] == {
        "index": 3, "utilization": 10, "memory_used_mb": 100, "memory_total_mb": 8192
    }  # fmt: skip
    assert told["after"]["utilization"] == 20
    assert told["peak"] == {"utilization": 90, "memory_used_mb": 700}
    assert told["mean"] == {"utilization": 40.0, "memory_used_mb": 300}
    assert told["samples"] == 3


def test_the_first_attempt_takes_what_was_seen_within_it():
    told = history(sample(11, 90)).during("GPU-a", 10, 13)
    assert told["before"] == told["after"]
    assert told["samples"] == 1


@pytest.mark.parametrize(
    "known",
    [history(), history(sample(1, 5)), history(sample(14, 5)), history(sample(11, 5, uuid="X"))],
    ids=["none", "long ago", "later", "of another device"],
)
def test_without_figures_of_that_time_there_are_none(known):
    assert known.during("GPU-a", 12.5, 13) == {"before": None, "after": None}


def test_a_slice_of_which_no_load_is_known_has_memory_only():
    told = history(sample(11, None)).during("GPU-a", 10, 13)
    assert told["before"]["utilization"] is told["peak"]["utilization"] is None
    assert told["mean"] == {"utilization": None, "memory_used_mb": 100}


_SAMPLES = """
import sys, time
from badc.hardware import GpuSampler
sampler = GpuSampler(sys.argv[1], lambda samples: print(len(samples), flush=True))
sampler.start()
time.sleep(600)
"""


def test_of_two_processes_one_samples_and_when_it_is_killed_the_other(tmp_path, pretend_nvml):
    first, second = (
        subprocess.Popen(
            [sys.executable, "-c", _SAMPLES, "run"],
            env={**os.environ, **pretend_nvml, "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    )
    try:
        ready, _, _ = select.select([first.stdout, second.stdout], [], [], 60)
        asks = ready[0]
        waits = second.stdout if asks is first.stdout else first.stdout
        assert asks.readline() == asks.readline() == "2\n"
        assert select.select([waits], [], [], 0)[0] == []
        (first if asks is first.stdout else second).kill()
        assert waits.readline() == "2\n"
    finally:
        for each in (first, second):
            each.kill()
            each.communicate()
