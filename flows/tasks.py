"""The chunk task: a few statements around :mod:`badc`."""

from typing import Any

from prefect import State, Task, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.context import TaskRunContext
from prefect.states import Cancelled, Completed

from badc.cluster import borrow_slot
from badc.errors import AttemptError, BadcError, RunStoppedError, SlotLostError
from badc.manifest import Chunk
from badc.runs import Assignment, ChunkOutcome


def worth_retrying(_task: Task[Any, Any], _task_run: TaskRun, state: State[Any]) -> bool:
    """Say whether a failed attempt may go better when made again in the same slot."""
    error = state.data
    return isinstance(error, BadcError) and error.transient and not isinstance(error, SlotLostError)


@task(
    name="hear",
    task_run_name="{chunk_name}",
    cache_policy=NO_CACHE,  # a chunk's own JSON says whether it has been heard: docs/decisions
    persist_result=False,
    cache_result_in_memory=False,
    retry_condition_fn=worth_retrying,
)
def hear(run_id: str, chunk: Chunk, chunk_name: str, earlier: int) -> ChunkOutcome | State[Any]:
    """Make one attempt at one chunk, in the slot of the worker this runs on.

    The final state is Completed; ``Cached`` where the chunk had been heard before; Cancelled
    where the run ended before the chunk began; Failed otherwise. ``chunk_name`` names the task run;
    ``earlier`` attempts were lost together with their slots.
    """
    del chunk_name
    run = TaskRunContext.get()
    attempt = earlier + (run.task_run.run_count if run else 1)
    try:
        with borrow_slot(run_id, new_chunk=attempt == 1) as slot:
            outcome = slot.hear(chunk, attempt)
    except RunStoppedError as stopped:
        return Cancelled(message=str(stopped))
    except AttemptError as failed:
        if failed.stderr_tail.strip():
            get_run_logger().warning(
                "Standard error of attempt %d:\n%s", attempt, failed.stderr_tail
            )
        raise
    if outcome.cached:
        return Completed(name="Cached", message=f"Already heard: {outcome.output}", data=outcome)
    return outcome


def hear_under(assignment: Assignment, earlier: int = 0) -> Task[Any, Any]:
    """Return the chunk task with a run's retries, less ``earlier`` ones; Prefect owns them."""
    return hear.with_options(
        retries=max(0, assignment.max_retries - earlier),
        retry_delay_seconds=assignment.backoffs_s(earlier) or 0,
    )
