"""HawkEars' tables of labels, read by column name.

1.x writes ``filename,start_time,end_time,class_name,class_code,score``; 2.x writes
``recording,name,start_time,end_time,score``. Times are seconds from the chunk's start. The name of
the recording is not looked at: one call hears one chunk, and an annexed file may be reported under
its object's name.
"""

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from badc.detections import Detection
from badc.errors import BadcError
from badc.runners.hawkears.species import Species

_TIMES = ("start_time", "end_time", "score")


class LabelsFormError(BadcError):
    """A table is not what HawkEars is known to write."""


@dataclass(frozen=True)
class _Row:
    start_s: float
    end_s: float
    score: float
    texts: dict[str, str]


def read_v1(path: Path, duration_s: float) -> tuple[Detection, ...]:
    """Read a 1.x table; times are clipped to the chunk's duration.

    Raises:
        LabelsFormError: a column is missing or a value impossible.
    """

    def named(row: _Row) -> Species:
        return Species(row.texts["class_code"] or None, row.texts["class_name"] or None)

    return tuple(
        _detection(row, (named(row).code or named(row).name or ""), named(row), duration_s)
        for row in _rows(path, ("class_name", "class_code"))
    )


def read_v2(
    path: Path, duration_s: float, species_of: Callable[[str], Species]
) -> tuple[Detection, ...]:
    """Read a 2.x table; ``species_of`` tells code and name of what its ``name`` column says.

    Raises:
        LabelsFormError: a column is missing or a value impossible.
    """
    return tuple(
        _detection(row, row.texts["name"], species_of(row.texts["name"]), duration_s)
        for row in _rows(path, ("name",))
    )


def _rows(path: Path, texts: tuple[str, ...]) -> Iterator[_Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in (*texts, *_TIMES) if name not in (reader.fieldnames or ())]
            if missing:
                raise LabelsFormError(f"{path.name} has no column {', '.join(missing)}.")
            for fields in reader:
                yield _row(fields, texts, f"{path.name}:{reader.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelsFormError(f"{path.name} cannot be read ({error}).") from None


def _row(fields: dict[str, str | None], texts: tuple[str, ...], place: str) -> _Row:
    words = {name: (fields[name] or "").strip() for name in texts}
    if not any(words.values()):
        raise LabelsFormError(f"{place}: the label has no name.")
    start_s, end_s, score = (_number(fields[name], name, place) for name in _TIMES)
    if end_s < start_s:
        raise LabelsFormError(f"{place}: end_time {end_s:g} lies before start_time {start_s:g}.")
    if not 0 <= score <= 1:
        raise LabelsFormError(f"{place}: score {score:g} is not within 0 to 1.")
    return _Row(start_s, end_s, score, words)


def _number(word: str | None, name: str, place: str) -> float:
    try:
        value = float(word or "")
    except ValueError:
        raise LabelsFormError(f"{place}: {name} {word!r} is not a number.") from None
    if not math.isfinite(value):
        raise LabelsFormError(f"{place}: {name} is {word}.")
    return value


def _detection(row: _Row, label: str, species: Species, duration_s: float) -> Detection:
    return Detection(
        timestamp_ms=_clipped_ms(row.start_s, duration_s),
        end_ms=_clipped_ms(row.end_s, duration_s),
        label=label,
        label_code=species.code,
        label_name=species.name,
        confidence=row.score,
    )


def _clipped_ms(time_s: float, duration_s: float) -> int:
    """Round to whole milliseconds within the chunk: HawkEars' last window may pass its end."""
    return math.floor(min(max(time_s, 0.0), duration_s) * 1000 + 0.5)
