"""GPUs as the driver reports them, and the slots where a chunk can run."""

from badc.hardware.claim import GpuClaim, claim_gpu
from badc.hardware.cores import usable_cores
from badc.hardware.gpu import Gpu
from badc.hardware.history import GpuHistory
from badc.hardware.inventory import GpuInventory, find_gpus
from badc.hardware.sample import GpuSample, device_metrics
from badc.hardware.sampler import GpuSampler
from badc.hardware.slot import Slot, check_slot_wishes, decide_slots

__all__ = [
    "Gpu",
    "GpuClaim",
    "GpuHistory",
    "GpuInventory",
    "GpuSample",
    "GpuSampler",
    "Slot",
    "check_slot_wishes",
    "claim_gpu",
    "decide_slots",
    "device_metrics",
    "find_gpus",
    "usable_cores",
]
