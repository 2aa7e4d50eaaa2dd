"""Every outstanding chunk of a run: submitted, counted, submitted again where a slot is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from prefect import Task
from prefect.events import emit_event
from prefect_dask import DaskTaskRunner

from badc.cluster import (
    OpenCluster,
    accept_new_chunks,
    may_wait,
    refuse_new_chunks,
    retire_slot,
    slots_left,
)
from badc.errors import RunFailedError, RunStalledError
from badc.manifest import Chunk, ChunkKey
from badc.results import Done
from badc.runs import BatchSize, InferPlan, RunRecords, SlotHealth, already_heard
from badc.runs.stall_watch import PROCESSES_GRACE_S, THREADS_GRACE_S, StallWatch
from badc.time_limit import within
from flows.cancellation import check, hold, paused
from flows.console import warn
from flows.ending import CACHED, Ending, LostSlot, ending_of
from flows.result_storage import DetectionStorage
from flows.task_runner import SlotTaskRunner
from flows.tasks import already_done, hear_several, hear_under
from flows.turns import Turn, Turns
from flows.window import SlotCount, in_window

_MOST_SHOWN = 100  # task runs of chunks that were done before
_ANSWER_S = 60.0  # for what is asked of Dask: a scheduler that is stuck holds nobody up
_NO_SLOT_HINT = "Mend that ('badc gpus' may say more), then run again: what is done is kept."

_PAUSED = "the run is paused"


@dataclass
class RunCount:
    """How a run's chunks ended.

    Attributes:
        heard: listened to in this run.
        cached: found already heard.
        not_begun: left over because the run ended early.
        failed: given up, in the order they failed.
        task_runs: how many there were.
    """

    heard: int = 0
    cached: int = 0
    not_begun: int = 0
    failed: list[tuple[ChunkKey, Exception]] = field(default_factory=list)
    task_runs: int = 0


@dataclass
class Hearing:
    """One run's chunks on their way through the slots."""

    run_id: str
    plan: InferPlan
    records: RunRecords
    cluster: OpenCluster
    runner: DaskTaskRunner
    count: RunCount
    storage: DetectionStorage
    _size: BatchSize = field(init=False)
    _turns: Turns = field(init=False)
    _health: SlotHealth = field(default_factory=SlotHealth, init=False)
    _watch: StallWatch = field(init=False)
    _submitted: set[str] = field(default_factory=set, init=False)  # keys of what has not ended
    _held: bool = field(default=False, init=False)
    _tasks: dict[int, Task[Any, Any]] = field(default_factory=dict, init=False)

    def run(self) -> None:
        """Hear all outstanding chunks, or those up to the first failure.

        Raises:
            RunFailedError: no slot is left.
            RunStalledError: nothing is heard of what is under way.
        """
        outstanding = self._answer_what_is_done()
        if outstanding and not self._slots() and not self.cluster.elsewhere:
            raise RunFailedError("No slot is left: earlier runs gave all up.", _NO_SLOT_HINT)
        slots = SlotCount(self._slots)
        here = self.runner.client.scheduler.address.startswith("inproc")
        grace_s = THREADS_GRACE_S if here else PROCESSES_GRACE_S
        self._watch = StallWatch(self.plan.assignment.longest_s, grace_s)
        self.records.followers.append(self._watch.take)
        self._size = BatchSize(self.plan.chunks_per_task)
        self._turns = Turns(outstanding, self._size)
        try:
            self._hear_until_held(slots)
            while self._turns.waiting and self._wanted():
                hold()
                self._hear_until_held(slots)
        finally:
            count = self.count
            done = count.heard + count.cached + len(count.failed)
            count.not_begun = len(self.plan.chunks) - done

    def _hear_until_held(self, slots: SlotCount) -> None:
        """Hear what there is, unless the run is paused: then only what is under way."""
        window = in_window(lambda: self._take(slots()), self._submit, slots, self._check)
        for turn, future in window:
            self._watch.ended(turn.chunks)
            self._submitted.discard(future.wrapped_future.key)
            self._count_in(ending_of(turn, future, self.plan.assignment, self.records))
            check()

    def _is_held(self) -> bool:
        """Say whether the run is paused; what waits at the workers is told as well."""
        if paused() != self._held:
            self._held = not self._held
            tell = refuse_new_chunks if self._held else accept_new_chunks
            self.runner.client.run(tell, self.run_id, _PAUSED, on_error="ignore")
        return self._held

    def _slots(self) -> int:
        return slots_left(self.cluster, self.runner.client)

    def _wanted(self) -> bool:
        return self.plan.assignment.keep_going or not self.count.failed

    def _take(self, slots: int) -> Turn | None:
        return self._turns.take(slots) if self._wanted() and not self._is_held() else None

    def _answer_what_is_done(self) -> list[Chunk]:
        """Count the chunks that have been heard before, which needs no slot; return the others.

        Prefect's engine says so itself, one by one, unless they are so many that nobody would look
        through their task runs.
        """
        chunks, done = self.plan.chunks, self.plan.done
        known = [chunk for chunk in chunks if chunk.key in done]
        gone = self._shown_as_cached(known)
        for chunk in known:
            if chunk not in gone:
                self._note_done(chunk, done[chunk.key])
        self.count.cached = len(known) - len(gone)
        return [chunk for chunk in chunks if chunk.key not in done or chunk in gone]

    def _shown_as_cached(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        """Make task runs for chunks that are done; return those whose JSON went in that moment."""
        if len(chunks) > _MOST_SHOWN:
            already_done(len(chunks), str(self.plan.output_dir), return_state=True)
            self.count.task_runs += 1
            return []
        gone: list[Chunk] = []
        for turn in [Turn((chunk,)) for chunk in chunks]:
            state: Any = self._task(turn)(self.run_id, turn, return_state=True)
            if state.name != CACHED:
                gone += turn.chunks
        self.count.task_runs += len(chunks)
        return gone

    def _note_done(self, chunk: Chunk, done: Done) -> None:
        place = self.plan.assignment.place(chunk)
        told = already_heard(place, done.detections, done.labels)
        self.records.note(chunk, "skipped", "cache", **told)

    def _check(self) -> None:
        """Raise where nothing will end any more, nothing is heard of what should, or it is over."""
        self.cluster.check()
        check()
        self._is_held()
        stall = self._watch.look()
        if stall is None:
            return
        if may_wait(self.runner.client, self._submitted, begun=stall.begun):
            self._watch.progress()
            return
        raise RunStalledError(str(stall), f"What is done is kept; {self.plan.how_to_go_on}.")

    def _submit(self, turn: Turn) -> Any:  # noqa: ANN401 - a Prefect future
        self._watch.submitted(turn.chunks, turn.pause_s)
        future = self._begin(turn)
        self._submitted.add(future.wrapped_future.key)
        return future

    def _begin(self, turn: Turn) -> Any:  # noqa: ANN401 - a Prefect future
        parameters = {"run_id": self.run_id, "turn": turn}
        if turn.task_run_id is not None and isinstance(self.runner, SlotTaskRunner):
            return self.runner.submit_again(self._task(turn), parameters, turn.task_run_id)
        self.count.task_runs += 1
        return self.runner.submit(self._task(turn), parameters)

    def _task(self, turn: Turn) -> Task[Any, Any]:
        if turn.is_batch:
            several: Task[Any, Any] = hear_several
            return several
        if turn.earlier not in self._tasks:
            self._tasks[turn.earlier] = hear_under(self.plan.assignment, self.storage, turn.earlier)
        return self._tasks[turn.earlier]

    def _count_in(self, ending: Ending) -> None:
        """Draw the consequences of one finished task run."""
        if ending.failed and self._wanted() and not self.plan.assignment.keep_going:
            # workers that are other processes have batches under way, and some that wait there
            refuse = partial(self.runner.client.run, refuse_new_chunks, self.run_id)
            within(_ANSWER_S, partial(refuse, on_error="ignore"))
        self.count.heard += ending.heard
        self.count.cached += ending.cached
        for key, error in ending.failed:
            # the first is told with its cause; of the others an error would hold on to every frame
            # that it came through, and to what the runner wrote
            told = RunFailedError(str(error)) if self.count.failed else error
            self.count.failed.append((key, told))
        if ending.took_s:
            self._size.heard(ending.heard, ending.took_s)
        if ending.heard:
            self._health.heard(ending.slot)
        self._turns.put_back(ending.again)
        if ending.lost is not None:
            self._slot_lost(ending.lost)

    def _slot_lost(self, lost: LostSlot) -> None:
        """Retire a slot that was lost twice without hearing a chunk in between.

        Workers that are not ours to close stay: their chunks have a limited number of attempts.
        """
        label, why = lost.label, lost.why
        if self.cluster.elsewhere or not self._health.lost(label, lost.occasion):
            return
        warn(f"Warning: slot {label} is given up, it failed twice in a row: {why}")
        self.records.retired(label, why)
        emit_event(
            event="badc.slot.retired",
            resource={"prefect.resource.id": f"badc.slot.{label}", "badc.reason": why},
        )
        within(_ANSWER_S, lambda: retire_slot(self.cluster, self.runner.client, label))
        if not self._slots():
            raise RunFailedError(
                f"No slot is left: all failed twice in a row, at last {label}: {why}",
                _NO_SLOT_HINT,
            )
