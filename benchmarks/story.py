"""What the story in the Prefect UI costs a run: artifacts on and off, in turns.

The same stub chunks are heard by the same flow on two CPU slots, against one running local server,
with ``BADC_DISABLE_ARTIFACTS`` set and not. Each run is a process of its own. Wall time is that
between the first chunk's start and the last one's end; processor time is that of the flow's process
from its start to its end, all threads. The order changes each turn, because machines warm up;
between runs the server is given the time to write down what it has heard of.
BENCH_CHUNKS sets how many chunks, BENCH_TURNS how many turns.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks._span import span_s
from benchmarks.task_runner import stub_manifest
from tools.prefect_api import PrefectApi
from tools.prefect_server import prefect_server

_CHUNKS = int(os.environ.get("BENCH_CHUNKS", "1000"))
_TURNS = int(os.environ.get("BENCH_TURNS", "4"))
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cost:
    """What one run took, in seconds."""

    wall_s: float
    cpu_s: float


def main() -> None:
    """Print the median cost of both, and the median of the differences turn by turn."""
    costs: dict[bool, list[Cost]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as name, prefect_server(Path(name)) as server:
        folder = Path(name)
        manifest = stub_manifest(folder, _CHUNKS)
        for turn in range(_TURNS):
            for told in (True, False) if turn % 2 else (False, True):
                cost = _hear(manifest, folder / f"{turn}-{told}", server, told=told)
                costs[told].append(cost)
                _settle(PrefectApi(server["PREFECT_API_URL"]), sum(map(len, costs.values())))
                words = "with artifacts" if told else "without"
                print(f"turn {turn}  {words:15} {cost.wall_s:7.2f} s {cost.cpu_s:7.2f} CPU s")
    for field in ("wall_s", "cpu_s"):
        told, silent = ([getattr(cost, field) for cost in costs[each]] for each in (True, False))
        base = statistics.median(silent)
        more = statistics.median(a - b for a, b in zip(told, silent, strict=True))
        print(
            f"{field:7} without {base:7.2f}, with {statistics.median(told):7.2f};"
            f" median difference {more:+.2f} s, {100 * more / base:+.1f} %"
        )


def _settle(api: PrefectApi, runs: int) -> None:
    while api.chunks_completed() < runs * _CHUNKS:
        time.sleep(1)
    time.sleep(2)


def _hear(manifest: Path, place: Path, server: dict[str, str], *, told: bool) -> Cost:
    log = place.with_suffix(".jsonl")
    words = ["--cpu-workers", "2", "--output-dir", str(place), "--telemetry-log", str(log)]
    environment = os.environ | server | {"PYTHONPATH": str(_ROOT)}
    environment["BADC_DISABLE_ARTIFACTS"] = "" if told else "1"
    process = subprocess.Popen(
        [sys.executable, "-m", "badc", "infer", "run", str(manifest), *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(process.communicate()[1].decode())
    return Cost(span_s(log, _CHUNKS), used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    main()
