import pytest

from badc.errors import UsageError
from badc.hardware import Gpu, Slot, decide_slots

GPUS = (Gpu(0, "GPU-aaaa1111", "A", 1), Gpu(1, "GPU-aaaa2222", "A", 1), Gpu(2, "GPU-cccc", "C", 2))
SLICE = Gpu(0, "MIG-dddd", "A MIG 1g", 1, mig=1)


@pytest.mark.parametrize(
    ("max_gpus", "cpu_workers", "labels"),
    [
        (None, 0, ["gpu-0", "gpu-1", "gpu-2"]),
        (2, 1, ["gpu-0", "gpu-1", "cpu-0"]),
        (0, 0, ["cpu-0"]),
        (0, 3, ["cpu-0", "cpu-1", "cpu-2"]),
        (9, 0, ["gpu-0", "gpu-1", "gpu-2"]),
    ],
)
def test_slots_are_gpus_then_cpu_workers_and_never_none(max_gpus, cpu_workers, labels):
    slots = decide_slots(GPUS, max_gpus, cpu_workers)
    assert [slot.label for slot in slots] == labels
    assert {slot.visible_devices for slot in slots if slot.gpu is None} <= {""}


def test_a_gpu_slot_shows_its_device_and_a_cpu_slot_none():
    assert Slot("gpu-2", GPUS[2]).visible_devices == "2"
    assert Slot("cpu-0").visible_devices == ""


@pytest.mark.parametrize("figures", [(-1, 0), (None, -1)])
def test_negative_numbers_are_refused(figures):
    with pytest.raises(UsageError, match="is negative"):
        decide_slots(GPUS, *figures)


def test_a_slice_has_its_own_label_and_shows_by_its_uuid():
    (slot,) = decide_slots((SLICE,))
    assert (slot.label, slot.visible_devices) == ("gpu-0.1", "MIG-dddd")


def test_several_slots_share_a_device_and_the_first_chunks_go_to_different_ones():
    slots = decide_slots(GPUS[:2], None, 1, 3)
    labels = ["gpu-0", "gpu-1", "gpu-0b", "gpu-1b", "gpu-0c", "gpu-1c", "cpu-0"]
    assert [slot.label for slot in slots] == labels
    assert [slot.visible_devices for slot in slots] == ["0", "1", "0", "1", "0", "1", ""]


def test_gpu_only_has_no_cpu_slot_and_refuses_where_there_is_no_gpu():
    assert [slot.label for slot in decide_slots(GPUS, 1, gpu_only=True)] == ["gpu-0"]
    with pytest.raises(UsageError, match="there is no GPU to use here"):
        decide_slots((), gpu_only=True)


@pytest.mark.parametrize("wishes", [{"cpu_workers": 1}, {"max_gpus": 0}])
def test_gpu_only_and_what_excludes_it_are_refused(wishes):
    with pytest.raises(UsageError, match="exclude each other"):
        decide_slots(GPUS, **wishes, gpu_only=True)


@pytest.mark.parametrize("count", [0, -1, 17])
def test_chunks_per_gpu_has_bounds(count):
    with pytest.raises(UsageError, match="not between 1 and 16"):
        decide_slots(GPUS, None, 0, count)
