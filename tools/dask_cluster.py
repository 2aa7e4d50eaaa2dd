"""A real Dask cluster of one's own, started as a user starts one: for tests."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

_LIMIT_S = 120.0


@contextmanager
def running_dask_cluster(
    folder: Path, environment: Mapping[str, str], workers: Mapping[str, list[str]]
) -> Iterator[str]:
    """Start ``dask scheduler`` and a ``dask worker`` for each name; yield the address.

    Args:
        folder: where they run.
        environment: what they see.
        workers: name -> further arguments.

    Raises:
        TimeoutError: the scheduler does not answer.
    """
    port = _free_port()
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        words = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
        _start(stack, folder, environment, words)
        _await(port)
        for name, more in workers.items():
            words = ["worker", address, "--name", name, "--no-dashboard", *more]
            _start(stack, folder, environment, words)
        yield address


def _start(
    stack: ExitStack, folder: Path, environment: Mapping[str, str], words: list[str]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(process.wait, _LIMIT_S)
    stack.callback(process.terminate)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _await(port: int) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise TimeoutError("The Dask scheduler did not start.") from None
            time.sleep(0.2)
        else:
            return
