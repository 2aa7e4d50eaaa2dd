"""HawkEars 1.x: the script ``analyze.py``, run once for one chunk or for a folder of them.

It takes its working directory for its root, finds its models there, and writes ``model.txt`` into
it on every start, so each slot gets a folder of its own that mirrors the root with links.
"""

import shutil
from pathlib import Path

from badc.runners.fingerprint import fingerprint_of
from badc.runners.hawkears.installation import Installation, model_files

SCRIPT = "analyze.py"
LABELS_FILE = "HawkEars_labels.csv"
WRITTEN_BY_HAWKEARS = "model.txt"
ONE_BY_ONE = ("--threads", "1")  # for a folder: each thread would load all models, as one file does


def version_of(root: Path) -> str:
    """Return what ``version.txt`` in the root says, or nothing."""
    try:
        lines = (root / "version.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in lines if line.strip()), "")[:40]


def model_version(found: Installation) -> str:
    """Return ``HawkEars 1.0.3``; where the root does not say, name its checkpoints instead."""
    if found.version:
        return f"HawkEars {found.version}"
    mark = fingerprint_of("checkpoints", files=checkpoints(found.root))[:8]
    return f"HawkEars 1.x (checkpoints {mark})"


def checkpoints(root: Path) -> list[list[str]]:
    """Return name and mark of every model file, sorted."""
    return model_files(root, ("data", "data/ckpt"))


def mirror(root: Path, folder: Path) -> Path:
    """Make ``folder`` look like the root, but writable and its own.

    Programs are copied, because Python looks beside a linked one's target for what it imports;
    everything else is linked.

    Raises:
        OSError: the root cannot be listed or the folder not be made.
    """
    folder.mkdir(parents=True)
    for entry in root.iterdir():
        if entry.suffix == ".py" and entry.is_file():
            shutil.copyfile(entry, folder / entry.name)
        elif entry.name != WRITTEN_BY_HAWKEARS:
            (folder / entry.name).symlink_to(entry)
    return folder


def command(
    found: Installation, root: Path, audio: Path, output: Path, args: tuple[str, ...]
) -> list[str]:
    """Return the command line; the user's arguments come last, so that they win."""
    ours = ["-i", str(audio), "-o", str(output), "--rtype", "csv", "--merge", "0"]
    return [found.python, str(root / SCRIPT), *ours, *args]
