"""What a Prefect server still owes when a run has ended: task runs that it has not recorded yet.

Task runs tell of themselves by events, which the server works through at its own pace. It goes on
with that by itself, and so nobody waits for it; but whoever opens its pages at once should know.
"""

from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client

_ENDED = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]
_WORTH_TELLING = 100  # fewer are recorded before somebody has looked


def arrears(flow_run_id: UUID, task_runs: int) -> str | None:
    """Return a line about how far the server is behind, or None where that is not worth one.

    Args:
        flow_run_id: a run that has ended.
        task_runs: how many it had.
    """
    if task_runs < _WORTH_TELLING:
        return None
    wanted: dict[str, Any] = {
        "flow_runs": {"id": {"any_": [str(flow_run_id)]}},
        "task_runs": {"state": {"type": {"any_": _ENDED}}},
    }
    with get_client(sync_client=True) as client:
        recorded = client.request("POST", "/task_runs/count", json=wanted).json()
    behind = task_runs - int(recorded)
    if behind < _WORTH_TELLING:
        return None
    return (
        f"The Prefect server has yet to record {behind} of {task_runs} task runs; it goes on by"
        " itself, and nothing waits for it."
    )
