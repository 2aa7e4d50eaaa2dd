"""From slots to a running Dask cluster, one worker per slot, named for it.

CPU slots alone are threads of this process: what listens runs in children of its own, so the
worker only waits, and a worker process would cost seconds to start. GPU slots are the processes
of dask-cuda's ``LocalCUDACluster``; CPU slots beside them are processes too, blind to the GPUs.
Where dask-cuda is missing or finds no driver, GPU slots are threads as well: each runner's own
process is given its device either way.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dask
from distributed import Client, Scheduler, SpecCluster, Worker

from badc.errors import UsageError
from badc.hardware import Slot

_ANY_PORT = "127.0.0.1:0"  # for Dask's own status page; 8787, its default, is often taken
_CONNECT_S = 15
_SETTINGS = {
    # A chunk whose worker is lost comes back to the run, which counts the attempt and goes on.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.no-workers-timeout": "5 minutes",  # where no worker comes back
    # Slots differ (GPU, CPU) and hold models: chunks go to whichever is free, never "home".
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.admin.low-level-log-length": 1_000,
    # BADC asks the driver itself, once per host; every worker asking costs, and one that the
    # driver denies access would not start.
    "distributed.diagnostics.nvml": False,
}


@contextmanager
def open_cluster(
    slots: tuple[Slot, ...],
    scheduler_address: str | None = None,
    warn: Callable[[str], None] = lambda _: None,
) -> Iterator[Any]:
    """Yield something a Dask client can connect to: a cluster, or the address of one.

    Args:
        slots: one worker is started for each; ignored with an address.
        scheduler_address: an existing cluster, left running at the end.
        warn: told in one line where the cluster is another one than asked for.

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
        cluster = _gpu_cluster(slots, warn) if has_gpus else _thread_cluster(slots)
        try:
            yield cluster
        finally:
            cluster.close()


def _thread_cluster(slots: tuple[Slot, ...]) -> Any:  # noqa: ANN401 - dask has no types
    return SpecCluster(
        scheduler={
            "cls": Scheduler,
            "options": {"protocol": "inproc", "dashboard": False, "dashboard_address": _ANY_PORT},
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


def _gpu_cluster(slots: tuple[Slot, ...], warn: Callable[[str], None]) -> Any:  # noqa: ANN401
    # dask_cuda does not import without a driver, so only here, where a GPU was found
    try:
        from badc.cluster.cuda import cuda_cluster  # noqa: PLC0415

        return cuda_cluster(slots, _ANY_PORT)
    except Exception as error:  # noqa: BLE001 - an absent package, or whatever a driver raises
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        warn(
            f"dask-cuda cannot be used here ({reason}); GPU slots are threads of this process."
            " To mend it: pip install 'badc[gpu]', and see that the NVIDIA driver answers."
        )
        return _thread_cluster(slots)


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
