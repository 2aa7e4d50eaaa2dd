"""The machine that figures come from, in lines for people."""

import os
import platform
from importlib.metadata import version

import psutil

from badc.hardware import find_gpus, usable_cores

_PACKAGES = ("prefect", "prefect-dask", "dask", "distributed", "duckdb")


def machine() -> list[str]:
    """Return its cores, memory and GPUs, how busy it is, and what runs on it."""
    memory_gb = psutil.virtual_memory().total / 1e9
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    gpus = ", ".join(map(str, find_gpus().gpus)) or "none"
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        f"{usable_cores()} of {os.cpu_count()} cores, {memory_gb:.0f} GB; GPUs: {gpus}",
        f"load average over 1, 5 and 15 minutes at the start: {load}",
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {versions}",
    ]
