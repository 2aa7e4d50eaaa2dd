"""Against a stand-in for NVML: a real library that answers, fails and hangs as the real one may."""

import json
import os
import subprocess
import sys

import pytest

MISMATCH, NO_PERMISSION, NOT_LOADED, UNKNOWN = "18", "4", "9", "999"
FUNCTION_NOT_FOUND = "13"


@pytest.fixture
def badc_gpus(tmp_path, pretend_nvml):
    """Runs ``badc gpus`` beside an nvidia-smi that has another GPU than the stand-in."""
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho '7, GPU-smi, By nvidia-smi, 1'\n")
    smi.chmod(0o755)

    def run(*words: str, **environment: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "badc", "gpus", *words],
            env={**os.environ, **pretend_nvml, "PATH": str(tmp_path), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    return run


def test_four_devices_one_sliced_are_told_with_uuids_and_what_shows_them(badc_gpus):
    environment = {"PRETEND_GPUS": "4", "PRETEND_MIG": "2"}
    assert badc_gpus(**environment).splitlines() == [
        " - #0: Pretend GPU 0 (8192 MiB)",
        " - #1: Pretend GPU 1 (8192 MiB)",
        " - #2.0: Pretend GPU 2 MIG 1g (8192 MiB)",
        " - #2.1: Pretend GPU 2 MIG 1g (8192 MiB)",
        " - #3: Pretend GPU 3 (8192 MiB)",
    ]
    told = json.loads(badc_gpus("--json", **environment))
    assert [gpu["mig"] for gpu in told["gpus"]] == [None, None, 0, 1, None]
    assert [gpu["cuda_visible_devices"] for gpu in told["gpus"]] == [
        "0", "1", "MIG-badc0000-0000-0000-0000-000000000002",
        "MIG-badc0000-0001-0000-0000-000000000002", "3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "numbers"),
    [
        ("3,0", ["#3", "#0"]),
        ("MIG-badc0000-0001", ["#2.1"]),
        ("2", ["#2.0", "#2.1"]),
        ("GPU-badc0000-0000-0000-0000-000000000001", ["#1"]),
    ],
)
def test_a_device_list_already_set_is_obeyed(badc_gpus, setting, numbers):
    told = badc_gpus(PRETEND_GPUS="4", PRETEND_MIG="2", CUDA_VISIBLE_DEVICES=setting).splitlines()
    assert [line.split(":")[0].removeprefix(" - ") for line in told[:-1]] == numbers
    assert told[-1] == f"CUDA_VISIBLE_DEVICES allows {len(numbers)} of 5 GPUs"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PRETEND_FAULT": NO_PERMISSION}, "denies access to the GPUs (Insufficient Permissions)"),
        ({"PRETEND_FAULT": MISMATCH}, "are of different versions; restart this machine."),
        ({"PRETEND_FAULT": NOT_LOADED}, "is installed, but not loaded"),
        ({"PRETEND_FAULT": UNKNOWN, "PATH": ""}, "NVML failed: Unknown Error."),
        ({"PRETEND_FAULT": "hangs"}, "NVML does not answer (waited 10 s): the NVIDIA driver hangs"),
        ({"PRETEND_GPUS": "0"}, "The NVIDIA driver lists no GPU."),
        ({"PRETEND_GPUS": "1", "PRETEND_LOST": "0"}, "No GPU can be used: GPU is lost."),
    ],
    ids=str,
)
def test_a_driver_that_gives_no_device_says_why_in_one_line(badc_gpus, environment, said):
    told = badc_gpus(**environment)
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("fault", [UNKNOWN, FUNCTION_NOT_FOUND])
def test_where_nvml_fails_for_no_known_reason_nvidia_smi_is_asked(badc_gpus, fault):
    assert badc_gpus(PRETEND_FAULT=fault) == " - #7: By nvidia-smi (1 MiB)\n"


def test_a_lost_device_hides_no_other(badc_gpus):
    assert badc_gpus(PRETEND_LOST="0").splitlines() == [
        " - #1: Pretend GPU 1 (8192 MiB)",
        "GPUs without #0 (GPU is lost)",
    ]
