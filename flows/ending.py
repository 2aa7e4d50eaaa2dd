"""What follows from a task run that has ended: what is done, what failed, what has another turn."""

from dataclasses import dataclass, field, replace
from typing import Any

from distributed import KilledWorker
from prefect import State
from prefect_dask.task_runners import PrefectDaskFuture

from badc.detections import detections_from, label_counts
from badc.errors import RunFailedError, SlotLostError
from badc.manifest import Chunk, ChunkKey
from badc.runs import Assignment, BatchFailedError, BatchOutcome, RunRecords, already_heard
from flows.turns import Turn

CACHED = "Cached"
"""What Prefect's engine calls the state of a task run whose result was there."""
_FETCH_S = 120.0  # for what a worker has to say


@dataclass(frozen=True)
class LostSlot:
    """A slot that failed.

    Attributes:
        label: which.
        occasion: tells one failure from another; several chunks may tell of the same.
        why: what it died of.
    """

    label: str
    occasion: str
    why: str


@dataclass
class Ending:
    """What follows from one task run.

    Attributes:
        heard: how many chunks ended well.
        cached: how many had been heard before.
        took_s: how long the slot listened.
        slot: its label.
        failed: chunks that are given up, each with its error.
        again: turns that follow.
        lost: the slot that failed, if one did.
    """

    heard: int = 0
    cached: int = 0
    took_s: float = 0.0
    slot: str = ""
    failed: list[tuple[ChunkKey, Exception]] = field(default_factory=list)
    again: list[Turn] = field(default_factory=list)
    lost: LostSlot | None = None


def ending_of(
    turn: Turn,
    future: PrefectDaskFuture[Any],
    assignment: Assignment,
    records: RunRecords,
) -> Ending:
    """Read the end of the task run that had ``turn``; losses nobody told go on the record."""
    if not turn.is_batch and future.wrapped_future.status == "finished":
        good = records.good_end(turn.chunks[0].key)
        if good is not None:  # known here, whereas the state lies with the worker
            return Ending(int(not good.cached), int(good.cached), good.took_s, good.slot)
    turn = replace(turn, task_run_id=future.task_run_id)
    try:
        state: State[Any] = future.wrapped_future.result(timeout=_FETCH_S)
    except KilledWorker as error:
        return _worker_lost(turn, error, assignment, records)
    except Exception as error:  # noqa: BLE001 - whatever else Dask raises
        return _broken(turn, error, records)
    if state.is_cancelled():  # its worker is ending
        return Ending(again=[turn])
    said = state.result(raise_on_failure=False)
    if isinstance(said, dict):
        return _heard(turn.chunks[0], state, said, assignment, records)
    return _as_it_says(turn, said, assignment, records)


def _heard(
    chunk: Chunk,
    state: State[Any],
    record: dict[str, Any],
    assignment: Assignment,
    records: RunRecords,
) -> Ending:
    """Read the end of a chunk whose JSON is there; of one that Prefect found, nobody has told."""
    if state.name != CACHED:
        return Ending(heard=1, slot=str(record.get("provenance", {}).get("worker", "")))
    found = detections_from(record)
    details = already_heard(assignment.place(chunk), len(found), label_counts(found))
    records.note(chunk, "skipped", "cache", **details)
    return Ending(cached=1)


def _as_it_says(turn: Turn, said: object, assignment: Assignment, records: RunRecords) -> Ending:
    """Read what the task run itself says of its end: an outcome or an error."""
    if isinstance(said, BatchFailedError):
        said = said.outcome
    if isinstance(said, BatchOutcome):
        return _batch(said, assignment)
    if isinstance(said, SlotLostError):
        return _slot_lost(turn, said, assignment)
    error = said if isinstance(said, Exception) else RunFailedError(f"{turn.name}: {said}")
    return _broken(turn, error, records) if turn.is_batch else _given_up(turn.chunks[0], error)


def _given_up(chunk: Chunk, error: Exception) -> Ending:
    return Ending(failed=[(chunk.key, error)])


def _broken(turn: Turn, error: Exception, records: RunRecords) -> Ending:
    """Fail whatever the task run had not done when it ended in a way that no slot foresees."""
    undone = _undone(turn, records)
    for chunk in undone:
        attempt = records.open_attempt(chunk.key) or turn.earlier + 1
        records.note(chunk, "failure", "lost", error=str(error), attempt=attempt)
    failed = [(chunk.key, error) for chunk in undone]
    return Ending(heard=len(turn.chunks) - len(undone), failed=failed)


def _batch(outcome: BatchOutcome, assignment: Assignment) -> Ending:
    """Let what failed go on in task runs of its own, where it may, and the rest begin anew."""
    ending = Ending(outcome.heard, outcome.cached, outcome.took_s, outcome.slot)
    for chunk, error in outcome.failed:
        pause_s = assignment.pause_after_s(error, 1)
        if isinstance(error, SlotLostError):
            lost = _slot_lost(Turn((chunk,)), error, assignment)
            ending.failed += lost.failed
            ending.again += lost.again
            ending.lost = lost.lost
        elif pause_s is not None:
            ending.again.append(Turn((chunk,), earlier=1, pause_s=pause_s))
        else:
            ending.failed.append((chunk.key, error))
    ending.again += [Turn((chunk,)) for chunk in outcome.not_begun]
    return ending


def _slot_lost(turn: Turn, error: SlotLostError, assignment: Assignment) -> Ending:
    """Let one chunk be tried elsewhere, where it has an attempt left."""
    chunk = turn.chunks[0]
    if assignment.backoff_s(error.attempt) is None:
        ending = _given_up(chunk, error)
    else:
        ending = Ending(again=[replace(turn, earlier=error.attempt)])
    ending.lost = LostSlot(error.slot, f"{chunk.key} {error.attempt}", error.message)
    return ending


def _worker_lost(
    turn: Turn, error: KilledWorker, assignment: Assignment, records: RunRecords
) -> Ending:
    """Put the lost attempt on the record; a chunk that only waited there has lost none."""
    label = str(error.last_worker.name)
    why = f"the worker process of {label} was lost"
    undone = _undone(turn, records)
    ending = Ending(
        heard=len(turn.chunks) - len(undone),
        slot=label,
        lost=LostSlot(label, str(error.last_worker.address), why),
    )
    begun = [chunk for chunk in undone if records.open_attempt(chunk.key)]
    rest = []
    for chunk in undone:
        failed = records.failure(chunk.key)
        if begun and chunk is begun[-1]:
            _attempt_lost(turn, chunk, why, assignment, records, ending)
        elif chunk in begun:  # heard before that one, and not yet written
            records.interrupt(chunk.key, f"Worker lost: {why}")
            rest.append(chunk)
        elif failed is None:
            rest.append(chunk)
        elif failed.gives_up:
            ending.failed.append((chunk.key, RunFailedError(str(failed.details.get("error")))))
        else:
            pause_s = assignment.backoff_s(failed.attempt or 1) or 0.0
            ending.again.append(_alone(turn, chunk, failed.attempt or 1, pause_s))
    if rest:
        ending.again.append(replace(turn, chunks=tuple(rest)))
    return ending


def _attempt_lost(
    turn: Turn,
    chunk: Chunk,
    why: str,
    assignment: Assignment,
    records: RunRecords,
    ending: Ending,
) -> None:
    attempt = records.open_attempt(chunk.key) or 1
    backoff_s = assignment.backoff_s(attempt)
    records.lose(chunk.key, f"Worker lost: {why}", None if backoff_s is None else 0.0)
    if backoff_s is None:
        ending.failed.append((chunk.key, RunFailedError(f"{why}.")))
    else:
        ending.again.append(_alone(turn, chunk, attempt))


def _alone(turn: Turn, chunk: Chunk, earlier: int, pause_s: float = 0.0) -> Turn:
    """Return the next turn of one chunk; it keeps a task run that it had to itself."""
    task_run_id = None if turn.is_batch else turn.task_run_id
    return Turn((chunk,), earlier, pause_s, task_run_id)


def _undone(turn: Turn, records: RunRecords) -> list[Chunk]:
    """Return the chunks that are still to be heard.

    A chunk that has a task run to itself is, in any case: that task run has to end well.
    """
    if not turn.is_batch:
        return list(turn.chunks)
    return [chunk for chunk in turn.chunks if records.good_end(chunk.key) is None]
