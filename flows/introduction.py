"""How a flow run is found again in the Prefect UI: by its name, and by tags."""

import socket
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from flows.console import warn


def introduce(name: str, dataset: Path | None, runner: str) -> None:
    """Name this flow run, and tag it with dataset, runner and host; tags it has stay.

    The tags are the flow run's alone. On task runs, Prefect would ask the server for a concurrency
    slot for each of them.
    """
    ours = [runner, socket.gethostname(), *([dataset.name] if dataset and dataset.name else [])]
    tags = sorted({*flow_run.tags, *ours})
    try:
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            client = get_client(sync_client=True)
            client.update_flow_run(flow_run.id, name=name, tags=tags)
    except Exception as error:  # noqa: BLE001 - a run is worth more than its tags
        warn(f"Warning: this flow run has no tags: {' '.join(str(error).split())}.")
