"""Slots as a Dask cluster: the only home of dask and dask_cuda below the flows."""

from badc.cluster.good_reason import may_wait
from badc.cluster.opening import OpenCluster, open_cluster
from badc.cluster.retiring import retire_slot, slots_left
from badc.cluster.slots_plugin import (
    SlotsPlugin,
    accept_new_chunks,
    borrow_slot,
    refuse_new_chunks,
    stop_slots,
    why_closed,
)

__all__ = [
    "OpenCluster",
    "SlotsPlugin",
    "accept_new_chunks",
    "borrow_slot",
    "may_wait",
    "open_cluster",
    "refuse_new_chunks",
    "retire_slot",
    "slots_left",
    "stop_slots",
    "why_closed",
]
