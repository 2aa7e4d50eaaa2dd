"""Where chunks run, other than on this host: a Dask cluster that exists, or jobs of Slurm."""

import importlib.util
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from badc.errors import UsageError
from badc.slurm import ArrayJob

_CONNECT_S = 5.0
_SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")


@dataclass(frozen=True)
class DaskCluster:
    """A Dask cluster that runs already.

    Attributes:
        address: its scheduler's.
        origin: the option or file that names it, for complaints.
    """

    address: str
    origin: str

    def __str__(self) -> str:
        """Return what a terminal is told."""
        return f"Dask cluster: {self.address}"

    def check(self) -> None:
        """See whether a scheduler is there; whether it has workers shows when it is asked.

        A Dask scheduler greets whoever connects (without TLS); another server waits to be asked,
        and Dask's own client would wait with it.

        Raises:
            UsageError: none is.
        """
        try:
            _greet(urlsplit(self.address if "://" in self.address else f"tcp://{self.address}"))
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{self.origin} {self.address}: no Dask scheduler answers there ({error}).",
                "Start 'dask scheduler' and give the address that it prints, tcp://HOST:PORT.",
            ) from None


@dataclass(frozen=True)
class SlurmJobs:
    """Jobs of Slurm, each with Dask workers of one slot each.

    Attributes:
        origin: the profile's path.
        job: what each job asks of Slurm.
        jobs: how many there are at a time.
        processes: Dask workers in each.
        python: the program that runs them on the nodes; None for the one that runs here.
        interface: the network that workers use; None leaves it to Dask.
        scheduler_interface: that of this host; None for the same.
        scheduler_port: where workers find the scheduler; 0 for any free one.
        local_directory: for the workers' small files, on the nodes; None for TMPDIR.
        worker_args: further arguments of ``dask worker``.
        shared_directory: where nodes and this host both see files; the working directory.
        wait_s: how long the first worker may take to come; None for as long as it takes.
    """

    origin: str
    job: ArrayJob
    jobs: int
    processes: int
    python: str | None
    interface: str | None
    scheduler_interface: str | None
    scheduler_port: int
    local_directory: str | None
    worker_args: tuple[str, ...]
    shared_directory: Path
    wait_s: float | None

    def __str__(self) -> str:
        """Return what a terminal is told."""
        return f"Slurm: {self.jobs} job(s) of {self.processes} worker(s) each, by {self.origin}"

    def check(self) -> None:
        """See whether jobs can be submitted from here at all.

        Raises:
            UsageError: a package or one of Slurm's programs is missing.
        """
        if importlib.util.find_spec("dask_jobqueue") is None:
            raise UsageError(
                f"{self.origin}: jobs of Slurm need the package dask-jobqueue.",
                "Install it with: pip install 'badc[slurm]'",
            )
        missing = [name for name in ("sbatch", "squeue", "scancel") if shutil.which(name) is None]
        if missing:
            raise UsageError(
                f"{self.origin}: there is no {', '.join(missing)} on this host.",
                "Start the run where jobs can be submitted, such as a login node.",
            )


Cluster = DaskCluster | SlurmJobs


def _greet(place: SplitResult) -> None:
    if place.scheme not in _SCHEMES:
        raise ValueError(f"{place.scheme}:// is none of {', '.join(_SCHEMES)}")
    with socket.create_connection((place.hostname or "", place.port or 0), _CONNECT_S) as line:
        if place.scheme == "tcp" and not line.recv(1):
            raise ValueError("what is there is no Dask scheduler")
