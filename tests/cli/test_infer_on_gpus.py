"""``badc infer run`` on pretend GPUs: stand-ins for nvidia-smi and NVML, a real dask-cuda."""

import csv
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from badc.hardware import usable_cores
from tools.dask_cluster import running_dask_cluster


def test_each_gpu_and_cpu_slot_hears_on_its_own_device(
    badc, manifest, runner_script, pretend_gpus, devices_by_worker, says_device
):
    command = runner_script(says_device)
    log, asked = badc.folder / "run.jsonl", badc.folder / "asked.log"
    ended = badc(
        "infer", "run", manifest(60), "--runner-cmd", command, "--cpu-workers", 1,
        "--telemetry-log", log, PRETEND_NVML_LOG=str(asked), **pretend_gpus,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert "Running on 2 GPU(s) and 1 CPU worker(s)." in ended.out
    assert "dask-cuda" not in ended.err
    assert devices_by_worker() == {"gpu-0": {"0"}, "gpu-1": {"1"}, "cpu-0": {""}}
    events = [json.loads(line) for line in log.read_text().splitlines()]
    heard = [each for each in events if each["status"] == "success"]
    assert sorted(each["chunk_id"] for each in heard) == [f"c{n:03d}" for n in range(60)]
    with Path(f"{log}.summary.json.workers.csv").open() as table:
        jobs = {row["worker"]: int(row["jobs"]) for row in csv.DictReader(table)}
    assert jobs == Counter(each["worker"] for each in heard)
    assert {(each["worker"], each["gpu_index"]) for each in events} == {
        ("gpu-0", 0), ("gpu-1", 1), ("cpu-0", None)
    }  # fmt: skip
    on_gpu_1 = [each for each in heard if each["worker"] == "gpu-1"]
    assert on_gpu_1[0]["gpu_name"] == "Pretend GPU 1"
    metrics = on_gpu_1[-1]["details"]["gpu_metrics"]
    figures = {"index": 1, "utilization": 41, "memory_used_mb": 2048, "memory_total_mb": 8192}
    assert metrics["before"] == metrics["after"] == figures
    assert metrics["peak"] == {"utilization": 41, "memory_used_mb": 2048}
    assert len(set(asked.read_text().split())) == 1  # one process asks how busy all GPUs are


@pytest.mark.parametrize(
    ("fault", "said"), [("hangs", "NVML does not answer"), ("4", "denies access to the GPUs")]
)
def test_with_a_driver_that_gives_no_device_one_cpu_worker_hears(
    badc, manifest, pretend_gpus, fault, said
):
    ended = badc("infer", "run", manifest(2), PRETEND_FAULT=fault, **pretend_gpus)
    assert ended.code == 0, ended.all
    assert [line for line in ended.out.splitlines() if said in line]
    assert "No GPUs detected; running on CPU with 1 worker(s)." in ended.out
    assert "Processed 2 of 2 chunks" in ended.out


def test_with_an_nvidia_smi_that_hangs_one_cpu_worker_hears(badc, manifest):
    smi = badc.folder / "nvidia-smi"
    smi.write_text("#!/bin/sh\nsleep 600\n")
    smi.chmod(0o755)
    path = f"{badc.folder}{os.pathsep}{os.environ['PATH']}"
    ended = badc("infer", "run", manifest(2), PATH=path)
    assert ended.code == 0, ended.all
    told = "nvidia-smi does not answer (waited 10 s): the NVIDIA driver hangs; see dmesg."
    assert told in ended.out.splitlines()
    assert "No GPUs detected; running on CPU with 1 worker(s)." in ended.out
    assert "Processed 2 of 2 chunks" in ended.out


_SLICE = "MIG-badc0000-000{}-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("asked", "devices"),
    [
        ((("--max-gpus", 1), {"PRETEND_FAULT": "figures hang"}), {"gpu-0": {"0"}}),
        (
            (("--chunks-per-gpu", 2), {"CUDA_VISIBLE_DEVICES": "1"}),
            {"gpu-1": {"1"}, "gpu-1b": {"1"}},
        ),
        (
            (("--max-gpus", 2), {"PRETEND_MIG": "0"}),
            {"gpu-0.0": {_SLICE.format(0)}, "gpu-0.1": {_SLICE.format(1)}},
        ),
    ],
    ids=["one, its figures hang", "the other, twice", "slices"],
)
def test_devices_are_used_as_asked_and_missing_figures_cost_nothing(
    badc, manifest, runner_script, pretend_gpus, devices_by_worker, says_device, *, asked, devices
):
    words, environment = asked
    log, threads = badc.folder / "run.jsonl", badc.folder / "threads"
    badc.environment.pop("OMP_NUM_THREADS", None)
    says = f"Path({str(threads)!r}).write_text(os.environ['OMP_NUM_THREADS'])\n{says_device}"
    ended = badc(
        "infer", "run", manifest(8), "--runner-cmd", runner_script(says), *words,
        "--telemetry-log", log, **pretend_gpus, **environment,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert "dask-cuda" not in ended.err
    assert devices_by_worker() == devices
    assert threads.read_text() == str(max(1, usable_cores() // len(devices)))
    heard = [each for each in map(json.loads, log.read_text().splitlines()) if each["finished_at"]]
    assert {f"gpu-{each['gpu_index']}" for each in heard} == {next(iter(devices))[:5]}
    if "PRETEND_FAULT" in environment:
        metrics = [each["details"]["gpu_metrics"] for each in heard]
        assert metrics == [{"before": None, "after": None}] * 8


def test_without_a_driver_for_dask_gpu_slots_hear_and_no_chunk_waits_behind_a_slow_slot(
    badc, manifest, runner_script, nvidia_smi, devices_by_worker, says_device
):
    until_all_others_are_heard = f"""
until = time.monotonic() + 300
heard = Path({str(badc.folder / "artifacts")!r})
while os.environ["BADC_SLOT"] == "cpu-0" and len(list(heard.rglob("c*.json"))) < 7:
    if time.monotonic() > until: sys.exit("others wait for me")
    time.sleep(0.1)
"""
    ended = badc(
        "infer", "run", manifest(8), "--cpu-workers", 1, "--max-retries", 0,
        "--runner-cmd", runner_script(until_all_others_are_heard + says_device), **nvidia_smi,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert "dask-cuda cannot be used here" in ended.err
    assert devices_by_worker() == {"gpu-0": {"0"}, "gpu-1": {"1"}, "cpu-0": {""}}


def test_without_a_gpu_gpu_only_is_refused(badc, manifest, nvidia_smi):
    for more in ({"CUDA_VISIBLE_DEVICES": ""}, {"PATH": os.environ["PATH"]}):
        ended = badc("infer", "run", manifest(1), "--gpu-only", **{**nvidia_smi, **more})
        assert ended.code == 2
        assert "Error: --gpu-only: there is no GPU to use here." in ended.err


def test_workers_that_others_started_share_the_gpus_of_their_host(
    badc, manifest, runner_script, nvidia_smi, devices_by_worker, says_device
):
    # no chunk ends before two have begun, on two devices
    command = runner_script(
        f"seen = Path({str(badc.folder / 'seen')!r})\n"
        "(seen / os.environ['CUDA_VISIBLE_DEVICES']).touch()\n"
        "deadline = time.monotonic() + 300\n"
        "while len(list(seen.iterdir())) < 2 and time.monotonic() < deadline: time.sleep(0.1)\n"
        f"{says_device}"
    )
    (badc.folder / "seen").mkdir()
    environment = {**badc.environment, **nvidia_smi, "TMPDIR": str(badc.folder)}
    workers = {name: ["--nthreads", "1"] for name in ("one", "two")}
    with running_dask_cluster(badc.folder, environment, workers) as address:
        ended = badc(
            "infer", "run", manifest(6), "--runner-cmd", command, "--scheduler-address", address
        )
    assert ended.code == 0, ended.all
    devices = devices_by_worker()
    assert sorted(devices.values(), key=sorted) == [{"0"}, {"1"}]
