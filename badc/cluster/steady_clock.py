"""Dask under a clock that nobody can set: here BADC reaches into private parts of Dask.

Dask and Tornado reckon deadlines by the wall clock. Where that is set back (a machine whose clock
had run ahead learns the time), what was due a moment later is due when the old time comes again: a
step of an hour, and a message, a heartbeat or a reconnection waits for an hour. Under the steady
clock each process takes the time from the wall once and goes on with the monotonic clock.

``tests/unit/cluster/test_steady_clock.py`` notices where a new version of either reads the wall.
"""

import sys
import time

from tornado.ioloop import IOLoop

_BEGAN_S = time.time() - time.monotonic()


def steady_time() -> float:
    """Return seconds since 1970, by the wall clock of when this process began to count."""
    return _BEGAN_S + time.monotonic()


def keep_steady_time() -> None:
    """Let Dask and Tornado in this process go by :func:`steady_time` from now on.

    Each of Dask's modules holds its clock by name; one that is imported later takes it from
    ``distributed.metrics``. To be called before a cluster is opened, and on each worker.
    """
    # other threads may be importing just now, and only a dictionary's own copy is made at once:
    # while a list of its items is, Python may collect garbage and let others go on
    for module in [each for name, each in sys.modules.copy().items() if _is_dasks(name)]:
        for name, value in vars(module).copy().items():
            if value is time.time:
                setattr(module, name, steady_time)
    IOLoop.time = _loop_time  # type: ignore[method-assign]


def _loop_time(self: IOLoop) -> float:
    del self
    return steady_time()


def _is_dasks(name: str) -> bool:
    return name.partition(".")[0] == "distributed"
