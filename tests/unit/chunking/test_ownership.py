"""A chunk status that names what no file can be called says nothing about its recording."""

import json

import pytest

from badc.chunking import belongs_to
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
