"""A cluster profile: the file that says where chunks run.

It is a TOML file without tables. ``kind`` decides which keys there are. Relative paths start
from the working directory.
"""

from pathlib import Path
from typing import Any, ClassVar

from badc.errors import UsageError
from badc.runs.clusters import Cluster, DaskCluster, SlurmJobs
from badc.runs.toml_keys import check_keys
from badc.slurm import ArrayJob
from badc.toml_file import TomlFile

KEYS: dict[str, dict[str, str]] = {
    "dask": {"kind": "text", "address": "text"},
    "slurm": {
        "kind": "text",
        "jobs": "whole number",
        "processes": "whole number",
        "cores": "whole number",
        "memory": "text",
        "walltime": "text",
        "account": "text",
        "partition": "text",
        "gres": "text",
        "directives": "texts",
        "job_name": "text",
        "setup": "texts",
        "python": "text",
        "interface": "text",
        "scheduler_interface": "text",
        "scheduler_port": "whole number",
        "log_directory": "path",
        "local_directory": "text",
        "worker_args": "texts",
        "shared_directory": "path",
        "wait": "number",
    },
}
"""Kind -> key -> what it holds."""

_OTHER_NAMES = {
    "queue": "partition",
    "time": "walltime",
    "mem": "memory",
    "job_extra_directives": "directives",
    "job_script_prologue": "setup",
    "job_cpu": "cores",
    "cpus_per_task": "cores",
    "workers": "jobs",
    "worker_extra_args": "worker_args",
    "log_dir": "log_directory",
    "shared_temp_directory": "shared_directory",
}
_OF_THE_JOB = {
    "job_name": "job_name",
    "account": "account",
    "partition": "partition",
    "gres": "gres",
    "walltime": "time",
    "cores": "cpus_per_task",
    "memory": "mem",
    "log_directory": "log_dir",
    "directives": "directives",
    "setup": "setup",
}
_LIMITS = {"jobs": 10_000, "processes": 1024, "cores": 100_000, "scheduler_port": 65_535}


class ProfileFile(TomlFile):
    """The TOML file of ``--cluster-profile``, parsed."""

    kind: ClassVar[str] = "cluster profile"
    start: ClassVar[str] = "deployments/clusters/sockeye-gpu.toml is one to start from."
    example: ClassVar[str] = 'A cluster profile has lines such as kind = "slurm".'


def chosen_cluster(scheduler_address: str | None, profile: Path | None) -> Cluster | None:
    """Return the cluster that a request names; None for this host.

    Raises:
        UsageError: it names two or an empty one, or the profile cannot be read.
    """
    if scheduler_address is not None and profile is not None:
        raise UsageError(
            "--scheduler-address and --cluster-profile each name a cluster.",
            "Use one of them, not both.",
        )
    if scheduler_address is not None:
        if not scheduler_address.strip():
            raise UsageError("--scheduler-address is empty.", "Give tcp://HOST:PORT.")
        return DaskCluster(scheduler_address, "--scheduler-address")
    return None if profile is None else read_cluster_profile(profile)


def read_cluster_profile(path: Path) -> Cluster:
    """Return the cluster that the profile at ``path`` describes.

    Raises:
        UsageError: it cannot be read, has unknown keys, or a value makes no sense. The error names
            the file and, where it can be told, the line.
    """
    profile = ProfileFile.read(path)
    given = profile.tables
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in KEYS:
        raise profile.fault(
            "kind is missing." if kind is None else f"kind {str(kind)[:100]!r} is none.",
            'Write kind = "dask" or kind = "slurm".',
            "",
            "kind",
        )
    check_keys(profile, {"": KEYS[kind]}, _OTHER_NAMES)
    for key in ("address",) if kind == "dask" else ("cores", "memory"):
        if key not in given:
            raise profile.fault(
                f"{key} is missing.", f'A profile of kind "{kind}" needs it.', "", key
            )
    if kind == "dask":
        return DaskCluster(given["address"], f"{path}:")
    return _slurm_jobs(profile, given)


def _slurm_jobs(profile: ProfileFile, given: dict[str, Any]) -> SlurmJobs:
    for key, most in _LIMITS.items():
        if not 1 <= given.get(key, 1) <= most:
            raise profile.fault(f"{key} is not between 1 and {most}.", "Mend it.", "", key)
    for key in ("python", "interface", "scheduler_interface", "local_directory"):
        _check_word(profile, key)
    if not 0 < given.get("wait", 1) < float("inf"):
        raise profile.fault("wait is no time.", "Give seconds, or leave it out.", "", "wait")
    processes = given.get("processes", 1)
    if processes > given["cores"]:
        raise profile.fault(
            f"processes are more than cores ({processes} and {given['cores']}).",
            "Each needs at least one core.",
            "",
            "processes",
        )
    return SlurmJobs(
        origin=str(profile.path),
        job=_job(profile, given),
        jobs=given.get("jobs", 1),
        processes=processes,
        python=given.get("python"),
        interface=given.get("interface"),
        scheduler_interface=given.get("scheduler_interface", given.get("interface")),
        scheduler_port=given.get("scheduler_port", 0),
        local_directory=given.get("local_directory"),
        worker_args=tuple(given.get("worker_args", ())),
        shared_directory=_folder(profile, "shared_directory") or Path.cwd(),
        wait_s=given.get("wait"),
    )


def _job(profile: ProfileFile, given: dict[str, Any]) -> ArrayJob:
    """Return what each job asks of Slurm; Slurm's rules say what is wrong, the profile where."""
    if not given["memory"].strip("0"):
        raise profile.fault("memory is none.", 'Say it like "16G".', "", "memory")
    wanted: dict[str, Any] = {"job_name": "badc-worker"}
    for key, name in _OF_THE_JOB.items():
        if key in given:
            value = given[key]
            wanted[name] = tuple(value) if isinstance(value, list) else value
            if key == "log_directory":
                wanted[name] = _folder(profile, key)
            try:
                ArrayJob(**{name: wanted[name]})
            except UsageError as error:
                raise profile.fault(error.message, error.hint, "", key) from None
    return ArrayJob(**wanted)


def _folder(profile: ProfileFile, key: str) -> Path | None:
    if key not in profile.tables:
        return None
    return profile.place("", key, profile.tables[key], Path.cwd())


def _check_word(profile: ProfileFile, key: str) -> None:
    value = profile.tables.get(key)
    if value is not None and (not value.strip() or not value.isprintable()):
        raise profile.fault(f"{key} is empty, or no plain text.", "Mend it.", "", key)
