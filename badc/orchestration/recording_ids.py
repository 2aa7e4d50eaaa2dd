"""Names for the recordings of a dataset, where the same file name stands under many stations."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from badc.chunking import belongs_to

_JOINT = "--"  # recorder names hold '_' and '-'; a date behind '--' is not taken for a prefix's


@dataclass(frozen=True, slots=True)
class NamedRecordings:
    """Recordings with their ids.

    Attributes:
        ids: recording -> id; no two have the same, not even on a disk that ignores case.
        nameless: recordings that would share their id with another -> that one.
    """

    ids: dict[Path, str]
    nameless: dict[Path, Path]


def name_recordings(
    recordings: Sequence[Path], audio_dir: Path, chunks_dir: Path
) -> NamedRecordings:
    """Give each recording its id: the stem of its name, where no other recording has that.

    Otherwise its folders below ``audio_dir`` come before, as in ``StationA--20240601_050000``. An
    id under which a recording has already been cut stays its id, whatever is found beside it later.
    """
    shared: dict[str, int] = defaultdict(int)
    for recording in recordings:
        shared[_key(recording.stem)] += 1
    ids = {
        recording: _choose(recording, audio_dir, chunks_dir, shared[_key(recording.stem)] == 1)
        for recording in recordings
    }
    first: dict[str, Path] = {}
    nameless: dict[Path, Path] = {}
    for recording, name in ids.items():
        other = first.setdefault(_key(name), recording)
        if other is not recording:
            nameless |= {recording: other, other: recording}
    return NamedRecordings(
        {recording: name for recording, name in ids.items() if recording not in nameless}, nameless
    )


def _choose(recording: Path, audio_dir: Path, chunks_dir: Path, alone: bool) -> str:
    short = recording.stem
    long = _JOINT.join([*recording.relative_to(audio_dir).parent.parts, short])
    ours = belongs_to(chunks_dir / short, recording)
    if ours or (long != short and belongs_to(chunks_dir / long, recording)):
        return short if ours else long
    return short if alone and ours is None else long


def _key(name: str) -> str:
    """Return what two names have in common that some disk would take for the same."""
    return unicodedata.normalize("NFC", name).casefold()
