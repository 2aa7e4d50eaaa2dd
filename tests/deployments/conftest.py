"""A site as docs/deploy.md sets it up: a server on each database, the deployments, a worker."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from uuid import uuid4

import pytest

from tools.prefect_api import ask_patiently
from tools.prefect_server import prefect_server
from tools.private_postgres import programs, running_postgres

ROOT = Path(__file__).resolve().parents[2]
_DEPLOYMENTS = ROOT / "deployments"
_LIMIT_S = 300.0
_IMPATIENT = {
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
}


class RefusedError(Exception):
    """The server's words on a run that it does not make."""


@dataclass
class Site:
    """Where nights run.

    Attributes:
        folder: logs of what runs here.
        environment: what ``prefect`` needs to reach the server.
        messages: what people were told, in order.
    """

    folder: Path
    environment: dict[str, str]
    messages: list[str] = field(default_factory=list)
    worker: subprocess.Popen[bytes] | None = None

    def prefect(self, *words: object) -> subprocess.CompletedProcess[str]:
        return self._call(sys.executable, "-m", "prefect", "--no-prompt", *words)

    def script(self, name: str, *words: object) -> None:
        """Run a script of deployments/ that must succeed."""
        program = [sys.executable] if name.endswith(".py") else ["sh"]
        ended = self._call(*program, _DEPLOYMENTS / name, *words)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def _call(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*map(str, words)],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )

    def api(self, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self.environment['PREFECT_API_URL']}/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        return ask_patiently(request, _LIMIT_S)

    def ask(self, deployment: str, parameters: object) -> str:
        """Have the server make a run of a deployment; return its id.

        Raises:
            RefusedError: it does not make one.
        """
        found = self.api(f"deployments/name/{deployment}")
        try:
            made = self.api(
                f"deployments/{found['id']}/create_flow_run",
                {
                    "parameters": parameters,
                    "state": {"type": "SCHEDULED"},
                    "idempotency_key": str(uuid4()),  # asked twice, it makes one
                },
            )
        except HTTPError as error:
            raise RefusedError(error.read().decode()) from error
        return str(made["id"])

    def night(self, request: dict[str, object], cut: dict[str, object]) -> str:
        """Trigger a nightly run; return its id."""
        return self.ask("orchestrate/nightly", {"request": request, "cut": cut})

    def run(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api(f"flow_runs/{run_id}")
        return found

    def run_named(self, name: str) -> dict[str, Any]:
        """Return the one run of that name."""
        (found,) = self.api("flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})
        return dict(found)

    def told(self, run_id: str) -> dict[str, str]:
        """Return the one line above each artifact of a run, by key without the dataset's name."""
        wanted = {"artifacts": {"flow_run_id": {"any_": [run_id]}}}
        found = [each for each in self.api("artifacts/filter", wanted) if each["key"]]
        return {"-".join(each["key"].split("-")[:2]): each["description"] for each in found}

    def repeat_event(self, event: str, run_id: str) -> None:
        """Have the server evaluate a run's event anew, as it does if its database was locked."""
        which = {"event": {"name": [event]}, "resource": {"id": [f"prefect.flow-run.{run_id}"]}}
        self.until(lambda: self.api("events/filter", {"filter": which})["events"])
        (told,) = self.api("events/filter", {"filter": which})["events"]
        self.api("events", [{**told, "id": str(uuid4()), "follows": None}])

    def ended(self, run_id: str) -> dict[str, Any]:
        """Wait for a run's end; return it."""
        self.until(lambda: self.run(run_id)["end_time"] is not None)
        return self.run(run_id)

    def log(self, run_id: str) -> str:
        """Return what a run has logged; the last lines arrive a moment after its end."""
        wanted = {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_ASC"}
        self.until(lambda: "Finished in state" in self._lines(wanted))
        return self._lines(wanted)

    def _lines(self, wanted: object) -> str:
        return "\n".join(line["message"] for line in self.api("logs/filter", wanted))

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + _LIMIT_S
        while not condition():
            if time.monotonic() > deadline:
                logs = (f"{log}:\n{log.read_text()[-4000:]}" for log in self.folder.glob("*.log"))
                raise TimeoutError("\n".join(logs))
            time.sleep(0.3)

    def start_worker(self) -> None:
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "prefect", "worker", "start", "--pool", "badc"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop_worker(self) -> None:
        """Stop it as its service does."""
        assert self.worker is not None
        self.script("end_runs.sh", self.worker.pid)
        self.worker.wait(_LIMIT_S)


@pytest.fixture
def refused() -> type[Exception]:
    """What ``Site.ask`` raises."""
    return RefusedError


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def site(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server, with deployments and a worker, for all tests on a database."""
    folder = tmp_path_factory.mktemp(request.param)
    settings = {
        **_IMPATIENT,
        "PREFECT_PROFILES_PATH": str(_DEPLOYMENTS / "profiles.toml"),
        "BADC_HOME": str(ROOT),
        "BADC_TIMEZONE": "America/St_Johns",
    }
    with ExitStack() as stack:
        if request.param == "postgresql":
            if programs() is None:
                pytest.skip("no PostgreSQL here: apt-get install postgresql")
            url = stack.enter_context(running_postgres())
            settings["PREFECT_API_DATABASE_CONNECTION_URL"] = url
        server = stack.enter_context(prefect_server(folder, settings))
        made = Site(folder, {**os.environ, **server})
        address = stack.enter_context(_told(made.messages))
        for words in (("work-pool", "create", "badc", "--type", "process"), ("deploy", "--all")):
            ended = made.prefect(*words)
            assert ended.returncode == 0, ended.stdout + ended.stderr
        made.script("set_up_automations.py", address)
        made.start_worker()
        stack.callback(made.stop_worker)
        yield made


@contextmanager
def _told(messages: list[str]) -> Iterator[str]:
    """Stand for Slack and its like: an address that takes messages."""

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            messages.append(json.loads(self.rfile.read(length))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Keep silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
