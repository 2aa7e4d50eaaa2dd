"""What Prefect and Dask show of a run: names and states of task runs, somebody else's cluster."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.dask_cluster import running_dask_cluster


def test_each_chunk_is_a_task_run_named_by_it_and_cached_ones_say_so(badc, manifest, api):
    listed = manifest(4, name="night.csv")
    first = badc("infer", "run", listed)
    run = api.run_announced(first.out)
    assert (run["name"], run["state_type"]) == ("night", "COMPLETED")
    runs = api.task_runs(run, 4)
    assert {each["name"] for each in runs} == {f"REC/c00{number}" for number in range(4)}
    assert {each["state_name"] for each in runs} == {"Completed"}

    again = badc("infer", "run", listed)
    runs = api.task_runs(api.run_announced(again.out), 4)
    assert [each["state_name"] for each in runs] == ["Cached"] * 4


def test_retries_and_failures_are_task_run_states(badc, manifest, runner_script, api):
    command = runner_script("sys.exit('no model here')")
    ended = badc(
        "infer", "run", manifest(1), "--runner-cmd", command, "--max-retries", 1
    )  # fmt: skip
    run = api.run_announced(ended.out)
    (task_run,) = api.task_runs(run, 1)
    assert run["state_type"] == task_run["state_type"] == "FAILED"
    assert task_run["run_count"] == 2
    assert "no model here" in api.log_of(run)


@pytest.fixture
def dask_cluster(badc) -> Iterator[str]:
    """A real scheduler with one worker of two threads, each a process of its own."""
    far = {"far": ["--nthreads", "2", "--no-nanny"]}
    with running_dask_cluster(badc.folder, badc.environment, far) as address:
        yield address


def test_a_run_on_an_existing_cluster_uses_its_workers_and_leaves_it_running(
    badc, manifest, runner_script, dask_cluster
):
    command = runner_script("time.sleep(0.2); answer.write_text('[]')")
    listed = manifest(6)
    for times in (1, 2):
        ended = badc(
            "infer", "run", listed, "--runner-cmd", command, "--scheduler-address", dask_cluster,
            "--rerun",
        )  # fmt: skip
        assert ended.code == 0, (times, ended.all)
    assert "Processed 6 of 6 chunks" in ended.out
    results = (badc.folder / "artifacts" / "infer").rglob("*.json")
    workers = {json.loads(path.read_text())["provenance"]["worker"] for path in results}
    assert workers == {"far", "far.1"}


def test_a_worker_killed_in_mid_run_costs_its_chunk_one_attempt(
    badc, manifest, runner_script, pretend_gpus, api, says_device
):
    kill = (
        "if os.environ['BADC_SLOT'] == 'gpu-1' and not Path('killed').exists():\n"
        "    Path('killed').touch()\n"
        "    os.kill(os.getppid(), 9)  # the Dask worker's process\n"
        "    sys.exit()\n"
    )
    log = badc.folder / "run.jsonl"
    ended = badc(
        "infer", "run", manifest(12), "--runner-cmd", runner_script(kill + says_device),
        "--telemetry-log", log, **pretend_gpus,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert "Processed 12 of 12 chunks" in ended.out
    events = [json.loads(line) for line in log.read_text().splitlines()]
    (lost,) = [each for each in events if each["status"] == "failure"]
    assert (lost["worker"], lost["gpu_index"], lost["gpu_name"]) == ("gpu-1", 1, "Pretend GPU 1")
    assert lost["details"]["error"] == "Worker lost: the worker process of gpu-1 was lost"
    assert (lost["details"]["attempt"], lost["details"]["backoff_s"]) == (1, 0.0)
    again = [each for each in events if each["chunk_id"] == lost["chunk_id"]][-1]
    assert (again["status"], again["details"]["attempt"]) == ("success", 2)
    assert f"Retried: REC/{lost['chunk_id']} (2 attempts, success)" in ended.out
    summary = json.loads((badc.folder / "run.jsonl.summary.json").read_text())
    assert sorted(job["attempts"] for job in summary["jobs"].values()) == [1] * 11 + [2]
    assert summary["workers"]["gpu-1"]["failed_retries"] == 1
    result = json.loads(Path(again["details"]["output"]).read_text())
    assert result["provenance"]["attempt"] == 2
    runs = api.task_runs(api.run_announced(ended.out), 12)
    assert [each["state_type"] for each in runs] == ["COMPLETED"] * 12
