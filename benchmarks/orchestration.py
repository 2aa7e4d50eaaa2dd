"""What a chunk costs beyond listening, by task runner and number of chunks.

The same stub chunks are heard on two CPU slots by ``badc infer run`` (its task runner is the
SlotTaskRunner), by the same flow on prefect-dask's stock DaskTaskRunner, by a flow on Prefect's
ThreadPoolTaskRunner and by bare Dask without Prefect; against a running server, and by ``badc infer
run`` with its temporary one too. Cost is the wall time from the first chunk's start to the last
one's end, by the chunk; start-up is left out, the server's work on the same cores is not. Each is a
process of its own, and begins when the server has written down all of the one before. Runs differ
by a tenth and more, so each way but the longest has two turns, and the better one counts; growth is
reckoned from the mean of both, as the longest run is long enough to be one.
BENCH_CHUNKS sets how many chunks the longest run has; others have a tenth and a hundredth.
"""

from collections.abc import Mapping
from pathlib import Path
from statistics import mean

from benchmarks._finished import MOST, bench_folder, finished_run
from benchmarks._rows import Row
from benchmarks._runs import Run, hear, stub_manifest
from benchmarks._server import Server, running_server
from benchmarks._spent import python

_ROUNDS = 2
_FEW, _MANY = MOST // 100, MOST // 10
_COUNTS = (_FEW, _MANY, MOST)
_SLOTS, _TEMPORARY = "SlotTaskRunner", "SlotTaskRunner, temporary server"
_STOCK, _THREADS, _DASK = "DaskTaskRunner (stock)", "ThreadPoolTaskRunner", "bare distributed"
_WAYS = {_STOCK: "stock", _THREADS: "threads", _DASK: "dask"}

Runs = dict[tuple[str, int], list[Run]]


def measure() -> list[Row]:
    """Return cost per chunk of each way and number, growth, and memory."""
    with bench_folder() as folder:
        runs: Runs = {}
        with running_server(folder) as server:
            for count in _COUNTS:
                _hear_all_ways(folder, count, server, runs)
        for count in _COUNTS:
            place, own = folder / f"{count}-temporary", {"PREFECT_HOME": str(folder / "own")}
            runs[_TEMPORARY, count] = [hear(_manifest(folder, count), place, own)]
        (longest,) = runs[_SLOTS, MOST]
        return [
            *(_row(way, count, runs) for way, count in runs),
            _growth(runs[_SLOTS, _MANY], longest),
            Row.at_most(
                f"{MOST:,} chunks, peak memory of the flow's process",
                longest.spent.memory_mb,
                "MB",
                500,
            ),
            Row(
                f"{MOST:,} chunks, processor time of the flow's process",
                1000 * longest.spent.cpu_s / MOST,
                "ms a chunk",
            ),
        ]


def _hear_all_ways(folder: Path, count: int, server: Server, runs: Runs) -> None:
    """Put a run of each way on the record; of the longest, ours alone: others take long."""
    if count == MOST:
        runs[_SLOTS, count] = [finished_run(folder, server.environment)]
        server.settle()
        return
    manifest = _manifest(folder, count)
    for turn in range(_ROUNDS):
        for name in (_SLOTS, *_WAYS):
            place = folder / f"{count}-{_WAYS.get(name, 'slots')}-{turn}"
            if name == _SLOTS:
                run = hear(manifest, place, server.environment)
            else:
                run = _other_way(_WAYS[name], manifest, place, server.environment)
            runs.setdefault((name, count), []).append(run)
            server.settle()


def _other_way(way: str, manifest: Path, place: Path, environment: Mapping[str, str]) -> Run:
    place.mkdir()
    quiet = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL", **environment}
    spent = python(["-m", "benchmarks._ways", way, manifest, place], quiet)
    return Run(manifest, place, spent, manifest.read_text().count("\n") - 1)


def _manifest(folder: Path, count: int) -> Path:
    chunks = folder / f"{count}-chunks"
    return chunks / "manifest.csv" if chunks.exists() else stub_manifest(chunks, count)


def _row(way: str, count: int, runs: Runs) -> Row:
    what = f"{count:,} chunks, {way}"
    best, own = _best(runs[way, count]), _best(runs[_SLOTS, count]).chunk_ms
    cost = best.chunk_ms
    ratio = f"{cost / own:.2g} of SlotTaskRunner"
    memory = f"{best.spent.memory_mb:.0f} MB"
    if way == _STOCK and count == _MANY:
        beside = f"{ratio}, at least 8; {memory}"
        return Row(what, cost, "ms a chunk", beside, met=cost >= 8 * own)
    return Row(what, cost, "ms a chunk", memory if way == _SLOTS else f"{ratio}; {memory}")


def _best(turns: list[Run]) -> Run:
    return min(turns, key=lambda run: run.chunk_ms)


def _growth(turns: list[Run], longest: Run) -> Row:
    what = f"growth per chunk from {_MANY:,} to {MOST:,}, SlotTaskRunner"
    many_ms = mean(run.chunk_ms for run in turns)
    return Row.at_most(what, 100 * (longest.chunk_ms / many_ms - 1), "%", 20)
