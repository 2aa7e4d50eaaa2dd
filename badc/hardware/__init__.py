"""GPUs as the driver reports them, and the slots where a chunk can run."""

from badc.hardware.claim import GpuClaim, claim_gpu
from badc.hardware.cores import usable_cores
from badc.hardware.gpu import Gpu, GpuInventory, find_gpus
from badc.hardware.metrics import device_metrics
from badc.hardware.slot import Slot, decide_slots

__all__ = [
    "Gpu",
    "GpuClaim",
    "GpuInventory",
    "Slot",
    "claim_gpu",
    "decide_slots",
    "device_metrics",
    "find_gpus",
    "usable_cores",
]
