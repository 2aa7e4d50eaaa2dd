"""A real Prefect server of one's own, for tests and benchmarks."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_START_S = 180.0
_STOP_S = 20.0


@contextmanager
def prefect_server(
    home: Path, settings: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """Start a server; yield the environment that points to it.

    Args:
        home: where its files lie, the database too if ``settings`` name none.
        settings: further settings, of the server and in the environment that is yielded.

    Raises:
        RuntimeError: it did not answer in time; the text ends with its log's last lines.
    """
    environment = {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{_free_port()}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        **(settings or {}),
    }
    port = environment["PREFECT_API_URL"].split(":")[2].removesuffix("/api")
    log = home / "server.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--port", port],
            env={**os.environ, **environment},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _await_health(f"{environment['PREFECT_API_URL']}/health", server, log)
            yield environment
        finally:
            _stop(server)


def _free_port() -> int:
    """Return a free port that the system gives to nobody unasked, such as a Dask scheduler.

    The server takes seconds to open it.
    """
    while True:
        port = random.randrange(15_000, 32_000)  # noqa: S311 - no secret
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


def _await_health(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                last = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"The Prefect server did not start:\n{last}") from None
            time.sleep(0.2)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and what it started, the hard way if need be."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
            server.wait(_STOP_S)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return
