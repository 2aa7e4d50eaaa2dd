"""Sharing the GPUs of a host among workers that know nothing of each other.

Workers that BADC did not start (of a Dask cluster, of a Slurm job) each see all GPUs of their job.
Each slot claims one: the first of those that the fewest others have claimed. A claim is a lock on
an empty file that all processes of the user on this host see, so that it needs no count kept
anywhere, workers may come and go at any time, and a worker that is killed lets go of its own.
"""

import fcntl
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from badc.hardware.gpu import Gpu
from badc.private_folder import private_folder

_MOST_SHARERS = 64


@dataclass(frozen=True)
class GpuClaim:
    """A GPU held for one slot.

    Attributes:
        gpu: the device.
    """

    gpu: Gpu
    _lock: int

    def release(self) -> None:
        """Let others have it."""
        os.close(self._lock)


def claim_gpu(gpus: Sequence[Gpu], folder: Path | None = None) -> GpuClaim | None:
    """Claim one of ``gpus``; None where there are none.

    Where every GPU is claimed, claims are shared out evenly: the second round begins at the first
    GPU again.

    Args:
        gpus: those that the caller sees.
        folder: where the locks lie; a private one of the user's by default.

    Raises:
        OSError: the locks cannot be made.
        BadcError: their usual place is somebody else's.
    """
    if not gpus:
        return None
    place = folder or Path(tempfile.gettempdir()) / f"badc-gpus-{os.getuid()}"
    private_folder(place, "Set TMPDIR to a folder of your own.")
    for sharer in range(_MOST_SHARERS):
        for gpu in gpus:
            lock = os.open(place / f"{gpu.uuid}.{sharer}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                return GpuClaim(gpu, lock)
    return None
