"""What is to be cut in a dataset, and what is done already."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from badc.chunking import CutPlan, plan_cut, read_status, refuse_other_recordings
from badc.errors import BadcError, UsageError
from badc.orchestration.audio_scan import changed_within, scan_audio
from badc.orchestration.recording_ids import name_recordings

_KEEP_APART = (
    "Rename the recording, give this dataset folders of its own (--chunks-dir, --manifest-dir), or"
    " remove that one's if they are not needed."
)


@dataclass(frozen=True, slots=True)
class ChunkRequest:
    """Cut the recordings of one dataset.

    Attributes:
        dataset: a folder whose ``audio/`` holds recordings, in folders of any depth.
        patterns: which names count; see :func:`scan_audio`.
        chunk_duration_s, overlap_s: as in :func:`badc.chunking.plan_cut`.
        manifest_dir, chunks_dir: where manifests and chunk folders go; from the dataset.
        include_existing: whether recordings that are done are cut again.
        limit: at most so many recordings, or None.
        settle_s: recordings that changed within so many seconds are left for later: somebody may
            still be copying them.
    """

    dataset: Path
    patterns: Sequence[str] = ("*.wav",)
    chunk_duration_s: float = 60.0
    overlap_s: float = 0.0
    manifest_dir: Path = Path("manifests")
    chunks_dir: Path = Path("artifacts/chunks")
    include_existing: bool = False
    limit: int | None = None
    settle_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """A dataset's cuts, decided but not begun.

    Attributes:
        cuts: what is to be done, in the order of the recordings' paths.
        done: recordings that are cut already and left alone.
        otherwise_cut: how many of those have chunks of another length or overlap.
        beyond_limit: recordings that the limit leaves for later.
        unsettled: recordings left for later because they changed just now.
        faults: what cannot be cut as it stands; it does not stop the others.
    """

    cuts: tuple[CutPlan, ...]
    done: int
    otherwise_cut: int
    beyond_limit: int
    unsettled: int
    faults: tuple[BadcError, ...]


def plan_chunks(request: ChunkRequest) -> ChunkPlan:
    """Decide what is to be cut. No recording is opened, nothing is written.

    A recording is done when its manifest is there and its chunk status is ``completed``; one whose
    cut failed or was broken off is taken up again.

    Raises:
        UsageError: the dataset has no ``audio/``, or a length, pattern or limit cannot be.
    """
    dataset = Path(os.path.abspath(request.dataset))
    if request.limit is not None and request.limit < 1:
        raise UsageError(f"--limit {request.limit} leaves nothing.", "Give 1 or more.")
    _cut(request, dataset, dataset / "audio" / "any.wav", "any")  # lengths, once for all
    scan = scan_audio(dataset / "audio", request.patterns)
    names = name_recordings(scan.recordings, dataset / "audio", dataset / request.chunks_dir)
    faults: list[BadcError] = [UsageError(line, "Mend its permissions.") for line in scan.unread]
    cuts: list[CutPlan] = []
    found: Counter[str] = Counter()
    for recording in scan.recordings:
        try:
            if other := names.nameless.get(recording):
                raise _nameless(recording, other)
            cut = _cut(request, dataset, recording, names.ids[recording])
            _check_places(cut)
        except UsageError as fault:
            faults.append(fault)
            continue
        if _is_done(cut) and not request.include_existing:
            found["done"] += 1
            found["otherwise"] += not _is_cut_so(cut)
        elif changed_within(recording, request.settle_s):
            found["unsettled"] += 1
        else:
            cuts.append(cut)
    kept = cuts[: request.limit]
    return ChunkPlan(
        cuts=tuple(kept),
        done=found["done"],
        otherwise_cut=found["otherwise"],
        beyond_limit=len(cuts) - len(kept),
        unsettled=found["unsettled"],
        faults=tuple(faults),
    )


def _cut(request: ChunkRequest, dataset: Path, recording: Path, name: str) -> CutPlan:
    cut = plan_cut(
        recording,
        chunk_duration_s=request.chunk_duration_s,
        overlap_s=request.overlap_s,
        recording_id=name,
        chunk_dir=dataset / request.chunks_dir / name,
        manifest=dataset / request.manifest_dir / f"{name}.csv",
    )
    return replace(cut, dataset=dataset)


def _nameless(recording: Path, other: Path) -> UsageError:
    return UsageError(
        f"{recording}: would have the same id as {other}.",
        "Rename one of them, or leave one out with --pattern.",
    )


def _check_places(cut: CutPlan) -> None:
    """Refuse a path that no plan file could hold, and places that are another recording's."""
    try:
        f"{cut.recording}{cut.manifest}".encode()
    except UnicodeEncodeError:
        raise UsageError(f"{cut.recording}: its path is not UTF-8.", "Rename it.") from None
    refuse_other_recordings(cut, _KEEP_APART)


def _is_done(cut: CutPlan) -> bool:
    status = read_status(cut.chunk_dir) or {}
    return status.get("status") == "completed" and _stands(cut.manifest)


def _stands(manifest: Path) -> bool:
    """Say whether there is a manifest; in a dataset its content may be elsewhere."""
    try:
        return manifest.is_symlink() or manifest.stat().st_size > 0
    except OSError:
        return False


def _is_cut_so(cut: CutPlan) -> bool:
    status = read_status(cut.chunk_dir) or {}
    asked = {"chunk_duration": cut.duration_ms / 1000, "overlap": cut.overlap_ms / 1000}
    return all(status.get(name) == value for name, value in asked.items())
