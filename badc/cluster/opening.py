"""From what a run asked for to a Dask cluster at work.

This host's CPU slots alone are threads of this process: what listens runs in children of its own,
so the worker only waits, and a worker process would cost seconds to start. GPU slots are the
processes of dask-cuda's ``LocalCUDACluster``; CPU slots beside them are processes too, blind to
the GPUs. Where dask-cuda is missing or finds no driver, GPU slots are threads as well: each
runner's own process is given its device either way.
"""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dask
from distributed import Client, Scheduler, SpecCluster, Worker

from badc.cluster.loopback import LOOPBACK
from badc.cluster.steady_clock import keep_steady_time
from badc.errors import UsageError
from badc.hardware import Slot
from badc.runs import Cluster, DaskCluster, SlurmJobs
from badc.time_limit import within

# For the small web servers that Dask's scheduler and each worker have, whether or not they show a
# status page. By default they would listen on every network, and the scheduler's on 8787.
_ANY_PORT = f"{LOOPBACK}:0"
_CONNECT_S = 15
_CLOSE_S = 30.0
_WORKER_CLOSE_S = 2.0
_SETTINGS = {
    # A chunk whose worker is lost comes back to the run, which counts the attempt and goes on.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.no-workers-timeout": "5 minutes",  # where no worker comes back
    # Slots differ (GPU, CPU) and hold models: chunks go to whichever is free, never "home".
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.worker-saturation": 1.0,
    # What Dask's parts keep for its own developers; a thousand each grow for thousands of chunks.
    "distributed.admin.low-level-log-length": 100,
    # Nobody reads Dask's own profile of what workers do, and its look at the system is for a page
    # that is off: together half of what an idle cluster costs.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    # BADC asks the driver itself, once per host; every worker asking costs, and one that the
    # driver denies access would not start.
    "distributed.diagnostics.nvml": False,
    # Workers start with this besides our own environment. Dask's default would give each runner a
    # single thread; and what workers log of their comings and goings is told by the run itself.
    "distributed.nanny.pre-spawn-environ": {"DASK_LOGGING__DISTRIBUTED": "critical"},
}


def _goes_on() -> None:
    """Raise nothing: a cluster whose workers this process started, or did not start at all."""


@dataclass(frozen=True)
class OpenCluster:
    """A Dask cluster at work.

    Attributes:
        place: what a Dask client connects to: a cluster, or the address of a scheduler.
        elsewhere: whether its workers may be on other hosts than this.
        check: raises a ``BadcError`` once no worker is left and none will come any more.
    """

    place: Any
    elsewhere: bool = False
    check: Callable[[], None] = _goes_on


@contextmanager
def open_cluster(
    slots: tuple[Slot, ...], cluster: Cluster | None, tell: Callable[[str], None]
) -> Iterator[OpenCluster]:
    """Open a cluster with at least one worker; at the end, close what was opened.

    Args:
        slots: this host's; one worker is started for each, named for it.
        cluster: where to run instead. A Dask cluster that exists is left running; jobs of Slurm
            are gone from the queue at the end.
        tell: told in one line what is waited for, and where the cluster is another than asked for.

    Raises:
        UsageError: no scheduler answers at the address, it has no workers, or Slurm refuses jobs.
    """
    keep_steady_time()
    if isinstance(cluster, DaskCluster):
        _check_workers(cluster)
        yield OpenCluster(cluster.address, elsewhere=True)
        return
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set(_SETTINGS):
        if isinstance(cluster, SlurmJobs):
            with _signals_kept():  # dask-jobqueue, an extra, takes Ctrl-C for itself when imported
                from badc.cluster.slurm import open_slurm  # noqa: PLC0415
            with open_slurm(cluster, tell) as (place, check):
                yield OpenCluster(place, elsewhere=True, check=check)
            return
        has_gpus = any(slot.gpu for slot in slots)
        local = _gpu_cluster(slots, tell) if has_gpus else _thread_cluster(slots)
        try:
            yield OpenCluster(local)
        finally:
            within(_CLOSE_S, local.close)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Let nothing in the block change what signals do."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, action in kept.items():
            signal.signal(number, action)


class _ThreadWorker(Worker):  # type: ignore[misc]
    """A worker in a thread of this process.

    Its end waits for what has been told to end, and not for the pause before another attempt.
    """

    async def close(self, timeout: float = _WORKER_CLOSE_S, **more: Any) -> str | None:  # noqa: ANN401, ASYNC109 - dask's
        """Close it, as Dask does, with a shorter limit."""
        ended: str | None = await super().close(timeout=min(timeout, _WORKER_CLOSE_S), **more)
        return ended


def _thread_cluster(slots: tuple[Slot, ...]) -> Any:  # noqa: ANN401 - dask has no types
    return SpecCluster(
        scheduler={
            "cls": Scheduler,
            "options": {"protocol": "inproc", "dashboard": False, "dashboard_address": _ANY_PORT},
        },
        workers={
            slot.label: {
                "cls": _ThreadWorker,
                "options": {
                    "nthreads": 1,
                    "memory_limit": 0,
                    "dashboard": False,
                    "dashboard_address": _ANY_PORT,
                },
            }
            for slot in slots
        },
        silence_logs=logging.CRITICAL,
    )


def _gpu_cluster(slots: tuple[Slot, ...], tell: Callable[[str], None]) -> Any:  # noqa: ANN401
    # dask_cuda does not import without a driver, so only here, where a GPU was found
    try:
        from badc.cluster.cuda import cuda_cluster  # noqa: PLC0415

        return cuda_cluster(slots, _ANY_PORT)
    except Exception as error:  # noqa: BLE001 - an absent package, or whatever a driver raises
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        tell(
            f"dask-cuda cannot be used here ({reason}); GPU slots are threads of this process."
            " To mend it: pip install 'badc[gpu]', and see that the NVIDIA driver answers."
        )
        return _thread_cluster(slots)


def _check_workers(cluster: DaskCluster) -> None:
    try:
        with Client(cluster.address, timeout=_CONNECT_S, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=_CONNECT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"{cluster.origin} {cluster.address}: no Dask cluster with workers answers"
            f" ({' '.join(str(error).split())}).",
            "Start 'dask scheduler' and 'dask worker', and give the address it prints.",
        ) from None
