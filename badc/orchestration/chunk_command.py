"""A cut as the command line that makes it, plain or recorded by DataLad."""

from pathlib import Path

from badc.chunking import CutPlan
from badc.datalad import Recorded
from badc.orchestration.chunk_plan_files import seconds


def chunk_command(cut: CutPlan, root: Path) -> list[str]:
    """Return the words of the ``badc chunk run`` that makes ``cut``, typed in ``root``."""
    words = ["badc", "chunk", "run", _seen_from(root, cut.recording)]
    words += ["--chunk-duration", seconds(cut.duration_ms)]
    if cut.overlap_ms:
        words += ["--overlap", seconds(cut.overlap_ms)]
    if cut.recording_id != cut.recording.stem:
        words.append(f"--recording-id={cut.recording_id}")
    words += ["--output-dir", _seen_from(root, cut.chunk_dir)]
    return [*words, "--manifest", _seen_from(root, cut.manifest)]


def recorded_cut(cut: CutPlan, root: Path) -> Recorded:
    """Return what the dataset at ``root`` is to run and record for ``cut``."""
    outputs = (cut.chunk_dir, cut.manifest)
    return Recorded(
        root=root,
        message=f"Chunk {cut.recording_id}",
        inputs=_within(root, (cut.recording,)),
        outputs=_within(root, outputs),
        command=tuple(chunk_command(cut, root)),
    )


def datalad_cut_line(cut: CutPlan, root: Path) -> str:
    """Return a shell line that makes ``cut`` and has the dataset at ``root`` record it."""
    return recorded_cut(cut, root).line()


def _within(root: Path, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(path.relative_to(root) for path in paths if path.is_relative_to(root))


def _seen_from(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
