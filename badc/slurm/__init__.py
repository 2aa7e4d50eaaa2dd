"""Slurm: scripts that hear a dataset as an array job, gather its tables and bring them home."""

from badc.slurm.job import ArrayJob, time_limit_s
from badc.slurm.script import Bundle, aggregate_script, array_script, bring_home_script
from badc.slurm.task import ArrayTask

__all__ = [
    "ArrayJob",
    "ArrayTask",
    "Bundle",
    "aggregate_script",
    "array_script",
    "bring_home_script",
    "time_limit_s",
]
