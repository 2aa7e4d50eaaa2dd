"""How many CPU cores this process may use."""

import os


def usable_cores() -> int:
    """Return the cores that are ours: those the system allows and, in a Slurm job, those it booked.

    A job may see all cores of its node where Slurm does not bind jobs to theirs.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    booked = os.environ.get("SLURM_CPUS_PER_TASK", "")
    if booked.isascii() and booked.isdigit() and int(booked):
        return min(allowed or 1, int(booked))
    return allowed or 1
