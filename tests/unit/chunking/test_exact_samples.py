import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from badc.chunking import Cut, cut, plan_cut


def joined(done: Cut, dtype: str = "int32") -> np.ndarray:
    return np.concatenate(
        [soundfile.read(chunk.path, dtype=dtype, always_2d=True)[0] for chunk in done.chunks]
    )


@pytest.mark.parametrize(
    ("name", "subtype", "chunk_subtype"),
    [
        ("REC.wav", "PCM_U8", "PCM_16"),
        ("REC.wav", "PCM_16", "PCM_16"),
        ("REC.wav", "PCM_24", "PCM_24"),
        ("REC.wav", "PCM_32", "PCM_32"),
        ("REC.wav", "ULAW", "PCM_16"),
        ("REC.wav", "IMA_ADPCM", "PCM_16"),
        ("REC.flac", "PCM_S8", "PCM_16"),
        ("REC.flac", "PCM_16", "PCM_16"),
        ("REC.flac", "PCM_24", "PCM_24"),
        ("REC.w64", "PCM_24", "PCM_24"),
        ("REC.rf64", "PCM_16", "PCM_16"),
        ("REC.aiff", "PCM_24", "PCM_24"),
        ("REC.caf", "ALAC_24", "PCM_24"),
        ("REC.au", "PCM_16", "PCM_16"),
        ("REC.FLAC", "PCM_16", "PCM_16"),
    ],
)
def test_chunks_joined_are_the_recording_bit_for_bit(
    record: Callable[..., Path], name: str, subtype: str, chunk_subtype: str
) -> None:
    recording = record(name, subtype, channels=2 if subtype != "IMA_ADPCM" else 1)
    done = cut(plan_cut(recording, chunk_duration_s=0.7))
    whole = soundfile.read(recording, dtype="int32", always_2d=True)[0]
    assert np.array_equal(joined(done), whole)
    assert {soundfile.info(chunk.path).subtype for chunk in done.chunks} == {chunk_subtype}
    assert not done.warnings
    assert {chunk.notes for chunk in done.chunks} == {""}


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32"])
def test_chunks_are_plain_pcm_that_the_standard_library_reads(
    record: Callable[..., Path], subtype: str
) -> None:
    # 11,111 frames a chunk: odd, so 24-bit mono needs a padding byte
    done = cut(plan_cut(record(subtype=subtype, rate_hz=11111), chunk_duration_s=1))
    with wave.open(str(done.chunks[0].path)) as chunk:
        assert chunk.getnframes() == 11111
        assert chunk.getframerate() == 11111
        assert len(chunk.readframes(11111)) == 11111 * chunk.getsampwidth()
    assert done.chunks[0].path.stat().st_size % 2 == 0


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_all_channels_are_kept(record: Callable[..., Path], channels: int) -> None:
    recording = record(channels=channels)
    done = cut(plan_cut(recording, chunk_duration_s=1, overlap_s=0.25))
    whole = soundfile.read(recording, dtype="int16", always_2d=True)[0]
    for chunk in done.chunks:
        samples = soundfile.read(chunk.path, dtype="int16", always_2d=True)[0]
        assert chunk.start_ms is not None
        first = chunk.start_ms * 8
        assert np.array_equal(samples, whole[first : first + len(samples)])


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_float_within_full_scale_keeps_its_level(tmp_path: Path, subtype: str) -> None:
    recording = tmp_path / "REC.wav"
    samples = np.random.default_rng(1).uniform(-1, 1, 20000)
    samples[:2] = 1, -1
    soundfile.write(recording, samples, 8000, subtype=subtype)
    done = cut(plan_cut(recording, chunk_duration_s=1))
    heard = joined(done, "float64")[:, 0]
    assert np.max(np.abs(heard - soundfile.read(recording)[0])) <= 2.0**-31
    assert not done.warnings


def test_float_beyond_full_scale_is_scaled_as_a_whole_and_said(tmp_path: Path) -> None:
    recording = tmp_path / "REC.wav"
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, 20000)
    samples[19000] = -5.5
    soundfile.write(recording, samples, 8000, subtype="FLOAT")
    done = cut(plan_cut(recording, chunk_duration_s=1))
    heard = joined(done, "float64")[:, 0]
    assert np.max(np.abs(heard * 8 - soundfile.read(recording)[0])) < 1e-8
    assert all("scaled by 1/8" in chunk.notes for chunk in done.chunks)
    assert any("scaled by 1/8" in warning for warning in done.warnings)


def test_samples_that_are_no_numbers_become_silence_and_are_counted(tmp_path: Path) -> None:
    recording = tmp_path / "REC.wav"
    samples = np.full(16000, 0.25)
    samples[[9000, 9001, 9002]] = np.nan, np.inf, -np.inf
    soundfile.write(recording, samples, 8000, subtype="DOUBLE")
    done = cut(plan_cut(recording, chunk_duration_s=1))
    heard = joined(done, "float64")[:, 0]
    assert list(heard[8999:9004]) == [0.25, 0, 0, 0, 0.25]
    assert [chunk.notes[:9] for chunk in done.chunks] == ["", "3 samples"]


@pytest.mark.parametrize("name", ["REC.mp3", "REC.ogg"])
def test_lossy_recordings_are_what_libsndfile_decodes(tmp_path: Path, name: str) -> None:
    recording = tmp_path / name
    soundfile.write(recording, np.random.default_rng(1).uniform(-0.3, 0.3, 40000), 16000)
    done = cut(plan_cut(recording, chunk_duration_s=0.7))
    whole = soundfile.read(recording, dtype="int16", always_2d=True)[0]
    assert np.array_equal(joined(done, "int16"), whole)
    assert not done.warnings


@pytest.mark.parametrize("name", ["REC.mp3", "REC.ogg"])
def test_lossy_overshoot_is_clipped_never_wrapped_around(tmp_path: Path, name: str) -> None:
    recording = tmp_path / name
    square = np.where(np.arange(40000) // 40 % 2, 1.0, -1.0)
    soundfile.write(recording, square, 16000)
    decoded = soundfile.read(recording)[0]
    assert np.abs(decoded).max() > 1.05
    done = cut(plan_cut(recording, chunk_duration_s=1))
    heard = joined(done, "float64")[:, 0]
    assert np.max(np.abs(heard - np.clip(decoded, -1, 1))) < 1e-4
    assert any("clipped" in warning for warning in done.warnings)
