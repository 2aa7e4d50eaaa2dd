"""From the canonical table to a folder of review files."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from badc.atomic import whole_file
from badc.manifest import NamedFrom, moved_to
from badc.meta.recording_path import AUDIO_SUFFIXES, by_stem, find_recordings, recording_path
from badc.report.exports.call import Call, Recording
from badc.report.exports.choice import Choice, forms
from badc.report.exports.formats import FORMATS, Format
from badc.report.files import csv_rows, file_name
from badc.report.source import Source

__all__ = ["FORMATS", "Exported", "export"]
_FETCHED_ROWS = 10_000

_CALLS = """
SELECT d.recording_id, d.source_path, d.dataset_root, d.location, d.recording_date_time, e.seconds,
    d.absolute_time_ms, greatest(coalesce(d.absolute_end_ms, d.absolute_time_ms),
        d.absolute_time_ms), d.label,
    coalesce(nullif(trim(d.label_code), ''), d.label),
    coalesce(nullif(trim(d.label_name), ''), d.label), d.confidence
FROM detection AS d
LEFT JOIN (SELECT recording_id, any_value(seconds) AS seconds FROM effort
    GROUP BY recording_id HAVING count(*) = 1) AS e USING (recording_id)
WHERE d.absolute_time_ms IS NOT NULL AND {condition}
ORDER BY d.recording_id, d.study_area, d.location, d.absolute_time_ms, d.label, d.absolute_end_ms,
    d.confidence DESC
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did.

    Attributes:
        written: the files.
        calls: detections in them.
        unplaced: chosen detections left out because their place in the recording is unknown.
        unmatched: wanted species that the table does not have.
        nameless: recordings whose audio file is not known; their id stands for it.
        placeless: calls for WildTrax without location or start.
    """

    written: tuple[Path, ...]
    calls: int
    unplaced: int
    unmatched: tuple[str, ...]
    nameless: int
    placeless: int


def export(
    source: Source, form: str, folder: Path, choice: Choice, audio_dir: Path | None = None
) -> Exported:
    """Write the chosen detections in the format named ``form`` (a key of :data:`FORMATS`).

    Args:
        source: open detections.
        form: the format's name.
        folder: where files go: one for each recording, or one for all.
        choice: which detections.
        audio_dir: folder of the recordings, so that files can be named.

    Raises:
        UsageError: the audio folder is not there.
        BadcError: a file cannot be written.
    """
    known = {} if audio_dir is None else by_stem(find_recordings(audio_dir))
    output = FORMATS[form]
    written, taken = [], set[str]()
    calls = nameless = placeless = 0

    def counted() -> Iterator[tuple[Recording, list[Call]]]:
        nonlocal calls, nameless, placeless
        for recording, found in _recordings(source, choice, known):
            calls += len(found)
            nameless += recording.path is None
            placeless += 0 if recording.location and recording.started else len(found)
            yield recording, found

    if output.is_single:
        written.append(_write(folder / output.suffix, output, counted()))
    else:
        for recording, found in counted():
            path = folder / f"{file_name(recording.recording_id, taken)}{output.suffix}"
            written.append(_write(path, output, [(recording, found)]))
    unplaced = source.value(
        "SELECT count(*) FROM detection WHERE absolute_time_ms IS NULL AND "  # noqa: S608
        + choice.condition,
        **choice.parameters,
    )
    return Exported(
        tuple(written), calls, unplaced, _unmatched(source, choice), nameless, placeless
    )


def _recordings(
    source: Source, choice: Choice, known: dict[str, Path]
) -> Iterator[tuple[Recording, list[Call]]]:
    query = _CALLS.format(condition=choice.condition)
    tables = [NamedFrom(path.parent) for path in source.paths]
    for (recording_id, location), group in groupby(
        _fetched(source, query, choice.parameters), key=lambda row: (row[0], row[3])
    ):
        rows = list(group)
        words, root = rows[0][1], rows[0][2]
        if (found := moved_to(root, words or "", tables)) is not None:
            root, words = found
        path = _path(recording_id, words, root, known)
        recording = Recording(recording_id, path, location, rows[0][4], rows[0][5])
        yield recording, [Call(*row[6:]) for row in rows]


def _fetched(source: Source, query: str, parameters: dict[str, object]) -> Iterator[Any]:
    result = source.connection.cursor().execute(query, parameters)
    while batch := result.fetchmany(_FETCHED_ROWS):
        yield from batch


def _path(
    recording_id: str, source_path: str | None, dataset_root: str | None, known: dict[str, Path]
) -> PurePosixPath | None:
    """Return the recording's own file, or None where only its chunks are known."""
    roots = [Path(dataset_root or ".")]
    path = recording_path(recording_id, source_path or "", roots, known)
    if path is None or path.suffix.lower() not in AUDIO_SUFFIXES:
        return None
    return PurePosixPath(dataset_root or "", path)


def _write(path: Path, output: Format, found: Iterable[tuple[Recording, list[Call]]]) -> Path:
    with whole_file(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        try:
            _write_rows(text, output, found)
        finally:
            text.detach()
    return path


def _write_rows(
    text: io.TextIOWrapper, output: Format, found: Iterable[tuple[Recording, list[Call]]]
) -> None:
    quoted = csv_rows(text)

    def put(fields: tuple[object, ...]) -> None:
        if output.can_quote:
            quoted(fields)
        else:
            text.write(output.delimiter.join(map(str, fields)) + "\n")

    if output.columns:
        put(output.columns)
    for recording, calls in found:
        of_label: Counter[str] = Counter()
        for nth, call in enumerate(calls, start=1):
            of_label[call.code] += 1
            put(output.fields(recording, call, nth, of_label[call.code]))


def _unmatched(source: Source, choice: Choice) -> tuple[str, ...]:
    if not choice.species:
        return ()
    names = {
        name.strip().lower()
        for row in source.rows("SELECT DISTINCT label, label_code, label_name FROM detection")
        for name in row
        if name
    }
    return tuple(name for name in choice.species if not names.intersection(forms(name)))
