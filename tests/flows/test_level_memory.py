"""That a worker's memory of one chunk ends with it, however many follow."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json
from prefect import flow, task
from prefect.context import FlowRunContext
from badc.cluster import open_cluster
from badc.hardware import Slot
from flows.task_runner import SlotTaskRunner

@task
def kept(number):
    context = FlowRunContext.get()
    return ["kept", len(context.run_results), len(context.task_run_assets) - 1]  # its own is there

@flow
def several():
    with open_cluster((Slot("cpu-0"),), None, print) as cluster:
        with SlotTaskRunner(cluster=cluster.place) as runner:
            return [runner.submit(kept, {"number": n}).wrapped_future.result() for n in range(4)]

print("\\n" + json.dumps([state.result() for state in several()]))
"""


def test_nothing_of_earlier_task_runs_is_kept_on_a_worker(prefect_server, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **prefect_server},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1]) == [["kept", 0, 0]] * 4
