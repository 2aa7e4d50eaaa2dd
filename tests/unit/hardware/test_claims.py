"""Claims on GPUs, made by processes that know nothing of each other."""

import os
import subprocess
import sys
from collections import Counter

import pytest

from badc.hardware import Gpu, claim_gpu

GPUS = (Gpu(0, "GPU-a", "A", 1), Gpu(1, "GPU-b", "A", 1), Gpu(2, "GPU-c", "A", 1))
CLAIM = """
import sys
from pathlib import Path
from badc.hardware import Gpu, claim_gpu
claim = claim_gpu([Gpu(n, uuid, "A", 1) for n, uuid in enumerate(sys.argv[2:])], Path(sys.argv[1]))
print(claim.gpu.uuid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def worker(tmp_path):
    """Starts processes that claim a GPU and hold it."""
    running = []

    def start():
        words = [sys.executable, "-c", CLAIM, tmp_path, *(gpu.uuid for gpu in GPUS)]
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_workers_of_one_host_share_its_gpus_out_evenly(worker):
    workers = [worker() for _ in range(6)]
    assert Counter(each.stdout.readline().strip() for each in workers) == {
        "GPU-a": 2, "GPU-b": 2, "GPU-c": 2,
    }  # fmt: skip


def test_the_gpu_of_a_worker_that_was_killed_is_free_again(worker, tmp_path):
    first = worker()
    assert first.stdout.readline() == "GPU-a\n"
    second = claim_gpu(GPUS, tmp_path)
    first.kill()
    first.wait()
    third = claim_gpu(GPUS, tmp_path)
    assert (second.gpu.uuid, third.gpu.uuid) == ("GPU-b", "GPU-a")
    second.release()
    fourth = claim_gpu(GPUS, tmp_path)
    assert fourth.gpu.uuid == "GPU-b"
    third.release()
    fourth.release()


def test_without_gpus_there_is_nothing_to_claim(tmp_path):
    assert claim_gpu((), tmp_path / "none") is None
    assert not (tmp_path / "none").exists()
