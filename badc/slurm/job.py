"""What a Slurm job asks for, as ``#SBATCH`` lines."""

import re
from dataclasses import dataclass
from pathlib import Path

from badc.errors import UsageError
from badc.slurm.quoting import sbatch_value

_LONGEST_LEAD_S = 120
_TIME = re.compile(
    r"(?:(?P<days>\d+)-(?P<h>\d+)(?::(?P<m>\d+)(?::(?P<s>\d+))?)?"
    r"|(?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>\d+)|(?P<min>\d+)(?::(?P<sec>\d+))?)"
)
_MEMORY = re.compile(r"[0-9]+[kmgtKMGT]?[bB]?")
_UNITS_S = {"days": 86400, "h": 3600, "hours": 3600, "m": 60, "minutes": 60, "min": 60}


@dataclass(frozen=True)
class ArrayJob:
    """The resources of one array task, and how the array is run. None leaves it to the site.

    Attributes:
        job_name, account, partition, gres: as ``sbatch`` takes them.
        time: the limit of one task: minutes, [hours:]minutes:seconds, or days-hours[:…].
        cpus_per_task: at least 1.
        mem: memory per node, such as ``16G``.
        log_dir: absolute folder of the tasks' output; it must exist when the job is submitted,
            and be writable on compute nodes. Without it, Slurm writes where it was submitted.
        throttle: at most so many tasks at a time.
        directives: further options, such as ``--constraint=gpu_mem_32``.
        setup: lines of bash that make ``badc`` available, such as ``module load`` or
            ``source venv/bin/activate``; used as they are.

    Raises:
        UsageError: a value that sbatch would refuse or misunderstand.
    """

    job_name: str = "badc-infer"
    account: str | None = None
    partition: str | None = None
    gres: str | None = None
    time: str | None = None
    cpus_per_task: int | None = None
    mem: str | None = None
    log_dir: Path | None = None
    throttle: int | None = None
    directives: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_number("cpus-per-task", self.cpus_per_task)
        _check_number("array throttle", self.throttle)
        if self.time is not None:
            time_limit_s(self.time)
        if self.mem is not None and not _MEMORY.fullmatch(self.mem):
            raise UsageError(f"mem {self.mem!r}: is no amount of memory.", "Say it like 16G.")
        if "/" in self.job_name:  # its log files are named for it
            raise UsageError(f"job name {self.job_name!r}: has a slash in it.", "Leave it out.")
        if any("\0" in line for line in self.setup):
            raise UsageError("setup: holds a NUL character.")
        self.sbatch_options("")

    def sbatch_options(self, log_name: str) -> list[str]:
        """Return the options that describe the job, without the array's own.

        Args:
            log_name: the name of a log file, in sbatch's pattern.
        """
        asked = {
            "--job-name": self.job_name,
            "--account": self.account,
            "--partition": self.partition,
            "--gres": self.gres,
            "--time": self.time,
            "--cpus-per-task": str(self.cpus_per_task) if self.cpus_per_task else None,
            "--mem": self.mem,
            "--output": f"{_log_folder(self.log_dir)}/{log_name}" if self.log_dir else None,
        }
        options = [
            f"{option}={sbatch_value(option, value)}"
            for option, value in asked.items()
            if value is not None
        ]
        return options + [_directive(each) for each in self.directives]

    @property
    def lead_s(self) -> int:
        """Seconds before the time limit at which SIGTERM comes: two minutes, less in short jobs."""
        limit_s = time_limit_s(self.time) if self.time else None
        if limit_s is None:
            return _LONGEST_LEAD_S
        return min(_LONGEST_LEAD_S, max(60, limit_s) // 4)  # Slurm counts begun minutes


def time_limit_s(text: str) -> int | None:
    """Return the seconds that Slurm means by ``text``; None for no limit.

    Raises:
        UsageError: it is none of Slurm's forms, or no time at all.
    """
    if text.upper() in ("UNLIMITED", "INFINITE"):
        return None
    match = _TIME.fullmatch(text) if text.isascii() else None
    parts = match.groupdict() if match else {}
    limit_s = sum(_UNITS_S.get(unit, 1) * int(part) for unit, part in parts.items() if part)
    if limit_s == 0 or len(text) > 20:
        raise UsageError(
            f"time {text!r}: is no time limit.", "Say it like 08:00:00 (hours) or 2-00:00 (days)."
        )
    return limit_s


def _check_number(name: str, number: int | None) -> None:
    if number is not None and number < 1:
        raise UsageError(f"{name} {number}: is less than 1.", "Leave it out, or give at least 1.")


def _log_folder(folder: Path) -> str:
    if not folder.is_absolute():
        raise UsageError(
            f"log folder {folder}: is relative, so it would move with the folder one submits from.",
            "Give the path from the root.",
        )
    if "\\" in str(folder):  # switches off sbatch's %A and %a
        raise UsageError(f"log folder {folder}: has a backslash in it.", "Choose another one.")
    return str(folder).replace("%", "%%")


def _directive(text: str) -> str:
    option, equals, value = text.partition("=")
    if not re.fullmatch(r"--[a-z][a-z0-9-]*", option):
        raise UsageError(
            f"sbatch option {text!r}: is none.", "Say it like --constraint=gpu_mem_32."
        )
    if option in ("--array", "--signal", "--requeue", "--no-requeue", "--wrap"):
        raise UsageError(f"sbatch option {option}: is the script's own.", "Leave it out.")
    return f"{option}={sbatch_value(option, value)}" if equals else option
