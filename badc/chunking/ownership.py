"""Whose folder, whose manifest: two recordings of one name must not overwrite each other."""

import csv
import os
from io import StringIO
from pathlib import Path

from badc.chunking.plan import CutPlan
from badc.errors import UsageError
from badc.manifest import NamedFrom
from badc.meta.chunk_status import STATUS_NAME, noted_audio

_HEAD_BYTES = 65_536
_KEEP_APART = (
    "Give this one a name of its own with 'badc chunk run --recording-id', choose other places"
    " with --output-dir and --manifest (of 'badc chunk manifest': --output), or remove that one's"
    " if they are not needed."
)


def refuse_strangers(plan: CutPlan) -> None:
    """Check that what stands at the plan's places may be replaced by this cut.

    Raises:
        UsageError: as :func:`refuse_other_recordings`; or the manifest's place is taken by
            something that is no manifest, or nothing can be written at one of them.
    """
    _refuse_unwritable(plan.chunk_dir, "Choose another folder with --output-dir.")
    _refuse_unwritable(plan.manifest.parent, "Choose another place for the manifest.")
    refuse_other_recordings(plan, _KEEP_APART)
    if not belongs_to(plan.chunk_dir, plan.recording):
        _refuse_absent(plan, plan.manifest)
    if plan.manifest.exists() and not plan.manifest.is_file():
        raise UsageError(f"{plan.manifest}: is no regular file.", "Name a CSV file.")
    rows = _first_rows(plan.manifest)
    if rows and not {"recording_id", "chunk_id", "source_path"} <= set(rows[0]):
        raise UsageError(
            f"{plan.manifest}: is no manifest and is not overwritten.",
            "Choose another file for the manifest.",
        )


def refuse_other_recordings(plan: CutPlan, remedy: str) -> None:
    """Check that no other recording has its chunks or its manifest at the plan's places.

    Raises:
        UsageError: the chunk folder is another recording's, the manifest lists another recording
            of the same id, or the folder's status is an annexed file without content.
    """
    _refuse_absent(plan, plan.chunk_dir / STATUS_NAME)
    if other := _other_owner(plan.recording, plan.chunk_dir):
        raise UsageError(
            f"{plan.recording}: {plan.chunk_dir} holds the chunks of another recording, {other}.",
            remedy,
        )
    rows = _first_rows(plan.manifest)
    if len(rows) > 1 and (other := _listed_stranger(plan, dict(zip(*rows, strict=False)))):
        raise UsageError(
            f"{plan.recording}: {plan.manifest} lists the chunks of another recording, {other}.",
            remedy,
        )


def _refuse_absent(plan: CutPlan, record: Path) -> None:
    """Refuse to replace an annexed record, of whatever recording, whose content is elsewhere."""
    if record.is_symlink() and not record.exists():
        raise UsageError(
            f"{plan.recording}: whose chunks stand in its place is unknown:"
            f" the content of {record} is not here.",
            "Get it with 'datalad get', or remove that file if it is not needed.",
        )


def _refuse_unwritable(folder: Path, hint: str) -> None:
    """Refuse before hours of work a folder that is none, or in which no file can be made."""
    place = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    if not place.is_dir():
        raise UsageError(f"{place}: is no folder.", hint)
    if not os.access(place, os.W_OK | os.X_OK):
        raise UsageError(f"{place}: no file can be written there.", hint)


def belongs_to(chunk_dir: Path, recording: Path) -> bool | None:
    """Say whether ``chunk_dir`` was made from ``recording``; None where it does not say."""
    if not noted_audio(chunk_dir):
        return None
    return _other_owner(recording, chunk_dir) is None


def _other_owner(recording: Path, chunk_dir: Path) -> Path | None:
    """Return the recording that ``chunk_dir`` was made from, or None when it is ``recording``.

    A recording that moved together with its chunk folder is still the same.
    """
    places = noted_audio(chunk_dir)
    if not places or _unlinked(recording) in map(_unlinked, places):
        return None
    return places[0]


def _listed_stranger(plan: CutPlan, row: dict[str, str]) -> Path | None:
    """Return another recording of the plan's id that a manifest's row comes from, or None."""
    words = row.get("source_path", "")
    if row.get("recording_id") != plan.recording_id or not words or "\0" in words:
        return None
    for place in NamedFrom(plan.manifest.parent).paths(words):
        if other := _other_owner(plan.recording, Path(place).parent):
            return other
    return None


def _first_rows(path: Path) -> list[list[str]]:
    """Return header and first row of what may be a CSV; none where there is no file or content."""
    if not path.is_file():
        return []
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read ({error.strerror}).", "Choose another file for the manifest."
        ) from None
    if not head:
        return []
    try:
        lines = csv.reader(StringIO(head.decode("utf-8-sig", "replace"), newline=""))
        return [cells for cells, _ in zip(lines, range(2), strict=False)] or [[]]
    except csv.Error:
        return [[]]


def _unlinked(path: Path) -> Path:
    """Follow links of the folders but not of the file: an annexed file is known by its name."""
    return Path(os.path.realpath(path.parent)) / path.name
