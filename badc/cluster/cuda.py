"""GPU slots as the workers of dask-cuda's ``LocalCUDACluster``; CPU slots beside them.

Does not import without dask-cuda and an NVIDIA driver.
"""

import logging
from typing import Any

from dask_cuda import LocalCUDACluster
from distributed import Nanny

from badc.hardware import Slot


class SlotCluster(LocalCUDACluster):  # type: ignore[misc]
    """Names workers for their slots, and leaves the device to the runner's process."""

    def new_worker_spec(self) -> dict[object, dict[str, Any]]:
        """Describe the next GPU worker."""
        ((device, spec),) = super().new_worker_spec().items()
        spec["options"]["name"] = f"gpu-{device}"
        spec["options"]["preload_argv"] = []  # no CUDA context of the worker's own
        return {device: spec}


def cuda_cluster(slots: tuple[Slot, ...], status_page: str) -> SlotCluster:
    """Start one worker process per slot; those of CPU slots see no GPU."""
    cluster = SlotCluster(
        CUDA_VISIBLE_DEVICES=[str(slot.gpu.index) for slot in slots if slot.gpu],
        threads_per_worker=1,
        memory_limit=None,
        device_memory_limit=None,
        dashboard_address=status_page,
        silence_logs=logging.ERROR,
    )
    for slot in slots:
        if slot.gpu is None:
            cluster.worker_spec[slot.label] = {
                "cls": Nanny,
                "options": {
                    "nthreads": 1,
                    "memory_limit": None,
                    "dashboard": False,
                    "silence_logs": logging.ERROR,
                    "env": {"CUDA_VISIBLE_DEVICES": ""},
                },
            }
    cluster.sync(cluster._correct_state)  # noqa: SLF001 - the way SpecCluster adds workers
    return cluster
