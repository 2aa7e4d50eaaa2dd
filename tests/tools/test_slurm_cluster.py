"""One run on many nodes: jobs of a real Slurm as a Dask cluster."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from badc.cluster import open_cluster
from badc.errors import UsageError
from badc.runs import read_cluster_profile
from tools.dask_cluster import running_dask_cluster

pytestmark = pytest.mark.timeout(900)
_LIMIT_S = 240


class OnSlurm:
    """Starts ``badc`` in the dataset's folder, where it finds Slurm and a Prefect server."""

    def __init__(self, dataset, slurm, prefect_server):
        self.dataset, self.slurm = dataset, slurm
        self.environment = {
            **os.environ,
            **dataset.environment,
            "SLURM_CONF": slurm.environment["SLURM_CONF"],
            **prefect_server,
        }

    def profile(self, **keys):
        """Write a cluster profile; return the options that name it."""
        keys = {"kind": "slurm", "cores": 2, "memory": "200M", "walltime": "10"} | keys
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
        path = self.dataset.root.parent / "cluster.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return ["--cluster-profile", path]

    def start(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "badc", *map(str, words)],
            cwd=self.dataset.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ended(self, process):
        """Wait for the end; return exit code and words, and see that no job is left."""
        said, _ = process.communicate(timeout=_LIMIT_S)
        wait_until(lambda: not self.slurm.call("squeue", "-h").stdout.strip())
        return process.returncode, said

    def states(self, name):
        """The states of all jobs of a name, as they were submitted."""
        shown = self.slurm.call("squeue", "-h", "--states=all", f"--name={name}", "-o", "%A %T")
        pairs = sorted(line.split() for line in shown.stdout.splitlines())
        return [state for _, state in pairs]


@pytest.fixture
def on_slurm(dataset, slurm, prefect_server):
    return OnSlurm(dataset, slurm, prefect_server)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def one_manifest(dataset):
    """All recordings' chunks in one manifest."""
    path = dataset.root / "all.csv"
    with path.open("w", newline="") as stream:
        rows = csv.writer(stream)
        for number, recording in enumerate(dataset.recordings):
            text = (dataset.root / "manifests" / f"{recording}.csv").read_text().splitlines()
            rows.writerows(csv.reader(text if number == 0 else text[1:]))
    return path


def detections(folder):
    """Every JSON below a folder, without times and workers; and the workers."""
    found, workers = {}, set()
    for path in sorted(folder.rglob("*.json")):
        found[path.relative_to(folder)] = result = json.loads(path.read_text())
        workers.add(result["provenance"].pop("worker"))
        del result["provenance"]["finished_at"]
    return found, workers


def test_a_manifest_gives_the_same_detections_wherever_it_is_heard(on_slurm, dataset, tmp_path):
    words = ["infer", "run", one_manifest(dataset), "--runner-cmd", dataset.runner()]
    profile = on_slurm.profile(
        processes=2,
        log_directory="logs of 100% 'jobs'",
        local_directory=str(tmp_path / "it's local $HOME"),
        setup=["export BADC_SEEN='$x'", f"touch {tmp_path}/prologue"],
    )
    (tmp_path / "it's local $HOME").mkdir()
    two = {name: ["--nthreads", "1"] for name in ("one", "two")}
    with running_dask_cluster(tmp_path, on_slurm.environment, two) as address:
        for name, where in {
            "local": ["--cpu-workers", 2],
            "dask": ["--scheduler-address", address],
            "slurm": profile,
        }.items():
            run = on_slurm.start(*words, *where, "--output-dir", tmp_path / name)
            code, said = on_slurm.ended(run)
            assert code == 0, (name, said)
            assert "Processed 9 of 9 chunks" in said
    local, by = detections(tmp_path / "local")
    assert len(local) == 9
    assert by <= {"cpu-0", "cpu-1"}
    dask, by = detections(tmp_path / "dask")
    assert dask == local
    assert by <= {"one", "two"}
    slurm, by = detections(tmp_path / "slurm")
    assert slurm == local
    assert by <= {"badc-0-0", "badc-0-1"}
    assert (tmp_path / "prologue").exists()
    assert list((dataset.root / "logs of 100% 'jobs'").glob("badc-worker-*.out"))
    assert not list(dataset.root.glob(".badc-keys-*"))


def test_a_dataset_is_heard_on_one_job_and_a_job_that_is_cancelled_is_replaced(on_slurm, dataset):
    slow = f"{dataset.recordings[1]}_1"
    run = on_slurm.start(
        "infer", "orchestrate", dataset.root, "--apply", "--no-record-datalad", "--max-retries", 0,
        "--runner-cmd", dataset.runner(slow), *on_slurm.profile(job_name="whole"),
    )  # fmt: skip
    wait_until(lambda: slow in dataset.started())
    assert on_slurm.states("whole") == ["RUNNING"]
    on_slurm.slurm.call("scancel", "--name=whole")
    wait_until(lambda: dataset.started().count(slow) == 2)
    dataset.gate.touch()
    code, said = on_slurm.ended(run)
    assert code == 0, said
    assert on_slurm.states("whole") == ["CANCELLED", "CANCELLED"]
    found, by = detections(dataset.root / "artifacts" / "infer")
    assert len(found) == 9
    assert by == {"badc-0", "badc-1"}
    assert sorted(dataset.started()) == sorted([*(path.stem for path in found), slow])
    log = (
        dataset.root / "artifacts/telemetry/infer" / f"{dataset.recordings[1]}.jsonl"
    ).read_text()
    events = [json.loads(line) for line in log.splitlines()]
    mine = [(each["status"], each["worker"]) for each in events if each["chunk_id"] == slow]
    lost = [("start", "badc-0"), ("failure", "badc-0")]  # on the record, though no retry is left
    assert mine == [*lost, ("start", "badc-1"), ("success", "badc-1")]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_no_job_outlives_a_run_that_is_broken_off(on_slurm, dataset, number, code):
    slow = f"{dataset.recordings[0]}_0"
    waiting = number == signal.SIGTERM  # one in the middle of a chunk, one before the first worker
    run = on_slurm.start(
        "infer", "run", one_manifest(dataset), "--runner-cmd", dataset.runner(slow),
        *on_slurm.profile(job_name=f"broken{number}", directives=["--hold"] if waiting else []),
    )  # fmt: skip
    if waiting:
        wait_until(lambda: on_slurm.states(f"broken{number}") == ["PENDING"])
        wait_until(lambda: "Waiting for the first of 1 Slurm job" in run.stdout.readline())
    else:
        wait_until(lambda: slow in dataset.started())
    run.send_signal(number)
    returned, said = on_slurm.ended(run)
    assert returned == code, said
    assert "Traceback" not in said
    assert on_slurm.states(f"broken{number}") == ["CANCELLED"]


def test_jobs_that_cannot_work_end_the_run_in_one_line(on_slurm, dataset):
    words = ["infer", "run", one_manifest(dataset), "--runner-cmd", dataset.runner()]
    refused = on_slurm.start(*words, *on_slurm.profile(directives=["--constraint=none such"]))
    code, said = on_slurm.ended(refused)
    assert code == 2
    assert "cluster.toml: Slurm refuses the job: Batch job submission failed: Invalid" in said
    run = on_slurm.start(*words, *on_slurm.profile(jobs=3, python="/no/py; touch 'thon"))
    code, said = on_slurm.ended(run)
    assert code == 1, said
    assert "cluster.toml: 3 jobs in a row ended before a worker came." in said
    assert "Traceback" not in said
    assert not list(dataset.root.rglob("thon*"))


def test_a_prefect_server_that_workers_cannot_reach_is_refused(on_slurm, dataset):
    run = on_slurm.start(
        "infer", "run", one_manifest(dataset), "--runner-cmd", dataset.runner(),
        *on_slurm.profile(setup=["unset no_proxy NO_PROXY", "export http_proxy=http://127.0.0.1:9"]),
    )  # fmt: skip
    code, said = on_slurm.ended(run)
    assert code == 2, said
    assert "answers on this host alone; workers on others will be refused." in said
    assert "PREFECT_API_URL: from the Dask workers on " in said
    assert "Start one that other hosts reach" in said
    assert not dataset.started()


def test_a_network_that_this_host_lacks_is_named(on_slurm):
    _, path = on_slurm.profile(scheduler_interface="nonesuch0")
    jobs = read_cluster_profile(path)
    with pytest.raises(UsageError, match=r"cluster.toml: the Dask scheduler cannot.*nonesuch0"):
        with open_cluster((), jobs, print):
            pass
