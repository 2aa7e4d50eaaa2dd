"""Every outstanding chunk of a run: submitted, counted, submitted again where a slot is lost."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from distributed import KilledWorker
from prefect import State, Task
from prefect.events import emit_event
from prefect_dask import DaskTaskRunner

from badc.cluster import OpenCluster, retire_slot, slots_left
from badc.errors import RunFailedError, SlotLostError
from badc.manifest import Chunk, ChunkKey
from badc.runs import InferPlan, RunRecords, SlotHealth
from flows.console import warn
from flows.task_runner import SlotTaskRunner
from flows.tasks import hear_under
from flows.window import SlotCount, in_window

_NO_SLOT_HINT = "Mend that ('badc gpus' may say more), then run again: what is done is kept."


@dataclass
class RunCount:
    """How a run's chunks ended.

    Attributes:
        heard: listened to in this run.
        cached: found already heard when their turn came.
        kept: skipped by ``--resume-summary``.
        not_begun: left over because the run ended early.
        failed: given up, in the order they failed.
    """

    heard: int = 0
    cached: int = 0
    kept: int = 0
    not_begun: int = 0
    failed: list[tuple[ChunkKey, Exception]] = field(default_factory=list)


@dataclass(frozen=True)
class Turn:
    """One chunk's turn in a slot.

    Attributes:
        chunk: what is to be heard.
        earlier: how many attempts were lost together with their slots.
        task_run_id: the chunk's Prefect task run, where it has one already.
    """

    chunk: Chunk
    earlier: int = 0
    task_run_id: UUID | None = None


@dataclass
class Hearing:
    """One run's chunks on their way through the slots."""

    run_id: str
    plan: InferPlan
    records: RunRecords
    cluster: OpenCluster
    runner: DaskTaskRunner
    count: RunCount
    _waiting: deque[Turn] = field(default_factory=deque, init=False)
    _health: SlotHealth = field(default_factory=SlotHealth, init=False)
    _tasks: dict[int, Task[Any, Any]] = field(default_factory=dict, init=False)

    def run(self) -> None:
        """Hear all outstanding chunks, or those up to the first failure.

        Raises:
            RunFailedError: no slot is left.
        """
        outstanding = self.plan.outstanding
        if not self._slots() and not self.cluster.elsewhere:
            raise RunFailedError("No slot is left: earlier runs gave all up.", _NO_SLOT_HINT)
        slots = SlotCount(self._slots)
        self._waiting.extend(Turn(chunk) for chunk in outstanding)
        window = in_window(self._waiting, self._submit, slots, self._go_on, self.cluster.check)
        try:
            for turn, future in window:
                self._count_in(turn, future)
        finally:
            count = self.count
            done = count.heard + count.cached + len(count.failed)
            count.not_begun = len(outstanding) - done

    def _slots(self) -> int:
        return slots_left(self.cluster, self.runner.client)

    def _go_on(self) -> bool:
        return self.plan.assignment.keep_going or not self.count.failed

    def _submit(self, turn: Turn) -> Any:  # noqa: ANN401 - a Prefect future
        if turn.earlier not in self._tasks:
            self._tasks[turn.earlier] = hear_under(self.plan.assignment, turn.earlier)
        task = self._tasks[turn.earlier]
        parameters = {
            "run_id": self.run_id,
            "chunk": turn.chunk,
            "chunk_name": str(turn.chunk.key),
            "earlier": turn.earlier,
        }
        if turn.task_run_id is not None and isinstance(self.runner, SlotTaskRunner):
            return self.runner.submit_again(task, parameters, turn.task_run_id)
        return self.runner.submit(task, parameters)

    def _count_in(self, turn: Turn, future: Any) -> None:  # noqa: ANN401 - a Prefect future
        """Add one finished task run to the count."""
        key = turn.chunk.key
        try:
            state: State[Any] = future.wrapped_future.result()
        except KilledWorker as error:
            self._worker_lost(turn, future, error)
            return
        except Exception as error:  # noqa: BLE001 - whatever else Dask raises
            self.records.note(turn.chunk, "failure", "lost", error=str(error), attempt=1)
            self.count.failed.append((key, error))
            return
        if state.is_cancelled():
            if self._go_on():  # its worker is ending, not the run
                self._again(turn, future, turn.earlier)
            return
        if not state.is_completed():
            self._failed(turn, future, state.result(raise_on_failure=False))
        elif state.name == "Cached":
            self.count.cached += 1
        else:
            self.count.heard += 1
            self._health.heard(state.result().slot)

    def _failed(self, turn: Turn, future: Any, error: Exception) -> None:  # noqa: ANN401
        if not isinstance(error, SlotLostError):
            self.count.failed.append((turn.chunk.key, error))
            return
        if self.plan.assignment.backoff_s(error.attempt) is None:
            self.count.failed.append((turn.chunk.key, error))
        else:
            self._again(turn, future, error.attempt)
        occasion = f"{turn.chunk.key} {error.attempt}"
        self._slot_lost(error.slot, occasion, error.message)

    def _worker_lost(self, turn: Turn, future: Any, error: KilledWorker) -> None:  # noqa: ANN401
        """Put the lost attempt on the record; a chunk that only waited there has lost none."""
        label = str(error.last_worker.name)
        why = f"the worker process of {label} was lost"
        attempt = self.records.open_attempt(turn.chunk.key)
        backoff_s = self.plan.assignment.backoff_s(attempt) if attempt else 0.0
        if attempt:
            pause_s = None if backoff_s is None else 0.0
            self.records.lose(turn.chunk.key, f"Worker lost: {why}", pause_s)
        if backoff_s is None:
            self.count.failed.append((turn.chunk.key, RunFailedError(f"{why}.")))
        else:
            self._again(turn, future, attempt or turn.earlier)
        self._slot_lost(label, error.last_worker.address, why)

    def _again(self, turn: Turn, future: Any, earlier: int) -> None:  # noqa: ANN401
        self._waiting.appendleft(Turn(turn.chunk, earlier, future.task_run_id))

    def _slot_lost(self, label: str, occasion: str, why: str) -> None:
        """Retire a slot that was lost twice without hearing a chunk in between.

        Workers that are not ours to close stay: their chunks have a limited number of attempts.
        """
        if self.cluster.elsewhere or not self._health.lost(label, occasion):
            return
        warn(f"Warning: slot {label} is given up, it failed twice in a row: {why}")
        self.records.retired(label, why)
        emit_event(
            event="badc.slot.retired",
            resource={"prefect.resource.id": f"badc.slot.{label}", "badc.reason": why},
        )
        retire_slot(self.cluster, self.runner.client, label)
        if not self._slots():
            raise RunFailedError(
                f"No slot is left: all failed twice in a row, at last {label}: {why}",
                _NO_SLOT_HINT,
            )
