"""The chunk task: a few statements around :mod:`badc`."""

import time
from typing import Any

from prefect import State, Task, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.context import TaskRunContext
from prefect.states import Cancelled, Completed, Failed

from badc.cluster import borrow_slot
from badc.errors import BadcError, RunStoppedError, SlotLostError
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
    where the run ended before the chunk began; Failed otherwise. Its message tells slot, attempt,
    runtime and detections. ``chunk_name`` names the task run; ``earlier`` attempts were lost
    together with their slots.
    """
    del chunk_name
    run, began_s, place = TaskRunContext.get(), time.monotonic(), ""
    attempt = earlier + (run.task_run.run_count if run else 1)
    try:
        with borrow_slot(run_id, new_chunk=attempt == 1) as slot:
            place = slot.slot.label
            outcome = slot.hear(chunk, attempt)
    except RunStoppedError as stopped:
        return Cancelled(message=str(stopped))
    except BadcError as failed:
        told = f"{place}, attempt {attempt}, {time.monotonic() - began_s:.1f} s: {failed}"
        get_run_logger().warning("Failed in %s%s", told, _last_words(failed))
        _tag(run, place, attempt, last=not failed.transient)
        return Failed(message=told, data=failed)
    if outcome.cached:
        return Completed(name="Cached", message=f"Already heard: {outcome.output}", data=outcome)
    took = f"attempt {attempt}, {time.monotonic() - began_s:.1f} s"
    heard = f"{outcome.detections} detection{'s' * (outcome.detections != 1)}"
    _tag(run, place, attempt, last=True)
    return Completed(message=f"{place}, {took}, {heard}", data=outcome)


def _tag(run: TaskRunContext | None, place: str, attempt: int, *, last: bool) -> None:
    """Let the UI's list of task runs show slot and attempt, and filter by them.

    The tags travel with the final state and cost nothing. Where another attempt follows there are
    none: Prefect would ask the server for a concurrency slot for each tag when that begins.
    """
    if run and (last or run.task_run.run_count > run.task.retries):
        run.task_run.tags = [place, f"attempt {attempt}"]


def _last_words(failed: BadcError) -> str:
    tail = getattr(failed, "stderr_tail", "").strip()
    return f"\nThe runner's last words on standard error:\n{tail}" if tail else ""


def hear_under(assignment: Assignment, earlier: int = 0) -> Task[Any, Any]:
    """Return the chunk task with a run's retries, less ``earlier`` ones; Prefect owns them."""
    return hear.with_options(
        retries=max(0, assignment.max_retries - earlier),
        retry_delay_seconds=assignment.backoffs_s(earlier) or 0,
    )
