"""The slots of a run, kept open on their Dask workers."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from distributed import WorkerPlugin, get_worker

from badc.cluster.event_post import EventPost
from badc.cluster.steady_clock import keep_steady_time
from badc.errors import RunStoppedError
from badc.hardware import GpuClaim, GpuSample, GpuSampler, Slot, claim_gpu, find_gpus
from badc.runs import Assignment, ListeningSlot
from badc.telemetry import Event

_LAST_WORDS_S = 3.0

# Runs that begin no further chunk, each with the reason. Kept per process, so that slots which are
# threads of one process hear of a failure at once, without a message to and from the scheduler.
_closed_runs: dict[str, str] = {}
_CHUNK_FAILED = "another chunk failed and the run is ending"
_WORKER_ENDS = "its worker is ending"


class SlotsPlugin(WorkerPlugin):  # type: ignore[misc]
    """Gives each Dask worker the means to hear chunks of one run.

    Registered once per run; workers that join or restart later get it too. Events, and samples of
    the GPUs from one process per host, go out under the topic of the same name as the plugin, over
    Dask, to the one writer in the flow's process.

    Attributes:
        name: the plugin's and the topic's name.
        run_id: the run.
    """

    def __init__(self, run_id: str, assignment: Assignment, slots: tuple[Slot, ...]) -> None:
        self.name = topic_of(run_id)
        self.run_id = run_id
        self._assignment = assignment
        self._slots = {slot.label: slot for slot in slots}

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Get ready on a worker; runners are opened later, by the first chunk."""
        keep_steady_time()
        self._worker = worker
        self._post = EventPost(worker, self.name)
        self._lock = threading.Lock()
        self._idle: list[ListeningSlot] = []
        self._all: list[ListeningSlot] = []
        self._claims: list[GpuClaim] = []
        self._sampler: GpuSampler | None = None
        mine = self._slots.get(str(worker.name))
        if mine is not None and mine.gpu is not None:
            self._sample_gpus()

    def teardown(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Let go of runners when the run or the worker ends."""
        del worker
        self.stop(why_closed(self.run_id) or _WORKER_ENDS)
        while self._claims:
            self._claims.pop().release()

    @contextmanager
    def borrow(self) -> Iterator[ListeningSlot]:
        """Lend a slot to the calling thread; a worker of several threads has one for each."""
        with self._lock:
            slot = self._idle.pop() if self._idle else self._add()
        try:
            yield slot
        finally:
            with self._lock:
                self._idle.append(slot)
            self._post.flush()  # what a task run has to tell is there before its end is

    def stop(self, why: str) -> None:
        """End everything that runs in this worker's slots, and wait until it has said so."""
        if self._sampler is not None:
            self._sampler.stop()
        with self._lock:
            open_slots = list(self._all)
        if open_slots:  # all at once: each has some seconds to end by itself
            with ThreadPoolExecutor(len(open_slots), "badc-stop") as stopping:
                deque(stopping.map(lambda slot: slot.stop(why), open_slots), maxlen=0)
        deadline = time.monotonic() + _LAST_WORDS_S
        while len(self._idle) < len(open_slots) and time.monotonic() < deadline:
            time.sleep(0.01)
        self._post.flush()

    def _add(self) -> ListeningSlot:
        name = str(self._worker.name)
        slot = self._slots.get(name) or self._slot_elsewhere(name)
        if self._all:
            slot = Slot(f"{slot.label}.{len(self._all)}", slot.gpu)
        if slot.gpu is not None:
            self._sample_gpus()
        listening = ListeningSlot(slot, self._assignment, self._report)
        self._all.append(listening)
        return listening

    def _slot_elsewhere(self, name: str) -> Slot:
        """Name the slot of a worker that BADC did not start; it has a GPU of its host, or none."""
        claim = claim_gpu(find_gpus().gpus)
        if claim is not None:
            self._claims.append(claim)
        return Slot(name.replace("/", "_"), None if claim is None else claim.gpu)

    def _sample_gpus(self) -> None:
        """Let this process be the host's sampler, if no other one is."""
        if self._sampler is None:
            self._sampler = GpuSampler(self.run_id, self._report_gpus)
            self._sampler.start()

    def _report_gpus(self, samples: list[GpuSample]) -> None:
        self._worker.log_event(self.name, {"gpus": [each.to_json() for each in samples]})

    def _report(self, event: Event) -> None:
        if event.gives_up and not self._assignment.keep_going:
            refuse_new_chunks(self.run_id, _CHUNK_FAILED)
        self._post.put(event)


def topic_of(run_id: str) -> str:
    """Return the name of a run's plugin and of its events' topic."""
    return f"badc-run-{run_id}"


@contextmanager
def borrow_slot(run_id: str, *, new_chunk: bool) -> Iterator[ListeningSlot]:
    """Lend a slot of the Dask worker that the caller runs on.

    Args:
        run_id: the run, whose :class:`SlotsPlugin` has been registered.
        new_chunk: whether this is a chunk's first attempt.

    Raises:
        RunStoppedError: the run begins no new chunks.
    """
    if new_chunk and (why := why_closed(run_id)):
        raise RunStoppedError(f"Not begun: {why}.")
    try:
        plugin: SlotsPlugin | None = get_worker().plugins.get(topic_of(run_id))
    except ValueError:  # what was to be found as it is done has gone in that moment
        raise RunStoppedError("Not begun: this is no slot.") from None
    if plugin is None:  # another attempt was to be made, and in its pause the run ended
        raise RunStoppedError(f"Not begun: {why_closed(run_id) or 'the run is over'}.")
    with plugin.borrow() as slot:
        yield slot


def why_closed(run_id: str) -> str:
    """Return why this process is to begin no further chunk of a run; empty where it may."""
    return _closed_runs.get(run_id, "")


def refuse_new_chunks(run_id: str, why: str = _CHUNK_FAILED) -> None:
    """Let this process begin no further chunk of a run; those under way go on."""
    _closed_runs.setdefault(run_id, why)


def accept_new_chunks(run_id: str, why: str) -> None:
    """Undo :func:`refuse_new_chunks`, unless there is another reason by now than ``why``."""
    if _closed_runs.get(run_id) == why:
        del _closed_runs[run_id]


async def stop_slots(run_id: str, why: str, dask_worker: Any = None) -> None:  # noqa: ANN401 - dask
    """End what a run has under way on a worker, for the reason ``why``; for ``Client.run``."""
    refuse_new_chunks(run_id, why)
    plugin = dask_worker.plugins.get(topic_of(run_id))
    if plugin is not None:
        await asyncio.to_thread(plugin.stop, why)
