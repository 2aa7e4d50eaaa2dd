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

from flows.console import anybody_can_look, warn

SWITCH = "BADC_DISABLE_ARTIFACTS"

_LEAST_REST_S = 2.0
_REST_PER_CPU = 100  # spend at most a hundredth of a core
_REST_PER_WAIT = 50  # and let the server spend no more than a fiftieth of one
_LONGEST_REST_S = 30.0  # a longer one only gathers more to do
_LAST_WORD_S = 5.0


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
    Whatever goes wrong there is warned of once and stops nothing; at the end of the block the
    server has five seconds to take the last word.

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
        if self._thread.is_alive():
            self._thread.join(_LAST_WORD_S)
            if self._thread.is_alive():
                self._warn(f"the Prefect server did not take them within {_LAST_WORD_S:.0f} s")

    def _keep_publishing(self) -> None:
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            rest_s = _LEAST_REST_S if self._watched else None
            while not self._ending.wait(rest_s):
                rest_s = self._publish()
            self._publish()

    def _publish(self) -> float:
        """Publish what has changed; return how long to rest then, in seconds."""
        cpu_s, clock_s = time.thread_time(), time.monotonic()
        try:
            for page in self._pages(self._told):
                self._show(page)
        except Exception as error:  # noqa: BLE001 - a run is worth more than its pictures
            self._warn(" ".join(f"{type(error).__name__}: {error}".split()))
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
        if not self._warned:
            self._warned = True
            warn(f"Warning: the artifacts in the Prefect UI are not up to date: {reason}.")


def _wanted() -> bool:
    return os.environ.get(SWITCH, "").strip().lower() in ("", "0", "false", "no")


def _ending(error: BaseException | None) -> str:
    if error is None:
        return "ended"
    if isinstance(error, Exception):
        return f"ended by an error: {error}"
    return "broken off by Ctrl-C" if isinstance(error, KeyboardInterrupt) else "broken off"
