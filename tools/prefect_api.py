"""Asks a Prefect server what it shows of flow runs, for tests and benchmarks."""

import json
import re
import time
import urllib.request
from typing import Any
from urllib.error import HTTPError

_ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")
_WAIT_S = 180.0
_LOCKED = 503  # how the server says that its database was locked, and to ask again


def ask_patiently(request: urllib.request.Request, limit_s: float = _WAIT_S) -> Any:  # noqa: ANN401 - JSON
    """Return the server's answer, asking again while its database is locked.

    Raises:
        HTTPError: it refuses, or its database is still locked after ``limit_s``.
    """
    deadline = time.monotonic() + limit_s
    while True:
        try:
            with urllib.request.urlopen(request, timeout=limit_s) as answer:  # noqa: S310 - our own server
                return json.loads(answer.read() or "null")
        except HTTPError as error:
            if error.code != _LOCKED or time.monotonic() > deadline:
                raise
        time.sleep(0.5)


class PrefectApi:
    """The REST API at an address that ends in ``/api``."""

    def __init__(self, address: str) -> None:
        self.address = address

    def filter(self, kind: str, **body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
        """Return what of a kind (``flow_runs``, ``artifacts``, …) passes the filters."""
        return list(self._post(f"{kind}/filter", body))

    def chunks_completed(self) -> int:
        """Return how many task runs of all flow runs the server knows to have completed."""
        completed = {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
        return int(self._post("task_runs/count", completed))

    def run(self, identity: str) -> dict[str, Any]:
        """Return a flow run as it is now."""
        return self.filter("flow_runs", flow_runs={"id": {"any_": [identity]}})[0]

    def set_state(self, identity: str, kind: str, name: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Ask for a flow run's state as the UI does; return the server's answer."""
        state = {"type": kind, "name": name or kind.title(), **more}
        return dict(self._post(f"flow_runs/{identity}/set_state", {"state": state}))

    def resume(self, identity: str) -> dict[str, Any]:
        """Let a flow run that is paused go on, as the UI does."""
        return dict(self._post(f"flow_runs/{identity}/resume", {}))

    def run_named(self, name: str) -> dict[str, Any]:
        """Return the flow run of that name, once it has ended."""
        return self._ended("flow_runs", {"name": {"any_": [name]}})

    def run_announced(self, out: str) -> dict[str, Any]:
        """Return the flow run whose address stands in a command's output, once it has ended."""
        identity = re.search(r"flow-run/([0-9a-f-]{36})", out)
        if identity is None:
            raise AssertionError(f"no flow run in: {out}")
        return self._ended("flow_runs", {"id": {"any_": [identity[1]]}})

    def task_runs(self, run: dict[str, Any], count: int) -> list[dict[str, Any]]:
        """Return a flow run's task runs; the server takes a moment to write the last ones down."""
        deadline = time.monotonic() + _WAIT_S
        while True:
            runs = self.filter("task_runs", flow_runs={"id": {"any_": [run["id"]]}})
            ended = [each for each in runs if each["state_type"] in _ENDED]
            if len(ended) >= count or time.monotonic() > deadline:
                return runs
            time.sleep(0.3)

    def log_of(self, run: dict[str, Any]) -> str:
        """Return all messages of a flow run's log."""
        lines = self.filter("logs", logs={"flow_run_id": {"any_": [run["id"]]}})
        return "\n".join(str(line["message"]) for line in lines)

    def artifacts_of(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return a flow run's artifacts by key."""
        found = self.filter("artifacts", artifacts={"flow_run_id": {"any_": [run["id"]]}})
        return {artifact["key"]: artifact for artifact in found}

    def _post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.address}/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        return ask_patiently(request)

    def _ended(self, kind: str, which: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + _WAIT_S
        while True:
            (run,) = self.filter(kind, **{kind: which})
            if run["state_type"] in _ENDED or time.monotonic() > deadline:
                return run
            time.sleep(0.2)
