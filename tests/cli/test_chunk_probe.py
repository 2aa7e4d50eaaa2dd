"""``badc chunk probe`` with real runner programs, on the CPU and on pretend GPUs."""

import json
import signal
import time
import wave

import pytest

_LISTEN = """
import signal, wave
with wave.open(str(audio)) as sound:
    length_s = sound.getnframes() / sound.getframerate()
if length_s > 95:
    {refusal}
answer.write_text("[]")
"""
_REFUSED = "CUDA out of memory. Tried to allocate 2.00 GiB."


@pytest.fixture
def recording(tmp_path):
    """300 s of silence."""
    path = tmp_path / "REC.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 1000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 1000 * 300))
    return path


@pytest.fixture
def scratch(tmp_path, offline_badc):
    """Where ``badc`` and what it starts put what goes away again."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    offline_badc.environment["TMPDIR"] = str(folder)
    return folder


def lines_of(folder):
    (log,) = (folder / "artifacts" / "telemetry" / "chunk_probe").glob("REC_*.jsonl")
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_longest_chunk_that_a_gpu_has_memory_for_is_found(
    offline_badc, recording, runner_script, starts, scratch, pretend_gpus
):
    refusal = f"sys.exit('torch.OutOfMemoryError: {_REFUSED}')"
    command = runner_script(
        "assert os.environ['CUDA_VISIBLE_DEVICES'] == '1'" + _LISTEN.format(refusal=refusal)
    )
    words = ["--runner-cmd", command, "--gpu-index", 1]
    ended = offline_badc("chunk", "probe", recording, *words, **pretend_gpus)
    assert ended.code == 0, ended.all
    assert "A chunk of 93.75 s fits, one of 97.5 s does not." in ended.out
    assert ended.out.endswith("--chunk-duration 93.75\n")
    tried_s = [60, 120, 90, 105, 97.5, 93.75]
    assert starts() == [f"REC_chunk_0_{1000 * length_s:.0f}" for length_s in tried_s]
    *attempts, answer = lines_of(offline_badc.folder)
    assert [(each["duration_s"], each["fits"]) for each in attempts] == [
        (length_s, length_s <= 95) for length_s in tried_s
    ]
    assert attempts[0]["reason"] is None
    assert attempts[1]["reason"] == f"out of memory: torch.OutOfMemoryError: {_REFUSED}"
    assert attempts[1]["gpu"]["name"] == "Pretend GPU 1"
    for when in ("memory_before", "memory_after"):
        assert attempts[1][when]["memory_used_mb"] == 2048
    assert (answer["chunk_duration_s"], answer["too_long_s"]) == (93.75, 97.5)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [("raise MemoryError", "MemoryError"), ("os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL")],
)
def test_without_a_gpu_the_hosts_memory_is_probed(
    offline_badc, recording, runner_script, scratch, refusal, reason
):
    command = runner_script(_LISTEN.format(refusal=refusal))
    words = ["--runner-cmd", command, "--initial-duration", 120, "--tolerance", 30, "--json"]
    ended = offline_badc("chunk", "probe", recording, *words)
    assert ended.code == 0, ended.all
    answer = json.loads(ended.out)
    assert [(each["duration_s"], each["fits"]) for each in answer["attempts"]] == [
        (120, False), (60, True), (90, True)
    ]  # fmt: skip
    assert reason in answer["attempts"][0]["reason"]
    assert (answer["chunk_duration_s"], answer["at_least"]) == (90, False)
    assert answer["estimate"] == {"bytes_per_s": 10800.0, "longest_s": None, "gpu": None}
    assert "No GPUs detected" in ended.err
    assert list(scratch.iterdir()) == []


def test_a_recording_that_fits_whole_gives_a_lower_bound_and_each_probe_a_log_of_its_own(
    offline_badc, recording, scratch
):
    for words in ((), ("--max-duration", 100)):
        ended = offline_badc("chunk", "probe", recording, "--stub-runner", *words)
        assert ended.code == 0, ended.all
        assert "longer ones may fit too" in ended.out
        assert "this says nothing about memory" in ended.out
        length, what = (100, "the --max-duration") if words else (300, "the whole recording")
        assert f"A chunk of {length} s fits, and that is {what};" in ended.out
    folder = offline_badc.folder / "artifacts" / "telemetry" / "chunk_probe"
    assert len(list(folder.iterdir())) == 2
    assert list(scratch.iterdir()) == []


def test_a_runner_that_hangs_meets_its_limit_and_does_not_fit(
    offline_badc, recording, runner_script, scratch, processes_of
):
    words = ["--runner-cmd", runner_script("time.sleep(600)"), "--timeout", 0.5]
    ended = offline_badc("chunk", "probe", recording, *words, "--tolerance", 30)
    assert ended.code == 1
    assert "Error: " in ended.err
    assert "not even a chunk of 30 s fits on cpu-0 (out of time: ended after 0.5 s)" in ended.err
    *attempts, answer = lines_of(offline_badc.folder)
    assert [(each["duration_s"], each["fits"]) for each in attempts] == [(60, False), (30, False)]
    assert answer["chunk_duration_s"] is None
    assert processes_of() == []
    assert list(scratch.iterdir()) == []


def test_another_failure_is_no_answer_about_memory(
    offline_badc, recording, runner_script, starts, scratch
):
    command = runner_script("sys.exit('FileNotFoundError: no checkpoint')")
    ended = offline_badc("chunk", "probe", recording, "--runner-cmd", command)
    assert ended.code == 1
    assert "ended with exit status 1" in ended.err
    assert "  FileNotFoundError: no checkpoint" in ended.err
    assert "fits" not in ended.out
    assert len(starts()) == 1
    assert "exit status 1" in lines_of(offline_badc.folder)[-1]["error"]
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_probe_that_is_broken_off_leaves_no_process_and_no_file(
    offline_badc, recording, runner_script, starts, scratch, processes_of, number
):
    stubborn = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)"
    words = ["--runner-cmd", runner_script(stubborn)]
    process = offline_badc.start("chunk", "probe", recording, *words)
    deadline = time.monotonic() + 60
    while not starts():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    while process.poll() is None:  # an impatient user
        assert time.monotonic() < deadline + 60
        process.send_signal(number)
        time.sleep(0.05)
    _, err = process.communicate()
    assert process.returncode == (130 if number == signal.SIGINT else 143), err
    assert "Traceback" not in err
    assert processes_of() == []
    assert list(scratch.iterdir()) == []
    assert "error" in lines_of(offline_badc.folder)[-1]


def test_an_estimate_alone_runs_nothing_and_compares_with_the_gpu(
    offline_badc, recording, pretend_gpus
):
    words = ["chunk", "probe", recording, "--estimate"]
    ended = offline_badc(*words, **pretend_gpus)
    most_s = 0.8 * 8192 * 2**20 / (1000 * 1 * 2 * 4 * 1.35)
    assert ended.code == 0, ended.all
    assert f"Estimate: chunks up to {most_s:.0f} s" in ended.out
    without = offline_badc(*words)
    assert without.code == 0
    assert "there is no GPU to compare it with" in without.out
    assert not (offline_badc.folder / "artifacts").exists()


def test_a_gpu_that_is_not_there_is_refused_with_those_that_are(
    offline_badc, recording, pretend_gpus
):
    for words in ((), ("--estimate",)):
        ended = offline_badc(
            "chunk", "probe", recording, "--stub-runner", "--gpu-index", 7, *words, **pretend_gpus
        )
        assert (ended.code, ended.out) == (2, "")
        assert "--gpu-index 7: there is no such GPU. GPUs: #0 Pretend GPU 0" in ended.err
