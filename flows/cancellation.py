"""What people ask of a flow run while it runs, in the Prefect UI or through the API.

Prefect's worker ends the runs that it started itself where somebody cancels them. A run that was
started in a terminal, or by Slurm, has nobody who would tell it, and so each run looks after its
own state (decision 19). Cancelled or suspended, it ends in order, as at SIGTERM; while it is
paused, it begins nothing new.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import ParamSpec, TypeVar, cast

from badc.errors import Terminated
from flows.run_watch import Asked, Watch

P = ParamSpec("P")
R = TypeVar("R")

_watch: ContextVar[Watch | None] = ContextVar("badc_watch", default=None)
_notice: ContextVar[Callable[[Asked], None] | None] = ContextVar("badc_notice", default=None)


@contextmanager
def noticing(notice: Callable[[Asked], None]) -> Iterator[None]:
    """Have ``notice`` told, from a thread, when the flow run of the block is asked to end early."""
    token = _notice.set(notice)
    try:
        yield
    finally:
        _notice.reset(token)


def cancellable(work: Callable[P, R]) -> Callable[P, R]:
    """Return a flow's function so that its run does what is asked of it in Prefect.

    Cancelled, it ends in order and in the state ``Cancelled``, and whoever called the flow gets a
    :class:`RunCancelledError`. So does a run within one that is cancelled. Suspended, it ends in
    order too; Prefect's worker starts it again when it is resumed.
    """

    @wraps(work)
    def watched(*args: P.args, **kwargs: P.kwargs) -> R:
        # Nothing else here: this function travels to the workers with the flow, by value
        return _watched(partial(work, *args, **kwargs))

    return watched


def _watched(work: Callable[[], R]) -> R:
    around = _watch.get()
    watch = Watch(around, _notice.get() if around is None else None)
    token = _watch.set(watch)
    try:
        with watch:
            return _end_as_asked(watch, work)
    finally:
        _watch.reset(token)


def _end_as_asked(watch: Watch, work: Callable[[], R]) -> R:
    try:
        try:
            result = work()
        finally:
            watch.settle()  # before anything else is decided
    except BaseException as error:
        asked = watch.asked_for(error)
        if asked is None:
            raise
    else:
        asked = watch.asked_for(None)
        if asked is None:
            return result
    return cast("R", watch.end(asked))  # Prefect makes it the run's


def hold() -> None:
    """Wait as long as the flow run around the caller is paused; see :meth:`Watch.hold`."""
    watch = _watch.get()
    if watch is not None:
        watch.hold()


def check() -> None:
    """Raise ``Terminated`` where the flow run around the caller is to end."""
    watch = _watch.get()
    if watch is not None and watch.asked is not None:
        raise Terminated


def paused() -> bool:
    """Say whether the flow run around the caller is to begin nothing new for the time being."""
    watch = _watch.get()
    return watch is not None and watch.paused


def so_far(done: Callable[[], str], again: str = "") -> None:
    """Say how to learn how far the flow run around the caller is, and how it could go on."""
    watch = _watch.get()
    if watch is not None:
        watch.done, watch.again = done, again or watch.again


def asked_for(error: BaseException) -> Asked | None:
    """Return who asked for the end that ``error`` brings to the flow run around the caller."""
    watch = _watch.get()
    if watch is None:
        return None
    return watch.asked if isinstance(error, Exception) else watch.asked_for(error)


def why(error: BaseException) -> str:
    """Say why the flow run around the caller ends early with ``error``."""
    asked = asked_for(error)
    if asked is not None:
        return "the run was suspended" if asked.suspended else "the run was cancelled"
    return "the run has failed" if isinstance(error, Exception) else "the run was stopped"
