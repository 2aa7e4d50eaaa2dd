"""What breaks around a run: servers, disks, clocks. ``badc`` itself starts as a user starts it."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import (  # noqa: F401 - fixtures
    Badc,
    badc,
    here,
    manifest,
    nvidia_smi,
    offline_badc,
    pretend_gpus,
    processes_of,
    runner_script,
    starts,
)


@pytest.fixture
def serverless(offline_badc: Badc) -> Badc:  # noqa: F811 - the fixture
    """``badc`` where no server is configured, with a Prefect home of its own."""
    del offline_badc.environment["PREFECT_API_URL"]
    offline_badc.environment["PREFECT_HOME"] = str(offline_badc.folder / "prefect")
    return offline_badc


@pytest.fixture
def results(tmp_path: Path) -> Callable[..., dict[str, dict]]:
    """The chunks' JSON below a folder, each of which must be intact, by chunk."""

    def read(folder: Path = tmp_path / "artifacts" / "infer") -> dict[str, dict]:
        return {path.stem: json.loads(path.read_text()) for path in folder.rglob("*.json")}

    return read


@pytest.fixture
def until() -> Callable[..., None]:
    """Waits for a condition; a busy machine has all the time that it needs."""

    def wait(condition: Callable[[], object], limit_s: float = 180) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    return wait


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Makes disks of so many KiB, each a mount of its own."""
    mounted: list[Path] = []

    def make(kib: int, name: str = "disk") -> Path:
        place = tmp_path / name
        place.mkdir()
        _mount(["-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", place])
        mounted.append(place)
        return place

    yield make
    _unmount(mounted)


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], Callable[[], None]]]:
    """Makes a folder read-only, for root as well; what it returns undoes that."""
    mounted: list[Path] = []

    def make(folder: Path) -> Callable[[], None]:
        _mount(["--bind", folder, folder])
        mounted.append(folder)
        _mount(["-o", "remount,bind,ro", folder])
        return lambda: _mount(["-o", "remount,bind,rw", folder])

    yield make
    _unmount(mounted)


def fill(disk: Path) -> Path:
    """Leave no room on a small disk; return the file whose removal makes some."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(4096))
        except OSError:
            return ballast


@pytest.fixture(name="fill")
def _fill() -> Callable[[Path], Path]:
    return fill


def _mount(words: list[object]) -> None:
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip("needs to be root, to mount a disk of its own")
    done = subprocess.run(["mount", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


def _unmount(mounted: list[Path]) -> None:
    for place in reversed(mounted):
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def shim(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Makes a library of some lines of C; returns the environment in which it is preloaded."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler and Linux")

    def make(name: str) -> dict[str, str]:
        source = Path(__file__).with_name(name)
        library = tmp_path / f"{source.stem}.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        return {"LD_PRELOAD": str(library)}

    return make
