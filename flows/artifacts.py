"""Prefect artifacts of a flow run that goes on: made once, kept current, at a bounded price."""

import contextvars
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.runtime import flow_run
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from slugify import slugify

from flows.cancellation import asked_for
from flows.console import anybody_can_look, warn

SWITCH = "BADC_DISABLE_ARTIFACTS"

_LEAST_REST_S = 2.0
_REST_PER_CPU = 100  # spend at most a hundredth of a core
_REST_PER_WAIT = 50  # and let the server spend no more than a fiftieth of one
_LONGEST_REST_S = 30.0  # a longer one only gathers more to do
# At the end of a run, a server that answers slowly is waited for, one that is silent is not. A
# night that is told to end has two last words, and 90 seconds (deployments/end_runs.sh).
_SILENCE_S = 15.0
_LAST_WORD_S = 40.0
_HASTE_S = 2.0  # where somebody waits for a run that was cancelled
_LAST_TRIES = 5
_PAUSE_S = 1.0


@dataclass(frozen=True)
class Page:
    """What one artifact shows.

    Attributes:
        key: names it and its history; see :func:`artifact_key`.
        kind: as the Prefect UI renders it.
        content: percent of a progress, JSON text of a table, or Markdown.
        description: one line above it.
    """

    key: str
    kind: Literal["progress", "table", "markdown"]
    content: float | str
    description: str


def artifact_key(*words: str) -> str:
    """Return words as a key: Prefect takes lower-case letters, digits and dashes."""
    return "-".join(slugify(word) or "unnamed" for word in words if word)


class Publisher:
    """Publishes a flow run's pages while the block runs, and once more when it ends.

    All of it happens in one thread that rests after each round in proportion to what that cost.
    Whatever goes wrong there is warned of once and stops nothing. At the end of the block the last
    word is waited for, as long as the server goes on taking page after page.

    While a temporary server runs nobody can look at it, so only the last word is published there.
    """

    def __init__(self, pages: Callable[[str], Iterable[Page]]) -> None:
        """Remember who makes the pages, in the thread, and is told how far the run is.

        That is ``still running``, or how it ended.
        """
        self._pages = pages
        self._flow_run_id = UUID(str(flow_run.id))
        self._shown: dict[str, tuple[UUID, Page]] = {}
        self._watched = anybody_can_look()
        self._ending = threading.Event()
        self._told = "still running"
        self._warned = False
        self._shown_s = 0.0  # when a page was last shown
        space = contextvars.copy_context()  # the flow run's client, settings and log
        self._thread = threading.Thread(
            target=space.run, args=(self._keep_publishing,), name="badc-artifacts", daemon=True
        )

    def __enter__(self) -> Self:
        if _wanted():
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._told = _ending(error)
        self._ending.set()
        in_haste = error is not None and asked_for(error) is not None
        silence_s, last_word_s = (_HASTE_S, _HASTE_S) if in_haste else (_SILENCE_S, _LAST_WORD_S)
        ended_s = self._shown_s = time.monotonic()
        while self._thread.is_alive():
            limit_s = min(self._shown_s + silence_s, ended_s + last_word_s) - time.monotonic()
            if limit_s <= 0:
                self._warn("the Prefect server did not take them in time")
                break
            self._thread.join(limit_s)

    def _keep_publishing(self) -> None:
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            rest_s = _LEAST_REST_S if self._watched else None
            while not self._ending.wait(rest_s):
                rest_s = self._round()
            fault = self._publish()
            for _ in range(1, _LAST_TRIES):
                if fault:
                    time.sleep(_PAUSE_S)
                    fault = self._publish()
            self._warn(fault)

    def _publish(self) -> str:
        """Publish what has changed; return what went wrong, if anything."""
        try:
            for page in self._pages(self._told):
                self._show(page)
                self._shown_s = time.monotonic()
        except Exception as error:  # noqa: BLE001 - a run is worth more than its pictures
            return " ".join(f"{type(error).__name__}: {error}".split())
        return ""

    def _round(self) -> float:
        """Publish while the run goes on; return how long to rest then, in seconds."""
        cpu_s, clock_s = time.thread_time(), time.monotonic()
        self._warn(self._publish())
        cpu_s, waited_s = time.thread_time() - cpu_s, time.monotonic() - clock_s
        earned_s = max(_LEAST_REST_S, _REST_PER_CPU * cpu_s, _REST_PER_WAIT * waited_s)
        return min(earned_s, _LONGEST_REST_S)

    def _show(self, page: Page) -> None:
        client = get_client(sync_client=True)
        known = self._shown.get(page.key)
        if known is None:
            wire: Any = ArtifactCreate(
                key=page.key,
                type=page.kind,
                description=page.description,
                data=page.content,
                flow_run_id=self._flow_run_id,
            )
            self._shown[page.key] = client.create_artifact(wire).id, page
        elif known[1] != page:
            change = ArtifactUpdate(description=page.description, data=page.content)
            client.update_artifact(known[0], change)
            self._shown[page.key] = known[0], page

    def _warn(self, reason: str) -> None:
        if reason and not self._warned:
            self._warned = True
            warn(f"Warning: the artifacts in the Prefect UI are not up to date: {reason}.")


def _wanted() -> bool:
    return os.environ.get(SWITCH, "").strip().lower() in ("", "0", "false", "no")


def _ending(error: BaseException | None) -> str:
    if error is None:
        return "ended"
    if (asked := asked_for(error)) is not None:
        return f"{'suspended' if asked.suspended else 'cancelled'} {asked}"
    if isinstance(error, Exception):
        return f"ended by an error: {error}"
    return f"broken off by {'Ctrl-C' if isinstance(error, KeyboardInterrupt) else 'SIGTERM'}"
