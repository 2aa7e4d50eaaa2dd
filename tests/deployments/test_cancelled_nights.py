"""Nights that somebody cancels or suspends in the Prefect UI, as Prefect's worker runs them."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from tools.private_postgres import programs

pytestmark = [
    pytest.mark.parametrize("site", ["postgresql" if programs() else "sqlite"], indirect=True),
    pytest.mark.timeout(900),
]

_RUNNER = """\
import pathlib, sys, time
audio = pathlib.Path(sys.argv[sys.argv.index("--input") + 1])
answer = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
with open({starts!r}, "a") as starts:
    starts.write(audio.stem + "\\n")
while "_1000_" in audio.stem and not pathlib.Path({gate!r}).exists():
    time.sleep(0.1)
answer.write_text("[]")
"""


@pytest.fixture
def night(site, tmp_path):
    """Starts nights over one dataset, whose second chunk is not heard before the gate is open."""
    starts, gate, script = (tmp_path / name for name in ("starts", "gate", "runner.py"))
    script.write_text(_RUNNER.format(starts=str(starts), gate=str(gate)))
    command = f"{sys.executable} {script}"

    def begin(**cut) -> str:
        request = {"dataset": str(tmp_path), "runner": "command", "runner_cmd": command}
        return site.night(request, {"chunk_duration_s": 1, "settle_s": 0, **cut})

    return begin


def _record(folder: Path, name: str, seconds: int) -> None:
    path = folder / "audio" / name
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, np.zeros(8000 * seconds), 8000, subtype="PCM_16")


def _ask(site, run_id: str, state: dict) -> dict:
    return dict(site.api(f"flow_runs/{run_id}/set_state", {"state": state}))


def _cancel(site, run_id: str, message: str) -> dict:
    """Cancel a run; return it once it is over and its process gone."""
    began_s = time.monotonic()
    answer = _ask(site, run_id, {"type": "CANCELLING", "name": "Cancelling", "message": message})
    assert answer["status"] == "ACCEPT"
    site.ended(run_id)
    site.until(lambda: not _processes(site))
    print(f"{message}: {time.monotonic() - began_s:.1f} s from cancel to end")
    return site.run(run_id)


def _processes(site) -> list[psutil.Process]:
    return psutil.Process(site.worker.pid).children(recursive=True)


def _children(site, run_id: str) -> list[dict]:
    parent = {"flow_runs": {"parent_flow_run_id": {"any_": [run_id]}}}
    return list(site.api("flow_runs/filter", parent))


def test_while_chunks_are_heard(site, night, tmp_path):
    _record(tmp_path, "rec.wav", 3)
    run_id = night()
    starts = tmp_path / "starts"
    site.until(lambda: starts.exists() and "_1000_" in starts.read_text())
    run = _cancel(site, run_id, "a night is cancelled")
    print(run["state"]["message"])
    assert (run["state"]["type"], run["state"]["name"]) == ("CANCELLED", "Cancelled")
    (child,) = _children(site, run_id)
    assert child["state"]["type"] == "CANCELLED"
    assert "1 of 3 chunks are done" in child["state"]["message"]
    log = tmp_path / "artifacts" / "telemetry" / "infer" / "rec.jsonl"
    jobs = json.loads(log.with_name("rec.jsonl.summary.json").read_text())["jobs"]
    assert [job["status"] for job in jobs.values()] == ["success", "pending", "pending"]
    details = json.loads(log.read_text().splitlines()[-1])["details"]
    assert details["error"] == "Broken off: the run was cancelled."
    (tmp_path / "gate").touch()
    again = site.ended(night())
    assert again["state"]["type"] == "COMPLETED", site.log(again["id"])
    assert starts.read_text().split().count("rec_chunk_0_1000") == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_while_recordings_are_cut(site, night, tmp_path, workers):
    for name in "abcd":
        _record(tmp_path, f"{name}.wav", 7200)
    run_id = night(workers=workers)
    chunks = tmp_path / "artifacts" / "chunks"
    site.until(lambda: any(chunks.rglob("*.wav")))
    run = _cancel(site, run_id, f"cutting, {workers} at a time")
    assert run["state"]["type"] == "CANCELLED", run["state"]
    broken = {}
    for path in chunks.rglob(".chunk_status.json"):
        status = json.loads(path.read_text())["status"]
        broken[path.parent.name] = status
        if status != "completed":
            assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert "failed" in broken.values()


def test_suspended_and_resumed(site, night, tmp_path):
    _record(tmp_path, "rec.wav", 3)
    run_id = night()
    starts = tmp_path / "starts"
    site.until(lambda: starts.exists() and "_1000_" in starts.read_text())
    began_s = time.monotonic()
    suspended = {
        "type": "PAUSED",
        "name": "Suspended",
        "message": "the machine is needed",
        "state_details": {"pause_reschedule": True},
    }
    assert _ask(site, run_id, suspended)["status"] == "ACCEPT"
    site.until(lambda: not _processes(site))
    print(f"suspended: {time.monotonic() - began_s:.1f} s until its process was gone")
    assert site.run(run_id)["state"]["name"] == "Suspended"
    (child,) = _children(site, run_id)
    assert child["state"]["type"] == "CANCELLED"
    assert child["state"]["message"].startswith("Suspended from Prefect")
    log = tmp_path / "artifacts" / "telemetry" / "infer" / "rec.jsonl"
    details = json.loads(log.read_text().splitlines()[-1])["details"]
    assert details["error"] == "Broken off: the run was suspended."

    (tmp_path / "gate").touch()
    site.api(f"flow_runs/{run_id}/resume", {})
    assert site.ended(run_id)["state"]["type"] == "COMPLETED", site.log(run_id)
    assert starts.read_text().split().count("rec_chunk_0_1000") == 1
