"""Finding a chunk's audio, and reading the part of it that holds a detection."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from badc.manifest import NamedFrom

Samples = np.ndarray[tuple[int], np.dtype[np.float32]]

_MARGIN_MS = 500
_LONGEST_MS = 8_000


@dataclass(frozen=True, slots=True)
class Cut:
    """Sound around a detection.

    Attributes:
        samples: mono, full scale 1.
        rate_hz: samples a second.
        begin_s, end_s: where the detection lies within it.
    """

    samples: Samples
    rate_hz: int
    begin_s: float
    end_s: float


def find_chunk(
    source_path: str | None,
    dataset_root: str | None,
    key: tuple[str, str],
    roots: tuple[Path, ...],
    tables: tuple[NamedFrom, ...] = (),
) -> Path | None:
    """Return a chunk's audio file, or None.

    Looked for where the table says, then below each of ``roots``: under the table's path, the
    recording's folder, and the bare name; then, as a table moves with its dataset, as
    :mod:`badc.manifest.naming` has it.

    Args:
        source_path: the table's word for the file.
        dataset_root: what that is relative to, where the table says.
        key: recording and chunk id.
        roots: folders to search.
        tables: what finds files from the folders of the tables.
    """
    recording_id, chunk_id = key
    told = source_path or f"{chunk_id}.wav"
    name = Path(told).name
    places = [Path(dataset_root, told)] if dataset_root else [Path(told)]
    for root in roots:
        places += [root / told.lstrip("/"), root / recording_id / name, root / name]
        places.append(root / f"{recording_id}_chunks" / name)
    if found := next((place for place in places if _is_file(place)), None):
        return found
    moved = (Path(place) for named in tables for place in named.paths(told))
    return next((place for place in moved if _is_file(place)), None)


def read_around(path: Path, begin_ms: int, end_ms: int) -> Cut | None:
    """Read a detection's interval and half a second on each side; None where it cannot be.

    Long detections are cut to their first seconds.
    """
    end_ms = min(max(end_ms, begin_ms), begin_ms + _LONGEST_MS)
    try:
        with soundfile.SoundFile(path) as audio:
            rate = audio.samplerate
            first = max(0, (begin_ms - _MARGIN_MS) * rate // 1000)
            last = min(audio.frames, (end_ms + _MARGIN_MS) * rate // 1000)
            if last - first < rate // 20:
                return None
            audio.seek(first)
            samples = audio.read(last - first, dtype="float32", always_2d=True).mean(axis=1)
    except (OSError, RuntimeError, ValueError, TypeError):  # whatever is wrong with the file
        return None
    if len(samples) < rate // 20 or not np.isfinite(samples).all():
        return None
    begin_s = begin_ms / 1000 - first / rate
    length_s = len(samples) / rate
    return Cut(samples, rate, begin_s, min(length_s, begin_s + (end_ms - begin_ms) / 1000))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
