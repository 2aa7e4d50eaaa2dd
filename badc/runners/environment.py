"""The environment that a runner's process starts with."""

import os

from badc.runners.protocol import Desk

_THREAD_SETTINGS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def slot_environment(desk: Desk) -> dict[str, str]:
    """Return our environment with exactly the slot's device visible and threads shared fairly.

    A thread count that the user has set stays as it is. Number libraries read these settings once,
    when they are imported, so they must stand before the process starts.
    """
    shares = {name: str(desk.threads) for name in _THREAD_SETTINGS if name not in os.environ}
    return {
        **os.environ,
        **shares,
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",  # count devices as nvidia-smi does
        "CUDA_VISIBLE_DEVICES": desk.slot.visible_devices,
        "BADC_SLOT": desk.slot.label,
    }
