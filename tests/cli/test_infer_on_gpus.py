"""``badc infer run`` on pretend GPUs: stand-ins for nvidia-smi and NVML, a real dask-cuda."""

import json
import os

import pytest


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
    on_gpu_1 = [
        each for each in events if each["worker"] == "gpu-1" and each["status"] == "success"
    ]
    assert on_gpu_1[0]["gpu_name"] == "Pretend GPU 1"
    metrics = on_gpu_1[-1]["details"]["gpu_metrics"]
    figures = {"index": 1, "utilization": 41, "memory_used_mb": 2048, "memory_total_mb": 8192}
    assert metrics["before"] == metrics["after"] == figures
    assert metrics["peak"] == {"utilization": 41, "memory_used_mb": 2048}
    assert len(set(asked.read_text().split())) == 1  # one process asks how busy all GPUs are


@pytest.mark.parametrize(
    ("fault", "said"), [("hangs", "does not answer"), ("4", "denies access to the GPUs")]
)
def test_with_a_driver_that_gives_no_device_one_cpu_worker_hears(
    badc, manifest, pretend_gpus, fault, said
):
    ended = badc("infer", "run", manifest(2), PRETEND_FAULT=fault, **pretend_gpus)
    assert ended.code == 0, ended.all
    assert [line for line in ended.out.splitlines() if said in line]
    assert "No GPUs detected; running on CPU with 1 worker(s)." in ended.out
    assert "Processed 2 of 2 chunks" in ended.out


def test_max_gpus_leaves_a_device_alone_and_a_driver_that_hangs_costs_figures_only(
    badc, manifest, runner_script, pretend_gpus, devices_by_worker, says_device
):
    log = badc.folder / "run.jsonl"
    ended = badc(
        "infer", "run", manifest(4), "--runner-cmd", runner_script(says_device), "--max-gpus", 1,
        "--telemetry-log", log, PRETEND_FAULT="figures hang", **pretend_gpus,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert devices_by_worker() == {"gpu-0": {"0"}}
    events = [json.loads(line) for line in log.read_text().splitlines()]
    metrics = [each["details"]["gpu_metrics"] for each in events if each["status"] == "success"]
    assert metrics == [{"before": None, "after": None}] * 4


def test_without_a_driver_for_dask_gpu_slots_still_hear(
    badc, manifest, runner_script, nvidia_smi, devices_by_worker, says_device
):
    command = runner_script(says_device)
    ended = badc("infer", "run", manifest(8), "--runner-cmd", command, **nvidia_smi)
    assert ended.code == 0, ended.all
    assert "dask-cuda cannot be used here" in ended.err
    assert devices_by_worker() == {"gpu-0": {"0"}, "gpu-1": {"1"}}


def test_without_a_gpu_gpu_only_is_refused(badc, manifest, nvidia_smi):
    for more in ({"CUDA_VISIBLE_DEVICES": ""}, {"PATH": os.environ["PATH"]}):
        ended = badc("infer", "run", manifest(1), "--gpu-only", **{**nvidia_smi, **more})
        assert ended.code == 2
        assert "Error: --gpu-only: there is no GPU to use here." in ended.err
