"""On a real NVIDIA GPU: ``pytest -m gpu tests/gpu``. No figure is asserted but what is certain."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.gpu
ROOT = Path(__file__).resolve().parents[2]
_HELD_MIB = 512

# A runner that asks CUDA's driver itself, without torch, which devices it sees, and holds memory.
_RUNNER = """
import ctypes, json, sys, time, uuid
answer = sys.argv[sys.argv.index("--output") + 1]
cuda = ctypes.CDLL("libcuda.so.1")
def must(code):
    if code: sys.exit(f"CUDA error: {code}")
must(cuda.cuInit(0))
count = ctypes.c_int()
must(cuda.cuDeviceGetCount(ctypes.byref(count)))
seen = []
for number in range(count.value):
    device, identity = ctypes.c_int(), (ctypes.c_ubyte * 16)()
    must(cuda.cuDeviceGet(ctypes.byref(device), number))
    must(cuda.cuDeviceGetUuid_v2(identity, device))
    seen.append(str(uuid.UUID(bytes=bytes(identity))))
context, memory = ctypes.c_void_p(), ctypes.c_uint64()
must(cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), device))
must(cuda.cuCtxSetCurrent(context))
must(cuda.cuMemAlloc_v2(ctypes.byref(memory), ctypes.c_size_t(HELD_MIB << 20)))
time.sleep(4)
heard = {"timestamp_ms": 0, "end_ms": 500, "label": " ".join(seen), "confidence": 1}
open(answer, "w").write(json.dumps([heard]))
"""


def _manifest(folder: Path, *files: Path) -> Path:
    with (folder / "manifest.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["recording_id", "chunk_id", "source_path", "start_ms", "end_ms"])
        writer.writerows(["REC", file.stem, file, 0, 3000] for file in files)
    return folder / "manifest.csv"


def _badc(folder: Path, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "badc", *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


@pytest.fixture
def gpus(tmp_path):
    told = json.loads(_badc(tmp_path, "gpus", "--json").stdout)
    if not told["gpus"]:
        pytest.skip(told["diagnosis"])
    return told["gpus"]


def test_each_runner_sees_the_device_that_its_record_names_and_memory_shows(
    tmp_path, prefect_server, gpus
):
    script = tmp_path / "runner.py"
    script.write_text(_RUNNER.replace("HELD_MIB", str(_HELD_MIB)))
    chunks = [tmp_path / f"c{number}.wav" for number in range(2 * len(gpus))]
    for chunk in chunks:
        chunk.write_bytes(b"audio")
    log = tmp_path / "run.jsonl"
    ended = _badc(
        tmp_path, "infer", "run", _manifest(tmp_path, *chunks), "--gpu-only",
        "--runner-cmd", f"{sys.executable} {script}", "--telemetry-log", log, **prefect_server,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    events = [json.loads(line) for line in log.read_text().splitlines()]
    heard = [each for each in events if each["status"] == "success"]
    assert {each["gpu_uuid"] for each in heard} == {gpu["uuid"] for gpu in gpus}
    for each in heard:
        result = json.loads(Path(each["details"]["output"]).read_text())
        seen = result["detections"][0]["label"]
        assert each["gpu_uuid"].partition("-")[2] == seen
        assert each["details"]["gpu_metrics"]["peak"]["memory_used_mb"] >= _HELD_MIB


@pytest.mark.skipif("BADC_TEST_HAWKEARS" not in os.environ, reason="needs make test-hawkears")
def test_hawkears_with_a_checkpoint_of_our_own_making_listens_on_the_gpu(
    tmp_path, prefect_server, gpus, yellowthroat
):
    built = Path(os.environ["BADC_TEST_HAWKEARS"])
    log = tmp_path / "run.jsonl"
    ended = _badc(
        tmp_path, "infer", "run", _manifest(tmp_path, yellowthroat), "--use-hawkears",
        "--gpu-only", "--max-gpus", 1, "--telemetry-log", log, **prefect_server,
        BADC_HAWKEARS_PYTHON=str(built / "venv" / "bin" / "python"),
        BADC_HAWKEARS_ROOT=str(built / "root"),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (heard,) = [
        each
        for each in map(json.loads, log.read_text().splitlines())
        if each["status"] == "success"
    ]
    assert heard["gpu_uuid"] == gpus[0]["uuid"]
