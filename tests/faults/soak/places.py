"""What a soak's runs depend on and can lose: a disk of their own, a Prefect server of their own."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.prefect_server import PrefectServer

_GONE_S = 5.0


@contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[bool]:
    """Put a small disk of memory at ``folder``; say whether that could be done (by root alone)."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        yield False
        return
    try:
        yield True
    finally:
        # what it holds is evidence, and outlives the disk
        kept = folder.with_name(f"{folder.name}-kept")
        subprocess.run(["cp", "-a", str(folder), str(kept)], check=False, capture_output=True)
        subprocess.run(["umount", str(folder)], check=False, capture_output=True)


class OwnServer:
    """A Prefect server that can be killed and comes back at the same address.

    Attributes:
        environment: what points to it.
    """

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True)
        self._server = PrefectServer(home)
        self.environment = self._server.environment
        self._server.start()

    def lose(self, _process: int) -> None:
        """Kill it; bring it back some seconds later."""
        self._server.kill()
        time.sleep(_GONE_S)
        self._server.start()

    def close(self) -> None:
        self._server.stop()
