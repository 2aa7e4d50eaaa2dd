import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.manifest import read_manifest

BADC = (sys.executable, "-c", "from badc.cli.app import main; main()")


def badc(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    here = {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
    return subprocess.run(
        [*BADC, *map(str, words)],
        capture_output=True, text=True, check=False, cwd=cwd, env=os.environ | here,
    )  # fmt: skip


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "a b" / "REC 1 [-27.4 153.1].wav"
    path.parent.mkdir()
    soundfile.write(path, np.zeros(2500), 1000, subtype="PCM_16")
    return path


def files(folder: Path) -> Iterable[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_run_makes_chunks_and_manifest_and_says_where(recording: Path) -> None:
    ended = badc("chunk", "run", recording, "--chunk-duration", 1)
    stem, folder = recording.stem, recording.parent
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        f"3 chunks in {folder / stem}_chunks",
        f"Manifest: {folder / stem}_chunks.csv",
    ]
    assert ended.stderr == ""
    assert len(read_manifest(folder / f"{stem}_chunks.csv")) == 3


def test_dry_run_prints_ids_and_places_and_writes_nothing(recording: Path) -> None:
    before = files(recording.parent)
    ended = badc("chunk", "run", recording, "--chunk-duration", 2, "--overlap", 0.5, "--dry-run")
    stem, folder = recording.stem, recording.parent
    assert ended.stdout.splitlines() == [
        f"{stem}_chunk_0_2000",
        f"{stem}_chunk_1500_2500",
        f"Would make 2 chunks in {folder / stem}_chunks",
        f"Would write the manifest {folder / stem}_chunks.csv",
    ]
    assert files(recording.parent) == before


def test_split_prints_the_ids_alone(recording: Path) -> None:
    ended = badc("chunk", "split", recording, "--chunk-duration", 1)
    assert ended.stdout.splitlines() == [
        f"{recording.stem}_chunk_{start}_{end}"
        for start, end in ((0, 1000), (1000, 2000), (2000, 2500))
    ]
    assert len(badc("chunk", "split", recording).stdout.splitlines()) == 1


@pytest.mark.parametrize("hashes", [(), ("--hash-chunks",)])
def test_manifest_lists_chunks_that_exist(recording: Path, hashes: tuple[str, ...]) -> None:
    ended = badc("chunk", "manifest", recording, *hashes, cwd=recording.parent)
    assert ended.returncode == 0, ended.stderr
    chunks = read_manifest(recording.parent / "chunk_manifest.csv")
    assert [chunk.end_ms for chunk in chunks] == [2500]
    assert [chunk.sha256 is not None for chunk in chunks] == [bool(hashes)]


def test_warnings_go_to_standard_error(recording: Path) -> None:
    content = recording.read_bytes()
    recording.write_bytes(content[:-2000])
    ended = badc("chunk", "run", recording, "--chunk-duration", 1)
    assert ended.returncode == 0
    assert ended.stderr.startswith("Warning: ")
    assert ended.stdout.startswith("2 chunks")


@pytest.mark.parametrize(
    "words",
    [
        ("--chunk-duration", "0"),
        ("--chunk-duration", "nan"),
        ("--chunk-duration", "-5"),
        ("--chunk-duration", "1e999"),
        ("--chunk-duration", "1", "--overlap", "1"),
        ("--chunk-duration", "1", "--overlap", "-1"),
    ],
)
def test_times_that_cannot_be_exit_with_2(recording: Path, words: tuple[str, ...]) -> None:
    ended = badc("chunk", "run", recording, *words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: --")
    assert ended.stderr.count("\n") == 1


def test_bad_recordings_exit_with_2_from_each_command(tmp_path: Path) -> None:
    (tmp_path / "REC.wav").write_bytes(bytes(131072))
    for command in ("run", "manifest", "split"):
        ended = badc("chunk", command, tmp_path / "REC.wav", "--chunk-duration", 1)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.startswith(f"Error: {tmp_path / 'REC.wav'}: ")
        assert ended.stderr.count("\n") == 1
    assert files(tmp_path) == ["REC.wav"]


def test_a_terminal_shows_progress_whatever_the_file_is_called(recording: Path) -> None:
    odd = recording.rename(recording.with_name("REC [red] [lat 1].wav"))
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        [*BADC, "chunk", "run", str(odd), "--chunk-duration", "1"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how a terminal says that its other end is closed
        while piece := os.read(ours, 4096):
            shown += piece
    os.close(ours)
    printed = started.communicate()[0]
    assert started.returncode == 0
    assert printed.startswith("3 chunks")
    assert b"[red] [lat 1]" in shown


def test_help_does_not_wait_for_audio_libraries() -> None:
    script = (
        "import sys, badc.cli.app\n"
        "assert not {'numpy', 'soundfile', 'pandas', 'prefect'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_recordings_of_one_name_from_two_stations_are_kept_apart_or_refused(
    tmp_path: Path,
) -> None:
    first, second = (tmp_path / station / "20230601_050000.wav" for station in "AB")
    for path in (first, second):
        path.parent.mkdir()
        soundfile.write(path, np.zeros(2500), 1000, subtype="PCM_16")
        ended = badc("chunk", "run", path, "--chunk-duration", 1, cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
    assert files(tmp_path / "A") == files(tmp_path / "B")
    assert badc("chunk", "manifest", first, cwd=tmp_path).returncode == 0
    before = (tmp_path / "chunk_manifest.csv").read_bytes()
    ended = badc("chunk", "manifest", second, cwd=tmp_path)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    for words in (f"Error: {second}: ", str(first), "--recording-id", "--output"):
        assert words in ended.stderr
    assert (tmp_path / "chunk_manifest.csv").read_bytes() == before
