"""Array scripts on a real Slurm."""

import json
import subprocess
import time

import pytest

from badc.orchestration import TableSettings
from badc.slurm import ArrayJob, Bundle, aggregate_script, array_script, bring_home_script

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def written(tmp_path):
    """Writes a script, and the folder its logs go to."""

    def write(text, name="hear.sh"):
        (tmp_path / "logs %j").mkdir(exist_ok=True)
        script = tmp_path / name
        script.write_text(text)
        subprocess.run(["bash", "-n", script], check=True)
        return script

    return write


@pytest.fixture
def quick(dataset, prefect_server):
    """The environment of a job that need not start a Prefect server of its own."""
    return {**dataset.environment, "BADC_PREFECT_API_URL": prefect_server["PREFECT_API_URL"]}


def job_in(folder, **asked):
    return ArrayJob(
        **{"time": "00:10:00", "cpus_per_task": 1, "log_dir": folder / "logs %j"} | asked
    )


def logs(folder):
    return "\n".join(log.read_text() for log in sorted((folder / "logs %j").iterdir()))


def heard(root, recording):
    return sorted(path.name for path in (root / "artifacts" / "infer" / recording).glob("*.json"))


def expected(recording):
    return [f"{recording}_{number}.json" for number in range(3)]


def test_every_recording_is_heard_in_its_own_task_and_gathered_afterwards(
    slurm, dataset, quick, written, tmp_path, api
):
    tasks = dataset.tasks(runner="command", runner_cmd=dataset.runner())
    script = written(array_script(job_in(tmp_path), tasks, dataset=dataset.root, resume=True))
    gather = written(
        aggregate_script(
            job_in(tmp_path, job_name="gather"),
            dataset=dataset.root,
            detections_dir=dataset.root / "artifacts" / "infer",
            bundle=Bundle(
                dataset.root / "artifacts" / "all",
                options=tuple(TableSettings(timezone="UTC").words(dataset.root)),
            ),
        ),
        "gather.sh",
    )
    elsewhere = tmp_path / "anywhere"
    elsewhere.mkdir()
    array = slurm.sbatch(script, cwd=elsewhere, **quick)
    last = slurm.sbatch(f"--dependency=afterok:{array}", gather, cwd=elsewhere, **quick)
    assert slurm.wait(last) == {"": "COMPLETED"}, logs(tmp_path)
    assert set(slurm.wait(array).values()) == {"COMPLETED"}
    for recording in dataset.recordings:
        assert heard(dataset.root, recording) == expected(recording)
    tables = dataset.root / "artifacts" / "all"
    found = (json.loads(path.read_text()) for path in dataset.root.glob("artifacts/infer/*/*.json"))
    calls = sum(len(result["detections"]) for result in found)
    assert calls > len(dataset.recordings)
    assert len((tables / "summary.csv").read_text().splitlines()) == 1 + calls
    assert (tables / "detections_quicklook" / "labels.csv").exists()
    assert list(elsewhere.iterdir()) == []
    assert list(tmp_path.rglob("pwned")) == []

    started = dataset.started()
    assert set(slurm.wait(slurm.sbatch(script, cwd=elsewhere, **quick)).values()) == {"COMPLETED"}
    assert dataset.started() == started
    again = api.filter("flow_runs", sort="START_TIME_DESC", limit=len(dataset.recordings))
    for run in again:  # Prefect's own engine finds what is done
        assert [each["state"]["name"] for each in api.task_runs(run, 3)] == ["Cached"] * 3


def test_a_cancelled_task_goes_on_where_it_stopped(slurm, dataset, quick, written, tmp_path):
    slow = f"{dataset.recordings[1]}_1"
    tasks = dataset.tasks(runner="command", runner_cmd=dataset.runner(slow))
    script = written(array_script(job_in(tmp_path), tasks, dataset=dataset.root, resume=True))
    first = slurm.sbatch("--array=1", script, **quick)
    wait_for_start(dataset, slow)
    assert slurm.call("scancel", f"{first}_1").returncode == 0
    assert slurm.wait(first) == {"1": "CANCELLED"}
    summary = json.loads(tasks[1].summary.read_text())
    states = {job["chunk_id"]: job["status"] for job in summary["jobs"].values()}
    assert states[f"{dataset.recordings[1]}_0"] == "success"
    assert states[slow] != "success"
    dataset.gate.touch()
    again = slurm.sbatch("--array=1", script, **quick)
    assert slurm.wait(again) == {"1": "COMPLETED"}, logs(tmp_path)
    assert heard(dataset.root, dataset.recordings[1]) == expected(dataset.recordings[1])
    assert dataset.started() == [f"{dataset.recordings[1]}_{number}" for number in (0, 1, 1, 2)]
    assert "1 of 3 chunks are already done" in logs(tmp_path)


def test_before_the_time_limit_badc_writes_its_summary(slurm, dataset, quick, written, tmp_path):
    slow = f"{dataset.recordings[0]}_1"
    tasks = dataset.tasks(runner="command", runner_cmd=dataset.runner(slow))
    script = written(array_script(job_in(tmp_path), tasks, dataset=dataset.root))
    job = slurm.sbatch("--array=0", script, **quick)
    wait_for_start(dataset, slow)
    # what --signal=B:TERM@… makes Slurm do: the batch shell alone gets SIGTERM
    assert slurm.call("scancel", "--batch", "--signal=TERM", f"{job}_0").returncode == 0
    assert slurm.wait(job) == {"0": "FAILED"}
    assert slurm.jobs(job)["0"]["ExitCode"] == "143:0"
    summary = json.loads(tasks[0].summary.read_text())
    states = {each["chunk_id"]: each["status"] for each in summary["jobs"].values()}
    assert states[slow] == "pending"


def test_a_requeued_task_resumes(slurm, dataset, quick, written, tmp_path):
    slow = f"{dataset.recordings[0]}_1"
    tasks = dataset.tasks(runner="command", runner_cmd=dataset.runner(slow))
    script = written(array_script(job_in(tmp_path), tasks, dataset=dataset.root))
    job = slurm.sbatch("--array=0", script, **quick)
    wait_for_start(dataset, slow)
    assert slurm.call("scontrol", "requeue", f"{job}_0").returncode == 0
    dataset.gate.touch()
    deadline = time.monotonic() + 180
    while (fields := slurm.jobs(job)["0"])["Restarts"] == "0":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    # Slurm holds a requeued job back for two minutes; nothing else is waited for here
    release = slurm.call("scontrol", "update", f"JobId={fields['JobId']}", "StartTime=now")
    assert release.returncode == 0, release.stderr
    assert slurm.wait(job) == {"0": "COMPLETED"}, logs(tmp_path)
    assert dataset.started().count(f"{dataset.recordings[0]}_0") == 1


def test_half_cut_chunks_are_refused(slurm, dataset, written, tmp_path):
    tasks = dataset.tasks()
    status = dataset.root / tasks[0].chunk_status
    status.write_text('{"status": "failed", "error": "\\"status\\": \\"completed\\""}')
    (dataset.root / tasks[1].chunk_status).unlink()
    script = written(array_script(job_in(tmp_path), tasks, dataset=dataset.root))
    job = slurm.sbatch("--array=0-1", script, **dataset.environment)
    assert set(slurm.wait(job).values()) == {"FAILED"}
    assert {task["ExitCode"] for task in slurm.jobs(job).values()} == {"1:0"}
    assert "does not say 'completed'" in logs(tmp_path)
    assert "cannot be read" in logs(tmp_path)


def test_without_any_server_outputs_go_to_scratch_and_are_brought_home(
    slurm, dataset, written, tmp_path
):
    scratch = tmp_path / "scratch ü"
    tasks = dataset.tasks()
    tables = dataset.root / "artifacts" / "aggregate"
    text = array_script(job_in(tmp_path), tasks, dataset=dataset.root, bundle=Bundle(tables))
    script = written(text)
    before = sorted(dataset.root.rglob("*"))
    job = slurm.sbatch("--array=2", script, **dataset.environment, BADC_SCRATCH_DIR=str(scratch))
    assert set(slurm.wait(job).values()) == {"COMPLETED"}, logs(tmp_path)
    assert sorted(dataset.root.rglob("*")) == before
    locked = (
        dataset.root
        / "artifacts/infer"
        / dataset.recordings[2]
        / expected(dataset.recordings[2])[0]
    )
    locked.parent.mkdir(parents=True)
    (tmp_path / "object").write_text("annexed")
    locked.symlink_to(tmp_path / "object")
    home = written(
        bring_home_script(
            ArrayJob(), tasks, dataset=dataset.root, scratch_dir=scratch, aggregate_dir=tables
        ),
        "home.sh",
    )
    ended = slurm.call("bash", home, cwd=tmp_path)
    assert ended.returncode == 1
    assert f"badc: {dataset.recordings[1]}: no results on scratch" in ended.stderr
    assert heard(dataset.root, dataset.recordings[2]) == expected(dataset.recordings[2])
    assert tasks[2].summary.exists()
    names = {path.name for path in tables.iterdir()}
    for kind in ("summary.csv", "detections.parquet", "quicklook"):
        assert f"{dataset.recordings[2]}_{kind}" in names
    assert not locked.is_symlink()
    assert (tmp_path / "object").read_text() == "annexed"
    assert not list(dataset.root.rglob(".badc-arriving*"))


def test_sbatch_finds_nothing_wrong_and_the_throttle_is_obeyed(slurm, dataset, written, tmp_path):
    script = written(
        array_script(
            job_in(tmp_path, throttle=2, mem="200M", partition="hear", job_name='it\'s "é" job'),
            dataset.tasks(),
            dataset=dataset.root,
        )
    )
    ended = slurm.call("sbatch", "--test-only", script)
    assert ended.returncode == 0, ended.stderr
    job = slurm.sbatch("--hold", script, **dataset.environment)
    (fields,) = slurm.jobs(job).values()
    assert fields["ArrayTaskId"] == "0-2%2"
    assert fields["Requeue"] == "1"
    shown = slurm.call("squeue", "-h", "-o", "%j", "-j", job).stdout
    assert shown.strip() == 'it\'s "é" job'
    slurm.call("scancel", job)


def wait_for_start(dataset, chunk):
    deadline = time.monotonic() + 180
    while chunk not in dataset.started():
        assert time.monotonic() < deadline
        time.sleep(0.1)
