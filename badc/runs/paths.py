"""Where a run's files go, unless the request says otherwise. The only home of default paths."""

import os
from collections.abc import Iterable
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
    """Return a log path that no run has used: named for the manifest and the second it began."""
    if dataset:
        folder = dataset / "artifacts" / "telemetry"
    else:
        folder = Path.cwd() / "data" / "telemetry" / "infer"
    return unused_log(folder, manifest.stem)


def unused_log(folder: Path, name: str) -> Path:
    """Return a path for a log that is not there yet: ``name`` and the second now."""
    stem = f"{_first_bytes(name, 150)}_{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    path, number = folder / f"{stem}.jsonl", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.jsonl"
    return path


def summary_path(telemetry_log: Path) -> Path:
    """Return the summary that belongs to a log: ``x.jsonl`` has ``x.jsonl.summary.json``."""
    return telemetry_log.with_name(f"{telemetry_log.name}.summary.json")


def _first_bytes(name: str, limit: int) -> str:
    """Return as much of ``name`` as fits ``limit`` bytes of a file name."""
    return os.fsencode(name)[:limit].decode("utf-8", "ignore")


def absolute(path: Path) -> Path:
    """Return ``path`` from the root, links kept."""
    return Path(os.path.abspath(path))
