"""GPUs as the driver reports them, and the slots where a chunk can run."""

from badc.hardware.gpu import Gpu, GpuInventory, find_gpus
from badc.hardware.history import GpuHistory
from badc.hardware.sample import GpuSample
from badc.hardware.sampler import GpuSampler
from badc.hardware.slot import Slot, decide_slots

__all__ = [
    "Gpu",
    "GpuHistory",
    "GpuInventory",
    "GpuSample",
    "GpuSampler",
    "Slot",
    "decide_slots",
    "find_gpus",
]
