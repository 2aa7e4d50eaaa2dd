"""Other ways to hear stub chunks: ``python -m benchmarks._ways WAY MANIFEST FOLDER``.

``stock`` is BADC's own flow on prefect-dask's DaskTaskRunner, ``threads`` a flow on Prefect's
ThreadPoolTaskRunner, ``dask`` has no Prefect about it at all. All do what a slot does with a chunk
(read, listen, write its JSON, tell the log), on two CPU slots, with the same number in flight.
"""

import sys
from collections import deque
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

from distributed import Client
from prefect import Task, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner
from prefect_dask import DaskTaskRunner

from badc.cluster import borrow_slot, open_cluster
from badc.manifest import Chunk
from badc.runs import InferPlan, InferRequest, ListeningSlot, RunRecords, decide, open_records
from benchmarks._runs import SLOTS, log_in, outputs_in
from flows.infer import hear_manifest, slots_of
from flows.window import in_window

_RUN_ID = "benchmark"


@flow(name="infer-stock", persist_result=False)
def stock(request: InferRequest) -> None:
    """Run BADC's flow as it is, but for the task runner."""
    hear_manifest(request, DaskTaskRunner)


@flow(
    name="infer-threads",
    persist_result=False,
    task_runner=ThreadPoolTaskRunner(max_workers=SLOTS),  # type: ignore[arg-type]
)
def threads(request: InferRequest) -> None:
    """One Prefect task run per chunk, on threads of this process."""
    plan = decide(request)
    with open_records(plan, print) as records:
        hear = _in_threads(plan, records)
        in_flight: deque[Any] = deque()
        for chunk in plan.outstanding:
            if len(in_flight) == 2 * SLOTS:
                in_flight.popleft().result()
            in_flight.append(hear.submit(chunk, str(chunk.key)))
        for future in in_flight:
            future.result()


def _in_threads(plan: InferPlan, records: RunRecords) -> Task[Any, Any]:
    slots: SimpleQueue[ListeningSlot] = SimpleQueue()
    for slot in plan.slots:
        slots.put(ListeningSlot(slot, plan.assignment, records.take))

    @task(name="hear", task_run_name="{name}", cache_policy=NO_CACHE, persist_result=False)
    def hear(chunk: Chunk, name: str) -> None:
        del name
        slot = slots.get()
        try:
            slot.hear(chunk, 1)
        finally:
            slots.put(slot)

    return hear


def dask(request: InferRequest) -> None:
    """One Dask task per chunk, on BADC's own cluster."""
    plan = decide(request)
    with (
        open_cluster(plan.slots, None, print) as cluster,
        Client(cluster.place) as client,
        open_records(plan, print) as records,
        slots_of(_RUN_ID, plan, records, client),
    ):
        waiting = iter(plan.outstanding)
        window = in_window(
            lambda: next(waiting, None),
            lambda chunk: _submitted(client, chunk),
            slots=lambda: SLOTS,
            check=lambda: None,
        )
        for _, future in window:
            future.wrapped_future.result()


def _submitted(client: Client, chunk: Chunk) -> SimpleNamespace:
    return SimpleNamespace(wrapped_future=client.submit(_hear_on_worker, chunk, pure=False))


def _hear_on_worker(chunk: Chunk) -> None:
    with borrow_slot(_RUN_ID, new_chunk=True) as slot:
        slot.hear(chunk, 1)


def main() -> None:
    """Hear a manifest in the way that the command line says."""
    way, manifest, place = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    request = InferRequest(
        manifest=manifest,
        cpu_workers=SLOTS,
        max_gpus=0,
        output_dir=outputs_in(place),
        telemetry_log=log_in(place),
    )
    {"stock": stock, "threads": threads, "dask": dask}[way](request)


if __name__ == "__main__":
    main()
