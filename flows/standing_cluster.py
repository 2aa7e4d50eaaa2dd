"""A Dask cluster that stays open for several flow runs, one after the other."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from badc.cluster import OpenCluster, open_cluster
from badc.hardware import Slot
from badc.runs import Cluster, SlurmJobs
from flows.console import warn
from flows.reach import HOW_TO_REACH, server_on_this_host_alone

_Standing = tuple[tuple[Slot, ...], Cluster | None, OpenCluster]
_standing: ContextVar[_Standing | None] = ContextVar("badc_standing_cluster", default=None)


@contextmanager
def standing_cluster(slots: tuple[Slot, ...], cluster: Cluster | None) -> Iterator[None]:
    """Keep a cluster open for every flow run within the block that asks for the same.

    Starting workers costs seconds with GPUs, and jobs may wait in a queue for hours; a night's
    recordings share one start.
    """
    with _open(slots, cluster) as opened:
        token = _standing.set((slots, cluster, opened))
        try:
            yield
        finally:
            _standing.reset(token)


@contextmanager
def cluster_for(slots: tuple[Slot, ...], cluster: Cluster | None) -> Iterator[OpenCluster]:
    """Yield the standing cluster if it is the one asked for, else one for this block alone."""
    standing = _standing.get()
    if standing is not None and standing[:2] == (slots, cluster):
        yield standing[2]
        return
    with _open(slots, cluster) as opened:
        yield opened


def _open(slots: tuple[Slot, ...], cluster: Cluster | None) -> AbstractContextManager[OpenCluster]:
    """Open a cluster; before jobs wait in a queue, say what their workers will surely miss."""
    if isinstance(cluster, SlurmJobs) and (shut_in := server_on_this_host_alone()):
        warn(
            f"Warning: the Prefect server at {shut_in} answers on this host alone;"
            f" workers on others will be refused. {HOW_TO_REACH}"
        )
    return open_cluster(slots, cluster, warn)
