"""``badc infer run`` on pretend GPUs: stand-ins for nvidia-smi and NVML, a real dask-cuda."""

import json
import os
from pathlib import Path

import pytest

_SMI = """#!/bin/sh
echo "0, GPU-badc0000-0000-0000-0000-000000000000, Pretend GPU 0, 8192"
echo "1, GPU-badc0000-0000-0000-0000-000000000001, Pretend GPU 1, 8192"
"""


@pytest.fixture(scope="session")
def nvidia_smi(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which nvidia-smi lists two GPUs, and no driver is behind it."""
    folder = tmp_path_factory.mktemp("smi")
    program = folder / "nvidia-smi"
    program.write_text(_SMI)
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="session")
def pretend_gpus(nvidia_smi: dict[str, str], pretend_nvml: dict[str, str]) -> dict[str, str]:
    """The environment in which nvidia-smi and NVML agree on two GPUs."""
    return {**nvidia_smi, **pretend_nvml}


_SAY_DEVICE = """
time.sleep(0.2)
label = "device " + os.environ.get("CUDA_VISIBLE_DEVICES", "any")
heard = {"timestamp_ms": 0, "end_ms": 500, "label": label, "confidence": 1}
answer.write_text(json.dumps([heard]))
"""


def _devices_by_worker(folder: Path) -> dict[str, set[str]]:
    """Which device each slot's runner was given, as its detections say."""
    devices: dict[str, set[str]] = {}
    for path in (folder / "artifacts" / "infer").rglob("*.json"):
        result = json.loads(path.read_text())
        label = result["detections"][0]["label"].removeprefix("device ")
        devices.setdefault(result["provenance"]["worker"], set()).add(label)
    return devices


def test_each_gpu_and_cpu_slot_hears_on_its_own_device(badc, manifest, runner_script, pretend_gpus):
    command = runner_script(_SAY_DEVICE)
    log, asked = badc.folder / "run.jsonl", badc.folder / "asked.log"
    ended = badc(
        "infer", "run", manifest(60), "--runner-cmd", command, "--cpu-workers", 1,
        "--telemetry-log", log, PRETEND_NVML_LOG=str(asked), **pretend_gpus,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert "Running on 2 GPU(s) and 1 CPU worker(s)." in ended.out
    assert "dask-cuda" not in ended.err
    assert _devices_by_worker(badc.folder) == {"gpu-0": {"0"}, "gpu-1": {"1"}, "cpu-0": {""}}
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
    badc, manifest, runner_script, pretend_gpus
):
    log = badc.folder / "run.jsonl"
    ended = badc(
        "infer", "run", manifest(4), "--runner-cmd", runner_script(_SAY_DEVICE), "--max-gpus", 1,
        "--telemetry-log", log, PRETEND_FAULT="figures hang", **pretend_gpus,
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert _devices_by_worker(badc.folder) == {"gpu-0": {"0"}}
    events = [json.loads(line) for line in log.read_text().splitlines()]
    metrics = [each["details"]["gpu_metrics"] for each in events if each["status"] == "success"]
    assert metrics == [{"before": None, "after": None}] * 4


def test_without_a_driver_for_dask_gpu_slots_still_hear(badc, manifest, runner_script, nvidia_smi):
    command = runner_script(_SAY_DEVICE)
    ended = badc("infer", "run", manifest(8), "--runner-cmd", command, **nvidia_smi)
    assert ended.code == 0, ended.all
    assert "dask-cuda cannot be used here" in ended.err
    assert _devices_by_worker(badc.folder) == {"gpu-0": {"0"}, "gpu-1": {"1"}}
