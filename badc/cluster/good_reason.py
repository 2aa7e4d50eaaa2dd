"""Good reasons for a run to wait for its workers."""

from collections.abc import Collection
from typing import Any

from distributed import Client

from badc.time_limit import within

_ANSWER_S = 30.0


def may_wait(client: Client, ours: Collection[str], *, begun: bool) -> bool:
    """Say whether nothing can go on just now, through nobody's fault.

    No worker is there; or, where nothing has begun, the workers have other people's work to do.

    Args:
        client: connected to the cluster.
        ours: the keys of what the run has submitted.
        begun: whether anything of it has begun.
    """
    told: list[Any] = []
    if not within(_ANSWER_S, lambda: told.append(client.processing())):
        return False
    at_work = told[0]
    others = any(key not in ours for keys in at_work.values() for key in keys)
    return not at_work or (others and not begun)
