"""Where a run's files go, unless the request says otherwise. The only home of default paths."""

import itertools
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from badc.datalad import dataset_root
from badc.manifest import Chunk


def run_dataset(manifest: Path, chunks: Iterable[Chunk]) -> Path | None:
    """Return the dataset a run belongs to: the manifest's, else the one its chunks share.

    Chunks that lie in several datasets, or partly outside any, belong to none.
    """
    if root := dataset_root(manifest):
        return root
    folders = {chunk.path.parent for chunk in chunks}
    roots = {dataset_root(folder) for folder in folders}
    return roots.pop() if len(roots) == 1 else None


def default_output_dir(dataset: Path | None) -> Path:
    """Return ``artifacts/infer``, within the dataset where there is one."""
    return (dataset or Path.cwd()) / "artifacts" / "infer"


def default_telemetry_log(manifest: Path, dataset: Path | None) -> Path:
    """Return a log path that no run has used: named for the manifest and this very second.

    It is nobody's yet: see :func:`badc.runs.own_log.own_log`.
    """
    if dataset:
        folder = dataset / "artifacts" / "telemetry"
    else:
        folder = Path.cwd() / "data" / "telemetry" / "infer"
    return unused_log(folder, manifest.stem)


def unused_log(folder: Path, name: str) -> Path:
    """Return a path for a log that is not there yet: ``name`` and the second now."""
    return next(path for path in _log_paths(folder, name) if not os.path.lexists(path))


def claim_log(folder: Path, name: str) -> Path:
    """Make an empty log that is nobody else's, named as by :func:`unused_log`; return its path.

    Raises:
        OSError: it cannot be made.
    """
    for path in _log_paths(folder, name):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            path.touch(exist_ok=False)
        except FileExistsError:  # another run took it this very moment
            continue
        return path
    raise AssertionError(folder)  # there is no last number


def _log_paths(folder: Path, name: str) -> Iterator[Path]:
    stem = f"{_first_bytes(name, 150)}_{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    yield folder / f"{stem}.jsonl"
    for number in itertools.count(2):
        yield folder / f"{stem}-{number}.jsonl"


def summary_path(telemetry_log: Path) -> Path:
    """Return the summary that belongs to a log: ``x.jsonl`` has ``x.jsonl.summary.json``."""
    return telemetry_log.with_name(f"{telemetry_log.name}.summary.json")


def _first_bytes(name: str, limit: int) -> str:
    """Return as much of ``name`` as fits ``limit`` bytes of a file name."""
    return os.fsencode(name)[:limit].decode("utf-8", "ignore")


def absolute(path: Path) -> Path:
    """Return ``path`` from the root, links kept."""
    return Path(os.path.abspath(path))
