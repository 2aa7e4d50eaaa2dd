"""A Dask cluster that stays open for several flow runs, one after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from badc.cluster import open_cluster
from badc.hardware import Slot
from flows.console import warn

_Standing = tuple[tuple[Slot, ...], Any]
_standing: ContextVar[_Standing | None] = ContextVar("badc_standing_cluster", default=None)


@contextmanager
def standing_cluster(slots: tuple[Slot, ...]) -> Iterator[None]:
    """Keep a cluster of ``slots`` open for every flow run within the block that asks for the same.

    Starting workers costs seconds with GPUs; a night's recordings share one start.
    """
    with open_cluster(slots, None, warn) as cluster:
        token = _standing.set((slots, cluster))
        try:
            yield
        finally:
            _standing.reset(token)


@contextmanager
def cluster_for(slots: tuple[Slot, ...], scheduler_address: str | None) -> Iterator[Any]:
    """Yield the standing cluster if it has just these slots, else one for this block alone."""
    standing = _standing.get()
    if scheduler_address is None and standing is not None and standing[0] == slots:
        yield standing[1]
        return
    with open_cluster(slots, scheduler_address, warn) as cluster:
        yield cluster
