"""HawkEars 2.3 for real, with checkpoints of our own making: ``make test-hawkears``."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

pytestmark = pytest.mark.hawkears

ROOT = Path(__file__).resolve().parents[2]
_HEADER = "recording_id,chunk_id,source_path,start_ms,end_ms"


@pytest.fixture
def listen(tmp_path, prefect_server):
    """Runs ``badc infer run --use-hawkears`` on files in the test's folder."""
    built = Path(os.environ["BADC_TEST_HAWKEARS"])

    def run(*files: str, root: Path = built / "root") -> tuple[int, str, dict[str, dict]]:
        rows = [f"REC,{Path(name).stem},{name},0,3000" for name in files]
        (tmp_path / "manifest.csv").write_text("\n".join([_HEADER, *rows]) + "\n")
        ended = subprocess.run(
            [sys.executable, "-m", "badc", "infer", "run", "manifest.csv", "--use-hawkears",
             "--keep-going", "--max-retries", "0", "--cpu-workers", "2"],
            cwd=tmp_path,
            env={
                **os.environ,
                **prefect_server,
                "PYTHONPATH": str(ROOT),
                "BADC_HAWKEARS_PYTHON": str(built / "venv" / "bin" / "python"),
                "BADC_HAWKEARS_ROOT": str(root),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )  # fmt: skip
        results = (tmp_path / "artifacts" / "infer").rglob("REC/*.json")
        heard = {path.stem: json.loads(path.read_text()) for path in results}
        return ended.returncode, ended.stdout + ended.stderr, heard

    return run


@pytest.fixture
def song(tmp_path, yellowthroat):
    """The recording's first 3 s, as a chunk file."""
    samples, rate_hz = soundfile.read(yellowthroat, dtype="float32")
    path = tmp_path / "song.wav"
    soundfile.write(path, samples[: 3 * rate_hz], rate_hz)
    return path


def test_it_finds_the_yellowthroat_and_what_it_cannot_hear_fails(listen, song, tmp_path):
    shutil.copy(song, tmp_path / "MD5E-s264644--0")  # an annexed object, without an extension
    (tmp_path / "linked.wav").symlink_to("MD5E-s264644--0")
    (tmp_path / "garbage.wav").write_bytes(b"RIFF\0\0\0\0WAVE nothing to hear" * 99)
    soundfile.write(tmp_path / "silence.wav", [0.0] * 96_000, 32_000)
    code, said, heard = listen(
        "song.wav", "linked.wav", "silence.wav", "MD5E-s264644--0", "garbage.wav"
    )
    assert code == 1
    assert sorted(heard) == ["linked", "silence", "song"]
    for name in ("song", "linked"):
        assert heard[name]["detections"][0]["label_code"] == "COYE"
        assert heard[name]["model_version"] == "HawkEars 2.3.0 (--models 3 --no-low-band)"
        assert (Path(heard[name]["hawkears_output"]) / "scores.csv").is_file()
    assert heard["silence"]["status"] == "no_detections"
    assert "2 of 5 chunks failed" in said, said


def test_without_checkpoints_every_attempt_fails(listen, song, tmp_path):
    root = tmp_path / "root"
    shutil.copytree(Path(os.environ["BADC_TEST_HAWKEARS"]) / "root", root)
    shutil.rmtree(root / "data" / "ckpt")
    code, said, heard = listen(song.name, root=root)
    assert (code, heard) == (1, {})
    assert "HawkEars reported success but failed" in said, said
