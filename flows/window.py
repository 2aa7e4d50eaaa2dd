"""Windowed submission: a few chunks per slot in flight, however long the manifest is."""

from collections import deque
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any, TypeVar

Item = TypeVar("Item")


def in_window(
    waiting: deque[Item],
    submit: Callable[[Item], Any],
    slots: int,
    go_on: Callable[[], bool],
) -> Iterator[tuple[Item, Any]]:
    """Submit what is waiting, some at a time; yield (item, future) as they end.

    Two per slot are in flight, so that no slot idles between chunks. At first it is one: until
    Dask has seen as many tasks of a kind as that, it binds each to a worker when it is submitted,
    and a chunk may wait behind a slow slot while others are free. Later ones wait for any slot.

    Args:
        waiting: what to submit, in order; while this goes on, items may be put back.
        submit: starts one and returns its Dask-backed Prefect future.
        slots: how many run at a time.
        go_on: asked before each submission; once it says no, what is in flight is still awaited.
    """
    ended: SimpleQueue[tuple[Item, Any]] = SimpleQueue()
    in_flight = submitted = 0
    while True:
        while waiting and in_flight < _most(slots, submitted) and go_on():
            item = waiting.popleft()
            future = submit(item)
            future.wrapped_future.add_done_callback(
                lambda _, item=item, future=future: ended.put((item, future))
            )
            in_flight += 1
            submitted += 1
        if not in_flight:
            return
        yield ended.get()
        in_flight -= 1


def _most(slots: int, submitted: int) -> int:
    """Return how many may be in flight."""
    return slots if submitted <= 2 * slots else 2 * slots
