"""What a probe refuses before it writes anything, and what it decides."""

from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from badc.errors import BadcError, UsageError
from badc.hardware import Gpu, GpuInventory
from badc.probing import Limits, ProbeRequest, choose_slot, claim_log, plan_probe, probe
from badc.runners.stub import StubRunner
from badc.telemetry import LogWriter

NONE = GpuInventory((), "No NVIDIA driver here.")
TWO = GpuInventory((Gpu(3, "GPU-a", "A", 8192), Gpu(1, "GPU-b", "B", 4096)), "GPUs: #3 A, #1 B")


@pytest.fixture
def request_of(tmp_path: Path):
    """Makes a request about a recording of 100 s, stereo, 24 bits, with the stub."""

    def make(name: str = "REC.wav", **fields) -> ProbeRequest:
        path = tmp_path / name
        if path.suffix == ".wav":
            soundfile.write(path, [[0.0, 0.0]] * 100_000, 1000, "PCM_24")
        return ProbeRequest(path, StubRunner(), **fields)

    return make


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"initial_s": 0}, "--initial-duration 0 is no length"),
        ({"initial_s": float("nan")}, "--initial-duration nan"),
        ({"initial_s": -60}, "--initial-duration -60"),
        ({"max_s": 0.0001}, "--max-duration 0.0001 is no length"),
        ({"max_s": float("inf")}, "--max-duration inf"),
        ({"tolerance_s": 0}, "--tolerance 0 is no length"),
        ({"timeout_s": 0}, "--timeout 0 is no time"),
        ({"gpu_index": 0}, "--gpu-index 0: there is no such GPU"),
        ({"gpu_index": -1}, "--gpu-index -1: there is no such GPU"),
        ({"log": Path("/proc/none/log.jsonl")}, "--log: /proc"),
        ({"log": Path("/")}, "--log: / is a folder"),
        ({"name": "gone.flac"}, "no such recording"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_name(request_of, fields, words):
    with pytest.raises(UsageError) as refused:
        plan_probe(request_of(**fields), NONE)
    assert words in str(refused.value)
    assert refused.value.hint


def test_a_log_that_is_something_else_is_not_spoilt(request_of):
    request = request_of()
    with pytest.raises(UsageError, match="no telemetry log"):
        plan_probe(replace(request, log=request.recording), NONE)


@pytest.mark.parametrize(
    ("max_s", "limits", "most_is"),
    [
        (None, Limits(60_000, 100_000, 5_000), "the whole recording"),
        (1000, Limits(60_000, 100_000, 5_000), "the whole recording"),
        (30.5, Limits(60_000, 30_500, 5_000), "the --max-duration"),
    ],
)
def test_no_more_is_tried_than_there_is_and_is_wanted(request_of, max_s, limits, most_is):
    plan = plan_probe(request_of(max_s=max_s), NONE)
    assert (plan.limits, plan.most_is) == (limits, most_is)


def test_the_slot_is_the_gpu_asked_for_else_the_first_else_the_cpu():
    assert choose_slot(TWO, 1).label == "gpu-1"
    assert choose_slot(TWO, None).label == "gpu-3"
    assert choose_slot(NONE, None).label == "cpu-0"
    with pytest.raises(UsageError, match=r"no such GPU\. GPUs: #3 A, #1 B"):
        choose_slot(TWO, 0)


def test_the_estimate_follows_the_rule(request_of):
    guess = plan_probe(request_of(gpu_index=1), TWO).estimate
    assert guess.bytes_per_s == pytest.approx(1000 * 2 * 3 * 4 * 1.35)
    assert guess.longest_s == pytest.approx(0.8 * 4096 * 2**20 / guess.bytes_per_s)
    assert guess.mib(2**20) == guess.bytes_per_s
    assert plan_probe(request_of(), NONE).estimate.longest_s is None
    unknown = GpuInventory((Gpu(0, "GPU-c", "C", 0),), "GPUs: #0 C (0 MiB)")
    assert plan_probe(request_of(), unknown).estimate.longest_s is None


def test_logs_lie_in_the_recordings_dataset_and_are_never_shared(request_of, tmp_path):
    (tmp_path / ".datalad").mkdir()
    plan = plan_probe(request_of(), NONE)
    logs = {claim_log(plan) for _ in range(5)}
    assert len(logs) == 5
    folder = tmp_path / "artifacts" / "telemetry" / "chunk_probe"
    assert {log.parent for log in logs} == {folder}


def test_a_recording_that_ends_early_is_no_answer(tmp_path):
    path = tmp_path / "REC.mp3"
    soundfile.write(path, [0.1] * 80_000, 8000, subtype="MPEG_LAYER_III")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    plan = plan_probe(ProbeRequest(path, StubRunner(), initial_s=9), NONE)
    log = tmp_path / "log.jsonl"
    with LogWriter(log) as writer, pytest.raises(BadcError, match="ends early, after 4"):
        probe(plan, writer, [].append)
    assert "ends early" in log.read_text()
