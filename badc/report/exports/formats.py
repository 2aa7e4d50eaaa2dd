"""Each format: its columns, and the fields of one call."""

from collections.abc import Callable
from dataclasses import dataclass

from badc.report.exports.call import Call, Recording, one_line

# Detections say nothing about frequency; these bounds hold the voice of nearly every bird.
_LOW_HZ = 0
_HIGH_HZ = 12_000


@dataclass(frozen=True, slots=True)
class Format:
    """A review format.

    Attributes:
        columns: header; empty where the format has none.
        fields: the fields of the n-th call (from 1 on) of a recording; ``nth_of_label`` counts
            the calls of its species in this recording.
        delimiter: between fields.
        suffix: of the file: one for each recording, or, where ``is_single``, its whole name.
        is_single: whether all recordings go into one file.
        can_quote: whether a field may hold delimiters and line ends.
    """

    columns: tuple[str, ...]
    fields: Callable[[Recording, Call, int, int], tuple[object, ...]]
    delimiter: str
    suffix: str
    is_single: bool = False
    can_quote: bool = True


def _raven(recording: Recording, call: Call, nth: int, _: int) -> tuple[object, ...]:
    return (
        nth,
        "Spectrogram 1",
        1,
        call.start_s,
        call.end_s,
        _LOW_HZ,
        _HIGH_HZ,
        one_line(call.name),
        one_line(call.code),
        call.score,
        one_line(recording.file),
        one_line(str(recording.path or "")),
        call.start_s,
    )


def _audacity(_: Recording, call: Call, __: int, ___: int) -> tuple[object, ...]:
    text = one_line(call.label)
    return call.start_s, call.end_s, f"{text};{call.score}" if call.score else text


def _kaleidoscope(recording: Recording, call: Call, _: int, __: int) -> tuple[object, ...]:
    folder = str(recording.path.parent) if recording.path else ""
    distance = "" if call.confidence is None else f"{1 - call.confidence:.4f}"
    return folder, "", recording.file, call.start_s, call.duration_s, call.label, distance


def _birdnet(recording: Recording, call: Call, _: int, __: int) -> tuple[object, ...]:
    scientific, common = call.scientific_and_common
    file = str(recording.path or recording.file)
    return call.start_s, call.end_s, scientific, common, call.score, file


def _wildtrax(recording: Recording, call: Call, _: int, nth_of_label: int) -> tuple[object, ...]:
    started = (recording.started or "")[:19].replace("T", " ")
    length = "" if recording.seconds is None else f"{recording.seconds:.0f}"
    return (
        recording.location or "",
        started,
        "1SPT",
        length,
        "Not Assigned",
        call.code,
        nth_of_label,
        "Call",
        1,
        call.start_s,
        call.duration_s,
        _LOW_HZ,
        _HIGH_HZ,
    )


FORMATS: dict[str, Format] = {
    "raven": Format(
        (
            "Selection",
            "View",
            "Channel",
            "Begin Time (s)",
            "End Time (s)",
            "Low Freq (Hz)",
            "High Freq (Hz)",
            "Common Name",
            "Species Code",
            "Confidence",
            "Begin File",
            "Begin Path",
            "File Offset (s)",
        ),
        _raven,
        delimiter="\t",
        suffix=".Table.1.selections.txt",
        can_quote=False,
    ),
    "audacity": Format((), _audacity, delimiter="\t", suffix=".txt", can_quote=False),
    "kaleidoscope": Format(
        ("INDIR", "FOLDER", "IN FILE", "OFFSET", "DURATION", "TOP1MATCH", "TOP1DIST"),
        _kaleidoscope,
        delimiter=",",
        suffix="kaleidoscope.csv",
        is_single=True,
    ),
    "birdnet": Format(
        ("Start (s)", "End (s)", "Scientific name", "Common name", "Confidence", "File"),
        _birdnet,
        delimiter=",",
        suffix=".BirdNET.results.csv",
    ),
    "wildtrax": Format(
        (
            "location",
            "recordingDate",
            "method",
            "taskLength",
            "transcriber",
            "species",
            "speciesIndividualNumber",
            "vocalization",
            "abundance",
            "startTime",
            "tagLength",
            "minFreq",
            "maxFreq",
        ),
        _wildtrax,
        delimiter=",",
        suffix="wildtrax_tags.csv",
        is_single=True,
    ),
}
"""Name -> format, as ``report export --format`` knows them."""
