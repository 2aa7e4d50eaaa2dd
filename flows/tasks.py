"""The chunk tasks: a few statements around :mod:`badc`."""

import time
from typing import Any

from prefect import State, Task, get_run_logger, task
from prefect.client.schemas.objects import TaskRun
from prefect.context import TaskRunContext
from prefect.states import Cancelled, Completed, Failed

from badc.cluster import borrow_slot, why_closed
from badc.errors import BadcError, RunStoppedError, SlotLostError
from badc.runs import Assignment, BatchFailedError, hear_batch
from flows.result_storage import ChunkIdentity, DetectionStorage
from flows.turns import Turn


def worth_retrying(_task: Task[Any, Any], _task_run: TaskRun, state: State[Any]) -> bool:
    """Say whether a failed attempt may go better when made again in the same slot."""
    error = state.data
    return isinstance(error, BadcError) and error.transient and not isinstance(error, SlotLostError)


@task(
    name="hear",
    task_run_name="{turn.name}",
    cache_policy=ChunkIdentity(),
    persist_result=True,
    result_serializer="json",
    cache_result_in_memory=False,
    retry_condition_fn=worth_retrying,
)
def hear(run_id: str, turn: Turn) -> State[Any]:
    """Make one attempt at the one chunk whose turn it is, in the slot of the worker this runs on.

    Its result is the chunk's JSON. Where that is there already, of the same runner and audio,
    Prefect's engine ends the task run as ``Cached`` and this is not called. Else the final state is
    Completed; Cancelled where the run ended before the chunk began; Failed otherwise. Its message
    tells slot, attempt, runtime and detections.
    """
    run, place = TaskRunContext.get(), ""
    count = run.task_run.run_count if run else 1
    attempt = turn.earlier + count
    if count == 1:
        time.sleep(turn.pause_s)
    began_s = time.monotonic()
    try:
        with borrow_slot(run_id, new_chunk=attempt == 1) as slot:
            place = slot.slot.label
            outcome = slot.hear(turn.chunks[0], attempt)
    except RunStoppedError as stopped:
        return Cancelled(message=str(stopped))
    except BadcError as failed:
        told = f"{place}, attempt {attempt}, {time.monotonic() - began_s:.1f} s: {failed}"
        get_run_logger().warning("Failed in %s%s", told, _last_words(failed))
        _tag(run, place, attempt, last=not failed.transient)
        return Failed(message=told, data=failed)
    took = f"attempt {attempt}, {time.monotonic() - began_s:.1f} s"
    heard = f"{outcome.detections} detection{'s' * (outcome.detections != 1)}"
    _tag(run, place, attempt, last=True)
    return Completed(message=f"{place}, {took}, {heard}", data=dict(outcome.record))


@task(  # type: ignore[call-overload, untyped-decorator] # None is no policy at all
    name="already done",
    task_run_name="{count} chunks already done",
    cache_policy=None,
    persist_result=False,
    cache_result_in_memory=False,
)
def already_done(count: int, output_dir: str) -> State[Any]:
    """Tell of many chunks that had been heard before; nobody looks through so many task runs."""
    return Completed(message=f"{count} chunks had been heard before: their JSON is in {output_dir}")


@task(  # type: ignore[call-overload, untyped-decorator] # None is no policy at all
    name="hear several",
    task_run_name="{turn.name}",
    cache_policy=None,  # a batch is no result: its chunks are stored and found each by its own key
    persist_result=False,
    cache_result_in_memory=False,
)
def hear_several(run_id: str, turn: Turn) -> State[Any]:
    """Make a first attempt at each chunk whose turn it is, in the slot of the worker this runs on.

    The final state is Completed where all went well, or what failed has another attempt in a task
    run of its own; Failed where a chunk is given up; Cancelled where none was begun.
    """
    run = TaskRunContext.get()
    try:
        with borrow_slot(run_id, new_chunk=True) as slot:
            outcome = hear_batch(slot, turn.chunks, lambda: bool(why_closed(run_id)))
    except RunStoppedError as stopped:
        return Cancelled(message=str(stopped))
    if not outcome.heard and not outcome.cached and not outcome.failed:
        return Cancelled(message=f"Not begun: {why_closed(run_id) or 'the slot was stopped'}.")
    for chunk, error in outcome.failed:
        get_run_logger().warning(
            "%s failed in %s: %s%s", chunk.key, outcome.slot, error, _last_words(error)
        )
    _tag(run, outcome.slot, 1, last=True)
    if outcome.given_up:
        return Failed(message=str(outcome), data=BatchFailedError(outcome))
    return Completed(message=str(outcome), data=outcome)


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


def hear_under(
    assignment: Assignment, storage: DetectionStorage, earlier: int = 0
) -> Task[Any, Any]:
    """Return the chunk task with a run's cache and retries, less ``earlier`` ones."""
    return hear.with_options(
        cache_policy=ChunkIdentity(assignment=assignment),
        result_storage=storage,
        refresh_cache=assignment.rerun,
        retries=max(0, assignment.max_retries - earlier),
        retry_delay_seconds=assignment.backoffs_s(earlier) or 0,
    )
