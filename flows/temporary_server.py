"""A Prefect server for the length of one command, where none is configured.

It starts while the command still reads its input, is shared by whatever the command starts, and
ends with it, however that ends. It is a session of its own: Ctrl-C in a terminal does not reach
it, so a run that is broken off can still say so. Prefect is not imported here.
"""

import atexit
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from secrets import token_hex
from typing import IO

from badc.errors import BadcError
from badc.process import ProcessDoor

_START_LIMIT_S = 120.0
_ASK_LIMIT_S = 5.0
_PAUSE_S = 0.05
_WORDS = 400
MARK = "BADC_TEMPORARY_SERVER"
"""Set in the environment of those who report to a temporary server."""


class TemporaryServer:
    """One server, from its start to its end.

    Attributes:
        password: what it asks of everybody; this host may have other users.
    """

    def __init__(self) -> None:
        self._door = ProcessDoor()
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the server
        self.password = f"badc:{token_hex(16)}"
        self._process = self._door.start(
            [sys.executable, "-P", str(Path(__file__).with_name("temporary_server_process.py"))],
            env={**os.environ, "PREFECT_SERVER_API_AUTH_STRING": self.password},
            stdin=subprocess.PIPE,  # its end tells the server that this process has ended
            errors=self._said.fileno(),
        )
        atexit.register(self.end)

    def await_start(self) -> str:
        """Return the address of its API once it answers.

        Raises:
            BadcError: it ended, or did not answer in time; the error repeats its last words.
        """
        deadline = time.monotonic() + _START_LIMIT_S
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        address = self._process.stdout.readline().decode().strip()
        while address and self._process.poll() is None and time.monotonic() < deadline:
            if _answers(address):
                return address
            time.sleep(_PAUSE_S)
        raise BadcError(
            f"Prefect's temporary server did not start: {self._last_words()}",
            "Start one yourself ('prefect server start') and set PREFECT_API_URL to its address.",
        )

    def end(self) -> None:
        """Ask it to end, and see that it does."""
        self._door.close()

    def _last_words(self) -> str:
        self._said.seek(0)
        said = " ".join(self._said.read().decode("utf-8", "replace").split())
        return said[-_WORDS:] or "it said nothing."


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=_ASK_LIMIT_S):  # noqa: S310 - ours
            return True
    except OSError:
        return False


_begun: TemporaryServer | None = None


def begin_temporary_server() -> None:
    """Start this process's temporary server, unless that has been done; do not wait for it."""
    global _begun  # noqa: PLW0603 - one per process, as there is one environment
    if _begun is None:
        _begun = TemporaryServer()


def use_temporary_server() -> None:
    """Let this process and what it starts report to its temporary server, if it began one.

    Raises:
        BadcError: it did not start.
    """
    if _begun is not None and MARK not in os.environ:
        os.environ["PREFECT_API_URL"] = _begun.await_start()
        os.environ["PREFECT_API_AUTH_STRING"] = _begun.password
        os.environ[MARK] = "1"
        if "prefect" in sys.modules:  # asked for its settings before, it knows the earlier ones
            from prefect.context import refresh_global_settings_context  # noqa: PLC0415

            refresh_global_settings_context()
