"""Reading a run's two tables from a real Prefect server: whatever is published, and no answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

from badc.telemetry.rows import EVENT_COLUMNS, WORKER_COLUMNS

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json
from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_URL, temporary_settings
from flows.watching import WatchedRun, find_run

@flow
def tiny():
    workers = [{"GPU": "gpu-0", "Success": 3, "Fail": [1], "Last chunk": "R/\\x1b[2J", "x": 1}]
    create_table_artifact(key="infer-workers-tiny", table=workers)
    create_table_artifact(key="infer-events-tiny", table=[{"Chunk": f"R/c{n}"} for n in range(5)])
    create_table_artifact(key="infer-failures-tiny", table=[{"Chunk": "R/c9"}])
    return str(flow_run.id)

identity = tiny()
watched = find_run(identity, tail=2)
seen = watched.look()
run = get_client(sync_client=True).read_flow_run(identity)
with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
    away = WatchedRun(get_client(sync_client=True), run, tail=2)
told = [seen, watched.title, away.look(), away.title, run.name]
print("\\n" + json.dumps(told))
"""


def test_tables_are_read_whatever_they_hold_and_a_server_that_is_away_is_no_error(
    prefect_server, tmp_path
):
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
    seen, title, nothing, title_then, name = json.loads(ended.stdout.splitlines()[-1])
    ((worker,), events) = seen
    told = {"GPU": "gpu-0", "Success": 3, "Last chunk": "R/\N{REPLACEMENT CHARACTER}[2J"}
    assert worker == {column: told.get(column) for column in WORKER_COLUMNS}
    assert [event["Chunk"] for event in events] == ["R/c3", "R/c4"]
    assert list(events[0]) == list(EVENT_COLUMNS)
    assert title == f"{name} · Completed"
    assert (nothing, title_then) == (None, f"{name} · the server does not answer")
