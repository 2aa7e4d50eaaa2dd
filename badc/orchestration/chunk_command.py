"""A cut as the command line that makes it, plain or recorded by DataLad."""

import glob
import shlex
from pathlib import Path

from badc.chunking import CutPlan
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


def datalad_cut_line(cut: CutPlan, root: Path) -> str:
    """Return a shell line that makes ``cut`` and has the dataset at ``root`` record it.

    The line works from any folder; paths in it are relative to ``root`` where they lie in it.
    """
    words = ["datalad", "run"]
    if root != Path.cwd():
        words += ["-d", str(root)]
    words += ["-m", f"Chunk {cut.recording_id}"]
    for option, path in (
        ("--input", cut.recording),
        ("--output", cut.chunk_dir),
        ("--output", cut.manifest),
    ):
        if path.is_relative_to(root):  # DataLad knows nothing of others
            # these are patterns to DataLad, in which [-27.4 153.1] would be a set of letters
            words += [option, _braced(glob.escape(_seen_from(root, path)))]
    return shlex.join([*words, "--", *map(_braced, chunk_command(cut, root))])


def _braced(word: str) -> str:
    """Double the braces, for DataLad fills in {placeholders}."""
    return word.replace("{", "{{").replace("}", "}}")


def _seen_from(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
