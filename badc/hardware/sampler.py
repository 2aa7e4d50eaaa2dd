"""The one process of a host that asks how busy its GPUs are, while a run goes on.

Every process that has a GPU slot offers itself; which one it is, a lock on a file decides. The
system lets go of the lock when its holder dies, however it dies, and another one takes over.
"""

import contextlib
import fcntl
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from badc.hardware.sample import GpuSample, sample_gpus

_EVERY_S = 1.0


class GpuSampler:
    """Samples in a thread of its own, so that a driver that hangs holds nobody up."""

    def __init__(self, run_id: str, report: Callable[[list[GpuSample]], None]) -> None:
        """Get ready; ``report`` is called about every second, in the sampler's thread."""
        self._claim = Path(tempfile.gettempdir()) / f"badc-gpus-{run_id}.lock"
        self._report = report
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="badc-gpus", daemon=True)

    def start(self) -> None:
        """Offer this process as the host's sampler."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; returns at once."""
        self._ending.set()

    def _keep(self) -> None:
        # a full disk, a closed worker, whatever a driver's library raises: no figures, no harm
        with contextlib.suppress(Exception):
            claim = os.open(self._claim, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if self._claimed(claim):
                    self._sample()
                    self._claim.unlink(missing_ok=True)
            finally:
                os.close(claim)

    def _claimed(self, claim: int) -> bool:
        """Wait until this process is the one to ask; False when the run ended first."""
        while not self._ending.is_set():
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            self._ending.wait(_EVERY_S)
        return False

    def _sample(self) -> None:
        while not self._ending.is_set():
            samples = sample_gpus()
            if samples and not self._ending.is_set():
                self._report(samples)
            self._ending.wait(_EVERY_S)
