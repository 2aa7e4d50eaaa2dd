"""Telling a terminal where a flow run can be watched."""

from collections.abc import Callable
from typing import Any

from prefect import Flow, State
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL
from prefect.utilities.urls import url_for


def announcing(flow: Flow[..., Any], say: Callable[[str], None]) -> Flow[..., Any]:
    """Return ``flow`` so that it says its address in the Prefect UI when it starts to run.

    Without a configured server there is no UI to look at, and nothing is said.
    """

    def tell(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
        del flow, state
        if PREFECT_API_URL.value() and (address := url_for(flow_run)):
            say(f"Prefect UI: {address}")

    return flow.with_options(on_running=[tell])
