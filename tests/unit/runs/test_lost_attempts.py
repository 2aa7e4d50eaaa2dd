import pickle
from dataclasses import replace

import pytest

from badc.errors import AttemptError, SlotLostError
from badc.manifest import ChunkKey
from badc.runners.device_fault import device_fault
from badc.runs import SlotHealth
from badc.runs.open_attempts import OpenAttempts
from badc.telemetry import Event

KEY = ChunkKey("REC", "c0")


def event(status: str, attempt: int = 1, worker: str = "gpu-0") -> Event:
    return Event(
        *KEY, worker, status, "2026-01-01T00:00:00.000+00:00", gpu_index=0,
        details={"attempt": attempt},
    )  # fmt: skip


def followed(attempts: OpenAttempts, *events: Event) -> list[tuple[str, str, int | None]]:
    told = [each for one in events for each in attempts.follow(one)]
    return [(each.worker, each.status, each.attempt) for each in told]


def test_a_run_without_losses_is_recorded_as_it_comes():
    attempts = OpenAttempts()
    told = followed(attempts, event("start"), event("failure"), event("start", 2))
    assert told == [("gpu-0", "start", 1), ("gpu-0", "failure", 1), ("gpu-0", "start", 2)]
    assert attempts.attempt(KEY) == 2


def test_an_open_attempt_is_lost_with_its_device_and_its_time():
    attempts = OpenAttempts()
    followed(attempts, event("start", 2))
    lost = attempts.lose(KEY, "Worker lost: killed", 0.0)
    assert (lost.status, lost.worker, lost.gpu_index) == ("failure", "gpu-0", 0)
    assert (lost.attempt, lost.gives_up, lost.runtime_s > 0) == (2, False, True)
    assert attempts.attempt(KEY) is None


def test_a_loss_that_dask_made_good_by_itself_shows_at_the_second_beginning():
    attempts = OpenAttempts()
    told = followed(
        attempts, event("start"), event("start", worker="gpu-1"), event("failure", worker="gpu-1"),
        event("start", 2, worker="gpu-1"), event("success", 2, worker="gpu-1"),
    )  # fmt: skip
    assert told == [
        ("gpu-0", "start", 1),
        ("gpu-0", "failure", 1),
        ("gpu-1", "start", 2),
        ("gpu-1", "failure", 2),
        ("gpu-1", "start", 3),
        ("gpu-1", "success", 3),
    ]


def test_an_attempt_that_failed_on_a_worker_about_to_close_counts_too():
    attempts = OpenAttempts()
    told = followed(
        attempts, event("start"), event("failure"), event("start", worker="gpu-1"),
        event("success", worker="gpu-1"),
    )  # fmt: skip
    assert [attempt for _, _, attempt in told] == [1, 1, 2, 2]


def test_an_attempt_that_was_broken_off_is_made_again():
    broken_off = replace(event("failure"), details={"attempt": 1, "interrupted": True})
    told = followed(OpenAttempts(), event("start"), broken_off, event("start"))
    assert [attempt for _, _, attempt in told] == [1, 1, 1]


def test_two_losses_in_a_row_retire_a_slot_once():
    health = SlotHealth()
    assert [health.lost("gpu-0", "tcp://a"), health.lost("gpu-0", "tcp://a")] == [False, False]
    health.heard("gpu-0")
    assert not health.lost("gpu-0", "tcp://b")
    assert not health.lost("gpu-1", "tcp://c")
    assert health.lost("gpu-0", "tcp://d")
    assert not health.lost("gpu-0", "tcp://e")
    assert health.retired == {"gpu-0"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate", "CUDA out of memory"),
        ("RuntimeError: CUDA error: an illegal memory access was encountered\nx", "CUDA error: an"),
        ("NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.", "NVRM: Xid (PCI"),
        ("CUDA runtime: out of memory", "CUDA runtime"),
        ("torch.OutOfMemoryError: HIP", "torch.OutOfMemoryError"),
        ("failed call to cuInit: CUDA_ERROR_NO_DEVICE", "CUDA_ERROR_NO_DEVICE"),
        ("using device cuda:0\nValueError: bad audio", None),
        ("MemoryError: out of memory", None),
        ("", None),
    ],
)
def test_a_runner_s_last_words_tell_a_device_from_a_chunk(said, found):
    fault = device_fault("", said)
    assert fault is None if found is None else fault.startswith(found)


def test_the_error_of_a_lost_slot_survives_the_way_between_processes():
    failed = AttemptError("It failed.", "Mend it.", 3, "words")
    lost = SlotLostError(failed, "Xid 79", "gpu-1", 2)
    back = pickle.loads(pickle.dumps(lost))
    assert (str(back), back.slot, back.attempt) == ("It failed (Xid 79). Mend it.", "gpu-1", 2)
    assert (back.returncode, back.stderr_tail, back.transient) == (3, "words", True)
