"""Jobs of Slurm as the workers of a Dask cluster whose scheduler lives in this process.

Does not import without dask-jobqueue.
"""

import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dask
from dask_jobqueue import SLURMCluster
from dask_jobqueue.slurm import SLURMJob
from distributed import Status
from distributed.security import Security

from badc.cluster.job_watch import JobWatch, submission_fault
from badc.cluster.loopback import LOOPBACK
from badc.errors import UsageError
from badc.process import ProcessDoor
from badc.runs import SlurmJobs
from badc.slurm.quoting import shell_word
from badc.time_limit import within

_LOG_NAME = "%x-%j.out"
_NO_PAGE = f"{LOOPBACK}:0"  # unlike the rest, Dask's web servers know no certificates
_POLL_S = 0.2
_REMIND_S = 300.0
_SCANCEL_S = 60.0
_CLOSE_S = 60.0
_SETTINGS = {
    # A job ends for reasons of its own (its time, another user's priority), rarely for a chunk's.
    "distributed.scheduler.allowed-failures": 10,
}


class WorkerJob(SLURMJob):  # type: ignore[misc]
    """A job whose ``#SBATCH`` lines are quoted by BADC; dask-jobqueue's own are not."""

    def __init__(self, *args: Any, header: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **options)
        self.job_header = "\n".join(f"#SBATCH {option}" for option in header)

    async def close(self) -> None:
        """Cancel the job, if it is still there."""
        await super().close()
        self.status = Status.closed


class JobCluster(SLURMCluster):  # type: ignore[misc]
    """Names workers ``badc-<job>``, or ``badc-<job>-<worker>`` where a job has several."""

    job_cls = WorkerJob

    def _get_worker_security(self, security: Security) -> None:
        """Hand no certificates to jobs: ``worker_args`` names those that we wrote, quoted."""


@contextmanager
def open_slurm(
    jobs: SlurmJobs, tell: Callable[[str], None]
) -> Iterator[tuple[JobCluster, Callable[[], None]]]:
    """Submit jobs and wait for the first worker; at the end no job is left in the queue.

    Yields:
        The cluster, and what raises once no worker is left and none will come any more.

    Raises:
        UsageError: Slurm refuses the jobs, or their workers do not come.
    """
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_SETTINGS))
        security = Security.temporary()
        keys = stack.enter_context(_keys_of(security, jobs.shared_directory))
        try:
            cluster = _cluster(jobs, security, keys)
        except (RuntimeError, OSError, ValueError) as error:
            raise UsageError(
                f"{jobs.origin}: the Dask scheduler cannot start: {' '.join(str(error).split())}.",
                "Correct scheduler_interface, scheduler_port or log_directory in the profile.",
            ) from None
        watch = JobWatch(cluster, jobs.origin)
        stack.callback(_close, cluster, watch)
        _submit(cluster, jobs)
        cluster.sync(watch.begin)
        _await_worker(cluster, jobs, watch.check, tell)
        yield cluster, watch.check


def _cluster(jobs: SlurmJobs, security: Security, keys: list[str]) -> JobCluster:
    if jobs.job.log_dir is not None:
        jobs.job.log_dir.mkdir(parents=True, exist_ok=True)
    place = {"interface": jobs.scheduler_interface} if jobs.scheduler_interface else {}
    return JobCluster(
        name="badc",
        header=tuple(jobs.job.sbatch_options(_LOG_NAME)),
        cores=jobs.processes,  # one thread each; what the job books stands in its header
        processes=jobs.processes,
        memory="1 GiB",  # said to Dask alone, which is told below not to heed it
        python=None if jobs.python is None else shell_word(jobs.python),
        interface=jobs.interface and shell_word(jobs.interface),
        local_directory=jobs.local_directory and shell_word(jobs.local_directory),
        job_script_prologue=list(jobs.job.setup),
        worker_extra_args=[
            "--memory-limit", "0", "--no-dashboard", "--dashboard-address", _NO_PAGE, *keys,
            *map(shell_word, jobs.worker_args),
        ],
        security=security,
        protocol="tls://",
        scheduler_options={
            "dashboard": False,
            "dashboard_address": _NO_PAGE,
            "port": jobs.scheduler_port,
            **place,
        },
        silence_logs=logging.CRITICAL,
    )  # fmt: skip


@contextmanager
def _keys_of(security: Security, folder: Path) -> Iterator[list[str]]:
    """Write the cluster's own certificates where only this user's jobs can read them.

    A Dask scheduler does whatever anyone who reaches it asks: on a shared cluster it must know
    whom it talks to.

    Yields:
        The arguments of ``dask worker`` that name them.
    """
    try:
        written = tempfile.TemporaryDirectory(prefix=".badc-keys-", dir=folder)
    except OSError as error:
        raise UsageError(
            f"{folder}: the workers' keys cannot be put there ({error.strerror}).",
            "Name a folder that the nodes see as shared_directory in the cluster profile.",
        ) from None
    with written as place:
        arguments = []
        for name, text in security.get_tls_config_for_role("worker").items():
            if name != "ciphers":
                path = Path(place) / name
                path.write_text(text)
                arguments += [f"--tls-{name.replace('_', '-')}", shell_word(path)]
        yield arguments


def _submit(cluster: JobCluster, jobs: SlurmJobs) -> None:
    for _ in range(jobs.jobs):
        cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        cluster.sync(cluster._correct_state)  # noqa: SLF001 - the way SpecCluster adds workers
    except (RuntimeError, OSError, ValueError) as error:
        raise UsageError(
            f"{jobs.origin}: Slurm refuses the job: {submission_fault(error)}.",
            "Correct the profile; 'sinfo' and 'sacctmgr show associations' tell what there is.",
        ) from None


def _await_worker(
    cluster: JobCluster, jobs: SlurmJobs, check: Callable[[], None], tell: Callable[[str], None]
) -> None:
    """Return when a worker has come; say what is waited for, now and then."""
    began = time.monotonic()
    reminder_s = 0.0
    while not cluster.scheduler.workers:
        check()
        waited_s = time.monotonic() - began
        if jobs.wait_s is not None and waited_s > jobs.wait_s:
            raise UsageError(
                f"{jobs.origin}: no worker came within {jobs.wait_s:g} s.",
                "'squeue --me' says why jobs wait; a job's log why its worker did not come.",
            )
        if waited_s >= reminder_s:
            tell(
                f"Waiting for the first of {jobs.jobs} Slurm job(s)"
                f"{f', for {waited_s / 60:.0f} min now' if reminder_s else ''} …"
                " ('squeue --me' shows them; Ctrl-C cancels them)"
            )
            reminder_s += _REMIND_S
        time.sleep(_POLL_S)


def _close(cluster: JobCluster, watch: JobWatch) -> None:
    """Take all jobs off the queue first, in one go: whatever else may hang, they are gone."""
    watch.ending = True
    numbers = [job.job_id for job in list(cluster.workers.values()) if job.job_id]
    if numbers:
        ProcessDoor().run(["scancel", *numbers], timeout_s=_SCANCEL_S)
    within(_CLOSE_S, cluster.close)
