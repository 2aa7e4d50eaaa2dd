"""Making what a plan says: chunk files, then the manifest, with the status kept beside them."""

import contextlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from badc.chunking.ownership import refuse_strangers
from badc.chunking.plan import CutPlan, check_id
from badc.chunking.recording import Recording, open_recording
from badc.chunking.remarks import chunk_notes, shortfall, warnings
from badc.chunking.samples import Encoder, encoder_for, width_bytes
from badc.chunking.slicing import Slice, Slicer
from badc.chunking.status import StatusFile
from badc.chunking.wav import WavShape, remove_dead_drafts
from badc.errors import BadcError, UsageError
from badc.manifest import Chunk, ChunkKey, name_from, write_manifest

Progress = Callable[[float, float | None], None]
"""Told seconds of audio done, and in all where that is known."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut made.

    Attributes:
        chunks: as the manifest lists them.
        duration_s: length of the recording, as decoded.
        warnings: what the user should know about the recording, one line each.
        leftovers: chunk files of an earlier cut that the folder still holds; no manifest of this
            cut lists them.
    """

    chunks: tuple[Chunk, ...]
    duration_s: float
    warnings: tuple[str, ...]
    leftovers: int


def chunk_ids(plan: CutPlan) -> tuple[str, ...]:
    """Return the ids that ``plan`` would make, by the recording's header; nothing is written.

    Raises:
        UsageError: the recording cannot be opened.
    """
    with open_recording(plan.recording) as recording:
        _check_room(plan, recording)
        spans = plan.grid(recording.rate_hz).spans_of(recording.length())
        return tuple(plan.chunk_id(span.start_ms, span.end_ms) for span in spans)


def preview(plan: CutPlan) -> tuple[str, ...]:
    """Return the ids that :func:`cut` would make, after its checks; nothing is written.

    Raises:
        UsageError: the recording cannot be opened, or the plan's places are taken.
    """
    refuse_strangers(plan)
    return chunk_ids(plan)


def cut(plan: CutPlan, progress: Progress | None = None) -> Cut:
    """Cut a recording into chunk files and write the manifest that lists them.

    Chunk files and links of the same names are replaced, each whole or not at all; other files in
    the folder stay. A cut that fails takes away the chunk files that it added, leaves any earlier
    manifest as it was, and says ``failed`` in the status file. The status is ``completed`` only
    when the manifest is on the disk.

    Raises:
        UsageError: the recording cannot be opened or the plan's places are taken; nothing was
            written.
        BadcError: the recording is damaged or a file cannot be written.
    """
    refuse_strangers(plan)
    with open_recording(plan.recording) as recording:
        _check_room(plan, recording)
        status = StatusFile(plan)
        status.begin()
        added: list[Path] = []
        try:
            done = _carry_out(plan, recording, added, progress)
            status.complete(len(done.chunks), done.duration_s)
        except BaseException as error:
            failure = _named(plan, error) if isinstance(error, OSError) else error
            for path in added:
                with contextlib.suppress(OSError):
                    path.unlink()
            with contextlib.suppress(BadcError):
                status.fail(str(failure) or type(failure).__name__)
            if failure is error:
                raise
            raise failure from error
    return done


def cut_first(plan: CutPlan, recording: Recording, encoder: Encoder) -> Chunk:
    """Cut the first chunk of ``plan`` alone, into its chunk folder; no manifest, no status.

    Raises:
        BadcError: the recording is damaged or the file cannot be written.
    """
    slices = Slicer(plan, recording, encoder).slices(lambda _frames: None, lambda _path: None)
    try:
        first = next(slices, None)
    except OSError as error:
        raise _named(plan, error) from error
    if first is None:
        raise _silent(plan)
    return _chunk(plan, plan.naming_base, first, "")


def _carry_out(
    plan: CutPlan, recording: Recording, added: list[Path], progress: Progress | None
) -> Cut:
    remove_dead_drafts(plan.chunk_dir, plan.recording_id)
    stood = {entry.name for entry in os.scandir(plan.chunk_dir)}
    encoder = encoder_for(recording)
    slicer = Slicer(plan, recording, encoder)

    def remember(path: Path) -> None:
        if path.name not in stood:
            added.append(path)

    slices = list(slicer.slices(_in_seconds(recording, progress), remember))
    if not slices:
        raise _silent(plan)
    short = shortfall(recording, slicer.frames)
    notes = chunk_notes(encoder, slices, short)
    base = plan.naming_base
    chunks = tuple(_chunk(plan, base, *pair) for pair in zip(slices, notes, strict=True))
    write_manifest(plan.manifest, chunks)
    added.clear()  # the manifest lists them now: they stay
    return Cut(
        chunks=chunks,
        duration_s=slicer.frames / recording.rate_hz,
        warnings=warnings(recording, encoder, short),
        leftovers=_leftovers(plan, stood - {piece.path.name for piece in slices}),
    )


def _check_room(plan: CutPlan, recording: Recording) -> None:
    """Refuse what would fail only after hours: chunks too large or ids too long.

    Raises:
        UsageError: one of these.
    """
    encoder_width = width_bytes(recording)
    shape = WavShape(recording.rate_hz, recording.channels, encoder_width)
    largest = next(plan.grid(recording.rate_hz).spans()).end_frame
    if recording.frames is not None:
        largest = min(largest, recording.frames)
        end_ms = 1000 * recording.frames // recording.rate_hz + 1
        check_id(plan, plan.chunk_id(end_ms, end_ms))
    if largest > shape.room_frames:
        raise UsageError(
            f"{plan.recording}: chunks of {plan.duration_ms / 1000:g} s would not fit"
            " a WAV file's 4 GiB.",
            "Give a shorter --chunk-duration.",
        )


def _in_seconds(recording: Recording, progress: Progress | None) -> Callable[[int], None]:
    total_s = None if recording.frames is None else recording.frames / recording.rate_hz

    def tell(frames: int) -> None:
        if progress is not None:
            progress(frames / recording.rate_hz, total_s)

    return tell


def _chunk(plan: CutPlan, base: Path | None, piece: Slice, notes: str) -> Chunk:
    span = piece.span
    return Chunk(
        key=ChunkKey(plan.recording_id, plan.chunk_id(span.start_ms, span.end_ms)),
        source_path=name_from(base, piece.path),
        path=piece.path,
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        overlap_ms=span.overlap_ms,
        sha256=piece.sha256 if plan.hash_chunks else None,
        notes=notes,
    )


def _leftovers(plan: CutPlan, names: set[str]) -> int:
    """Count the files that look like chunks of this recording, from a cut of other lengths."""
    ours = re.compile(re.escape(plan.recording_id) + r"_chunk_[0-9]+_[0-9]+\.wav")
    return sum(1 for name in names if ours.fullmatch(name))


def _silent(plan: CutPlan) -> BadcError:
    return BadcError(f"{plan.recording}: holds no audio that can be decoded.", "Leave it out.")


def _named(plan: CutPlan, error: OSError) -> BadcError:
    """Return our words for what the operating system refused."""
    return BadcError(
        f"{error.filename2 or error.filename or plan.chunk_dir}: cannot be written"
        f" ({error.strerror or error}).",
        "Check free space and permissions of the chunk folder.",
    )
