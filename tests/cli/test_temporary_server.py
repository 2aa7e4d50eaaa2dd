"""Runs without a configured server: Prefect's temporary one comes and goes with the command."""

import os
import signal
import time

import psutil
import pytest


@pytest.fixture
def serverless(badc):
    """``badc`` where no server is configured, with a Prefect home of its own."""
    del badc.environment["PREFECT_API_URL"]
    badc.environment["PREFECT_HOME"] = str(badc.folder / "prefect")
    return badc


@pytest.fixture
def under_way(serverless, manifest, runner_script, starts):
    """A run whose runner is at work, and its temporary server."""
    command = runner_script("time.sleep(600)")
    run = serverless.start("infer", "run", manifest(4), "--runner-cmd", command)
    deadline = time.monotonic() + 180
    while not starts():
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    children = psutil.Process(run.pid).children()
    (server,) = [each for each in children if "temporary_server" in " ".join(each.cmdline())]
    yield run, server
    for child in children:
        if child.is_running():
            child.kill()


def test_ctrl_c_in_a_terminal_ends_a_run_in_good_order(under_way, processes_of):
    run, server = under_way
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=180)
    assert run.returncode == 130, out + err
    assert "Summary: " in out
    assert "Traceback" not in err
    assert processes_of() == []
    server.wait(timeout=180)


def test_a_killed_run_leaves_no_server_behind(under_way):
    run, server = under_way
    run.kill()
    run.communicate(timeout=180)
    server.wait(timeout=180)


def test_a_server_that_cannot_start_is_told_in_one_line(serverless, manifest):
    nowhere = "sqlite+aiosqlite:////nowhere/at/all/prefect.db"
    ended = serverless(
        "infer", "run", manifest(1), PREFECT_API_DATABASE_CONNECTION_URL=nowhere
    )  # fmt: skip
    assert ended.code == 1, ended.all
    assert ended.err.count("\n") == 1, ended.err
    assert "temporary server did not start" in ended.err
    assert "PREFECT_API_URL" in ended.err
    assert not (serverless.folder / "artifacts").exists()
