import os
import struct
import wave
from pathlib import Path

import pytest

from badc.meta import load_rules
from badc.meta.guano import guano_start, read_guano


def recording(path: Path, text: str | bytes | None, claimed_bytes: int | None = None) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\1\0" * 4001)
    if text is not None:
        content = text.encode() if isinstance(text, str) else text
        size = len(content) if claimed_bytes is None else claimed_bytes
        with path.open("ab") as stream:
            stream.write(struct.pack("<4sI", b"guan", size) + content)
    return path


def start(path: Path, *names: str, timezone: str | None = None) -> str | None:
    found = load_rules(None, timezone).start(*names, audio=path)
    return None if found is None else found.isoformat()


def test_fields_are_read_from_behind_the_sound(tmp_path: Path) -> None:
    path = recording(
        tmp_path / "x.wav", "GUANO|Version: 1.0\r\nLoc Position: 62.5 -114.3\nNote: a: b\nx\n"
    )
    assert read_guano(path) == {
        "GUANO|Version": "1.0",
        "Loc Position": "62.5 -114.3",
        "Note": "a: b",
    }


def test_a_stamp_with_an_offset_comes_before_the_name(tmp_path: Path) -> None:
    path = recording(tmp_path / "x.wav", "Timestamp: 2020-06-01T04:30:00.250-07:00\n")
    assert start(path, "S_20190101_000000") == "2020-06-01T04:30:00-07:00"
    assert start(path, timezone="UTC") == "2020-06-01T11:30:00+00:00"


def test_a_stamp_without_an_offset_is_the_clock_of_the_site(tmp_path: Path) -> None:
    path = recording(tmp_path / "x.wav", "Timestamp: 2020-06-01T04:30:00\n")
    assert start(path) == "2020-06-01T04:30:00"
    assert start(path, timezone="America/Edmonton") == "2020-06-01T04:30:00-06:00"


@pytest.mark.parametrize(
    "text", ["Timestamp: soon\n", "Timestamp: 2020-06-01\n", "", "\0\xff", None]
)
def test_a_stamp_that_is_none_leaves_the_name(tmp_path: Path, text: str | None) -> None:
    path = recording(tmp_path / "x.wav", text)
    assert start(path, "S_20190101_000000") == "2019-01-01T00:00:00"


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", bytes(128_000), b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff", b"fLaC" * 9],
)
def test_files_without_guano_have_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    assert read_guano(path) == {}


def test_a_chunk_that_claims_too_much_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    stamp = "Timestamp: 2020-06-01T04:30:00Z\n"
    path = recording(tmp_path / "x.wav", stamp, claimed_bytes=0xFFFFFFF0)
    assert start(path) == "2020-06-01T04:30:00+00:00"


def test_what_is_no_file_has_none_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for name in ("none.wav", "pipe.wav", "", "a\0b"):
        assert guano_start(tmp_path / name) is None


@pytest.mark.parametrize("stamp", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_stamp_of_a_year_of_no_recorder_leaves_the_name(tmp_path: Path, stamp: str) -> None:
    path = recording(tmp_path / "x.wav", f"Timestamp: {stamp}\n")
    assert start(path, "S_20190101_000000") == "2019-01-01T00:00:00"
