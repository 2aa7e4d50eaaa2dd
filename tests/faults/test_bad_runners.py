"""Programs that misbehave in every way we could think of, each as the runner of one chunk."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from badc.detections import read_result
from tests.faults.evidence import MARK, leaked, left_in, memory_mib, soon

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

_ROOT = Path(__file__).resolve().parents[2]
_RUNNER = Path(__file__).with_name("bad_runner.py")
_COLUMNS = ["recording_id", "chunk_id", "source_path", "start_ms", "end_ms"]

_HANGING = ("hangs", "forks-and-hangs", "is-deaf-and-hangs", "stops-itself")
_HEARD = (
    "floods-stdout", "floods-stderr", "good_1", "leaves-children", "closes-early", "says-no-text",
    "litters", "writes-100-mb", "good_2",
)  # fmt: skip
_NO_FILE = "left something at --output that is no file"
_FAULTY = {
    "writes-too-much": "wrote more than 256 MiB at --output",
    "writes-nothing": "wrote no file at --output",
    "writes-part": "wrote a file at --output that is not JSON",
    "writes-no-utf-8": "wrote a file at --output that is not UTF-8",
    "writes-another-chunk": "The runner's JSON is for chunk_id 'good', not",
    "writes-a-deep-nest": "wrote a file at --output that is not usable JSON",
    "links-to-a-device": _NO_FILE,
    "links-to-nothing": "wrote no file at --output",
    "links-to-itself": "wrote no file at --output",
    "makes-a-pipe": _NO_FILE,
    "makes-a-folder": _NO_FILE,
    "dies-of-segv": "was ended by SIGSEGV",
    "dies-of-kill": "was ended by SIGKILL",
    "writes-to-audio": "changed its input",
    "takes-scratch-away": "wrote no file at --output",
    "exits-255": "ended with exit status 255",
}


class _Ended:
    """A run that is over, and what it left."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        try:
            self.out, self.err = process.communicate(timeout=400)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        self.code = process.returncode
        self.folder = folder
        summary = json.loads((folder / "run.jsonl.summary.json").read_text())
        self.jobs = {job["chunk_id"]: job for job in summary["jobs"].values()}

    def heard(self) -> set[str]:
        """Return the chunks whose JSON stands in the output folder, where nothing else may."""
        found = [path for path in (self.folder / "out").rglob("*") if not path.is_dir()]
        names = {path: read_result(path).key.chunk_id for path in found}
        assert all(path.stem == name for path, name in names.items())
        return set(names.values())


@pytest.fixture
def start(tmp_path: Path, prefect_server: dict[str, str]):
    """Starts ``badc infer run`` over chunks of given names; all that it starts is marked."""
    private = Path(tempfile.mkdtemp(prefix="faults-"))

    def run(names: tuple[str, ...], *words: object) -> subprocess.Popen[str]:
        with (tmp_path / "manifest.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(_COLUMNS)
            for name in names:
                (tmp_path / f"{name}.wav").write_bytes(b"audio")
                writer.writerow(["REC", name, f"{name}.wav", 0, 1000])
        runner = f"{sys.executable} -S {_RUNNER} {tmp_path}"
        command = [
            sys.executable, "-m", "badc", "infer", "run", "manifest.csv", "--runner-cmd", runner,
            "--keep-going", "--max-retries", "0", "--output-dir", "out",
            "--telemetry-log", "run.jsonl", *map(str, words),
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(_ROOT), **prefect_server}
        environment |= {"TMPDIR": str(private), MARK: str(tmp_path)}
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    yield run
    assert leaked(str(tmp_path)) == {}
    assert left_in(private) == set()
    shutil.rmtree(private)


def test_runners_that_never_end_are_ended_with_all_that_they_started(start, tmp_path):
    ended = _Ended(tmp_path, start(_HANGING, "--timeout", 4, "--cpu-workers", 4))
    assert ended.code == 1, ended.err
    assert f"Error: {len(_HANGING)} of {len(_HANGING)} chunks failed" in ended.err
    for name in _HANGING:
        assert "was ended after 4 s" in ended.jobs[name]["last_error"]
    assert ended.heard() == set()


def test_each_bad_runner_costs_its_own_chunk_and_no_other(start, tmp_path):
    names = (*_HEARD, *_FAULTY, "good_3")
    process = start(names, "--cpu-workers", 6)
    sizes = _sizes_meanwhile(process, tmp_path)
    ended = _Ended(tmp_path, process)
    assert ended.code == 1, ended.err
    assert ended.heard() == {*_HEARD, "good_3"}, ended.err
    for name in ended.heard():
        assert ended.jobs[name]["status"] == "success"
    for name, why in _FAULTY.items():
        assert ended.jobs[name]["status"] == "failure"
        assert why in ended.jobs[name]["last_error"]
        assert "\n" not in ended.jobs[name]["last_error"]
    (line,) = [line for line in ended.err.splitlines() if line.startswith("Error: ")]
    assert f"{len(_FAULTY)} of {len(names)} chunks failed (0 not begun)" in line
    assert "Traceback" not in ended.out + ended.err
    assert max(sizes) < min(sizes) + 256  # of 1,280 MiB of chatter


def _sizes_meanwhile(process: subprocess.Popen[str], folder: Path) -> list[float]:
    """Return the memory of a run, in MiB, while its runners flood its pipes."""

    def flooded(what: str) -> int:
        return len(list(folder.glob(f"floods*.{what}")))

    sizes: list[float] = []

    def looked() -> bool:
        size_mib = memory_mib(process.pid)
        if size_mib is not None:
            sizes.append(size_mib)
        return flooded("ended") == 2

    assert soon(lambda: flooded("begun") > 0 or process.poll() is not None)
    assert soon(lambda: looked() or process.poll() is not None, 300)
    return sizes
