"""What the story in the Prefect UI costs a run: artifacts on and off, in turns.

The same stub chunks are heard by the same flow on two CPU slots, against one running local server,
with ``BADC_DISABLE_ARTIFACTS`` set and not. Each run is a process of its own. Wall time is that
between the first chunk's start and the last one's end; processor time is that of the flow's process
from its start to its end, all threads. The order changes each turn, because machines warm up;
between runs the server is given the time to write down what it has heard of.
BENCH_STORY_CHUNKS sets how many chunks, BENCH_TURNS how many turns.
"""

import statistics

from benchmarks._finished import bench_folder
from benchmarks._rows import Row
from benchmarks._runs import Run, hear, stub_manifest
from benchmarks._scale import scaled
from benchmarks._server import running_server

_CHUNKS = scaled("BENCH_STORY_CHUNKS", 1000, 50)
_TURNS = scaled("BENCH_TURNS", 4, 1)


def measure() -> list[Row]:
    """Return the median of the differences turn by turn, beside the median cost without."""
    runs: dict[bool, list[Run]] = {True: [], False: []}
    with bench_folder() as folder, running_server(folder) as server:
        manifest = stub_manifest(folder / "chunks", _CHUNKS)
        for turn in range(_TURNS):
            for told in (True, False) if turn % 2 else (False, True):
                silence = {"BADC_DISABLE_ARTIFACTS": "" if told else "1"}
                place = folder / f"{turn}-{told}"
                runs[told].append(hear(manifest, place, server.environment | silence))
                server.settle()
        walls = {told: [_CHUNKS * run.chunk_ms / 1000 for run in runs[told]] for told in runs}
        cpus = {told: [run.spent.cpu_s for run in runs[told]] for told in runs}
    what = f"{_CHUNKS:,} chunks, what artifacts add"
    return [
        _row(f"{what} to wall time", "s", walls),
        _row(f"{what} to processor time", "CPU s", cpus),
    ]


def _row(what: str, unit: str, figures: dict[bool, list[float]]) -> Row:
    base = statistics.median(figures[False])
    more = statistics.median(
        told - silent for told, silent in zip(figures[True], figures[False], strict=True)
    )
    return Row(what, more, unit, f"{100 * more / base:+.1f} % of {base:.1f} without")
