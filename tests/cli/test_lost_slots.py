"""Slots that are lost in mid-run: processes killed, devices that fail."""

import json
import time
from pathlib import Path

_SLOT = "slot = os.environ['BADC_SLOT']\n"


def _events(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_slot_whose_worker_dies_again_and_again_is_retired(
    badc, manifest, runner_script, pretend_gpus, devices_by_worker, says_device, processes_of
):
    kill = f"""
deaths = Path({str(badc.folder / "deaths")!r})
if slot == "gpu-1":
    with deaths.open("a") as stream: stream.write("x")
    os.kill(os.getppid(), 9)  # the Dask worker's process
    time.sleep(600)  # and go on, holding the GPU
until = time.monotonic() + 300
while time.monotonic() < until and not (deaths.exists() and len(deaths.read_text()) == 2):
    time.sleep(0.1)
"""
    log, scratch = badc.folder / "run.jsonl", badc.folder / "scratch"
    scratch.mkdir()
    ended = badc(
        "infer", "run", manifest(5), "--runner-cmd", runner_script(_SLOT + kill + says_device),
        "--telemetry-log", log, TMPDIR=str(scratch), **pretend_gpus,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert "Processed 5 of 5 chunks" in ended.out
    assert devices_by_worker() == {"gpu-0": {"0"}}
    told = "Warning: slot gpu-1 is given up, it failed twice in a row: the worker process of gpu-1"
    assert told in ended.err
    assert "distributed" not in ended.err  # Dask's own words
    deadline = time.monotonic() + 180
    while processes_of() or list(scratch.glob("badc-gpu-1-*")):
        assert time.monotonic() < deadline, "the runner of a killed worker goes on"
        time.sleep(0.1)
    events = _events(log)
    assert [each["worker"] for each in events if each["status"] == "failure"] == ["gpu-1"] * 2
    assert [each["worker"] for each in events if each["status"] == "retired"] == ["gpu-1"]


_OUT_OF_MEMORY = "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB"


def test_a_gpu_without_memory_is_retired_and_its_chunks_are_heard_elsewhere(
    badc, manifest, runner_script, nvidia_smi, devices_by_worker, says_device
):
    fails = f"if slot.startswith('gpu-0'): sys.exit({_OUT_OF_MEMORY!r})\n"
    waits = f"""
until = time.monotonic() + 300
while time.monotonic() < until and Path({str(badc.folder / "run.jsonl")!r}).read_text().count(
    '"retired"'
) < 2:
    time.sleep(0.1)
"""
    lines = _SLOT + fails + waits + says_device
    log = badc.folder / "run.jsonl"
    ended = badc(
        "infer", "run", manifest(6), "--runner-cmd", runner_script(lines), "--telemetry-log", log,
        "--chunks-per-gpu", 2, "--max-retries", 9, **nvidia_smi,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert devices_by_worker() == {"gpu-1": {"1"}, "gpu-1b": {"1"}}
    for label in ("gpu-0", "gpu-0b"):
        assert f"Warning: slot {label} is given up, it failed twice in a row" in ended.err
    failures = [each for each in _events(log) if each["status"] == "failure"]
    assert [each["worker"] for each in failures].count("gpu-0") == 2
    assert {each["gpu_index"] for each in failures} == {0}


def test_when_the_last_slot_is_retired_the_run_ends_and_can_be_resumed(
    badc, manifest, runner_script, nvidia_smi, devices_by_worker, says_device
):
    listed = manifest(4)
    words = ("infer", "run", listed, "--telemetry-log", badc.folder / "run.jsonl", "--runner-cmd")
    fails = f"if audio.stem != 'c000' and not mended: sys.exit({_OUT_OF_MEMORY!r})\n"
    runner = runner_script(_SLOT + fails + says_device)
    ended = badc(
        *words, runner, "--max-gpus", 1, "--gpu-only",
        **nvidia_smi,
    )  # fmt: skip
    assert ended.code == 1
    (line,) = [line for line in ended.err.splitlines() if line.startswith("Error: ")]
    assert line.startswith("Error: No slot is left: all failed twice in a row, at last gpu-0")
    assert "(CUDA out of memory)" in line
    assert "Processed 1 of 4 chunks" in ended.out
    summary = json.loads((badc.folder / "run.jsonl.summary.json").read_text())
    assert sorted(job["status"] for job in summary["jobs"].values()) == ["pending"] * 3 + [
        "success"
    ]
    (badc.folder / "mended").touch()
    again = badc(*words, runner, "--max-gpus", 0, **nvidia_smi)
    assert again.code == 0, again.all
    assert "No GPUs used (--max-gpus 0); running on CPU with 1 worker(s)." in again.out
    assert devices_by_worker() == {"gpu-0": {"0"}, "cpu-0": {""}}
