"""A Prefect server that is watched: what it uses, and when it has written everything down."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tools.prefect_server import prefect_server

_LOOK_S = 0.5
_QUIET_S = 4.0
_BUSY = 0.25  # of a core; with nothing to do a server uses a tenth of that
_MOST_S = 300.0


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        environment: what points a process to it.
    """

    environment: dict[str, str]
    _process: psutil.Process

    def cpu_s(self) -> float:
        """Return the processor time that it has used so far, with its children."""
        used_s = 0.0
        for process in (self._process, *self._process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used_s += times.user + times.system
        return used_s

    def idle_rate(self) -> float:
        """Watch it for some seconds with nothing to do; return what it uses, in cores."""
        before_s = self.cpu_s()
        time.sleep(_QUIET_S)
        return (self.cpu_s() - before_s) / _QUIET_S

    def settle(self) -> float:
        """Wait until it has been quiet for some seconds; return how long it went on before."""
        began = last_busy = time.monotonic()
        used_s = self.cpu_s()
        while time.monotonic() - last_busy < _QUIET_S and last_busy - began < _MOST_S:
            time.sleep(_LOOK_S)
            before_s, used_s = used_s, self.cpu_s()
            if used_s - before_s > _BUSY * _LOOK_S:
                last_busy = time.monotonic()
        return last_busy - began


@contextmanager
def running_server(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a server with a home of its own in a folder; it is quiet when the block begins.

    Args:
        folder: where its files go.
        settings: further settings, on top of those that tools/prefect_server.py makes.
    """
    home = folder / "prefect"
    home.mkdir()
    with prefect_server(home, settings) as environment:
        port = environment["PREFECT_API_URL"].split(":")[2].removesuffix("/api")
        children = psutil.Process().children()
        server = Server(environment, next(each for each in children if port in each.cmdline()))
        server.settle()
        yield server
