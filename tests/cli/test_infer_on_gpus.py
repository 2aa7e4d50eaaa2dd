"""``badc infer run`` on pretend GPUs: stand-ins for nvidia-smi and NVML, a real dask-cuda."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.dask_cluster import running_dask_cluster

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
def pretend_gpus(
    nvidia_smi: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment in which nvidia-smi and NVML agree on two GPUs."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("the stand-in for NVML is written in C, and there is no 'cc' here")
    folder = tmp_path_factory.mktemp("nvml")
    source = Path(__file__).with_name("pretend_nvml.c")
    library = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    return {**nvidia_smi, "LD_LIBRARY_PATH": str(folder)}


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
    log = badc.folder / "run.jsonl"
    ended = badc(
        "infer", "run", manifest(24), "--runner-cmd", command, "--cpu-workers", 1,
        "--telemetry-log", log, **pretend_gpus,
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
    after = on_gpu_1[0]["details"]["gpu_metrics"]["after"]
    assert after == {
        "index": 1, "utilization": 41, "memory_used_mb": 2048, "memory_total_mb": 8192
    }  # fmt: skip


def test_max_gpus_leaves_the_other_device_alone(badc, manifest, runner_script, pretend_gpus):
    command = runner_script(_SAY_DEVICE)
    ended = badc(
        "infer", "run", manifest(4), "--runner-cmd", command, "--max-gpus", 1, **pretend_gpus
    )
    assert ended.code == 0, ended.all
    assert _devices_by_worker(badc.folder) == {"gpu-0": {"0"}}


def test_without_a_driver_for_dask_gpu_slots_still_hear(badc, manifest, runner_script, nvidia_smi):
    command = runner_script(_SAY_DEVICE)
    ended = badc("infer", "run", manifest(8), "--runner-cmd", command, **nvidia_smi)
    assert ended.code == 0, ended.all
    assert "dask-cuda cannot be used here" in ended.err
    assert _devices_by_worker(badc.folder) == {"gpu-0": {"0"}, "gpu-1": {"1"}}


def test_workers_that_others_started_share_the_gpus_of_their_host(
    badc, manifest, runner_script, nvidia_smi
):
    # no chunk ends before two have begun, on two devices
    command = runner_script(
        f"seen = Path({str(badc.folder / 'seen')!r})\n"
        "(seen / os.environ['CUDA_VISIBLE_DEVICES']).touch()\n"
        "deadline = time.monotonic() + 90\n"
        "while len(list(seen.iterdir())) < 2 and time.monotonic() < deadline: time.sleep(0.1)\n"
        f"{_SAY_DEVICE}"
    )
    (badc.folder / "seen").mkdir()
    environment = {**badc.environment, **nvidia_smi, "TMPDIR": str(badc.folder)}
    workers = {name: ["--nthreads", "1"] for name in ("one", "two")}
    with running_dask_cluster(badc.folder, environment, workers) as address:
        ended = badc(
            "infer", "run", manifest(6), "--runner-cmd", command, "--scheduler-address", address
        )
    assert ended.code == 0, ended.all
    devices = _devices_by_worker(badc.folder)
    assert sorted(devices.values(), key=sorted) == [{"0"}, {"1"}]
