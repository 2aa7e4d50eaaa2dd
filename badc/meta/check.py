"""What the rules read from the recordings of a folder, and what they could not."""

import csv
import os
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from badc.atomic import write_whole
from badc.meta.place import Place
from badc.meta.recording_path import by_stem, find_recordings
from badc.meta.rules import Rules

_SMALLEST_AUDIO_BYTES = 45  # a WAV header alone has 44


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one recording.

    Attributes:
        file: its path below the folder that was checked; undecodable bytes as escapes.
        place: where.
        start: when, local ISO 8601.
        fault: what could not be read, or None.
        folders: those above it, outermost first.
    """

    file: str
    place: Place
    start: str | None
    fault: str | None
    folders: tuple[str, ...]


def read_folder(audio_dir: Path, rules: Rules) -> list[Reading]:
    """Read every recording below ``audio_dir``; those with faults come first.

    Without folder patterns, places are not asked for.

    Raises:
        UsageError: ``audio_dir`` is no folder.
    """
    recordings = find_recordings(audio_dir)
    unique = by_stem(recordings)
    readings = [_read(path, audio_dir, rules, path.stem in unique) for path in recordings]
    return sorted(readings, key=lambda reading: reading.fault is None)


def write_readings(path: Path, readings: list[Reading]) -> None:
    """Write the readings as CSV.

    Raises:
        BadcError: it cannot be written.
    """
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "study_area", "location", "recording_date_time", "fault"])
    for reading in readings:
        writer.writerow(
            [
                reading.file,
                reading.place.study_area,
                reading.place.location,
                reading.start,
                reading.fault,
            ]
        )
    write_whole(path, text.getvalue())


def _read(path: Path, audio_dir: Path, rules: Rules, is_unique: bool) -> Reading:
    folders = Path(os.path.abspath(path)).parent.parts
    place = rules.place(folders)
    start = rules.start(path.name, audio=path)
    faults = []
    if start is None:
        faults.append("no date and time in its name")
    if rules.patterns and place.location is None and place.study_area is None:
        faults.append("its folders fit no pattern")
    if not is_unique:
        faults.append("other recordings have the same name")
    if (fault := _content_fault(path)) is not None:
        faults.append(fault)
    name = str(path.relative_to(audio_dir))
    return Reading(
        file=name.encode("utf-8", "backslashreplace").decode("utf-8"),
        place=place,
        start=None if start is None else start.isoformat(),
        fault="; ".join(faults) or None,
        folders=folders,
    )


def _content_fault(path: Path) -> str | None:
    """Name the known kinds of recordings without sound: empty ones and headers alone."""
    try:
        if path.stat().st_size < _SMALLEST_AUDIO_BYTES:
            return "holds no sound"
        with path.open("rb") as stream:
            return "holds only NUL bytes" if not any(stream.read(4096)) else None
    except FileNotFoundError:
        return "its content is not here"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
