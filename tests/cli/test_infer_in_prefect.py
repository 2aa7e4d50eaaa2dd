"""What Prefect and Dask show of a run: names and states of task runs, somebody else's cluster."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest


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
