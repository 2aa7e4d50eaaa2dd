"""A Dask task runner whose cost per task run is that of Prefect's engine, and little more.

prefect-dask serialises the whole flow-run context for every task run, and every worker rebuilds
it, opens an API client for it and closes that again. Here the context travels once per run, as a
worker plugin (so that a worker that joins or restarts later has it too); each worker thread
rebuilds it once and keeps its client open until the run ends.
"""

import contextvars
import pickle
import threading
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from typing import Any
from uuid import uuid4

import cloudpickle
from distributed import Client, WorkerPlugin, get_worker
from prefect import Task
from prefect.context import SyncClientContext, hydrated_context, serialize_context
from prefect.task_engine import run_task_sync
from prefect.utilities.annotations import quote
from prefect_dask import DaskTaskRunner
from prefect_dask.task_runners import PrefectDaskFuture


class SharedRun(WorkerPlugin):  # type: ignore[misc]
    """One flow run's task and context, on every worker.

    Attributes:
        name: the plugin's name; unique per runner and task.
    """

    def __init__(self, name: str, task: Task[Any, Any]) -> None:
        self.name = name
        context = serialize_context()
        # Tags would make the engine ask the server for a concurrency slot, per tag and task run.
        context["tags_context"] = {}
        self._payload = cloudpickle.dumps((task, context))

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Unpack once per worker."""
        del worker
        self._task, self._context = pickle.loads(self._payload)  # noqa: S301 - our own, by Dask
        self._threads = threading.local()
        self._lock = threading.Lock()
        self._open: list[tuple[contextvars.Context, ExitStack]] = []

    def teardown(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Close every thread's API client."""
        del worker
        with self._lock:
            entered, self._open = self._open, []
        for space, stack in entered:
            # A task run that waits for its retry is still inside; its client ends with its thread
            with suppress(RuntimeError):
                space.run(stack.close)

    def run(self, task_run_id: Any, parameters: dict[str, Any], dependencies: Any) -> Any:  # noqa: ANN401 - Prefect's
        """Run one task run in this thread's standing context; return its final state.

        Parameters are plain values, never futures, so the engine need not search them for any.
        """
        space = self._space()
        return space.run(
            run_task_sync,
            task=self._task,
            task_run_id=task_run_id,
            parameters={name: quote(value) for name, value in parameters.items()},
            dependencies=dependencies,
            return_type="state",
        )

    def _space(self) -> contextvars.Context:
        space: contextvars.Context | None = getattr(self._threads, "space", None)
        if space is None:
            space = contextvars.copy_context()
            stack = ExitStack()
            space.run(self._enter, stack)
            with self._lock:
                self._open.append((space, stack))
            self._threads.space = space
        return space

    def _enter(self, stack: ExitStack) -> None:
        stack.enter_context(hydrated_context(self._context))
        stack.enter_context(SyncClientContext.get_or_create())


def run_shared(name: str, task_run_id: Any, parameters: Any, dependencies: Any) -> Any:  # noqa: ANN401 - Prefect's
    """Run one task run on the worker that this is called on."""
    return get_worker().plugins[name].run(task_run_id, parameters, dependencies)


class SlotTaskRunner(DaskTaskRunner):  # type: ignore[misc]
    """Submits Prefect task runs to Dask, sharing one run's context with the workers once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - DaskTaskRunner's
        super().__init__(*args, **kwargs)
        self._shared: dict[int, tuple[Task[Any, Any], SharedRun]] = {}

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
            raise NotImplementedError("Chunks do not wait for each other.")
        task_run_id = uuid4()
        # Client.submit proper: prefect-dask's own takes a Task apart again, per task run
        future = Client.submit(
            self.client,
            run_shared,
            self._share(task).name,
            task_run_id,
            parameters,
            dependencies or {},
            key=f"{task.name}-{task_run_id}",
            pure=False,
        )
        return PrefectDaskFuture(wrapped_future=future, task_run_id=task_run_id)

    def __exit__(self, *args: object) -> None:
        """Take the shared context off the workers, then disconnect."""
        for _, shared in self._shared.values():
            self.client.unregister_worker_plugin(shared.name)
        self._shared.clear()
        super().__exit__(*args)

    def _share(self, task: Task[Any, Any]) -> SharedRun:
        if id(task) not in self._shared:
            shared = SharedRun(f"badc-context-{uuid4()}", task)
            self.client.register_plugin(shared, name=shared.name)
            self._shared[id(task)] = task, shared
        return self._shared[id(task)][1]
