"""From slots to a running Dask cluster, one worker per slot, named for it.

CPU slots alone are threads of this process: what listens runs in children of its own, so the
worker only waits, and a worker process would cost seconds to start. GPU slots are the processes
of dask-cuda's ``LocalCUDACluster``; CPU slots beside them are processes too, blind to the GPUs.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
from distributed import Client, Nanny, Scheduler, SpecCluster, Worker

from badc.errors import UsageError
from badc.hardware import Slot

_CONNECT_S = 15
_SETTINGS = {
    # A chunk that takes its worker down with it is tried on another one, then given up.
    "distributed.scheduler.allowed-failures": 1,
    # Slots differ (GPU, CPU) and hold models: chunks go to whichever is free, never "home".
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.admin.low-level-log-length": 1_000,
}


@contextmanager
def open_cluster(slots: tuple[Slot, ...], scheduler_address: str | None = None) -> Iterator[Any]:
    """Yield something a Dask client can connect to: a cluster, or the address of one.

    Args:
        slots: one worker is started for each; ignored with an address.
        scheduler_address: an existing cluster, left running at the end.

    Raises:
        UsageError: no scheduler answers at the address, or it has no workers.
    """
    if scheduler_address is not None:
        _check_scheduler(scheduler_address)
        yield scheduler_address
        return
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with dask.config.set(_SETTINGS):
        has_gpus = any(slot.gpu for slot in slots)
        cluster = _gpu_cluster(slots) if has_gpus else _thread_cluster(slots)
        try:
            yield cluster
        finally:
            cluster.close()


def _thread_cluster(slots: tuple[Slot, ...]) -> Any:  # noqa: ANN401 - dask has no types
    return SpecCluster(
        scheduler={
            "cls": Scheduler,
            "options": {"protocol": "inproc", "dashboard": False, "dashboard_address": None},
        },
        workers={
            slot.label: {
                "cls": Worker,
                "options": {"nthreads": 1, "memory_limit": 0, "dashboard": False},
            }
            for slot in slots
        },
        silence_logs=logging.ERROR,
    )


def _gpu_cluster(slots: tuple[Slot, ...]) -> Any:  # noqa: ANN401 - dask has no types
    # dask_cuda does not import without a driver, so only here, where a GPU was found
    from dask_cuda import LocalCUDACluster  # noqa: PLC0415

    class SlotCluster(LocalCUDACluster):  # type: ignore[misc]
        """Names workers for their slots, and leaves the device to the runner's process."""

        def new_worker_spec(self) -> dict[object, dict[str, Any]]:
            ((device, spec),) = super().new_worker_spec().items()
            spec["options"]["name"] = f"gpu-{device}"
            spec["options"]["preload_argv"] = []  # no CUDA context of the worker's own
            return {device: spec}

    cluster = SlotCluster(
        CUDA_VISIBLE_DEVICES=[str(slot.gpu.index) for slot in slots if slot.gpu],
        threads_per_worker=1,
        memory_limit=None,
        device_memory_limit=None,
        dashboard_address=None,
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
                    "env": {"CUDA_VISIBLE_DEVICES": ""},
                },
            }
    cluster.sync(cluster._correct_state)  # noqa: SLF001 - the way SpecCluster adds workers
    return cluster


def _check_scheduler(address: str) -> None:
    try:
        with Client(address, timeout=_CONNECT_S, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=_CONNECT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"--scheduler-address {address}: no Dask cluster with workers answers"
            f" ({' '.join(str(error).split())}).",
            "Start 'dask scheduler' and 'dask worker', and give the address it prints.",
        ) from None
