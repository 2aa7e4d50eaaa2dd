"""Windowed submission: a few task runs per slot in flight, however long the manifest is."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from distributed.client import done_callback

from badc.time_limit import within

Item = TypeVar("Item")
_LOOK_S = 1.0
_COUNT_S = 3.0
_ANSWER_S = 2.0  # where Dask does not say, the last count stands
_SILENT_S = 30.0  # until it is asked again


class SlotCount:
    """How many slots a cluster has, as its workers come and go; counted every few seconds."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count
        self._counted_s = -_COUNT_S
        self._slots = 1

    def __call__(self) -> int:
        """Return it; at least one, because a worker may be on its way."""
        now_s = time.monotonic()
        if now_s - self._counted_s >= _COUNT_S:
            answered = within(_ANSWER_S, self._recount)
            self._counted_s = now_s if answered else now_s + _SILENT_S
        return self._slots

    def _recount(self) -> None:
        self._slots = max(1, self._count())


def in_window(
    take: Callable[[], Item | None],
    submit: Callable[[Item], Any],
    slots: Callable[[], int],
    check: Callable[[], None],
) -> Iterator[tuple[Item, Any]]:
    """Submit what is there to be taken, some at a time; yield (item, future) as they end.

    Two per slot are in flight, so that no slot idles between task runs. At first it is one: until
    Dask has seen as many tasks of a kind as that, it binds each to a worker when it is submitted,
    and a chunk may wait behind a slow slot while others are free. Later ones wait for any slot.

    Args:
        take: returns what to submit next, or None when there is nothing now; it is asked again
            whenever something has ended, and what is in flight is awaited in any case.
        submit: starts one and returns its Dask-backed Prefect future.
        slots: says how many run at a time now.
        check: asked while nothing ends; raises where nothing will any more.
    """
    ended: SimpleQueue[tuple[Item, Any]] = SimpleQueue()
    in_flight = submitted = 0
    while True:
        while in_flight < _most(slots(), submitted) and (item := take()) is not None:
            future = submit(item)
            _when_ended(future, partial(ended.put, (item, future)))
            in_flight += 1
            submitted += 1
        if not in_flight:
            return
        try:
            end = ended.get(timeout=_LOOK_S)
        except Empty:
            check()
            continue
        yield end
        in_flight -= 1


def _when_ended(future: Any, then: Callable[[], object]) -> None:  # noqa: ANN401 - Dask's
    """Call ``then`` when a future has ended, in Dask's loop.

    The future's own ``add_done_callback`` would call it in a thread, and waking one costs more than
    all there is to do here.
    """
    ended = future.wrapped_future
    ended.client.loop.add_callback(done_callback, ended, lambda _: then())


def _most(slots: int, submitted: int) -> int:
    """Return how many may be in flight."""
    return slots if submitted <= 2 * slots else 2 * slots
