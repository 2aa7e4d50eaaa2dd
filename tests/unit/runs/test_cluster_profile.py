"""What a cluster profile may say."""

import re
import tomllib
from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.runs import DaskCluster, SlurmJobs, chosen_cluster, read_cluster_profile
from badc.runs.cluster_profile import KEYS
from badc.slurm import ArrayJob

SHIPPED = sorted((Path(__file__).resolve().parents[3] / "deployments" / "clusters").glob("*.toml"))
SOCKEYE = next(path for path in SHIPPED if path.name == "sockeye-gpu.toml")


@pytest.fixture
def profile(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "cluster.toml"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_profile_is_understood(path) -> None:
    assert read_cluster_profile(path) == chosen_cluster(None, path)


def test_the_one_for_slurm_shows_every_key_and_each_of_its_lines_is_understood(profile) -> None:
    text = SOCKEYE.read_text()
    left_out = re.findall(r"(?m)^#[a-z].*$", text)
    for line in left_out:
        read_cluster_profile(profile(text.replace(line, line[1:])))
    for line in left_out:
        text = text.replace(line, line[1:])
    assert set(tomllib.loads(text)) == set(KEYS["slurm"])


def test_an_existing_cluster_is_the_same_by_profile_as_by_its_address(profile) -> None:
    by_profile = read_cluster_profile(profile('kind = "dask"\naddress = "tcp://h:1"'))
    typed = chosen_cluster("tcp://h:1", None)
    assert isinstance(by_profile, DaskCluster)
    assert isinstance(typed, DaskCluster)
    assert by_profile.address == typed.address == "tcp://h:1"
    assert chosen_cluster(None, None) is None


def test_every_key_reaches_the_jobs(profile, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = profile(
        'kind = "slurm"\njobs = 3\nprocesses = 2\ncores = 8\nmemory = "16G"\nwalltime = "2-0"\n'
        'account = "st \\"a\\""\npartition = "p"\ngres = "gpu:2"\ndirectives = ["--exclusive"]\n'
        'job_name = "j"\nsetup = ["module load x"]\npython = "my python"\ninterface = "ib0"\n'
        'scheduler_interface = "eth0"\nscheduler_port = 8786\nlog_directory = "l"\n'
        'local_directory = "/d"\nworker_args = ["--x"]\nshared_directory = "s"\nwait = 1.5\n'
    )
    assert read_cluster_profile(path) == SlurmJobs(
        origin=str(path),
        job=ArrayJob(
            job_name="j",
            account='st "a"',
            partition="p",
            gres="gpu:2",
            time="2-0",
            cpus_per_task=8,
            mem="16G",
            log_dir=tmp_path / "l",
            directives=("--exclusive",),
            setup=("module load x",),
        ),
        jobs=3,
        processes=2,
        python="my python",
        interface="ib0",
        scheduler_interface="eth0",
        scheduler_port=8786,
        local_directory="/d",
        worker_args=("--x",),
        shared_directory=tmp_path / "s",
        wait_s=1.5,
    )


def test_an_empty_address_is_refused_and_not_taken_for_none() -> None:
    with pytest.raises(UsageError, match="--scheduler-address is empty"):
        chosen_cluster(" ", None)


def test_two_clusters_are_one_too_many(profile) -> None:
    with pytest.raises(UsageError, match=r"--scheduler-address and --cluster-profile.*not both"):
        chosen_cluster("tcp://h:1", profile('kind = "dask"\naddress = "tcp://h:1"'))


HEAD = 'kind = "slurm"\ncores = 4\nmemory = "1G"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r'toml: kind is missing. Write kind = "dask" or kind = "slurm"'),
        ('\nkind = "pbs"', r":2: kind 'pbs' is none"),
        ("kind = 3", r":1: kind '3' is none"),
        (
            f"kind = 0x{'f' * 5000}",
            r"is not readable as TOML \(a whole number has more than 10,000",
        ),
        ('kind = "dask"', r"toml: address is missing"),
        ('kind = "dask"\naddress = "x"\njobs = 2', r":3: there is no key jobs in a cluster prof"),
        ('kind = "slurm"\ncores = 4', r"memory is missing"),
        (HEAD + 'queue = "x"', r":4: there is no key queue .*mean partition\?"),
        (HEAD + "job-script-prologue = []", r":4: there is no key .*"),
        (HEAD + "job_script_prologue = []", r":4: .*mean setup\?"),
        (HEAD + "proceses = 1", r":4: .*mean processes\?"),
        (HEAD + "zzz = 1", r":4: there is no key zzz .*Known: kind, jobs"),
        (HEAD + "[slurm]\njobs = 1", r":4: there is no table \[slurm\] .*write its keys alone"),
        (HEAD + 'jobs = "2"', r":4: jobs is not a whole number"),
        (HEAD + "jobs = 0", r":4: jobs is not between 1 and"),
        (HEAD + "processes = 5", r":4: processes are more than cores \(5 and 4\)"),
        (HEAD + "scheduler_port = 70000", r":4: scheduler_port is not between"),
        (HEAD + 'setup = "module load"', r":4: setup is not a list of texts"),
        (HEAD + 'walltime = "8h"', r":4: time '8h': is no time limit"),
        (HEAD + 'account = "a\\nb"', r":4: --account: "),
        (HEAD + 'directives = ["--array=1-9"]', r":4: sbatch option --array"),
        (HEAD + 'directives = ["exclusive"]', r":4: sbatch option 'exclusive': is none"),
        (HEAD + 'job_name = "a/b"', r":4: job name 'a/b'"),
        (HEAD + 'interface = " "', r":4: interface is empty"),
        (HEAD + 'python = "a\\u0007"', r":4: python is empty, or no plain text"),
        (HEAD + "wait = 0", r":4: wait is no time"),
        (HEAD + "wait = nan", r":4: wait is no time"),
        (HEAD + "log_directory = ''", r":4: log_directory is empty"),
        ('kind = "slurm"\ncores = 4\nmemory = "lots"', r":3: mem 'lots': is no amount"),
        ('kind = "slurm"\ncores = 4\nmemory = "0"', r":3: memory is none"),
        ('kind = "slurm', r":1: is not readable as TOML .*A cluster profile has lines such"),
    ],
)
def test_bad_profiles_are_refused_by_place(profile, text, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_cluster_profile(profile(text))


def test_a_profile_that_is_not_there_is_refused(tmp_path) -> None:
    with pytest.raises(UsageError, match=r"no such cluster profile. deployments/clusters/sock"):
        read_cluster_profile(tmp_path / "none.toml")
