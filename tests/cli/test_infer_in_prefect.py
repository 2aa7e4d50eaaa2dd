"""What Prefect and Dask show of a run: names and states of task runs, somebody else's cluster."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest


def _ask(server: dict[str, str], what: str, body: dict[str, object]) -> list[dict[str, object]]:
    request = urllib.request.Request(
        f"{server['PREFECT_API_URL']}/{what}/filter",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return list(json.load(answer))


def _flow_run(server: dict[str, str], out: str) -> dict[str, object]:
    identity = re.search(r"flow-run/([0-9a-f-]{36})", out)
    assert identity, out
    (run,) = _ask(server, "flow_runs", {"flow_runs": {"id": {"any_": [identity[1]]}}})
    return run


def _task_runs(server: dict[str, str], flow_run_id: object, count: int) -> list[dict[str, object]]:
    """A flow run's task runs; the server takes a moment to write the last ones down."""
    deadline = time.monotonic() + 30
    while True:
        runs = _ask(server, "task_runs", {"flow_runs": {"id": {"any_": [flow_run_id]}}})
        ended = [run for run in runs if run["state_type"] in ("COMPLETED", "FAILED", "CANCELLED")]
        if len(ended) >= count or time.monotonic() > deadline:
            return runs
        time.sleep(0.3)


def test_each_chunk_is_a_task_run_named_by_it_and_cached_ones_say_so(
    badc, manifest, prefect_server
):
    listed = manifest(4, name="night.csv")
    first = badc("infer", "run", listed)
    run = _flow_run(prefect_server, first.out)
    assert (run["name"], run["state_type"]) == ("night", "COMPLETED")
    runs = _task_runs(prefect_server, run["id"], 4)
    assert {each["name"] for each in runs} == {f"REC/c00{number}" for number in range(4)}
    assert {each["state_name"] for each in runs} == {"Completed"}

    again = badc("infer", "run", listed)
    runs = _task_runs(prefect_server, _flow_run(prefect_server, again.out)["id"], 4)
    assert [each["state_name"] for each in runs] == ["Cached"] * 4


def test_retries_and_failures_are_task_run_states(badc, manifest, runner_script, prefect_server):
    command = runner_script("sys.exit('no model here')")
    ended = badc(
        "infer", "run", manifest(1), "--runner-cmd", command, "--max-retries", 1
    )  # fmt: skip
    run = _flow_run(prefect_server, ended.out)
    (task_run,) = _task_runs(prefect_server, run["id"], 1)
    assert run["state_type"] == task_run["state_type"] == "FAILED"
    assert task_run["run_count"] == 2
    logs = _ask(prefect_server, "logs", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
    assert any("no model here" in str(line["message"]) for line in logs)


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, "the Dask scheduler did not start"
            time.sleep(0.2)
        else:
            return


@pytest.fixture
def dask_cluster(badc) -> Iterator[str]:
    """A real scheduler with one worker of two threads, each a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port = address.rsplit(":", 1)[1]
    words = [
        ["scheduler", "--host", "127.0.0.1", "--port", port, "--dashboard-address", "127.0.0.1:0"],
        ["worker", address, "--nthreads", "2", "--no-nanny", "--name", "far", "--no-dashboard"],
    ]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", *each],
            cwd=badc.folder,
            env=badc.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for each in words
    ]
    _await_port(int(port))
    yield address
    for process in reversed(processes):
        process.terminate()
        process.wait(20)


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
    badc, manifest, runner_script, pretend_gpus, prefect_server, says_device
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
    runs = _task_runs(prefect_server, _flow_run(prefect_server, ended.out)["id"], 12)
    assert [each["state_type"] for each in runs] == ["COMPLETED"] * 12
