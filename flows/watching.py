"""A run as the Prefect server knows it: the two tables that its flow publishes as artifacts."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    ArtifactFilterType,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterName,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL

from badc.errors import UsageError
from badc.telemetry import Row, Tables
from badc.telemetry.rows import EVENT_COLUMNS, WORKER_COLUMNS, plain
from flows.reach import require_server

LATEST = "latest"
_WORKERS, _EVENTS = "infer-workers", "infer-events"


class WatchedRun:
    """One flow run, looked at from outside.

    Attributes:
        title: its name and its state, as of the last look.
    """

    def __init__(self, client: SyncPrefectClient, run: FlowRun, tail: int) -> None:
        self._client = client
        self._id = run.id
        self._tail = tail
        self.title = _title(run)

    def look(self) -> Tables | None:
        """Return the tables as they are now, or None if there are none, or no answer, just now."""
        try:
            self.title = _title(self._client.read_flow_run(self._id))
            found = self._client.read_artifacts(
                artifact_filter=ArtifactFilter(
                    flow_run_id=ArtifactFilterFlowRunId(any_=[self._id]),
                    key=ArtifactFilterKey(like_="infer-%"),
                    type=ArtifactFilterType(any_=["table"]),
                ),
                sort=ArtifactSort.UPDATED_DESC,
            )
        except (httpx.HTTPError, ObjectNotFound):
            self.title = f"{self.title.partition(' · ')[0]} · the server does not answer"
            return None
        newest = {str(artifact.key): artifact.data for artifact in reversed(found)}
        workers = [data for key, data in newest.items() if key.startswith(_WORKERS)]
        events = [data for key, data in newest.items() if key.startswith(_EVENTS)]
        if not workers:
            return None
        return Tables(
            _rows(workers[-1], WORKER_COLUMNS),
            _rows(events[-1], EVENT_COLUMNS)[-self._tail :] if events else [],
        )


def find_run(words: str, tail: int) -> WatchedRun:
    """Find a flow run by its id or name (the latest of that name), or the latest infer run.

    Raises:
        UsageError: no server is configured or answers, or it knows no such run.
    """
    if not PREFECT_API_URL.value():
        raise UsageError(
            f"--run {words}: no Prefect server is configured.",
            "Set PREFECT_API_URL to the one that the run reports to, or read its log with --log.",
        )
    require_server()
    client = get_client(sync_client=True)
    run = _by_id(client, words) or _latest(client, words)
    if run is None:
        known = "no infer run yet" if words == LATEST else "no flow run of this id or name"
        raise UsageError(
            f"--run {words}: the Prefect server at {PREFECT_API_URL.value()} knows {known}.",
            "'badc infer run' prints a run's address, which ends in its id.",
        )
    return WatchedRun(client, run, tail)


def _by_id(client: SyncPrefectClient, words: str) -> FlowRun | None:
    try:
        return client.read_flow_run(UUID(words))
    except (ValueError, ObjectNotFound):
        return None


def _latest(client: SyncPrefectClient, words: str) -> FlowRun | None:
    narrowed: dict[str, Any] = {
        "flow_filter": FlowFilter(name=FlowFilterName(any_=["infer"])),
    }
    if words != LATEST:
        narrowed = {"flow_run_filter": FlowRunFilter(name=FlowRunFilterName(any_=[words]))}
    runs = client.read_flow_runs(**narrowed, sort=FlowRunSort.START_TIME_DESC, limit=1)
    return runs[0] if runs else None


def _title(run: FlowRun) -> str:
    state = run.state.name if run.state is not None else None
    return plain(f"{run.name} · {state or 'not begun'}")


def _rows(published: object, columns: Sequence[str]) -> list[Row]:
    """Read a table artifact; what is missing or no plain value is None."""
    try:
        table = json.loads(published) if isinstance(published, str) else published
    except ValueError:
        return []
    rows = table if isinstance(table, list) else []
    return [
        {name: _cell(row.get(name)) for name in columns} for row in rows if isinstance(row, dict)
    ]


def _cell(value: object) -> str | int | float | None:
    if isinstance(value, str):
        return plain(value)
    return value if isinstance(value, int | float) else None
