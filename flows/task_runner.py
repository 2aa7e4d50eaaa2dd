"""A Dask task runner whose cost per task run is that of Prefect's engine, and little more.

prefect-dask serialises the whole flow-run context for every task run, and every worker rebuilds
it, opens an API client for it and closes that again. Here the context travels once per run, as a
worker plugin (so that a worker that joins or restarts later has it too); each worker thread
rebuilds it once and keeps its client open until the run ends.
"""

import contextvars
import logging
import pickle
import threading
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import cloudpickle
from distributed import Client, WorkerPlugin, get_worker
from prefect import Task
from prefect.context import (
    FlowRunContext,
    SyncClientContext,
    hydrated_context,
    serialize_context,
)
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.task_engine import run_task_sync
from prefect.utilities.annotations import quote
from prefect_dask import DaskTaskRunner
from prefect_dask.task_runners import PrefectDaskFuture

from badc.time_limit import within
from flows.reach import flow_server

_END_S = 30.0


class _Standing:
    """One worker thread's hydrated context, entered once and kept for many task runs."""

    def __init__(self, context: dict[str, Any]) -> None:
        self._space = contextvars.copy_context()
        self._stack = ExitStack()
        self._busy = threading.Lock()
        self._ending = False
        self._space.run(self._enter, context)

    def _enter(self, context: dict[str, Any]) -> None:
        self._stack.enter_context(hydrated_context(context))
        self._stack.enter_context(SyncClientContext.get_or_create())

    def run(self, **task_run: Any) -> Any:  # noqa: ANN401 - Prefect's
        with self._busy:
            state = self._space.run(partial(run_task_sync, return_type="state", **task_run))
            self._space.run(_forget_results)
            if self._ending:
                self._space.run(self._stack.close)
            return state

    def end(self) -> None:
        """Close the API client, now or when the task run that uses it has ended."""
        self._ending = True
        if self._busy.acquire(blocking=False):
            try:
                self._space.run(self._stack.close)
            finally:
                self._busy.release()


def _forget_results() -> None:
    """Drop what the flow run's context keeps of every task run; none builds on another's."""
    context = FlowRunContext.get()
    if context is not None:
        context.run_results.clear()
        context.task_run_assets.clear()


class SharedRun(WorkerPlugin):  # type: ignore[misc]
    """One flow run's task and context, on every worker.

    Attributes:
        name: the plugin's name; unique per runner and task.
    """

    def __init__(self, name: str, task: Task[Any, Any], server: str | None) -> None:
        self.name = name
        with temporary_settings({PREFECT_API_URL: server} if server else {}):
            context = serialize_context()
        # Tags would make the engine ask the server for a concurrency slot, per tag and task run.
        context["tags_context"] = {}
        self._payload = cloudpickle.dumps((task, context))

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Unpack once per worker."""
        del worker
        logging.raiseExceptions = False  # a terminal need not see what a lost server was not told
        self._task, self._context = pickle.loads(self._payload)  # noqa: S301 - our own, by Dask
        self._threads = threading.local()
        self._lock = threading.Lock()
        self._standing: list[_Standing] = []

    def teardown(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Close every thread's API client."""
        del worker
        with self._lock:
            standing, self._standing = self._standing, []
        for each in standing:
            each.end()

    def run(self, task_run_id: Any, parameters: dict[str, Any], dependencies: Any) -> Any:  # noqa: ANN401 - Prefect's
        """Run one task run in this thread's standing context; return its final state.

        Parameters are plain values, never futures, so the engine need not search them for any.
        """
        return self._here().run(
            task=self._task,
            task_run_id=task_run_id,
            parameters={name: quote(value) for name, value in parameters.items()},
            dependencies=dependencies,
        )

    def _here(self) -> _Standing:
        here: _Standing | None = getattr(self._threads, "here", None)
        if here is None:
            here = self._threads.here = _Standing(self._context)
            with self._lock:
                self._standing.append(here)
        return here


def run_shared(name: str, task_run_id: Any, parameters: Any, dependencies: Any) -> Any:  # noqa: ANN401 - Prefect's
    """Run one task run on the worker that this is called on."""
    return get_worker().plugins[name].run(task_run_id, parameters, dependencies)


class SlotTaskRunner(DaskTaskRunner):  # type: ignore[misc]
    """Submits Prefect task runs to Dask, sharing one run's context with the workers once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - DaskTaskRunner's
        super().__init__(*args, **kwargs)
        self._shared: dict[int, tuple[Task[Any, Any], SharedRun]] = {}
        self._numbers = count()

    def submit(
        self,
        task: Task[Any, Any],
        parameters: dict[str, Any],
        wait_for: Iterable[Any] | None = None,
        dependencies: dict[str, set[Any]] | None = None,
    ) -> PrefectDaskFuture[Any]:
        """Submit one task run; see :class:`prefect.task_runners.TaskRunner`.

        ``wait_for`` is not supported: chunks do not wait for each other.
        """
        if wait_for:
            raise ValueError("Chunks do not wait for each other.")
        return self._submit(task, parameters, uuid4(), dependencies)

    def submit_again(
        self, task: Task[Any, Any], parameters: dict[str, Any], task_run_id: UUID
    ) -> PrefectDaskFuture[Any]:
        """Go on with a task run whose worker was lost, on whichever worker is free."""
        return self._submit(task, parameters, task_run_id, None)

    def _submit(
        self,
        task: Task[Any, Any],
        parameters: dict[str, Any],
        task_run_id: UUID,
        dependencies: dict[str, set[Any]] | None,
    ) -> PrefectDaskFuture[Any]:
        # Client.submit proper: prefect-dask's own takes a Task apart again, per task run
        future = Client.submit(
            self.client,
            run_shared,
            self._share(task).name,
            task_run_id,
            parameters,
            dependencies or {},
            # not the task run's alone: Dask remembers what was lost
            key=f"{task.name}-{task_run_id}-{next(self._numbers)}",
            pure=False,
        )
        return PrefectDaskFuture(wrapped_future=future, task_run_id=task_run_id)

    def __exit__(self, *args: object) -> None:
        """Take the shared context off the workers, then disconnect."""
        for _, shared in self._shared.values():
            with suppress(OSError):  # a worker may be going just now
                within(_END_S, partial(self.client.unregister_worker_plugin, shared.name))
        self._shared.clear()
        super().__exit__(*args)

    def _share(self, task: Task[Any, Any]) -> SharedRun:
        if id(task) not in self._shared:
            # Threads of this process know its temporary server; other processes are to be told,
            # else each would start one of its own
            here = self.client.scheduler.address.startswith("inproc")
            shared = SharedRun(f"badc-context-{uuid4()}", task, None if here else flow_server())
            self.client.register_plugin(shared, name=shared.name)
            self._shared[id(task)] = task, shared
        return self._shared[id(task)][1]
