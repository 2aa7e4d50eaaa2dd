"""What the Prefect UI tells of a run without any log: name, tags, and four artifacts."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from badc.runs import InferPlan, InferRequest, RunReport, history_name
from badc.runs.markdown import plain
from badc.telemetry import Highlights, LogFollower, RunView, event_rows, worker_rows
from flows.artifacts import Page, Publisher, artifact_key

_EVENTS = 30


def telling(request: InferRequest, plan: InferPlan, dataset: Path | None) -> Publisher:
    """Return a block that keeps this flow run's artifacts current, and tells how it ended.

    ``dataset`` is the one that the run counts to.
    """
    return Publisher(_Story(request, plan, dataset).pages)


class _Story:
    """Follows the run's own telemetry log, as a terminal does (decision 6)."""

    def __init__(self, request: InferRequest, plan: InferPlan, dataset: Path | None) -> None:
        self._request, self._plan, self._dataset = request, plan, dataset
        self._name = history_name(plan.manifest, dataset)
        self._follower = LogFollower(plan.telemetry_log)
        for _ in self._follower.new_events():
            pass  # what earlier runs wrote is no part of this story
        self._view, self._highlights = RunView(keep=_EVENTS), Highlights()
        self._began_s = time.monotonic()

    def pages(self, ending: str) -> Iterator[Page]:
        """Yield everything there is to show now."""
        for event in self._follower.new_events():
            self._view.fold(event)
            self._highlights.fold(event)
        report = RunReport(
            request=self._request,
            plan=self._plan,
            dataset=self._dataset,
            view=self._view,
            highlights=self._highlights,
            elapsed_s=time.monotonic() - self._began_s,
            ending=ending,
        )
        counts = report.counts
        yield Page(self._key("progress"), "progress", round(counts.settled_pct, 1), str(counts))
        if self._view.workers:
            rows = json.dumps(worker_rows(self._view))
            yield Page(self._key("workers"), "table", rows, "What each worker did in this run.")
            rows = json.dumps(event_rows(self._view, _EVENTS))
            yield Page(self._key("events"), "table", rows, "The last events, the newest last.")
        words = plain(f"{counts}, {ending}.")
        yield Page(self._key("report"), "markdown", report.markdown(), words)

    def _key(self, what: str) -> str:
        return artifact_key(f"infer-{what}", self._name)
