"""Jobs that end before the run does, replaced.

dask-jobqueue forgets a job whose worker is gone, and does not even notice one that ended before
its worker came or that has several workers. So Slurm itself is asked: soon after a worker has left,
and every quarter of a minute otherwise.
"""

import asyncio
import os
from typing import Any

from distributed import SchedulerPlugin, Status
from tornado.ioloop import PeriodicCallback

from badc.errors import RunFailedError

_LOOK_S = 15.0
_SETTLE_S = 1.0  # between a worker's leaving and the job's
_MOST_IN_VAIN = 3
_ALIVE = frozenset(
    {"PENDING", "CONFIGURING", "RUNNING", "SUSPENDED", "REQUEUED", "REQUEUE_HOLD", "RESIZING",
     "SIGNALING", "STOPPED", "SPECIAL_EXIT", "REQUEUE_FED", "RESV_DEL_HOLD"}
)  # fmt: skip


class JobWatch(SchedulerPlugin):  # type: ignore[misc]
    """Keeps as many jobs in the queue as there were at first.

    All methods but :meth:`check` run on the cluster's event loop.

    Attributes:
        name: the plugin's name.
        ending: set when jobs are no longer to be replaced.
    """

    name = "badc-job-watch"

    def __init__(self, cluster: Any, origin: str) -> None:  # noqa: ANN401 - dask has no types
        self.ending = False
        self._cluster = cluster
        self._origin = origin
        self._came: set[str] = set()
        self._in_vain = 0
        self._reason = ""
        self._looking = asyncio.Lock()

    async def begin(self) -> None:
        """Begin to watch."""
        self._came.update(str(worker.name) for worker in self._cluster.scheduler.workers.values())
        self._cluster.scheduler.add_plugin(self)
        callback = PeriodicCallback(self.look, _LOOK_S * 1000)
        self._cluster.periodic_callbacks["badc-job-watch"] = callback
        callback.start()

    def add_worker(self, scheduler: Any, worker: str) -> None:  # noqa: ANN401 - dask has no types
        """Take note of a worker: its job works."""
        self._came.add(str(scheduler.workers[worker].name))
        self._in_vain = 0

    def remove_worker(self, scheduler: Any, worker: str, **more: Any) -> None:  # noqa: ANN401 - dask
        """Look soon whether its job has ended."""
        del scheduler, worker, more
        asyncio.get_running_loop().call_later(
            _SETTLE_S, lambda: self._cluster.loop.add_callback(self.look)
        )

    async def look(self) -> None:
        """Ask Slurm which jobs stand, and submit others for those that do not."""
        if self._looking.locked() or self.ending or self._in_vain >= _MOST_IN_VAIN:
            return
        async with self._looking:
            jobs = dict(self._cluster.workers)
            standing = await self._standing()
            if standing is None or self.ending or self._cluster.status != Status.running:
                return
            for name in jobs.keys() & self._cluster.workers.keys():
                if jobs[name].job_id not in standing:
                    self._replace(name)
            if self._in_vain < _MOST_IN_VAIN:
                await self._submit()

    def check(self) -> None:
        """Raise when no worker is left and none will come any more.

        Raises:
            RunFailedError: job after job ended before a worker came.
        """
        if self._in_vain >= _MOST_IN_VAIN and not self._cluster.scheduler.workers:
            raise RunFailedError(
                f"{self._origin}: {self._in_vain} jobs in a row ended before a worker came"
                f"{f' ({self._reason})' if self._reason else ''}.",
                "Their logs say why: python, setup or interface in the profile may not fit a node.",
            )

    def _replace(self, name: str) -> None:
        """Forget a job that has ended and plan another, of another name, in its place."""
        if not any(came == name or came.startswith(f"{name}-") for came in self._came):
            self._in_vain += 1
        job = self._cluster.workers.pop(name)
        job.status = Status.closed
        self._cluster.worker_spec.update(self._cluster.new_worker_spec())
        self._cluster.worker_spec.pop(name, None)

    async def _submit(self) -> None:
        """Submit what is planned and not in the queue; Slurm may refuse it for now."""
        if set(self._cluster.worker_spec) <= set(self._cluster.workers):
            return
        try:
            await self._cluster._correct_state()  # noqa: SLF001 - the way SpecCluster adds workers
        except (RuntimeError, OSError, ValueError) as error:
            self._reason = submission_fault(error)

    async def _standing(self) -> set[str] | None:
        """Return the numbers of this user's jobs that run or will; None where Slurm says nothing.

        Asked for single jobs, Slurm calls it an error when one of them is long gone.
        """
        words = ["squeue", "--noheader", f"--user={os.getuid()}", "--states=all", "--format=%A %T"]
        try:
            said = await self._cluster.job_cls._call(words)  # noqa: SLF001 - as jobs are submitted
        except (RuntimeError, OSError):
            return None
        pairs = (line.split() for line in said.splitlines())
        return {pair[0] for pair in pairs if len(pair) == 2 and pair[1] in _ALIVE}


def submission_fault(error: Exception) -> str:
    """Return the words of ``sbatch`` itself, in one line."""
    said = str(error).rpartition("stderr:")[2] or str(error)
    return " ".join(said.split()).removeprefix("sbatch: error: ").rstrip(".")
