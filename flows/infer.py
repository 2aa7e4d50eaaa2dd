"""The infer flow: every chunk of one manifest, heard once, on whatever slots there are."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from distributed import Client
from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from prefect_dask import DaskTaskRunner

from badc.cluster import OpenCluster, SlotsPlugin, stop_slots
from badc.datalad import dataset_root
from badc.errors import BadcError, RecordsLostError, RunFailedError, RunStalledError
from badc.hardware import GpuSample
from badc.results import read_summary
from badc.runs import (
    Assignment,
    DaskCluster,
    DecidedRun,
    InferPlan,
    InferRequest,
    RunRecords,
    carry_over,
    decide,
    open_records,
    own_log,
    run_title,
)
from badc.telemetry import Event
from badc.time_limit import end_within, within
from flows.cancellation import cancellable, so_far, why
from flows.console import warn, warning_from_anywhere
from flows.hearing import Hearing, RunCount
from flows.introduction import dataset_of, introduce
from flows.reach import require_server_there
from flows.result_storage import storage_of
from flows.standing_cluster import cluster_for
from flows.story import telling
from flows.task_runner import SlotTaskRunner

_END_S = 30.0
_STALLED_END_S = 120.0  # by then the summary is written, whatever else is stuck
_RECORDS_HINT = "Make room, then type the same command again: what is done is not repeated."


def _run_name() -> str:
    request: Any = flow_run.parameters["request"]
    manifest = InferRequest.model_validate(request).manifest
    return run_title(manifest, dataset_of(dataset_root(manifest)))


@flow(name="infer", flow_run_name=_run_name, persist_result=False)
@cancellable
def infer(request: InferRequest) -> RunCount:
    """Hear every chunk of a manifest: task runs of one or more chunks, mapped over the slots.

    Args:
        request: what to listen to, with what, and where.

    Raises:
        UsageError: the request cannot be carried out; nothing was written.
        RunFailedError: chunks failed for good; all others are done, or can be resumed.
        RunCancelledError: somebody cancelled the flow run, or one around it; likewise.
    """
    return hear_manifest(request, SlotTaskRunner)


_decided: ContextVar[DecidedRun | None] = ContextVar("decided", default=None)


@contextmanager
def decided(run: DecidedRun) -> Iterator[None]:
    """Within the block, the flow that is started carries ``run`` out and does not decide again."""
    token = _decided.set(run)
    try:
        yield
    finally:
        _decided.reset(token)


def hear_manifest(request: InferRequest, runner_type: type[DaskTaskRunner]) -> RunCount:
    """Do the work of :func:`infer`, within a flow run, with a task runner of some type."""
    run = _decided.get()
    if run is not None:
        return _carry_out(request, run, runner_type)
    with own_log(request, decide(request)) as plan:
        return _carry_out(request, DecidedRun(plan), runner_type)


def _carry_out(
    request: InferRequest, run: DecidedRun, runner_type: type[DaskTaskRunner]
) -> RunCount:
    plan, run_id = run.plan, str(flow_run.id)
    count = RunCount()
    so_far(partial(_done, plan), plan.again)
    dataset = dataset_of(plan.assignment.dataset_root)
    introduce(run_title(plan.manifest, dataset), dataset, request.runner)
    for line in carry_over(plan):
        warn(line)
    with (
        ExitStack() as closed,
        telling(request, plan, dataset),
        cluster_for(plan.slots, plan.cluster) as cluster,
        _runner_on(cluster, runner_type) as runner,
        open_records(plan, warning_from_anywhere()) as records,
        slots_of(run_id, plan, records, runner.client),
    ):
        run.records = records
        storage = storage_of(plan)
        try:
            Hearing(run_id, plan, records, cluster, runner, count, storage).run()
        except RunStalledError as stalled:
            last_words = partial(sys.stderr.write, f"Error: {stalled}\n")
            closed.callback(end_within(_STALLED_END_S, stalled.exit_code, last_words).cancel)
            raise
    _say_how_it_went(plan, count, records.missing)
    return count


@contextmanager
def _runner_on(cluster: OpenCluster, runner_type: type[DaskTaskRunner]) -> Iterator[DaskTaskRunner]:
    """Open the task runner; see first whether workers elsewhere can do their part."""
    to = "address" if isinstance(cluster.place, str) else "cluster"
    with runner_type(**{to: cluster.place}) as runner:
        if cluster.elsewhere:
            require_server_there(runner.client)
        yield runner


@contextmanager
def slots_of(run_id: str, plan: InferPlan, records: RunRecords, client: Client) -> Iterator[None]:
    """Make the workers ready to hear, take in their events, and leave nothing running."""
    plugin = SlotsPlugin(run_id, _shared_fairly(plan, client), plan.slots)

    def take(message: tuple[float, dict[str, Any]]) -> None:
        for told in message[1].get("events", ()):
            if (event := Event.from_json(told)) is not None:
                records.take(event)
        records.gpus.add(GpuSample.from_json(each) for each in message[1].get("gpus", ()))

    client.subscribe_topic(plugin.name, take)
    client.register_plugin(plugin, name=plugin.name)
    reason = "the run is over"
    try:
        yield
    except BaseException as error:
        reason = why(error)
        raise
    finally:
        # each within a limit: where Dask is stuck, the summary is written all the same
        within(_END_S, partial(client.run, stop_slots, run_id, reason, on_error="ignore"))
        with suppress(OSError):  # a worker may be going just now
            within(_END_S, partial(client.unregister_worker_plugin, plugin.name))
        client.unsubscribe_topic(plugin.name)


def _shared_fairly(plan: InferPlan, client: Client) -> Assignment:
    """Count the slots of a host where others started the workers: they share its cores."""
    if not isinstance(plan.cluster, DaskCluster):
        return plan.assignment
    on_host: Counter[str | None] = Counter()
    for address, threads in client.nthreads().items():
        on_host[urlsplit(address).hostname] += threads
    return replace(plan.assignment, slots=max(on_host.values(), default=1))


def _done(plan: InferPlan) -> str:
    """Say how much of the run the summary knows to be done."""
    try:
        jobs = read_summary(plan.summary).jobs if plan.summary.exists() else {}
    except BadcError as error:
        return str(error)
    done = sum(
        key in jobs and jobs[key].status == "success" for key in (c.key for c in plan.chunks)
    )
    return f"{done} of {len(plan.chunks)} chunks are done"


def _say_how_it_went(plan: InferPlan, count: RunCount, missing: str) -> None:
    """Log the outcome for the Prefect UI; raise when chunks failed, or records are ``missing``."""
    logger = get_run_logger()
    logger.info(
        "%d chunks heard, %d already done, %d failed; JSON under %s",
        count.heard,
        count.cached,
        len(count.failed),
        plan.output_dir,
    )
    if count.failed:
        key, error = count.failed[0]
        what = (
            f"{len(count.failed)} of {len(plan.chunks)} chunks failed"
            f" ({count.not_begun} not begun); the first was {key}: {error}"
        )
        if missing:
            raise RecordsLostError(f"{what} Moreover, {missing}.", _RECORDS_HINT) from error
        raise RunFailedError(what, f"Mend the cause, then {plan.how_to_go_on}") from error
    if missing:
        raise RecordsLostError(f"All chunks are done, but {missing}.", _RECORDS_HINT)
