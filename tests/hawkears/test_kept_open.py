"""HawkEars 2.3 for real, kept open: what a process per chunk hears, and what it survives."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
import soundfile

from badc.errors import AttemptError, UsageError
from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.process import ProcessDoor
from badc.runners.hawkears import choose_hawkears, v2
from badc.runners.protocol import Desk

pytestmark = [pytest.mark.hawkears, pytest.mark.timeout(1200)]

_LIMIT_S = 600
_OPTIONS = ("--region", "CA-ON", "--rtype", "audacity+csv", "--label", "names")
_ANALYZE = f"""
import sys
sys.path.insert(0, {str(v2.LISTENER.parent)!r})
from listener_v2 import mend_torchvision
mend_torchvision()
from hawkears.cli import cli
cli(prog_name="hawkears")
"""


@pytest.fixture
def root(tmp_path):
    """A data root of our own, to break."""
    return Path(shutil.copytree(Path(os.environ["BADC_TEST_HAWKEARS"]) / "root", tmp_path / "root"))


@pytest.fixture
def runner(root):
    python = Path(os.environ["BADC_TEST_HAWKEARS"]) / "venv" / "bin" / "python"
    environ = {"BADC_HAWKEARS_PYTHON": str(python), "BADC_HAWKEARS_ROOT": str(root)}
    return lambda *args: choose_hawkears(args, environ)


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "scratch").mkdir()
    door = ProcessDoor()
    yield Desk(Slot("cpu-0"), door, tmp_path / "scratch")
    door.close()


@pytest.fixture
def chunks(tmp_path, yellowthroat):
    """Twelve times three seconds of a song that begins later and later."""
    samples, rate_hz = soundfile.read(yellowthroat, dtype="float32")
    made = []
    for number in range(12):
        path = tmp_path / f"song {number}.wav"
        start = number * len(samples) // 24
        soundfile.write(path, samples[start : start + 3 * rate_hz], rate_hz)
        made.append(Chunk(ChunkKey("REC", path.stem), path.name, path))
    return made


def _texts(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def test_twelve_chunks_need_one_load_and_sound_as_they_do_to_a_process_each(
    runner, desk, chunks, root, tmp_path
):
    chosen = runner(*_OPTIONS)
    chosen.check()
    hawkears = chosen.open(desk)
    (child,) = psutil.Process().children()
    for checkpoint in (root / "data" / "ckpt").iterdir():
        checkpoint.write_bytes(b"read once already")
    heard = [
        hawkears.hear(chunk, tmp_path / f"raw {chunk.path.stem}", _LIMIT_S) for chunk in chunks
    ]
    assert psutil.Process().children() == [child]

    shutil.rmtree(root)
    shutil.copytree(Path(os.environ["BADC_TEST_HAWKEARS"]) / "root", root)
    last, output = chunks[-1].path, tmp_path / "by a process"
    pins = v2.pins_for(_OPTIONS, root)
    (tmp_path / "pins.yaml").write_text(pins.settings)
    options = [*pins.options, "--cfg", str(tmp_path / "pins.yaml"), *_OPTIONS]
    python = chosen.hawkears.python
    words = [python, "-c", _ANALYZE, "analyze", "-i", str(last), "-o", str(output), *options]
    subprocess.run(words, cwd=root, check=True, capture_output=True)
    written = _texts(output)
    assert {"scores.csv", "manifest.yaml", "song 11_scores.txt"} <= set(written)
    assert written == _texts(tmp_path / "raw song 11")
    assert any(detections.detections for detections in heard)

    child.send_signal(signal.SIGKILL)  # a crash in between
    with pytest.raises(AttemptError, match="by signal 9"):
        hawkears.hear(chunks[0], tmp_path / "raw", _LIMIT_S)
    again = hawkears.hear(chunks[0], tmp_path / "raw", _LIMIT_S)
    assert again.detections == heard[0].detections
    hawkears.close()
    assert psutil.Process().children() == []


def test_options_are_parsed_by_hawkears_itself(runner):
    with pytest.raises(UsageError, match=r"HawkEars 2\.3\.0 says: No such option: --modles"):
        runner("--modles", "2").check()
    with pytest.raises(UsageError, match="says: Invalid value for '--models'"):
        runner("--models", "9").check()


def test_broken_checkpoints_fail_the_opening_or_the_attempt(runner, desk, chunks, root, tmp_path):
    for checkpoint in (root / "data" / "ckpt").iterdir():
        checkpoint.write_bytes(b"no weights")
    with pytest.raises(AttemptError, match=r"invalid load key|checkpoint|[Ff]ailed"):
        runner().open(desk).hear(chunks[0], tmp_path / "raw", _LIMIT_S)
