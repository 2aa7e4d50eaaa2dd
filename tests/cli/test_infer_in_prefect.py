"""What Prefect and Dask show of a run: names and states of task runs, somebody else's cluster."""

import json
import re
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tools.dask_cluster import running_dask_cluster


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
