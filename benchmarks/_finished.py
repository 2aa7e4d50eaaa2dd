"""The longest run over stub chunks, made once for all benchmarks that begin where it ended."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks._runs import Run, hear, stub_manifest
from benchmarks._scale import scaled
from benchmarks._spent import Spent

SHARED = "BENCH_FOLDER"
"""The environment variable by which benchmarks that run one after the other share a folder."""

MOST = scaled("BENCH_CHUNKS", 10_000, 300)
"""How many chunks it has."""


@contextmanager
def bench_folder() -> Iterator[Path]:
    """Yield a folder for one benchmark, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="badc-benchmark-") as folder:
        yield Path(folder)


def finished_run(folder: Path, environment: Mapping[str, str]) -> Run:
    """Return the run, made now if no earlier benchmark has made it.

    Args:
        folder: where it goes if it is not to be shared.
        environment: what points to the Prefect server that is to hear of it.
    """
    home = Path(os.environ.get(SHARED) or folder) / "finished"
    measured = home / "measured.json"
    if not measured.exists():
        shutil.rmtree(home, ignore_errors=True)  # of one that failed
        home.mkdir()
        manifest = stub_manifest(home / "chunks", MOST)
        measured.write_text(json.dumps(asdict(hear(manifest, home / "run", environment).spent)))
    spent = Spent(**json.loads(measured.read_text()))
    return Run(home / "chunks" / "manifest.csv", home / "run", spent, MOST)
