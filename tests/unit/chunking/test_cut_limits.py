import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.chunking import cut, plan_cut, read_status
from badc.chunking.wav import WavDraft, WavShape

MEASURED = """
import json, sys
from pathlib import Path
from badc.chunking import cut, plan_cut

def peak_kib():  # getrusage counts the parent's memory too, from before exec
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

plan = plan_cut(Path(sys.argv[1]), chunk_duration_s=4 * 3600, overlap_s=3600)
before = peak_kib()
done = cut(plan)
print(json.dumps([len(done.chunks), done.duration_s, (peak_kib() - before) / 1024]))
"""

CONFINED = """
import resource, sys
from badc.cli.app import main
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
sys.argv = ["badc", *sys.argv[1:]]
main()
"""


UNPRIVILEGED = """
import os, sys
from badc.cli.app import main
import badc.chunking
if os.geteuid() == 0:  # to root every folder is open
    libc = __import__("ctypes").CDLL(None)
    for capability in range(41):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    os.execv(sys.executable, [sys.executable, "-c",
        "import sys; from badc.cli.app import main; main()", *sys.argv[1:]])
sys.argv = ["badc", *sys.argv[1:]]
main()
"""


KILLED = """
import os, signal, sys
from pathlib import Path
from badc.chunking import cut, plan_cut
def strike(done_s, _total_s):
    if done_s > 1.5:
        os.kill(os.getpid(), signal.SIGKILL)
cut(plan_cut(Path(sys.argv[1]), chunk_duration_s=1), strike)
"""


def python(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the peak")
def test_twelve_hours_need_little_memory(tmp_path: Path) -> None:
    recording = tmp_path / "night.wav"
    hour = np.random.default_rng(1).integers(-128, 128, 2000 * 3600).astype(np.int16) << 8
    with soundfile.SoundFile(recording, "w", 2000, 1, "PCM_U8") as sound:
        for _ in range(12):
            sound.write(hour)
    ended = python(MEASURED, str(recording))
    assert ended.returncode == 0, ended.stderr
    chunks, duration_s, grown_mib = json.loads(ended.stdout)
    assert (chunks, duration_s) == (4, 12 * 3600)
    assert 0 < grown_mib < 20, "a chunk alone is 55 MiB"


def test_a_full_disk_fails_in_one_line_and_leaves_no_chunk(
    record: Callable[..., Path], tmp_path: Path
) -> None:
    recording = record(seconds=9)
    for duration, made in (("1", 9), ("5", 0)):
        ended = python(CONFINED, "chunk", "run", str(recording), "--chunk-duration", duration)
        assert len(list((tmp_path / "REC_chunks").glob("*.wav"))) == made
        if made:
            assert ended.returncode == 0, ended.stderr
            for chunk in (tmp_path / "REC_chunks").glob("*.wav"):
                chunk.unlink()
            (tmp_path / "REC_chunks.csv").unlink()
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ")
    assert ended.stderr.count("\n") == 1
    names = {entry.name for entry in tmp_path.rglob("*")}
    assert names == {"REC.wav", "REC_chunks", ".chunk_status.json"}
    status = json.loads((tmp_path / "REC_chunks" / ".chunk_status.json").read_text())
    assert status["status"] == "failed"
    assert "cannot be written" in status["error"]


@pytest.mark.parametrize("place", ["chunk_dir", "manifest"])
def test_a_place_that_cannot_be_made_is_named(
    record: Callable[..., Path], tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()
    option = {"chunk_dir": "--output-dir", "manifest": "--manifest"}[place]
    ended = python(
        CONFINED, "chunk", "run", str(record()), "--chunk-duration", "1",
        option, str(tmp_path / "file" / "below"),
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert str(tmp_path / "file") in ended.stderr
    assert not list(tmp_path.rglob("*_chunk_*.wav"))


@pytest.mark.parametrize("option", ["--output-dir", "--manifest"])
def test_a_folder_that_cannot_be_written_is_refused_before_work(
    record: Callable[..., Path], tmp_path: Path, option: str
) -> None:
    recording = record()
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    tmp_path.chmod(0o755)
    ended = python(
        UNPRIVILEGED, "chunk", "run", str(recording), "--chunk-duration", "1",
        option, str(closed / "below" / "x"),
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert f"{closed}: no file can be written there" in ended.stderr


def test_a_killed_cut_is_taken_up_again_and_its_rubbish_removed(
    record: Callable[..., Path], tmp_path: Path
) -> None:
    recording, chunk_dir = record(), tmp_path / "REC_chunks"
    assert python(KILLED, str(recording)).returncode == -signal.SIGKILL
    status = read_status(chunk_dir)
    assert status is not None
    assert status["status"] == "in_progress"
    assert not (tmp_path / "REC_chunks.csv").exists()
    assert len(list(chunk_dir.glob(".*.tmp"))) == 1
    with WavDraft(chunk_dir, "REC", WavShape(8000, 1, 2)):  # another cut, at work
        cut(plan_cut(recording, chunk_duration_s=1))
        assert len(list(chunk_dir.glob(".*.tmp"))) == 1
    assert sorted(entry.name for entry in chunk_dir.iterdir()) == [
        ".chunk_status.json",
        "REC_chunk_0_1000.wav",
        "REC_chunk_1000_2000.wav",
        "REC_chunk_2000_2500.wav",
    ]
