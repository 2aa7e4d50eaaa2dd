"""Cancel, pause and resume through Prefect's API: runs that were started in a terminal."""

import csv
import json
import os
import re
import shutil
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools.dask_cluster import running_dask_cluster

pytestmark = pytest.mark.timeout(900)

_LIMIT_S = 150.0  # of a busy machine; what it took is in the test's output
# Hears what does not end, unless somebody has opened the gate
_STUCK = """
while {stuck} and not Path({gate!r}).exists():
    time.sleep(0.05)
answer.write_text("[]")
"""
_SLOW_MODEL = """
import pathlib, sys, time
if "badc.runners.birdnet.listener" in sys.orig_argv:
    pathlib.Path({mark!r}).touch()
    time.sleep(600)
"""


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@dataclass
class Cancelled:
    """How a command ended whose run was cancelled."""

    code: int
    out: str
    err: str
    run: dict

    def words(self, message: str) -> str:
        """Check what holds wherever a run is cancelled; return the last line of standard error."""
        state = self.run["state"]
        assert self.code == 3, self.out + self.err
        assert (state["type"], state["name"]) == ("CANCELLED", "Cancelled")
        assert "Traceback" not in self.err
        line = self.err.splitlines()[-1]
        assert line.startswith("Cancelled from Prefect (http://"), self.err
        assert f'run {self.run["name"]}: "{message}")' in line
        assert state["message"].removesuffix(".") in line
        assert "not repeated" in line
        return line


class Runs:
    """Begins flow runs by commands, and asks the server about them."""

    def __init__(self, badc, api, processes_of) -> None:
        self.badc, self.api, self.processes_of = badc, api, processes_of

    def begin(self, *words, **environment):
        """Start ``badc``; return the process and its flow run's id, once that has begun."""
        process = self.badc.start(*words, **environment)
        for line in process.stdout:
            if found := re.search(r"flow-run/([0-9a-f-]{36})", line):
                return process, found[1]
        raise AssertionError(process.stderr.read())

    def cancel(self, process, identity, message, whole=None) -> Cancelled:
        """Cancel a run as its page does; wait for the end of the command."""
        began_s = time.monotonic()
        self.api.set_state(identity, "CANCELLING", message=message)
        out, err = process.communicate(timeout=_LIMIT_S)
        print(f"{message}: {time.monotonic() - began_s:.1f} s from cancel to end")
        assert self.processes_of() == []
        return Cancelled(process.returncode, out, err, self.api.run(whole or identity))


@pytest.fixture
def runs(badc, api, processes_of):
    return Runs(badc, api, processes_of)


@pytest.fixture
def stuck(runner_script, tmp_path):
    """A runner that does not end with some chunks until the gate is opened."""

    def make(condition: str, before: str = "") -> str:
        lines = _STUCK.format(stuck=condition, gate=str(tmp_path / "gate"))
        return runner_script(before + lines)

    return make


def summary(folder: Path) -> dict[str, str]:
    (path,) = folder.rglob("*.summary.json")
    return {key: job["status"] for key, job in json.loads(path.read_text())["jobs"].items()}


class SlowWay(socketserver.ThreadingTCPServer):
    """A way to the server by which its answers take as long as one likes."""

    daemon_threads = True

    def __init__(self, address: str) -> None:
        self.behind, self.delay_s = urlsplit(address), 0.0
        super().__init__(("127.0.0.1", 0), _Passage)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Passage(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        behind = self.server.behind
        with socket.create_connection((behind.hostname, behind.port)) as far:
            threading.Thread(target=self._ask, args=(far,), daemon=True).start()
            with suppress(OSError):
                while answer := far.recv(1 << 16):
                    time.sleep(self.server.delay_s)
                    self.request.sendall(answer)

    def _ask(self, far: socket.socket) -> None:
        with suppress(OSError):
            while question := self.request.recv(1 << 16):
                far.sendall(question)
            far.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("place", ["this host", "a cluster of others"])
def test_while_chunks_are_heard(place, badc, runs, manifest, stuck, starts):
    words = ["infer", "run", manifest(5), "--runner-cmd", stuck("audio.stem == 'c002'")]
    words += ["--telemetry-log", "run.jsonl"]
    if place == "this host":
        _cancel_while_heard([*words, "--cpu-workers", 1], runs, starts)
    else:
        worker = {"far": ["--nthreads", "1", "--no-nanny"]}
        with running_dask_cluster(badc.folder, badc.environment, worker) as address:
            words += ["--scheduler-address", address]
            _cancel_while_heard(words, runs, starts)


def _cancel_while_heard(words, runs, starts):
    process, identity = runs.begin(*words)
    until(lambda: "c002" in starts())
    ended = runs.cancel(process, identity, "wrong microphone")
    assert "2 of 5 chunks are done" in ended.words("wrong microphone")
    assert "--resume-summary" in ended.err
    assert "Processed 2 of 5 chunks" in ended.out
    done = {"REC/c000": "success", "REC/c001": "success"}
    assert summary(runs.badc.folder) == done | dict.fromkeys(
        (f"REC/c00{number}" for number in (2, 3, 4)), "pending"
    )
    last = json.loads((runs.badc.folder / "run.jsonl").read_text().splitlines()[-1])
    assert last["details"]["interrupted"]
    assert last["details"]["error"] == "Broken off: the run was cancelled."
    chunks = {each["name"]: each["state"] for each in runs.api.task_runs({"id": identity}, 3)}
    assert chunks["REC/c001"]["type"] == "COMPLETED"
    assert chunks["REC/c002"]["message"] == "Broken off: the run was cancelled."
    if "REC/c003" in chunks:  # it waited at the worker
        assert chunks["REC/c003"]["message"] == "Not begun: the run was cancelled."
    (report,) = [
        each for key, each in runs.api.artifacts_of({"id": identity}).items() if "report" in key
    ]
    assert "cancelled from Prefect" in report["description"]

    (runs.badc.folder / "gate").touch()
    again = runs.badc(*words)
    assert again.code == 0, again.all
    assert sorted(starts()) == ["c000", "c001", "c002", "c002", "c003", "c004"]


def test_in_the_pause_before_a_retry(badc, runs, manifest, stuck, starts):
    fails = "if audio.stem == 'c001' and not Path('mended').exists(): sys.exit('no luck')\n"
    words = ["infer", "run", manifest(3), "--runner-cmd", stuck("False", fails)]
    words += ["--cpu-workers", 1, "--max-retries", 50]
    process, identity = runs.begin(*words)
    until(lambda: starts().count("c001") >= 3)  # each pause is of five seconds by now
    ended = runs.cancel(process, identity, "in a pause")
    assert "1 of 3 chunks are done" in ended.words("in a pause")
    assert summary(badc.folder)["REC/c000"] == "success"
    (badc.folder / "mended").touch()
    again = badc(*words)
    assert again.code == 0, again.all
    assert starts().count("c000") == 1


def test_while_a_model_is_opened(badc, runs, manifest, yellowthroat, tmp_path):
    mark, slow = tmp_path / "opening", tmp_path / "slow"
    slow.mkdir()
    (slow / "sitecustomize.py").write_text(_SLOW_MODEL.format(mark=str(mark)))
    listed = manifest(1)
    shutil.copy(yellowthroat, tmp_path / "chunks" / "c000.wav")
    words = ["infer", "run", listed, "--runner", "birdnet", "--cpu-workers", 1]
    path = f"{slow}{os.pathsep}{badc.environment['PYTHONPATH']}"
    process, identity = runs.begin(*words, PYTHONPATH=path)
    until(mark.exists)
    ended = runs.cancel(process, identity, "while opening")
    assert "0 of 1 chunks are done" in ended.words("while opening")
    assert summary(badc.folder) == {"REC/c000": "pending"}
    again = badc(*words)
    assert again.code == 0, again.all


def test_though_the_server_takes_its_time(badc, runs, manifest, stuck, starts):
    words = ["infer", "run", manifest(3), "--runner-cmd", stuck("audio.stem == 'c001'")]
    with SlowWay(badc.environment["PREFECT_API_URL"]) as way:
        address = f"http://127.0.0.1:{way.server_address[1]}/api"
        process, identity = runs.begin(*words, "--cpu-workers", 1, PREFECT_API_URL=address)
        until(lambda: "c001" in starts())
        way.delay_s = 2.0
        ended = runs.cancel(process, identity, "slow")
        way.shutdown()
    assert ended.code == 3
    assert ended.err.splitlines()[-1].startswith("Cancelled from Prefect")
    assert "Processed 1 of 3 chunks" in ended.out
    assert summary(badc.folder)["REC/c000"] == "success"
    print(ended.run["state"]["name"])


@pytest.fixture
def dataset(badc):
    """A dataset of three recordings with two chunks each, to be heard; returns the command."""
    rows = ["recording_id,chunk_id,source_path,start_ms,end_ms"]
    (badc.folder / "manifests").mkdir()
    for name in ("first", "second", "third"):
        chunks = badc.folder / "artifacts" / "chunks" / name
        chunks.mkdir(parents=True)
        (chunks / ".chunk_status.json").write_text('{"status": "completed"}')
        listed = list(rows)
        for number in range(2):
            path = chunks / f"{name}{number}.wav"
            path.write_bytes(b"sound %d" % number)
            listed.append(f"{name},{path.stem},{path},{1000 * number},{1000 * number + 1000}")
        (badc.folder / "manifests" / f"{name}.csv").write_text("\n".join(listed) + "\n")
    return ["infer", "orchestrate", ".", "--apply", "--cpu-workers", 1]


def test_a_dataset_is_cancelled_with_the_recording_under_way(badc, runs, dataset, stuck, starts):
    words = [*dataset, "--runner-cmd", stuck("audio.stem == 'second1'")]
    process, identity = runs.begin(*words)
    until(lambda: "second1" in starts())
    ended = runs.cancel(process, identity, "storm")
    assert "1 of 3 recordings are done" in ended.words("storm")
    assert len([line for line in ended.err.splitlines() if line.startswith("Cancelled")]) == 1
    child = runs.api.run_named(f"second of {badc.folder.name}")
    assert child["state"]["type"] == "CANCELLED"
    assert f"run {ended.run['name']}" in child["state"]["message"]
    (badc.folder / "gate").touch()
    again = badc(*words)
    assert again.code == 0, again.all
    once = ["first0", "first1", "second0", "second1", "third0", "third1"]
    assert sorted(starts()) == sorted([*once, "second1"])


def test_one_recording_that_is_cancelled_stops_no_other(badc, runs, dataset, stuck, starts):
    process, identity = runs.begin(*dataset, "--runner-cmd", stuck("audio.stem == 'second1'"))
    until(lambda: "second1" in starts())
    name = f"second of {badc.folder.name}"
    (child,) = runs.api.filter("flow_runs", flow_runs={"name": {"any_": [name]}})
    ended = runs.cancel(process, child["id"], "this one is noise", whole=identity)
    assert ended.code == 1
    assert ended.run["state"]["type"] == "FAILED"
    assert "1 of 3 recordings" in ended.err.splitlines()[-1]
    assert "Cancelled from Prefect" in ended.err.splitlines()[-1]
    assert runs.api.run(child["id"])["state"]["type"] == "CANCELLED"
    assert sorted(starts()) == ["first0", "first1", "second0", "second1", "third0", "third1"]


def test_while_tables_are_made(badc, runs):
    """One large result under many names: each has to be read, and the tables take a while."""
    folder = badc.folder / "results"
    folder.mkdir()
    heard = {"timestamp_ms": 0, "end_ms": 500, "label": "OVEN", "confidence": 0.5}
    result = {"chunk_id": "c0", "recording_id": "REC", "status": "ok", "runner": "custom"}
    first = folder / "c0.json"
    first.write_text(json.dumps({**result, "detections": [heard] * 50_000}))
    for number in range(1, 60):
        os.link(first, folder / f"c{number}.json")
    process, identity = runs.begin("infer", "aggregate", folder, "--output", "table.csv")
    ended = runs.cancel(process, identity, "no room")
    assert "tables that were not finished are as they were" in ended.words("no room")
    assert not (badc.folder / "table.csv").exists()
    for number in range(1, 60):
        (folder / f"c{number}.json").unlink()
    again = badc("infer", "aggregate", folder, "--output", "table.csv")
    assert again.code == 0, again.all
    with (badc.folder / "table.csv").open() as table:
        assert sum(1 for _ in csv.DictReader(table)) == 50_000


def test_a_pause_that_nobody_ends_in_time_fails_the_run(badc, runs, manifest, stuck, starts):
    words = ["infer", "run", manifest(3), "--runner-cmd", stuck("audio.stem == 'c001'")]
    process, identity = runs.begin(*words, "--cpu-workers", 1)
    until(lambda: "c001" in starts())
    until_then = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    runs.api.set_state(identity, "PAUSED", state_details={"pause_timeout": until_then})
    assert process.stderr.readline().startswith("Paused from Prefect")
    (badc.folder / "gate").touch()
    _, err = process.communicate(timeout=_LIMIT_S)
    assert process.returncode == 1, err
    assert err.splitlines()[-1].startswith(
        "Error: Paused in Prefect: The flow was paused and never"
    )
    assert "--resume-summary" in err
    assert starts() == ["c000", "c001"]
    assert runs.api.run(identity)["state"]["type"] == "FAILED"


def test_a_run_that_is_paused_begins_nothing_until_it_is_resumed_or_cancelled(
    badc, runs, manifest, stuck, starts
):
    words = ["infer", "run", manifest(5), "--runner-cmd", stuck("audio.stem == 'c001'")]
    process, identity = runs.begin(*words, "--cpu-workers", 1)
    until(lambda: "c001" in starts())
    refused = runs.api.set_state(
        identity, "PAUSED", "Suspended", state_details={"pause_reschedule": True}
    )
    assert refused["status"] == "ABORT"
    assert refused["details"]["reason"] == "Cannot suspend flows without a deployment."

    runs.api.set_state(identity, "PAUSED", message="lunch")
    told = process.stderr.readline()
    assert told.startswith("Paused from Prefect (http://"), told
    assert told.endswith(
        'run manifest: "lunch"): nothing new is begun until it is resumed there.\n'
    )
    (badc.folder / "gate").touch()
    until(lambda: len(list(badc.folder.rglob("c001.json"))) == 1)
    time.sleep(3)
    assert starts() == ["c000", "c001"]

    (badc.folder / "gate").unlink()
    (badc.folder / "runner.py").write_text(
        (badc.folder / "runner.py").read_text().replace("'c001'", "'c003'")
    )
    runs.api.resume(identity)
    assert process.stderr.readline().startswith("Resumed from Prefect")
    until(lambda: "c003" in starts())
    assert starts() == ["c000", "c001", "c002", "c003"]
    runs.api.set_state(identity, "PAUSED")
    assert process.stderr.readline().startswith("Paused from Prefect")
    ended = runs.cancel(process, identity, "enough for today")
    assert "3 of 5 chunks are done" in ended.words("enough for today")
    log = runs.api.log_of({"id": identity})
    assert log.count("Paused from Prefect") == 2
    assert log.count("Resumed from Prefect") == 1
