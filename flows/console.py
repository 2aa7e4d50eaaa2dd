"""What a flow run tells the terminal it was started in."""

import contextvars
import os
import sys
from collections.abc import Callable
from typing import Any

from prefect import Flow, State, get_run_logger
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL
from prefect.utilities.urls import url_for

from flows.arrears import arrears
from flows.temporary_server import MARK


def anybody_can_look() -> bool:
    """Say whether this run's server has a UI that people open: a temporary one has none."""
    return MARK not in os.environ and bool(PREFECT_API_URL.value())


def announcing(flow: Flow[..., Any], say: Callable[[str], None]) -> Flow[..., Any]:
    """Return ``flow`` so that it says its address in the Prefect UI when it starts to run.

    A temporary server has no UI to look at, and nothing is said.
    """

    def tell(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
        del flow, state
        if anybody_can_look() and (address := url_for(flow_run)):
            say(f"Prefect UI: {address}")

    return flow.with_options(on_running=[tell])


def telling_arrears(infer: Flow[..., Any], say: Callable[[str], None]) -> Flow[..., Any]:
    """Return the infer flow so that it says how far the UI is behind when it has ended well."""

    def tell(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
        del flow
        if anybody_can_look() and (line := arrears(flow_run.id, state.result().task_runs)):
            say(line)

    return infer.with_options(on_completion=[tell])


def warn(text: str) -> None:
    """Put one line on the flow run's log and on standard error, if that is still there."""
    get_run_logger().warning("%s", text)
    sys.stderr.write(f"{text}\n")


def warning_from_anywhere() -> Callable[[str], None]:
    """Return :func:`warn` for threads that do not know this flow run."""
    space = contextvars.copy_context()
    return lambda text: space.run(warn, text)
