import csv
import os
import wave
from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.meta import load_rules
from badc.meta.check import Reading, read_folder, write_readings


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    folder = tmp_path / "Study" / "AudioMoth"
    for station, name in (("St 1", "20200601_043000.WAV"), ("St 2", "S4_20200601_043000.wav")):
        put(folder / station / name)
    return tmp_path


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\1\0" * 100)


def faults(readings: list[Reading]) -> dict[str, str | None]:
    return {Path(reading.file).name: reading.fault for reading in readings}


def test_everything_that_can_be_read_is_told(audio: Path) -> None:
    first, second = read_folder(audio, load_rules("aru-type", "-07:00"))
    assert (first.place.location, first.start) == ("St 1", "2020-05-31T21:30:00-07:00")
    assert (second.place.location, second.start) == ("St 2", "2020-06-01T04:30:00-07:00")
    assert first.fault is None


def test_each_fault_is_named_and_faulty_recordings_come_first(audio: Path) -> None:
    folder = audio / "Study" / "AudioMoth" / "St 3"
    put(folder / "morning.wav")
    put(folder / "S4_20200601_043000.wav")
    (folder / "S4_20200602_043000.wav").write_bytes(b"")
    (folder / "S4_20200603_043000.wav").write_bytes(bytes(128_000))
    (folder / "S4_20200604_043000.wav").symlink_to("gone")
    put(audio / "S4_20200605_043000.FLAC")
    (folder / "notes.txt").write_text("no recording")
    put(folder / "S4_20200601_043000_chunks" / "S4_20200601_043000_chunk_0_60000.wav")
    put(folder / "cut elsewhere" / "one.wav")
    (folder / "cut elsewhere" / ".chunk_status.json").write_text("{}")
    readings = read_folder(audio, load_rules("aru-data"))
    both = "no date and time in its name; its folders fit no pattern"
    assert faults(readings)["morning.wav"] == both
    readings = read_folder(audio, load_rules(None))
    assert faults(readings) == {
        "morning.wav": "no date and time in its name",
        "S4_20200601_043000.wav": "other recordings have the same name",
        "S4_20200602_043000.wav": "holds no sound",
        "S4_20200603_043000.wav": "holds only NUL bytes",
        "S4_20200604_043000.wav": "its content is not here",
        "S4_20200605_043000.FLAC": None,
        "20200601_043000.WAV": None,
    }
    assert [reading.fault is None for reading in readings] == [False] * 6 + [True] * 2


def test_readings_are_written_as_csv_whatever_the_names(audio: Path, tmp_path: Path) -> None:
    put(audio / 'a "b", c\n_20200601_043000.wav')
    os.rename(  # noqa: PTH104 - the name is no text
        audio / "Study" / "AudioMoth" / "St 1",
        os.fsencode(audio / "Study" / "AudioMoth") + b"/\xff",
    )
    readings = read_folder(audio, load_rules(None))
    write_readings(tmp_path / "out" / "check.csv", readings)
    with (tmp_path / "out" / "check.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["file"] for row in rows] == [reading.file for reading in readings]
    assert 'a "b", c\n_20200601_043000.wav' in [row["file"] for row in rows]
    assert {row["recording_date_time"] for row in rows} >= {"2020-06-01T04:30:00+00:00"}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        read_folder(tmp_path / "none", load_rules(None))
