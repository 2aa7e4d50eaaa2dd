"""Windowed submission: a few chunks per slot in flight, however long the manifest is."""

import time
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from distributed import Client

Item = TypeVar("Item")
_LOOK_S = 1.0
_COUNT_S = 3.0


class WorkerCount:
    """How many chunks may be in flight on a cluster, as its workers come and go."""

    def __init__(self, client: Client, per_slot: int) -> None:
        self._client = client
        self._per_slot = per_slot
        self._counted = -_COUNT_S
        self._count = 0

    def __call__(self) -> int:
        """Return it; workers are counted every few seconds."""
        now = time.monotonic()
        if now - self._counted >= _COUNT_S:
            self._count = self._per_slot * sum(self._client.nthreads().values())
            self._counted = now
        return self._count


def in_window(
    items: Iterable[Item],
    submit: Callable[[Item], Any],
    size: Callable[[], int],
    go_on: Callable[[], bool],
    check: Callable[[], None],
) -> Iterator[tuple[Item, Any]]:
    """Submit ``items`` in order, at most ``size`` at a time; yield (item, future) as they end.

    Args:
        items: what to submit.
        submit: starts one and returns its Dask-backed Prefect future.
        size: says how many may be in flight now; workers may come and go.
        go_on: asked before each submission; once it says no, what is in flight is still awaited.
        check: asked while nothing ends; raises where nothing will any more.
    """
    ended: SimpleQueue[tuple[Item, Any]] = SimpleQueue()
    waiting = iter(items)
    in_flight = 0
    while True:
        while in_flight < max(1, size()) and go_on():
            try:
                item = next(waiting)
            except StopIteration:
                break
            future = submit(item)
            future.wrapped_future.add_done_callback(
                lambda _, item=item, future=future: ended.put((item, future))
            )
            in_flight += 1
        if not in_flight:
            return
        try:
            end = ended.get(timeout=_LOOK_S)
        except Empty:
            check()
            continue
        yield end
        in_flight -= 1
