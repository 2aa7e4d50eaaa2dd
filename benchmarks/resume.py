"""What it costs to resume a run that had ended: by its summary, and chunk by chunk.

The run is the longest of ``orchestration`` (BENCH_CHUNKS stub chunks); with ``make bench`` it is
the very one. Wall time of whole processes against a running server, the best of BENCH_ROUNDS, less
that of the same command over a single finished chunk.
"""

from collections.abc import Mapping
from pathlib import Path

from benchmarks._finished import bench_folder, finished_run
from benchmarks._rows import Row
from benchmarks._runs import Run, hear, stub_manifest
from benchmarks._scale import scaled
from benchmarks._server import running_server

_ROUNDS = scaled("BENCH_ROUNDS", 2, 1)


def measure() -> list[Row]:
    """Return what both cost beyond start-up."""
    with bench_folder() as folder, running_server(folder) as server:
        one = hear(stub_manifest(folder / "one", 1), folder / "first", server.environment)
        all_chunks = finished_run(folder, server.environment)
        server.settle()
        count = f"{all_chunks.chunks:,} finished chunks"
        start_s, summary_s = (
            _resumed_s(run, folder / f"summary-{run.chunks}", server.environment, by_summary=True)
            for run in (one, all_chunks)
        )
        cache_start_s, cache_s = (
            _resumed_s(run, folder / f"cache-{run.chunks}", server.environment, by_summary=False)
            for run in (one, all_chunks)
        )
        each_ms = 1000 * (cache_s - cache_start_s) / all_chunks.chunks
        beyond = f"beyond {start_s:.1f} s of start-up"
        return [
            Row.at_most(f"{count}, --resume-summary", summary_s - start_s, "s", 3, beyond),
            Row.at_most(f"{count}, each one looked at", each_ms, "ms a chunk", 5),
        ]


def _resumed_s(run: Run, place: Path, environment: Mapping[str, str], *, by_summary: bool) -> float:
    """Return the time of the quickest of several runs over what another one has done."""
    words = ("--resume-summary", run.summary) if by_summary else ()
    place.mkdir()
    return min(
        hear(
            run.manifest, place / str(number), environment, *words, output_dir=run.output_dir
        ).spent.wall_s
        for number in range(_ROUNDS)
    )
