"""GPU slots as the workers of dask-cuda's ``LocalCUDACluster``; CPU slots beside them.

Does not import without dask-cuda and an NVIDIA driver.
"""

import logging
from typing import Any

from dask_cuda import LocalCUDACluster
from distributed import Nanny

from badc.cluster.loopback import LOOPBACK
from badc.hardware import Slot


class SlotCluster(LocalCUDACluster):  # type: ignore[misc]
    """Names workers for their slots, and leaves the device to the runner's process."""

    def __init__(self, labels: dict[str, str], **settings: Any) -> None:  # noqa: ANN401 - dask's
        """Start one worker per device, given as UUID -> label."""
        self._labels = labels
        super().__init__(CUDA_VISIBLE_DEVICES=list(labels), **settings)

    def new_worker_spec(self) -> dict[object, dict[str, Any]]:
        """Describe the next GPU worker."""
        ((device, spec),) = super().new_worker_spec().items()
        spec["options"]["name"] = self._labels[device]
        spec["options"]["preload_argv"] = []  # no CUDA context of the worker's own
        return {device: spec}


def cuda_cluster(slots: tuple[Slot, ...], status_page: str) -> SlotCluster:
    """Start one worker process per slot; those of CPU slots see no GPU."""
    first = {slot.gpu.uuid: slot.label for slot in reversed(slots) if slot.gpu}
    cluster = SlotCluster(
        dict(reversed(first.items())),
        host=LOOPBACK,
        threads_per_worker=1,
        memory_limit=None,
        device_memory_limit=None,
        dashboard_address=status_page,
        silence_logs=logging.CRITICAL,
    )
    for slot in slots:
        if slot.gpu is None:
            cluster.worker_spec[slot.label] = _cpu_worker(status_page)
        elif slot.label != first[slot.gpu.uuid]:  # a further one on the same device
            beside = cluster.worker_spec[slot.gpu.uuid]
            options = {**beside["options"], "name": slot.label}
            cluster.worker_spec[slot.label] = {**beside, "options": options}
    cluster.sync(cluster._correct_state)  # noqa: SLF001 - the way SpecCluster adds workers
    return cluster


def _cpu_worker(status_page: str) -> dict[str, Any]:
    return {
        "cls": Nanny,
        "options": {
            "host": LOOPBACK,
            "dashboard_address": status_page,
            "nthreads": 1,
            "memory_limit": None,
            "dashboard": False,
            "silence_logs": logging.CRITICAL,
            "env": {"CUDA_VISIBLE_DEVICES": ""},
        },
    }
