"""One cut, decided before it starts."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from badc.chunking.paths import absolute, chunk_folder, manifest_file
from badc.chunking.spans import Grid
from badc.errors import UsageError
from badc.manifest import naming_base
from badc.manifest.chunk import id_fault


@dataclass(frozen=True, slots=True)
class CutPlan:
    """What to cut, how, and where it goes. All paths are absolute, symbolic links kept.

    Attributes:
        recording: the audio file.
        recording_id: its stem, or another name where stems repeat.
        duration_ms, overlap_ms: length of a chunk, and how much it repeats of the one before.
        chunk_dir: folder for the chunk files and their ``.chunk_status.json``.
        manifest: the CSV that lists them.
        hash_chunks: whether the manifest gives each chunk's sha256.
        dataset: the folder of the dataset that all of this belongs to, where it is known.
    """

    recording: Path
    recording_id: str
    duration_ms: int
    overlap_ms: int
    chunk_dir: Path
    manifest: Path
    hash_chunks: bool = True
    dataset: Path | None = field(default=None, compare=False)

    @property
    def naming_base(self) -> Path | None:
        """The folder from which manifest and status name files; None: by absolute paths."""
        return naming_base(self.manifest, self.chunk_dir, self.dataset)

    def grid(self, rate_hz: int) -> Grid:
        """Return where chunks begin and end in a recording of ``rate_hz`` frames a second."""
        return Grid(self.duration_ms, self.overlap_ms, rate_hz)

    def chunk_id(self, start_ms: int, end_ms: int) -> str:
        """Return a chunk's id; its file is named so, with ``.wav``."""
        return f"{self.recording_id}_chunk_{start_ms}_{end_ms}"


def plan_cut(
    recording: Path,
    *,
    chunk_duration_s: float,
    overlap_s: float = 0.0,
    recording_id: str | None = None,
    chunk_dir: Path | None = None,
    manifest: Path | None = None,
    hash_chunks: bool = True,
) -> CutPlan:
    """Decide a cut. Times are rounded to whole milliseconds; nothing is read or written.

    Args:
        recording: the audio file.
        chunk_duration_s: at least a millisecond.
        overlap_s: at least 0 and less than ``chunk_duration_s``.
        recording_id: by default the recording's stem.
        chunk_dir: where chunks go; by default see :mod:`badc.chunking.paths`.
        manifest: the CSV to write; likewise.
        hash_chunks: see :class:`CutPlan`.

    Raises:
        UsageError: a time that cannot be, or a file name that cannot be an id.
    """
    duration_ms = whole_ms("--chunk-duration", chunk_duration_s)
    overlap_ms = whole_ms("--overlap", overlap_s)
    if duration_ms < 1 or chunk_duration_s < 0.001:
        raise UsageError(
            f"--chunk-duration {chunk_duration_s:g} is no length for a chunk.",
            "Give seconds, at least 0.001; 60 is usual.",
        )
    if overlap_ms >= duration_ms:
        raise UsageError(
            f"--overlap {overlap_s:g} is not less than --chunk-duration {chunk_duration_s:g}.",
            "Give fewer seconds of overlap.",
        )
    stem = absolute(recording).stem
    name = stem if recording_id is None else recording_id
    if name != stem and id_fault(stem) is None and (fault := id_fault(name)):
        raise UsageError(f"--recording-id {name!r} {fault}.", "Give a name that a file could have.")
    plan = CutPlan(
        recording=absolute(recording),
        recording_id=name,
        duration_ms=duration_ms,
        overlap_ms=overlap_ms,
        chunk_dir=absolute(chunk_dir or chunk_folder(recording, recording_id)),
        manifest=absolute(manifest or manifest_file(recording, recording_id)),
        hash_chunks=hash_chunks,
    )
    check_id(plan, plan.recording_id)
    return plan


def check_id(plan: CutPlan, name: str) -> None:
    """Refuse a recording whose name cannot become ids, file names and cells of a manifest.

    Raises:
        UsageError: ``name`` is no possible id, or a path cannot be written as UTF-8.
    """
    if fault := id_fault(name):
        raise UsageError(
            f"{plan.recording}: its name gives the id {name!r}, which {fault}.",
            "Rename the recording: ids become file names.",
        )
    try:
        f"{name}{plan.chunk_dir}".encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"{plan.recording}: its name, or that of {plan.chunk_dir}, is not UTF-8.",
            "Rename it: a manifest is UTF-8 text.",
        ) from None


def whole_ms(option: str, seconds: float) -> int:
    """Return ``seconds`` in whole milliseconds.

    Raises:
        UsageError: they are negative, infinite or no number; ``option`` says who gave them.
    """
    if not math.isfinite(seconds) or seconds < 0:
        raise UsageError(f"{option} {seconds:g} is no length of time.", "Give seconds.")
    return math.floor(seconds * 1000 + 0.5) if seconds < 1e9 else int(seconds) * 1000
