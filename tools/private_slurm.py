"""A real Slurm on this host: munged, slurmctld and two slurmd on loopback, in a private folder.

Nothing outside that folder is touched. Each daemon runs in the foreground as a child that the
kernel ends with its parent, so that not even a killed test run leaves one behind.
"""

import contextlib
import getpass
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "scontrol", "munged", "setpriv")
_CPUS = 4
_ENDED = re.compile(r"COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY|BOOT_FAIL")
_CONFIG = """\
ClusterName=badc
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={run}/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={run}/state
SlurmdSpoolDir={run}/spool.%n
SlurmctldPidFile={run}/slurmctld.pid
SlurmdPidFile={run}/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=15
MinJobAge=3600
InactiveLimit=0
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} {node}
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} {node}
PartitionName=hear Nodes=n[1-2] Default=YES MaxTime=1-0 DefaultTime=10 DefMemPerCPU=100 State=UP
"""


def missing_programs() -> list[str]:
    """Return what of Slurm is not installed here."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return [program for program in PROGRAMS if shutil.which(program, path=path) is None]


@dataclass(frozen=True)
class Slurm:
    """A running cluster.

    Attributes:
        environment: what its clients need.
        folder: its configuration and logs.
    """

    environment: dict[str, str]
    folder: Path

    def call(
        self, *words: object, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a client, or whatever else shall see the cluster."""
        return subprocess.run(
            [*map(str, words)],
            cwd=cwd or self.folder,
            env={**os.environ, **self.environment, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def sbatch(self, *words: object, cwd: Path | None = None, **more: str) -> str:
        """Submit; return the job's number."""
        ended = self.call("sbatch", "--parsable", *words, cwd=cwd, **more)
        return _well(ended).strip().partition(";")[0]

    def jobs(self, job: str) -> dict[str, dict[str, str]]:
        """Return what Slurm knows of a job, per array task ('' for a job that is no array)."""
        ended = self.call("scontrol", "--oneliner", "show", "job", job)
        found = {}
        for line in _well(ended).splitlines():
            fields = dict(re.findall(r"(\w+)=(\S*)", line))
            found[fields.get("ArrayTaskId", "")] = fields
        return found

    def wait(self, job: str, limit_s: float = 600) -> dict[str, str]:
        """Wait until every task of a job has ended; return the states."""

        def all_ended() -> bool:
            return all(_ENDED.fullmatch(fields["JobState"]) for fields in self.jobs(job).values())

        _until(all_ended, self, limit_s)
        return {task: fields["JobState"] for task, fields in self.jobs(job).items()}

    def logs(self) -> str:
        """Return the daemons' last words."""
        return "\n".join(
            f"== {log.name}\n{log.read_text(errors='replace')[-2000:]}"
            for log in sorted(self.folder.glob("*.log"))
        )


@contextlib.contextmanager
def running_slurm(run: Path) -> Iterator[Slurm]:
    """Start a cluster of two nodes in ``run``; stop it, with all its jobs, at the end."""
    slurm = _configure(run)
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        for name, *command in (
            ("munged", "munged", "--foreground", "--force", *_munge_options(run / "munge")),
            ("slurmctld", "slurmctld", "-D", "-c"),
            ("n1", "slurmd", "-D", "-N", "n1"),
            ("n2", "slurmd", "-D", "-N", "n2"),
        ):
            daemons.append(_start(slurm, name, command))
            if name == "munged":
                _until((run / "munge" / "socket").exists, slurm)
        _until(lambda: _idle_nodes(slurm) == 2, slurm)
        yield slurm
    finally:
        if len(daemons) == 4:
            _cancel_all(slurm)
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _configure(run: Path) -> Slurm:
    (run / "munge").mkdir(mode=0o755)
    (run / "state").mkdir()
    run.chmod(0o755)
    key = run / "munge" / "key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(1024))
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
    node = f"CPUs={_CPUS} CoresPerSocket={_CPUS} RealMemory=8000 State=UNKNOWN"
    host = socket.gethostname().partition(".")[0]
    config = run / "slurm.conf"
    config.write_text(
        _CONFIG.format(host=host, ports=ports, user=getpass.getuser(), run=run, node=node)
    )
    (run / "cgroup.conf").write_text("CgroupAutomount=no\n")
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    return Slurm({"SLURM_CONF": str(config), "PATH": path}, run)


def _munge_options(folder: Path) -> list[str]:
    options = {"socket": "socket", "key-file": "key", "pid-file": "pid", "seed-file": "seed"}
    return [f"--{option}={folder / name}" for option, name in options.items()]


def _start(slurm: Slurm, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    with (slurm.folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            env={**os.environ, **slurm.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _idle_nodes(slurm: Slurm) -> int:
    return slurm.call("sinfo", "-h", "-N", "-o", "%T").stdout.split().count("idle")


def _cancel_all(slurm: Slurm) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        slurm.call("scancel", "--user", getpass.getuser())
        deadline = time.monotonic() + 20
        while slurm.call("squeue", "-h").stdout.strip() and time.monotonic() < deadline:
            time.sleep(0.2)


def _until(condition: Callable[[], bool], slurm: Slurm, limit_s: float = 120) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(slurm.call("squeue").stdout + slurm.logs())
        time.sleep(0.1)


def _well(ended: subprocess.CompletedProcess[str]) -> str:
    if ended.returncode != 0:
        raise RuntimeError(ended.stderr)
    return ended.stdout
