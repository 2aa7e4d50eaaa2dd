"""The orchestrate flow: a whole dataset, one infer subflow per recording, then one table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from badc.errors import BadcError, RunFailedError
from badc.hardware import decide_slots, find_gpus
from badc.ledger import existing_summary
from badc.orchestration import DatasetPlan, OrchestrateRequest, RecordingPlan, plan_dataset
from badc.runs import InferRequest, slot_wishes
from badc.runs.paths import summary_path
from flows.infer import infer
from flows.standing_cluster import standing_cluster


@dataclass
class DatasetCount:
    """How a dataset's recordings ended.

    Attributes:
        heard: recordings whose every chunk is done now.
        done: recordings that were done before.
        failed: recordings with chunks that are not, each with the reason.
    """

    heard: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


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
def orchestrate(
    request: OrchestrateRequest, resume_completed: bool = True, aggregate_too: bool = True
) -> DatasetCount:
    """Hear every recording of a dataset that is not done, then fold all detections into one table.

    Args:
        request: which dataset, with what, and where to.
        resume_completed: whether chunks that earlier summaries mark success are not even submitted.
        aggregate_too: whether to make ``artifacts/aggregate`` anew at the end.

    Raises:
        UsageError: the request cannot be carried out.
        RunFailedError: some recordings could not be finished; all others were.
    """
    plan = plan_dataset(request)
    count = DatasetCount(done=list(plan.done))
    for path, reason in plan.broken:
        count.failed[path.stem] = reason
    plans = [recording.plan for recording in plan.recordings]
    with _cluster_for(plans):
        for each in plans:
            _hear_one(each, count, resume=resume_completed)
    if aggregate_too and (count.heard or count.done):
        _gather(plan.dataset, request)
    _raise_for(plan, count)
    return count


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
        raise RunFailedError(
            f"{len(count.failed)} of {total} recordings of {plan.dataset} are not finished:"
            f" {', '.join(count.failed)}.",
            "Each says why in its own run. Mend that and run again: what is done is not repeated.",
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
    wishes = slot_wishes(plans[0].request())
    return standing_cluster(decide_slots(find_gpus().gpus, **wishes))


def _gather(dataset: Path, request: OrchestrateRequest) -> None:
    # Only here: DuckDB 2.0 fills the screen at the end of a process that holds Prefect as well
    from badc.aggregate import RejectedFilesError  # noqa: PLC0415
    from flows.aggregate import aggregate  # noqa: PLC0415

    folder = dataset / "artifacts" / "aggregate"
    try:
        aggregate(
            dataset / request.output_dir,
            output=folder / "detections.csv",
            parquet=folder / "detections.parquet",
        )
    except RejectedFilesError as error:
        get_run_logger().warning("%s", error)
