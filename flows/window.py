"""Windowed submission: a few chunks per slot in flight, however long the manifest is."""

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import Any, TypeVar

Item = TypeVar("Item")


def in_window(
    items: Iterable[Item],
    submit: Callable[[Item], Any],
    size: int,
    go_on: Callable[[], bool],
) -> Iterator[tuple[Item, Any]]:
    """Submit ``items`` in order, at most ``size`` at a time; yield (item, future) as they end.

    Args:
        items: what to submit.
        submit: starts one and returns its Dask-backed Prefect future.
        size: how many may be in flight.
        go_on: asked before each submission; once it says no, what is in flight is still awaited.
    """
    ended: SimpleQueue[tuple[Item, Any]] = SimpleQueue()
    waiting = iter(items)
    in_flight = 0
    while True:
        while in_flight < size and go_on():
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
        yield ended.get()
        in_flight -= 1
