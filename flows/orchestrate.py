"""The orchestrate flow: a whole dataset, cut, one infer subflow per recording, then one table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from badc.errors import BadcError, RunFailedError
from badc.hardware import decide_slots, find_gpus
from badc.orchestration import (
    CutRequest,
    DatasetPlan,
    OrchestrateRequest,
    RecordingPlan,
    TableSettings,
    plan_complete,
    plan_dataset,
)
from badc.results import existing_summary
from badc.runs import InferRequest, chosen_cluster, slot_wishes
from badc.runs.paths import summary_path
from flows.cancellation import cancellable, hold, so_far
from flows.cutting import cut_new
from flows.dataset_story import telling_of_dataset
from flows.infer import infer
from flows.introduction import introduce, within
from flows.standing_cluster import standing_cluster
from flows.tables import renew_reports, renew_tables

_AS_USUAL = TableSettings()


@dataclass
class DatasetCount:
    """How a dataset's recordings ended.

    Attributes:
        heard: recordings whose every chunk is done now.
        done: recordings that were done before.
        failed: recordings that were not cut, or with chunks not done, each with the reason.
        cautions: what is to be known before the dataset's tables are counted.
    """

    heard: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    cautions: list[str] = field(default_factory=list)


def _run_name() -> str:
    request: Any = flow_run.parameters["request"]
    return str(OrchestrateRequest.model_validate(request).dataset.absolute().name)


def _hear(request: InferRequest) -> None:
    infer(request)


_hearing: ContextVar[Callable[[InferRequest], None]] = ContextVar("badc_hearing", default=_hear)


@contextmanager
def hearing_by(hear: Callable[[InferRequest], None]) -> Iterator[None]:
    """Let a terminal put its own words around each ``infer`` of an orchestrate flow run."""
    token = _hearing.set(hear)
    try:
        yield
    finally:
        _hearing.reset(token)


@flow(name="orchestrate", flow_run_name=_run_name, persist_result=False)
@cancellable
def orchestrate(
    request: OrchestrateRequest,
    resume_completed: bool = True,
    aggregate_too: bool = True,
    cut: CutRequest | None = None,
    report_too: bool = False,
    tables: TableSettings = _AS_USUAL,
) -> DatasetCount:
    """Hear every recording of a dataset that is not done, then fold all detections into one table.

    With ``cut``, this is all that a night's upload needs: new recordings are cut first. What is
    done is not repeated, and where nothing is new, no file is changed.

    Args:
        request: which dataset, with what, and where to.
        resume_completed: whether chunks that earlier summaries mark success are not even submitted;
            means nothing where the request says to hear everything again.
        aggregate_too: whether to make the tables in artifacts/aggregate anew, where they are old.
        cut: how to cut new recordings first; empty for none.
        report_too: whether to make reports on the tables, where those are new.
        tables: how places and local times are told in the tables, and whether calls heard in two
            overlapping chunks stay two rows.

    Raises:
        UsageError: the request cannot be carried out.
        RunFailedError: some recordings could not be finished; all others were.
        RunCancelledError: somebody cancelled the flow run; what was done is kept.
    """
    tables.check(request.dataset)
    so_far(lambda: "recordings were being cut, none was heard yet")
    uncut = {} if cut is None else cut_new(request, cut)
    plan = plan_dataset(request) if cut is None else plan_complete(request)
    count = DatasetCount(done=list(plan.done), failed=uncut)
    for path, reason in plan.broken:
        count.failed.setdefault(path.stem, reason)
    so_far(partial(_done, plan, count))
    if plan.override_note:
        get_run_logger().info("%s", plan.override_note)
    introduce(plan.dataset.name, plan.dataset, request.runner)
    plans = [recording.plan for recording in plan.recordings]
    with (
        within(plan.dataset),
        telling_of_dataset(request, plan, count.heard, count.failed, count.cautions),
    ):
        with _cluster_for(plans):
            for each in plans:
                hold()
                _hear_one(each, count, resume=resume_completed)
            hold()
        if aggregate_too and (count.heard or count.done):
            folder = plan.dataset / "artifacts" / "aggregate"
            caution = renew_tables(plan.output_dir, folder, plan.dataset, tables)
            count.cautions += [caution] if caution else []
            if report_too:
                renew_reports(folder)
    _raise_for(plan, count)
    return count


def _done(plan: DatasetPlan, count: DatasetCount) -> str:
    """Say how much of the dataset is done."""
    done, failed = len(count.heard) + len(count.done), len(count.failed)
    left = {each.plan.recording_id for each in plan.recordings} - {*count.heard, *count.failed}
    return f"{done} of {done + failed + len(left)} recordings are done"


def _raise_for(plan: DatasetPlan, count: DatasetCount) -> None:
    """Log how a dataset's run ended; raise if recordings are missing."""
    get_run_logger().info(
        "%d recordings heard, %d done before, %d not finished",
        len(count.heard),
        len(count.done),
        len(count.failed),
    )
    if count.failed:
        total = len(count.failed) + len(count.heard) + len(count.done)
        first = next(iter(count.failed.values()))
        raise RunFailedError(
            f"{len(count.failed)} of {total} recordings of {plan.dataset} are not finished:"
            f" {', '.join(count.failed)}. The first: {first}",
            "Mend that and run again: what is done is not repeated.",
        )


def _hear_one(plan: RecordingPlan, count: DatasetCount, *, resume: bool) -> None:
    summary = existing_summary(summary_path(plan.telemetry_log)) if resume else None
    try:
        _hearing.get()(plan.request(summary))
    except BadcError as error:
        get_run_logger().warning("%s: %s", plan.recording_id, error)
        count.failed[plan.recording_id] = str(error)
    else:
        count.heard.append(plan.recording_id)


def _cluster_for(plans: list[RecordingPlan]) -> Any:  # noqa: ANN401 - a context manager
    """Return the cluster that most recordings will share; others open their own."""
    if not plans:
        return nullcontext()
    first = plans[0]
    cluster = chosen_cluster(first.scheduler_address, first.cluster_profile)
    if cluster is not None:
        cluster.check()
        return standing_cluster((), cluster)
    slots = decide_slots(find_gpus().gpus, **slot_wishes(first.request()))
    return standing_cluster(slots, None)
