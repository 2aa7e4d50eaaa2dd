import csv
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.manifest import read_manifest


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    root = tmp_path / "my set"
    for name in ("A/1.wav", "B/1.WAV", "B/x {y} [2] é.wav"):
        path = root / "audio" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.zeros(2500), 1000, format="WAV", subtype="PCM_16")
    return root


def test_a_plan_is_told_and_saved_and_nothing_is_cut(offline_badc, dataset, tmp_path) -> None:
    ended = offline_badc(
        "chunk", "orchestrate", dataset, "--plan-csv", "plans/p.csv", "--plan-json", "p.json"
    )
    assert ended.code == 0, ended.all
    assert ended.out.splitlines() == [
        f"A--1: {dataset}/audio/A/1.wav",
        f"B--1: {dataset}/audio/B/1.WAV",
        f"x {{y}} [2] é: {dataset}/audio/B/x {{y}} [2] é.wav",
        "To cut: 3 recordings (0 done before).",
    ]
    with (tmp_path / "plans/p.csv").open(newline="") as stream:
        (first, *_) = rows = list(csv.DictReader(stream))
    assert len(rows) == len(json.loads((tmp_path / "p.json").read_text())) == 3
    assert first == {
        "recording_id": "A--1",
        "audio_path": "audio/A/1.wav",
        "manifest_path": "manifests/A--1.csv",
        "chunk_output_dir": "artifacts/chunks/A--1",
        "chunk_duration": "60",
        "overlap": "0",
    }
    assert [each.name for each in dataset.iterdir()] == ["audio"]


def test_what_is_planned_is_cut_once_and_what_fails_is_named_and_tried_again(
    offline_badc, dataset
) -> None:
    broken = dataset / "audio/B/broken.wav"
    broken.write_bytes(b"RIFF")
    words = ("chunk", "orchestrate", dataset, "--chunk-duration", 1, "--apply", "--workers", 2)
    ended = offline_badc(*words)
    assert ended.code == 1
    assert f"Error: 1 of 4 recordings cannot be cut: {broken}." in ended.err
    assert "Traceback" not in ended.err
    for name in ("A--1", "B--1", "x {y} [2] é"):
        assert len(read_manifest(dataset / f"manifests/{name}.csv")) == 3
    soundfile.write(broken, np.zeros(1500), 1000)
    again = offline_badc(*words)
    assert (again.code, again.err) == (0, "")
    assert again.out.splitlines() == [
        "To cut: 1 recording (3 done before).",
        f"[1/1] broken: 2 chunk(s), manifest {dataset}/manifests/broken.csv",
    ]


def test_the_commands_for_datalad_make_the_very_cuts(offline_badc, dataset) -> None:
    (dataset / ".datalad").mkdir()
    ended = offline_badc(
        "chunk", "orchestrate", dataset, "--chunk-duration", 1, "--overlap", 0.5,
        "--print-datalad-run",
    )  # fmt: skip
    assert ended.code == 0, ended.all
    assert ended.err == "To cut: 3 recordings (0 done before).\n"
    for line in ended.out.splitlines():
        words = shlex.split(line)
        assert words[:4] == ["datalad", "-C", str(dataset), "run"]
        # what DataLad makes of the command: braces filled in, run in the dataset
        command = [word.format() for word in words[words.index("--") + 1 :]]
        assert command[0] == "badc"
        subprocess.run(
            [sys.executable, "-m", *command], cwd=dataset, check=True, env=offline_badc.environment
        )
    again = offline_badc(
        "chunk", "orchestrate", dataset, "--chunk-duration", 1, "--overlap", 0.5,
        "--print-datalad-run",
    )  # fmt: skip
    assert (again.out, again.err) == ("", "To cut: 0 recordings (3 done before).\n")
    assert len(read_manifest(dataset / "manifests/B--1.csv")) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--apply", "--print-datalad-run"), "--apply and --print-datalad-run"),
        (("--print-datalad-run",), "lies in no DataLad dataset"),
        (("--workers", 0), "--workers 0 is not from 1 to 256"),
        (("--plan-csv", "p", "--plan-json", "p"), "name one file"),
        (("--pattern", ""), "--pattern is empty"),
        (("--limit", -1), "--limit -1 leaves nothing"),
        (("--plan-csv", "my set/audio/A/1.wav"), "is no chunk plan, and would be lost"),
    ],
)
def test_bad_requests_are_one_line_and_exit_2(offline_badc, dataset, words, said: str) -> None:
    ended = offline_badc("chunk", "orchestrate", dataset, *words)
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert said in ended.err


@pytest.mark.parametrize("send", [os.kill, os.killpg])  # a terminal and Slurm tell the whole group
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_all_cuts_and_leaves_them_to_be_taken_up_again(
    offline_badc, dataset, send, number: int, code: int
) -> None:
    for name in ("A/1.wav", "B/1.WAV"):
        soundfile.write(dataset / "audio" / name, np.zeros(100_000), 1000, format="WAV")
    chunks = dataset / "artifacts/chunks"
    process = offline_badc.start(
        "chunk", "orchestrate", dataset, "--pattern", "1.wav", "--chunk-duration", 0.001,
        "--apply", "--workers", 2,
    )  # fmt: skip
    deadline = time.monotonic() + 300
    while not all(any((chunks / name).glob("*.wav")) for name in ("A--1", "B--1")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    send(process.pid, number)
    _, err = process.communicate(timeout=180)
    assert process.returncode == code, err
    assert "Traceback" not in err
    while list(chunks.rglob("*.wav")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    ended = offline_badc("chunk", "orchestrate", dataset, "--pattern", "1.wav")
    assert "To cut: 2 recordings (0 done before)." in ended.out


def test_a_recording_may_be_given_another_id(offline_badc, dataset) -> None:
    ended = offline_badc(
        "chunk", "run", dataset / "audio/A/1.wav", "--chunk-duration", 1, "--recording-id", "Ä 1"
    )
    assert ended.code == 0, ended.all
    (first, *_) = read_manifest(dataset / "audio/A/Ä 1_chunks.csv")
    assert first.key == ("Ä 1", "Ä 1_chunk_0_1000")
    refused = offline_badc(
        "chunk", "run", dataset / "audio/A/1.wav", "--chunk-duration", 1, "--recording-id", "../x"
    )
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--recording-id '../x' holds a path separator" in refused.err
