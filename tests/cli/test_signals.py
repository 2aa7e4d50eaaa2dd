"""SIGTERM and Ctrl-C during commands that need no server."""

import json
import signal
import time
import wave

import pytest


@pytest.fixture
def long_recording(tmp_path):
    path = tmp_path / "LONG.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 8000 * 3600))
    return path


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_cut_that_is_broken_off_says_so_in_its_status_and_takes_its_chunks_away(
    offline_badc, long_recording, tmp_path, number, code
):
    process = offline_badc.start("chunk", "run", long_recording, "--chunk-duration", 1)
    chunks = tmp_path / "LONG_chunks"
    deadline = time.monotonic() + 180
    while not list(chunks.glob("LONG_chunk_*.wav")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(number)
    _, err = process.communicate(timeout=180)
    assert process.returncode == code
    assert "Traceback" not in err
    assert json.loads((chunks / ".chunk_status.json").read_text())["status"] == "failed"
    assert [path.name for path in chunks.iterdir()] == [".chunk_status.json"]
    assert not (tmp_path / "LONG_chunks.csv").exists()


def started(badc, manifest, runner_script, starts, lines="time.sleep(600)"):
    """A run whose runner is at work."""
    words = ["--runner-cmd", runner_script(lines)]
    process = badc.start("infer", "run", manifest(2), *words)
    deadline = time.monotonic() + 180
    while not starts():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_an_impatient_user_does_not_disturb_the_orderly_end(
    badc, manifest, runner_script, starts, processes_of
):
    process = started(badc, manifest, runner_script, starts)
    deadline = time.monotonic() + 180
    while process.poll() is None:
        assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        time.sleep(0.03)
    _, err = process.communicate()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "Exception" not in err
    assert processes_of() == []
    (summary,) = badc.folder.rglob("*.summary.json")
    assert json.loads(summary.read_text())["jobs"]["REC/c000"]["status"] == "pending"


def test_a_lost_terminal_leaves_no_runner_behind(
    badc, manifest, runner_script, starts, processes_of
):
    process = started(badc, manifest, runner_script, starts)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=180)
    assert process.returncode == 143
    assert processes_of() == []
    (log,) = badc.folder.rglob("*.jsonl")
    last = json.loads(log.read_text().splitlines()[-1])
    assert last["details"]["error"] == "Broken off: the run was stopped."
    (summary,) = badc.folder.rglob("*.summary.json")
    assert json.loads(summary.read_text())["jobs"]["REC/c000"]["status"] == "pending"
