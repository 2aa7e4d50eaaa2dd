"""Clocks that jump: limits go by the monotonic one, and counts by the order of events."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badc.results import RunSummary
from badc.telemetry import Event, RunView

_TIMES = st.one_of(
    st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat), st.just(""), st.just("no time")
)
_STORY = ("start", "failure", "start", "success")


def _told(times, runtimes_s):
    """What happened to three chunks, each tried twice, at the times that a mad clock gave."""
    moments, lengths = iter(times), iter(runtimes_s)
    for chunk in ("c0", "c1", "c2"):
        for number, status in enumerate(_STORY):
            yield Event(
                "REC", chunk, "cpu-0", status, next(moments),
                finished_at=None if status == "start" else next(moments),
                runtime_s=None if status == "start" else next(lengths),
                details={"attempt": 1 + number // 2, "backoff_s": 2.0, "audio_s": 60.0},
            )  # fmt: skip


@given(
    st.lists(_TIMES, min_size=18, max_size=18),
    st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6),
)
def test_counts_do_not_depend_on_the_clock(times, runtimes_s):
    summary, view = RunSummary(Path("x.jsonl")), RunView(keep=9)
    for event in _told(times, runtimes_s):
        summary.fold(event)
        view.fold(event)
    assert [(job.status, job.attempts) for job in summary.jobs.values()] == [("success", 2)] * 3
    tally = summary.workers["cpu-0"]
    assert (tally.success, tally.failure, tally.retries, tally.failed_retries) == (3, 0, 3, 3)
    assert "REC/c2" in json.dumps(summary.to_json())


def test_a_run_whose_clock_jumps_by_hours_hears_everything(
    badc, manifest, runner_script, starts, results, shim
):
    lines = "time.sleep(0.8); answer.write_text('[]')"
    log = badc.folder / "run.jsonl"
    ended = badc(
        "infer", "run", manifest(8), "--runner-cmd", runner_script(lines), "--timeout", 300,
        "--telemetry-log", log, **shim("jumping_clock.c"),
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert "Traceback" not in ended.all
    assert len(results()) == len(starts()) == 8
    begun = [
        record["timestamp"]
        for record in map(json.loads, log.read_text().splitlines())
        if record["status"] == "start"
    ]
    assert begun != sorted(begun), "the clock did not jump"
    jobs = json.loads((badc.folder / "run.jsonl.summary.json").read_text())["jobs"]
    assert {job["status"] for job in jobs.values()} == {"success"}


_SHORT_PAUSE_S = 2.0
# Begin and end by the one clock that nobody sets; the fourth chunk gives the sign.
_TIMED = """
began_s = time.clock_gettime(time.CLOCK_MONOTONIC)
if audio.stem == "c003":
    Path(os.environ["STEP_BACK"]).touch()
time.sleep(0.3)
answer.write_text("[]")
ended_s = time.clock_gettime(time.CLOCK_MONOTONIC)
told = {"began_s": began_s, "ended_s": ended_s, "wall_s": time.time(), "worker": os.getppid()}
Path(os.environ["STEP_BACK"]).with_name(audio.stem + ".times").write_text(json.dumps(told))
"""


@pytest.mark.parametrize("workers", ["threads", "processes"])
def test_a_run_whose_clock_is_set_back_by_an_hour_makes_no_pause(
    badc, manifest, runner_script, results, shim, pretend_gpus, workers
):
    chunks = 24
    one_slot = ["--cpu-workers", 1] if workers == "threads" else ["--max-gpus", 1, "--gpu-only"]
    environment = {} if workers == "threads" else pretend_gpus
    run = badc.start(
        "infer", "run", manifest(chunks), "--runner-cmd", runner_script(_TIMED), "--timeout", 60,
        *one_slot, **shim("stepping_clock.c"), **environment, STEP_BACK=str(badc.folder / "sign"),
    )  # fmt: skip
    out, err = run.communicate(timeout=500)
    assert run.returncode == 0, out + err
    assert "Traceback" not in err
    assert len(results()) == chunks
    told = [json.loads(path.read_text()) for path in badc.folder.glob("*.times")]
    assert len(told) == chunks
    assert ({each["worker"] for each in told} == {run.pid}) == (workers == "threads")
    told.sort(key=lambda each: each["began_s"])
    walls_s = [later["wall_s"] - sooner["wall_s"] for sooner, later in pairwise(told)]
    assert min(walls_s) < -3000, "the clock was not set back"
    pauses_s = [later["began_s"] - sooner["ended_s"] for sooner, later in pairwise(told)]
    # a busy machine makes pauses of its own, before the step as well
    assert max(pauses_s[3:]) < max(_SHORT_PAUSE_S, 5 * max(pauses_s[:3])), pauses_s


# A message is sent, the next has to wait for a second, and meanwhile the clock is set back.
_TWO_MESSAGES = """
import asyncio, os
from pathlib import Path
from distributed.batched import BatchedSend
from distributed.comm import connect, listen
from badc.cluster.steady_clock import keep_steady_time

async def main():
    arrived = asyncio.Queue()

    async def receive(comm):
        while True:
            for message in await comm.read():
                arrived.put_nowait(message)

    async with listen("inproc://", receive) as listener:
        sender = BatchedSend("1s")
        sender.start(await connect(listener.contact_address))
        sender.send("first")
        assert await arrived.get() == "first"
        Path(os.environ["STEP_BACK"]).touch()
        sender.send("second")
        assert await asyncio.wait_for(arrived.get(), 60) == "second"

keep_steady_time()
asyncio.run(main())
print("both came", flush=True)
os._exit(0)
"""


def test_a_message_comes_though_the_clock_is_set_back_while_it_waits(shim, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", _TWO_MESSAGES],
        env={**os.environ, **shim("stepping_clock.c"), "STEP_BACK": str(tmp_path / "sign")},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout == "both came\n", ended.stderr
