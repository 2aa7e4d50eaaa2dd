"""What passes before there is anything to hear: start-up of the command, and of a run.

Wall time of whole processes, the best of several; a run's is that of a single stub chunk. BADC's
temporary server is started for the run alone: once with no database yet, then with one.
"""

from pathlib import Path

from benchmarks._finished import bench_folder
from benchmarks._rows import Row
from benchmarks._runs import Run, hear, stub_manifest
from benchmarks._scale import scaled
from benchmarks._server import running_server
from benchmarks._spent import python

_ROUNDS = scaled("BENCH_ROUNDS", 3, 1)


def measure() -> list[Row]:
    """Return seconds from a command's start to its end, or to its first chunk."""
    with bench_folder() as folder:
        manifest = stub_manifest(folder / "chunks", 1)
        help_s = min(python(["-m", "badc", "--help"], {}).wall_s for _ in range(3 * _ROUNDS))
        with running_server(folder) as server:
            running = _best([_run(manifest, server.environment) for _ in range(_ROUNDS)])
        own = {"PREFECT_HOME": str(folder / "own")}
        first = _run(manifest, own)
        again = _best([_run(manifest, own) for _ in range(_ROUNDS)])
        return [
            Row.at_most("badc --help", help_s, "s", 0.3),
            Row.at_most("1 chunk, running server", running.spent.wall_s, "s", 5),
            Row("until that chunk begins", running.first_chunk_s, "s"),
            Row("1 chunk, temporary server", again.spent.wall_s, "s"),
            Row("until that chunk begins, temporary server", again.first_chunk_s, "s"),
            Row("1 chunk, temporary server, the first time", first.spent.wall_s, "s"),
        ]


def _run(manifest: Path, environment: dict[str, str]) -> Run:
    place = manifest.parent / f"run-{len(list(manifest.parent.iterdir()))}"
    return hear(manifest, place, environment)


def _best(runs: list[Run]) -> Run:
    return min(runs, key=lambda run: run.spent.wall_s)
