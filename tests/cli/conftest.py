"""BADC as a user runs it: its own process, a real Prefect server, real runners."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
_COLUMNS = ["recording_id", "chunk_id", "source_path", "start_ms", "end_ms"]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


class Badc:
    """Starts ``badc`` in a folder of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def start(self, *words: object, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "badc", *map(str, words)],
            cwd=self.folder,
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *words: object, **more: str) -> Ended:
        process = self.start(*words, **more)
        try:
            out, err = process.communicate(timeout=500)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Ended(process.returncode, out, err)


@pytest.fixture
def badc(tmp_path: Path, prefect_server: dict[str, str]) -> Badc:
    """``badc`` with the session's Prefect server."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **prefect_server}
    return Badc(tmp_path, environment)


@pytest.fixture
def offline_badc(tmp_path: Path) -> Badc:
    """``badc`` for commands that need no server; none would answer."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_API_URL": "http://127.0.0.1:9"}
    return Badc(tmp_path, environment)


@pytest.fixture
def manifest(tmp_path: Path) -> Callable[..., Path]:
    """Makes a manifest of so many small chunks."""

    def make(count: int, recording: str = "REC", name: str = "manifest.csv") -> Path:
        chunks = tmp_path / "chunks"
        chunks.mkdir(exist_ok=True)
        with (tmp_path / name).open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(_COLUMNS)
            for number in range(count):
                audio = chunks / f"c{number:03d}.wav"
                audio.write_bytes(b"audio of %d" % number)
                start_ms = 1000 * number
                row = [
                    recording,
                    audio.stem,
                    audio.relative_to(tmp_path),
                    start_ms,
                    start_ms + 1000,
                ]
                writer.writerow(row)
        return tmp_path / name

    return make


@pytest.fixture
def runner_script(tmp_path: Path) -> Callable[[str], str]:
    """Makes a real runner program of some lines of Python; returns its command.

    The lines find ``audio`` and ``answer`` (paths), and whether it is ``mended``: an edited program
    is another runner, so one that is to work later looks for a file. Each start leaves a line in
    ``starts.log``.
    """

    def make(lines: str) -> str:
        script = tmp_path / "runner.py"
        script.write_text(
            "import json, os, sys, time\n"
            "from pathlib import Path\n"
            "audio = Path(sys.argv[sys.argv.index('--input') + 1])\n"
            "answer = Path(sys.argv[sys.argv.index('--output') + 1])\n"
            f"mended = Path({str(tmp_path / 'mended')!r}).exists()\n"
            f"log = os.open({str(tmp_path / 'starts.log')!r}, os.O_WRONLY|os.O_CREAT|os.O_APPEND)\n"
            "os.write(log, (audio.stem + chr(10)).encode())\n"
            f"{lines}\n"
        )
        return f"{sys.executable} {script}"

    return make


@pytest.fixture
def starts(tmp_path: Path) -> Callable[[], list[str]]:
    """The chunks that the runner script was started for, in order, with repetitions."""

    def read() -> list[str]:
        log = tmp_path / "starts.log"
        return log.read_text().split() if log.exists() else []

    return read


@pytest.fixture
def processes_of(tmp_path: Path) -> Iterator[Callable[[], list[str]]]:
    """The command lines of running processes that mention this test's folder."""

    def read() -> list[str]:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, UnicodeDecodeError):
                continue
            if "runner.py" in line and str(tmp_path) in line and "badc" not in line.split()[:3]:
                found.append(line)
        return found

    yield read
    deadline = time.monotonic() + 5
    while read() and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.fixture
def here(badc: Badc) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program where ``badc`` runs, as a git user that the test makes up."""
    return _as_git_user(badc)


@pytest.fixture
def offline_here(offline_badc: Badc) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The same, beside a ``badc`` that needs no server."""
    return _as_git_user(offline_badc)


def _as_git_user(badc: Badc) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give ``badc`` a home, a git identity and DataLad; return what runs other programs so."""
    home = badc.folder / "home"
    home.mkdir()
    badc.environment |= {
        "HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "DATALAD_LOG_LEVEL": "error",
        "GIT_AUTHOR_NAME": "x",
        "GIT_AUTHOR_EMAIL": "x@y",
        "GIT_COMMITTER_NAME": "x",
        "GIT_COMMITTER_EMAIL": "x@y",
    }

    def run(*words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in words],
            cwd=badc.folder,
            env=badc.environment,
            capture_output=True,
            text=True,
            check=check,
        )

    return run


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


@pytest.fixture
def says_device() -> str:
    """Lines of a runner that hears its ``CUDA_VISIBLE_DEVICES``."""
    return _SAY_DEVICE


@pytest.fixture
def devices_by_worker(tmp_path: Path) -> Callable[[], dict[str, set[str]]]:
    """Which devices each slot's runner was given, as its detections say."""

    def read() -> dict[str, set[str]]:
        devices: dict[str, set[str]] = {}
        for path in (tmp_path / "artifacts" / "infer").rglob("*.json"):
            result = json.loads(path.read_text())
            label = result["detections"][0]["label"].removeprefix("device ")
            devices.setdefault(result["provenance"]["worker"], set()).add(label)
        return devices

    return read


_SAY_DEVICE = """
time.sleep(0.2)
label = "device " + os.environ.get("CUDA_VISIBLE_DEVICES", "any")
heard = {"timestamp_ms": 0, "end_ms": 500, "label": label, "confidence": 1}
answer.write_text(json.dumps([heard]))
"""
