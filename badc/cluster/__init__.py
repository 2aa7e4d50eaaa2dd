"""Slots as a Dask cluster: the only home of dask and dask_cuda below the flows."""

from badc.cluster.good_reason import may_wait
from badc.cluster.opening import OpenCluster, open_cluster
from badc.cluster.retiring import retire_slot, slots_left
from badc.cluster.slots_plugin import (
    SlotsPlugin,
    borrow_slot,
    is_closed,
    refuse_new_chunks,
    stop_slots,
)

__all__ = [
    "OpenCluster",
    "SlotsPlugin",
    "borrow_slot",
    "is_closed",
    "may_wait",
    "open_cluster",
    "refuse_new_chunks",
    "retire_slot",
    "slots_left",
    "stop_slots",
]
