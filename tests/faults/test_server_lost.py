"""A Prefect server that is lost in mid-run: the run goes on, and its own records are complete."""

import json
import shlex
import signal
import sys

import psutil
import pytest

from tools.prefect_api import PrefectApi
from tools.prefect_server import PrefectServer

_WAITS = """
until = time.monotonic() + 400
while audio.stem > 'c001' and time.monotonic() < until and not Path('go').exists():
    time.sleep(0.05)
answer.write_text('[]')
"""
_FAILS_ONCE = """
if audio.stem == 'c003' and not Path('mended').exists():
    sys.exit('no luck')
"""


def test_a_run_outlives_its_temporary_server_and_can_be_resumed(
    serverless, manifest, runner_script, starts, until, results
):
    listed, command = manifest(6), runner_script(_FAILS_ONCE + _WAITS)
    words = [
        "infer", "run", listed, "--runner-cmd", command, "--max-retries", 0, "--keep-going",
    ]  # fmt: skip
    run = serverless.start(*words)
    until(lambda: len(starts()) > 2)
    children = psutil.Process(run.pid).children()
    (server,) = [each for each in children if "temporary_server" in " ".join(each.cmdline())]
    server.kill()
    (serverless.folder / "go").touch()
    out, err = run.communicate(timeout=300)
    assert run.returncode == 1, out + err
    assert err.count("Warning: Prefect's temporary server does not know how this run ended") == 1
    assert "Processed 5 of 6 chunks" in out
    (error,) = [line for line in err.splitlines() if line.startswith("Error: ")]
    assert "1 of 6 chunks failed (0 not begun); the first was REC/c003" in error
    for noise in ("Traceback", "EventsWorker", "Error logging", "fault of BADC"):
        assert noise not in err
    (serverless.folder / "mended").touch()
    resume = shlex.split(error.partition("run again with ")[2])
    again = serverless(*words, *resume)
    assert again.code == 0, again.all
    assert len(results()) == 6
    assert sorted(starts()) == sorted([f"c00{number}" for number in range(6)] + ["c003"])


@pytest.fixture
def server(serverless, tmp_path_factory):
    """A server of this test's own, which it may kill."""
    own = PrefectServer(tmp_path_factory.mktemp("mortal"))
    own.start()
    serverless.environment |= own.environment
    yield own
    own.stop()


@pytest.fixture
def under_way(serverless, manifest, runner_script, starts, until):
    """Begins a run on the server, of which some chunks are done and some under way."""

    def begin(count=6, **environment):
        words = ["--runner-cmd", runner_script(_WAITS), "--telemetry-log", "run.jsonl"]
        run = serverless.start(
            "infer", "run", manifest(count), "--cpu-workers", 2, *words, **environment
        )  # fmt: skip
        until(lambda: len(starts()) >= 4)
        return run

    yield begin
    (serverless.folder / "go").touch()


@pytest.mark.faults
def test_a_run_on_worker_processes_outlives_a_configured_server(
    server, serverless, under_way, starts, results, pretend_gpus, processes_of
):
    run = under_way(8, **pretend_gpus)
    server.kill()
    (serverless.folder / "go").touch()
    out, err = run.communicate(timeout=400)
    assert run.returncode == 0, out + err
    address = server.environment["PREFECT_API_URL"]
    assert f"Warning: the Prefect server at {address} does not know how this run ended" in err
    for noise in ("Traceback", "EventsWorker", "Error logging", "fault of BADC", "distributed"):
        assert noise not in err
    assert "Processed 8 of 8 chunks" in out
    assert len(results()) == len(starts()) == 8
    assert {each["provenance"]["worker"] for each in results().values()} >= {"gpu-0", "gpu-1"}
    jobs = json.loads((serverless.folder / "run.jsonl.summary.json").read_text())["jobs"]
    assert {job["status"] for job in jobs.values()} == {"success"}
    assert processes_of() == []
    server.start()
    runner = serverless.folder / "runner.py"
    again = serverless("infer", "run", "manifest.csv", "--runner-cmd", f"{sys.executable} {runner}")
    assert again.code == 0, again.all
    assert len(starts()) == 8  # nothing is repeated


@pytest.mark.faults
def test_a_server_that_comes_back_hears_everything(server, serverless, under_way, until):
    run = under_way()
    server.kill()
    until(lambda: "c002" in (serverless.folder / "run.jsonl").read_text())
    server.start()
    (serverless.folder / "go").touch()
    out, err = run.communicate(timeout=400)
    assert run.returncode == 0, out + err
    assert "does not know how this run ended" not in err
    api = PrefectApi(server.environment["PREFECT_API_URL"])
    flow_run = api.run_announced(out)
    assert flow_run["state_type"] == "COMPLETED"
    assert {each["state_type"] for each in api.task_runs(flow_run, 6)} == {"COMPLETED"}


@pytest.mark.faults
@pytest.mark.parametrize("goes_on", [False, True], ids=["for good", "for a while"])
def test_a_server_that_hangs_holds_nobody_up(
    server, serverless, under_way, until, results, goes_on
):
    run = under_way()
    server.send(signal.SIGSTOP)
    (serverless.folder / "go").touch()
    until(lambda: len(results()) == 6)
    if goes_on:
        server.send(signal.SIGCONT)
    out, err = run.communicate(timeout=400)
    server.send(signal.SIGCONT)
    assert run.returncode == 0, out + err
    assert ("does not know how this run ended" in err) == (not goes_on)
    assert "Traceback" not in err
    assert "Processed 6 of 6 chunks" in out


@pytest.mark.faults
def test_ctrl_c_is_heard_though_the_server_is_gone(server, under_way, processes_of):
    run = under_way()
    server.kill()
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=400)
    assert run.returncode == 130, out + err
    assert "Summary: " in out
    assert "Traceback" not in err
    assert processes_of() == []


@pytest.mark.faults
def test_a_dataset_s_recording_is_finished_and_the_others_wait_for_a_server(
    server, serverless, manifest, runner_script, starts, until
):
    manifests = serverless.folder / "manifests"
    manifests.mkdir()
    for name in ("A", "B"):
        listed = manifest(3, recording=name).read_text().replace(",chunks/", ",../chunks/")
        (manifests / f"{name}.csv").write_text(listed)
    (serverless.folder / "manifest.csv").unlink()
    words = [
        "infer", "orchestrate", serverless.folder, "--runner-cmd", runner_script(_WAITS),
        "--allow-partial-chunks", "--apply",
    ]  # fmt: skip
    run = serverless.start(*words)
    until(lambda: len(starts()) == 3)
    server.kill()
    (serverless.folder / "go").touch()
    out, err = run.communicate(timeout=400)
    assert run.returncode == 1, out + err
    assert "Processed 3 of 3 chunks" in out
    assert "1 of 2 recordings" in err
    assert "are not finished: B." in err
    assert "Traceback" not in err
    server.start()
    again = serverless(*words)
    assert again.code == 0, again.all
    assert len(starts()) == 6  # nothing is repeated
