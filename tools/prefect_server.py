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


class PrefectServer:
    """One server on one port and one database, from start to end, or to several ends.

    Attributes:
        environment: what points to it.
    """

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self._port, self._log = _free_port(), home / "server.log"
        self.environment = {
            "PREFECT_HOME": str(home),
            "PREFECT_API_URL": f"http://127.0.0.1:{self._port}/api",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
            **(settings or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, also once more, and wait until it answers.

        Raises:
            RuntimeError: it did not in time; the text ends with its log's last lines.
        """
        with self._log.open("ab") as stream:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "prefect", "server", "start", "--port", str(self._port)],
                env={**os.environ, **self.environment},
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _await_health(f"{self.environment['PREFECT_API_URL']}/health", self._process, self._log)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and all it started."""
        if self._process is not None:
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it as a lack of power would."""
        self.send(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """End it and what it started, the hard way if need be."""
        if self._process is not None:
            _stop(self._process)


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
    server = PrefectServer(home, settings)
    try:
        server.start()
        yield server.environment
    finally:
        server.stop()


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
