"""What a Slurm job may ask for."""

from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.slurm import ArrayJob, time_limit_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 5400),
        ("90:30", 5430),
        ("01:00:05", 3605),
        ("2-12", 216_000),
        ("2-12:30", 217_800),
        ("2-12:30:15", 217_815),
        ("UNLIMITED", None),
    ],
)
def test_time_limits_mean_what_slurm_means(text, seconds):
    assert time_limit_s(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "0", "00:00:00", "1h", "1:2:3:4", "-5", "1-", "٣", "1 0", "9" * 40, "10\n"]
)
def test_what_is_no_time_limit_is_refused(text):
    with pytest.raises(UsageError, match="time"):
        time_limit_s(text)


@pytest.mark.parametrize(
    "asked",
    [
        {"account": "a\nb"},
        {"account": "a\0"},
        {"account": ""},
        {"account": "\udcff"},
        {"job_name": "a/b"},
        {"mem": "lots"},
        {"mem": "16 G"},
        {"cpus_per_task": 0},
        {"throttle": -1},
        {"log_dir": Path("logs")},
        {"log_dir": Path("/logs\\x")},
        {"log_dir": Path("/logs\nx")},
        {"directives": ("exclusive",)},
        {"directives": ("--x=a\n#SBATCH --y",)},
        {"directives": ("--array=0-9",)},
        {"setup": ("module load\0",)},
    ],
)
def test_what_sbatch_would_misunderstand_is_refused(asked):
    with pytest.raises(UsageError):
        ArrayJob(**asked)


def test_options_left_out_are_left_to_the_site():
    assert ArrayJob().sbatch_options("x") == ["--job-name=badc-infer"]


def test_values_are_quoted_the_way_sbatch_reads_them():
    job = ArrayJob(account='a "b" \\c', log_dir=Path("/l 5%"), directives=("--constraint=a&b",))
    assert job.sbatch_options("%A_%a.out")[1:] == [
        '--account="a \\"b\\" \\\\c"',
        '--output="/l 5%%/%A_%a.out"',
        '--constraint="a&b"',
    ]


@pytest.mark.parametrize(("time", "lead_s"), [(None, 120), ("1-0", 120), ("2", 30), ("0:02", 15)])
def test_a_short_job_is_not_told_to_end_as_soon_as_it_begins(time, lead_s):
    assert ArrayJob(time=time).lead_s == lead_s
