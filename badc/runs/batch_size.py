"""How many chunks a task run carries, so that task runs cost little beside listening."""

from math import ceil

from badc.requests import ChunksPerTask

# What one task run costs, flow's process and server together (docs/performance.md), and the part
# of a run that it may be.
_TASK_RUN_S = 0.025
_SHARE = 0.02
_LEAST_S = _TASK_RUN_S / _SHARE
_GROWTH = 8
_MOST = 1000  # what a killed worker may make others look at again
_FORGET = 0.5  # the part of what is known that the newest task run makes up


class BatchSize:
    """Says it for one run.

    With ``auto`` the first task runs carry one chunk each; after that as many as are needed for a
    task run to listen for over a second. A size grows step by step, as the first chunks may not be
    like the others, and it shrinks towards the end, so that all slots end together.
    """

    def __init__(self, asked: ChunksPerTask) -> None:
        self._asked = asked
        self._chunk_s: float | None = None
        self._largest = 1

    def heard(self, chunks: int, took_s: float) -> None:
        """Take in that one task run heard so many chunks in ``took_s`` seconds."""
        if chunks:
            each_s = took_s / chunks
            known_s = each_s if self._chunk_s is None else self._chunk_s
            self._chunk_s = known_s + _FORGET * (each_s - known_s)
            self._largest = min(_MOST, max(self._largest, _GROWTH * chunks))

    def next(self, waiting: int, slots: int) -> int:
        """Return how many of ``waiting`` chunks the next task run carries, at least one."""
        if self._asked != "auto":
            return self._asked
        if self._chunk_s is None:
            return 1
        wanted = min(self._largest, ceil(_LEAST_S / max(self._chunk_s, _LEAST_S / _MOST)))
        fair_share = ceil(waiting / (2 * max(1, slots)))
        return max(1, min(wanted, max(fair_share, wanted // _GROWTH)))
