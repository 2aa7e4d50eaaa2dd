"""What a chunk status says of its recording, also where it has moved or says nonsense."""

import json
from pathlib import Path

import pytest

from badc.chunking import belongs_to
from badc.meta.chunk_status import noted_audio
from badc.meta.recording_path import recording_path


@pytest.mark.parametrize("name", ["\ud800dio/REC.wav", "a\0b", "", None, 3])
def test_an_impossible_recording_is_as_good_as_none(tmp_path, name):
    status = json.dumps({"audio_path": name, "chunk_output_dir": "."})
    (tmp_path / ".chunk_status.json").write_text(status)
    assert belongs_to(tmp_path, tmp_path / "REC.wav") is None
    told = recording_path("REC", "c0.wav", [tmp_path], {})
    assert told is not None
    assert told.name == "REC"


@pytest.mark.parametrize("folder", ["\ud800", "a\0b", 3])
def test_an_impossible_folder_does_not_tell_that_a_recording_has_moved(tmp_path, folder):
    status = json.dumps({"audio_path": "/x/REC.wav", "chunk_output_dir": folder})
    (tmp_path / ".chunk_status.json").write_text(status)
    assert belongs_to(tmp_path, tmp_path / "REC.wav") is False


def test_a_status_says_where_its_recording_is_now_wherever_the_dataset_was(tmp_path):
    chunks = tmp_path / "new" / "artifacts" / "chunks" / "REC"
    chunks.mkdir(parents=True)
    moved = tmp_path / "new" / "audio" / "REC.wav"
    for told, places in (
        ({"audio_path": "audio/REC.wav", "chunk_output_dir": "artifacts/chunks/REC"}, (moved,)),
        (
            {"audio_path": "/old/audio/REC.wav", "chunk_output_dir": "/old/artifacts/chunks/REC"},
            (Path("/old/audio/REC.wav"), moved),
        ),
        (  # the recording lies outside of the dataset, and did not move with it
            {"audio_path": "/usb/REC.wav", "chunk_output_dir": "artifacts/chunks/REC"},
            (Path("/usb/REC.wav"),),
        ),
    ):
        (chunks / ".chunk_status.json").write_text(json.dumps(told))
        assert noted_audio(chunks) == places
        assert belongs_to(chunks, places[-1]) is True
        assert belongs_to(chunks, tmp_path / "new" / "audio" / "other" / "REC.wav") is False
