import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from badc.chunking import cut, plan_cut, read_status
from badc.chunking.wav import WavShape
from badc.errors import BadcError, UsageError


def refusal(path: Path) -> str:
    before = set(path.parent.iterdir()) if path.parent.is_dir() else set()
    with pytest.raises(UsageError) as caught:
        cut(plan_cut(path, chunk_duration_s=1))
    assert not path.parent.is_dir() or set(path.parent.iterdir()) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("REC.wav", b"", "empty"),
        ("REC.wav", bytes(131072), "NUL"),
        ("REC.mp3", bytes(131072), "NUL"),
        ("REC.wav", b"Dear diary,\n" * 100, "no audio"),
        ("REC.raw", b"\x01\x02" * 100, "no audio"),
        ("REC.vox", b"\x01\x02" * 100, "no audio"),
        ("REC.mp3", b"Dear diary,\n" * 10000, "no audio"),
        ("REC.flac", b"fLaC" + bytes(100), "no audio"),
        ("REC.ogg", b"OggS" + bytes(100), "no audio"),
        ("REC.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "no audio"),
        ("REC.wav", b"/annex/objects/SHA256E-s12--ab.wav\n", "datalad get"),
    ],
)
def test_what_is_no_audio_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert words in refusal(tmp_path / name)


def test_a_header_without_audio_is_refused(record: Callable[..., Path]) -> None:
    assert "no audio" in refusal(record(seconds=0))


def test_folders_pipes_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    assert "folder" in refusal(tmp_path / "folder.wav")
    assert "regular" in refusal(tmp_path / "pipe.wav")
    assert "no such" in refusal(tmp_path / "missing.wav")
    assert "no such" in refusal(tmp_path / "no" / "folder.wav")


def test_a_link_to_content_that_is_not_here_says_datalad_get(tmp_path: Path) -> None:
    (tmp_path / "REC.wav").symlink_to(".git/annex/objects/aa/bb/SHA256E-s1--cc.wav")
    assert "datalad get" in refusal(tmp_path / "REC.wav")


def test_an_annexed_link_is_read_whatever_its_target_is_called(
    tmp_path: Path, record: Callable[..., Path]
) -> None:
    record("REC.flac").rename(tmp_path / "SHA256-s99--abcdef")
    (tmp_path / "night.flac").symlink_to("SHA256-s99--abcdef")
    done = cut(plan_cut(tmp_path / "night.flac", chunk_duration_s=1))
    assert [chunk.key.recording_id for chunk in done.chunks] == ["night"] * 3


@pytest.mark.parametrize(
    "name", ["REC.wav", "REC.w64", "REC.rf64", "REC.aiff", "REC.au", "REC.mp3"]
)
def test_a_recording_cut_short_is_kept_as_far_as_it_goes_and_said(
    record: Callable[..., Path], name: str
) -> None:
    recording = record(name, "MPEG_LAYER_III" if name == "REC.mp3" else "PCM_16", seconds=4)
    content = recording.read_bytes()
    recording.write_bytes(content[: len(content) * 6 // 10])
    done = cut(plan_cut(recording, chunk_duration_s=1))
    assert 2.3 < done.duration_s < 2.45
    assert len(done.chunks) == 3
    assert "ends early" in done.chunks[-1].notes
    assert [chunk.notes for chunk in done.chunks if "ends early" in chunk.notes] == [
        done.chunks[-1].notes
    ]
    assert any("of the 4.0 s" in warning for warning in done.warnings)


def test_a_length_left_open_by_a_streaming_writer_is_no_fault(
    record: Callable[..., Path],
) -> None:
    recording = record()
    content = bytearray(recording.read_bytes())
    place = content.index(b"data") + 4
    content[place : place + 4] = struct.pack("<I", 0xFFFFFFFF)
    recording.write_bytes(content)
    done = cut(plan_cut(recording, chunk_duration_s=1))
    assert (done.duration_s, done.warnings) == (2.5, ())


def test_damage_fails_the_cut_and_leaves_no_chunk_and_no_manifest(
    record: Callable[..., Path],
) -> None:
    recording = record("REC.flac", seconds=120)
    content = bytearray(recording.read_bytes())
    place = len(content) * 8 // 10
    content[place : place + 4000] = bytes(4000)
    recording.write_bytes(content)
    seen: list[float] = []
    plan = plan_cut(recording, chunk_duration_s=1)
    with pytest.raises(BadcError, match="damaged") as caught:
        cut(plan, lambda done_s, _total_s: seen.append(done_s))
    assert seen[-1] > 2, "chunks had been made before the damage was met"
    assert caught.value.exit_code == 1
    assert [entry.name for entry in plan.chunk_dir.iterdir()] == [".chunk_status.json"]
    assert not plan.manifest.exists()
    status = read_status(plan.chunk_dir)
    assert status is not None
    assert status["status"] == "failed"
    assert "damaged" in status["error"]


def test_a_failed_cut_leaves_an_earlier_manifest_and_its_chunks(
    record: Callable[..., Path],
) -> None:
    recording = record("REC.flac", seconds=3)
    plan = plan_cut(recording, chunk_duration_s=1)
    cut(plan)
    manifest = plan.manifest.read_bytes()
    recording.write_bytes(recording.read_bytes()[:-9000])
    with pytest.raises(BadcError):
        cut(plan)
    assert plan.manifest.read_bytes() == manifest
    assert len(list(plan.chunk_dir.glob("*.wav"))) == 3


def test_an_interrupted_cut_says_so_in_its_status(record: Callable[..., Path]) -> None:
    plan = plan_cut(record(), chunk_duration_s=1)

    def interrupt(_done_s: float, _total_s: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut(plan, interrupt)
    assert [entry.name for entry in plan.chunk_dir.iterdir()] == [".chunk_status.json"]
    status = json.loads((plan.chunk_dir / ".chunk_status.json").read_text())
    assert (status["status"], status["error"]) == ("failed", "KeyboardInterrupt")


def test_chunks_beyond_a_wav_files_size_are_refused_before_work(
    record: Callable[..., Path],
) -> None:
    assert WavShape(48000, 2, 4).room_frames == 2**29 - 6
    done = cut(plan_cut(record(), chunk_duration_s=1e9))
    assert len(done.chunks) == 1


def test_a_header_with_impossible_figures_is_refused(record: Callable[..., Path]) -> None:
    recording = record(channels=2)
    content = bytearray(recording.read_bytes())
    content[24:28] = struct.pack("<I", 0x7FFFFFFF)  # the sample rate
    recording.write_bytes(content)
    assert soundfile.info(recording).samplerate == 0x7FFFFFFF
    assert "damaged" in refusal(recording)
