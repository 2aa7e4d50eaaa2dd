"""Disks that are full, for what a run writes: what it says then, and how it goes on."""

import json
import shlex
import shutil
import subprocess
from contextlib import suppress

import pytest

from badc.telemetry import Event, LogFollower, LogWriter, timestamp


def _event(name):
    return Event("REC", name, "cpu-0", "start", timestamp(), details={"attempt": 1})


def test_a_log_on_a_full_disk_loses_and_tears_nothing_once_there_is_room(small_disk, fill):
    disk = small_disk(64)
    log = disk / "run.jsonl"
    with LogWriter(log) as writer:
        writer.write(_event("c0"))
        ballast = fill(disk)
        for number in range(1, 60):
            with suppress(OSError):
                writer.write(_event(f"c{number}"))
        assert writer.fault is not None
        assert "No space left" in writer.fault.strerror
        ballast.unlink()
        writer.write(_event("c60"))
        assert writer.fault is None
    assert [event.chunk_id for event in LogFollower(log).new_events()] == [
        f"c{number}" for number in range(61)
    ]


def test_a_full_disk_for_results_ends_the_run_and_room_lets_it_go_on(
    badc, manifest, runner_script, starts, results, small_disk
):
    disk = small_disk(20)  # room for some of the JSON, each a page
    words = [
        "infer", "run", manifest(8), "--runner-cmd", runner_script("answer.write_text('[]')"),
        "--output-dir", disk,
    ]  # fmt: skip
    ended = badc(*words)
    assert ended.code == 1, ended.all
    (line,) = [line for line in ended.err.splitlines() if line.startswith("Error: ")]
    assert f"{disk}/REC/c00" in line
    assert "No space left on device" in line
    assert "free space" in line
    assert "Traceback" not in ended.err
    done = set(results(disk))
    assert 0 < len(done) < 8
    assert [*disk.rglob(".*")] == []
    subprocess.run(["mount", "-o", "remount,size=1m", disk], check=True)
    again = badc(*words, *shlex.split(line.partition("run again with ")[2]))
    assert again.code == 0, again.all
    assert len(results(disk)) == 8
    assert {chunk for chunk in done if starts().count(chunk) > 1} == set()


_FILLS = """
if audio.stem == 'c001':
    ballast = os.open({ballast!r}, os.O_WRONLY | os.O_CREAT)
    try:
        while True: os.write(ballast, bytes(4096))
    except OSError: pass
answer.write_text('[]')
"""


def test_a_full_disk_for_records_stops_no_chunk_and_is_told(
    badc, manifest, runner_script, starts, results, small_disk
):
    disk = small_disk(64)
    log, ballast = disk / "run.jsonl", disk / "ballast"
    command = runner_script(_FILLS.format(ballast=str(ballast)))
    words = [
        "infer", "run", manifest(30), "--runner-cmd", command, "--telemetry-log", log,
    ]  # fmt: skip
    ended = badc(*words)
    assert ended.code == 1, ended.all
    assert ended.err.count(f"Warning: {log} cannot be written (No space left on device)") == 1
    (line,) = [line for line in ended.err.splitlines() if line.startswith("Error: ")]
    assert line.startswith(f"Error: All chunks are done, but {disk}")
    assert "Make room, then type the same command again" in line
    assert "Traceback" not in ended.err
    assert len(results()) == 30
    assert [path.name for path in disk.rglob(".*")] == []
    ballast.unlink()
    again = badc(*words)
    assert again.code == 0, again.all
    assert len(starts()) == 30  # nothing is repeated
    jobs = json.loads((disk / "run.jsonl.summary.json").read_text())["jobs"]
    assert [job["status"] for job in jobs.values()] == ["success"] * 30


_SHELL = """#!/bin/sh
case $2 in *c001.wav) dd if=/dev/zero of={ballast} bs=4096 2>/dev/null;; esac
echo '[]' > "$4"
"""


@pytest.mark.faults
def test_a_full_disk_for_prefects_own_store_stops_no_chunk(
    serverless, manifest, results, small_disk
):
    disk = small_disk(24 * 1024, "home")
    serverless.environment["PREFECT_HOME"] = str(disk)
    runner = serverless.folder / "runner.sh"
    runner.write_text(_SHELL.format(ballast=disk / "ballast"))
    runner.chmod(0o755)
    count = 500  # fewer fit into what SQLite has set aside before
    words = ["--cpu-workers", 2, "--runner-cmd", runner]
    ended = serverless("infer", "run", manifest(count), *words)
    assert ended.code == 0, ended.all
    told = "Warning: Prefect's temporary server does not know how this run ended"
    assert told in ended.err
    assert shutil.disk_usage(disk).free == 0
    assert "Traceback" not in ended.err
    assert "fault of BADC" not in ended.err
    assert len(results()) == count
