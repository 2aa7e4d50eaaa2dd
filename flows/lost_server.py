"""A flow run whose Prefect server is lost under way: it goes on, and so does what it found out.

Task runs tell the server by way of events, in the background, so chunks are heard as before. Only
the flow run's own end has to be told to somebody, and Prefect would try that for minutes and then
raise an error in place of the outcome. Here the outcome is kept, and the server waited for a
while, lest it is only being started anew (decision 14).
"""

import os
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

import httpx
from prefect import Flow, State
from prefect.client.orchestration import get_client
from prefect.exceptions import Abort, CancelledRun, ObjectNotFound
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from badc.errors import BadcError
from flows.reach import flow_server
from flows.temporary_server import MARK

P = ParamSpec("P")
R = TypeVar("R")
_GONE_S = 15.0  # nobody is there: it may be being started anew
_SILENT_S = 60.0  # it may be busy
_PAUSE_S = 1.0
_ANSWER_WITHIN_S = 10.0


class _Outcome(Generic[R]):
    """How a flow's own work ended: with a result, or with an error to raise."""

    def __init__(self, work: Callable[[], R]) -> None:
        self._result: R | Exception
        self._cancelled: Any = None
        try:
            self._result = work()
        except Exception as error:  # noqa: BLE001 - to be raised when asked for
            self._result = error
        if isinstance(self._result, State) and self._result.is_cancelled():
            self._cancelled = self._result.data  # Prefect packs it up

    @property
    def is_cancelled(self) -> bool:
        """Whether the server had it ended, and so was there a moment ago."""
        return self._cancelled is not None

    def get(self) -> R:
        """Return the result, a state where Prefect wants one, or raise the error."""
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def told(self) -> R:
        """Return what the flow's caller gets, or raise it."""
        if self._cancelled is not None:
            raise self._cancelled
        return self.get()


def outliving(flow: Flow[P, R], lost: Callable[[str], None]) -> Callable[P, R]:
    """Return ``flow`` so that it ends as its work did, even where its server is gone by then.

    ``lost`` is told, in one line, where the server does not know how the run ended.

    Raises:
        BadcError: from the call, where the server was lost before the work began.
    """

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        outcomes: list[_Outcome[R]] = []

        @wraps(flow.fn)
        def work(*args: P.args, **kwargs: P.kwargs) -> R:
            outcomes.append(_Outcome(lambda: flow.fn(*args, **kwargs)))
            if not outcomes[0].is_cancelled and not _answers_in_the_end():
                # Prefect's own way to end a flow run without another word to the server
                raise Abort("it does not answer")
            return outcomes[0].get()

        outlived = flow.with_options()  # a copy
        outlived.fn = work
        try:
            return outlived(*args, **kwargs)
        except (Abort, httpx.HTTPError, ObjectNotFound) as fault:
            if not outcomes:
                raise _lost_too_soon(fault) from fault
            lost(_told(fault))
            return outcomes[0].told()
        except CancelledRun:  # the server had the run Cancelled already
            return outcomes[0].told()

    return call


def _answers_in_the_end() -> bool:
    """Say whether the server answers, now or after a while."""
    began_s = time.monotonic()
    while (fault := _fault()) is not None:
        limit_s = _SILENT_S
        if isinstance(fault, httpx.ConnectError):  # a temporary one does not come back
            limit_s = 0.0 if MARK in os.environ else _GONE_S
        if time.monotonic() - began_s >= limit_s:
            return False
        time.sleep(_PAUSE_S)
    return True


def _fault() -> Exception | None:
    """Return why the server does not answer, or None: a refusal is an answer as well."""
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
        client = get_client(httpx_settings={"timeout": _ANSWER_WITHIN_S}, sync_client=True)
        fault = client.api_healthcheck()
    return None if isinstance(fault, httpx.HTTPStatusError) else fault


def _told(fault: BaseException) -> str:
    temporary = MARK in os.environ
    who = "Prefect's temporary server" if temporary else f"the Prefect server at {flow_server()}"
    return (
        f"Warning: {who} does not know how this run ended ({_reason(fault)});"
        " the run went on without it."
    )


def _lost_too_soon(fault: BaseException) -> BadcError:
    return BadcError(
        f"The Prefect server at {flow_server()} did not take on the run ({_reason(fault)});"
        " nothing was begun.",
        "See to it and run again, or unset PREFECT_API_URL to do without one.",
    )


def _reason(fault: BaseException) -> str:
    return next(iter(str(fault).splitlines()), "") or type(fault).__name__
