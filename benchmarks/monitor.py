"""What it costs to look at a long log: the first view, a refresh, and the last ten records.

The log has BENCH_EVENTS lines of two GPUs' work (100,000 if not set). The first view and the last
records are whole processes, from the command to its exit; refreshes are CPU time in one that
stays, with nothing new and with a tenth of the log added. The command without any work is its own
yardstick: 'badc version'.
"""

import json
import os
import resource
import time
from pathlib import Path

from rich.console import Console

from badc.cli.monitor_page import page
from badc.telemetry import Event, LogView
from benchmarks._finished import bench_folder
from benchmarks._rows import Row
from benchmarks._scale import scaled
from benchmarks._spent import python

_EVENTS = scaled("BENCH_EVENTS", 100_000, 10_000)
_REPEATS = scaled("BENCH_ROUNDS", 3, 1)
_TAIL = 15


def measure() -> list[Row]:
    """Return seconds, and memory at the end."""
    with bench_folder() as folder:
        log = folder / "log.jsonl"
        _append(log, _EVENTS)
        commands = {
            "badc version": ["version"],
            f"badc infer monitor --once, {_EVENTS:,} lines": ["infer", "monitor", "--log", log],
            f"badc telemetry, {_EVENTS:,} lines": ["telemetry", "--log", log],
        }
        return [*(_whole_process(*command) for command in commands.items()), *_refreshes(log)]


def _whole_process(what: str, words: list[object]) -> Row:
    spent = [python(["-m", "badc", *words], {}) for _ in range(_REPEATS)]
    best = min(spent, key=lambda each: each.wall_s)
    return Row(what, best.wall_s, "s", f"{best.cpu_s:.2f} CPU s, {best.memory_mb:.0f} MB")


def _refreshes(log: Path) -> list[Row]:
    view = LogView(log, _TAIL)
    console = Console(width=180, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123 - till the end

    def refresh() -> float:
        began = time.process_time()
        tables = view.look()
        if tables is not None:
            console.print(page(tables, str(log), 180, 50))
        return time.process_time() - began

    first_s = refresh()
    idle_s = min(refresh() for _ in range(_REPEATS))
    grown_s = []
    for _ in range(_REPEATS):
        _append(log, _EVENTS // 10)
        grown_s.append(refresh())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return [
        Row(f"first view of {_EVENTS:,} lines, staying process", first_s, "CPU s"),
        Row("refresh, nothing new", 1000 * idle_s, "CPU ms"),
        Row(f"refresh, {_EVENTS // 10:,} lines more", min(grown_s), "CPU s"),
        Row("memory of the staying process", peak_mb, "MB", "at most, this benchmark's included"),
    ]


def _append(log: Path, count: int) -> None:
    with log.open("a") as stream:
        for number in range(count // 2):
            key = ("BIRDS-7_20260608_023000", f"BIRDS-7_20260608_023000_chunk_{number * 60_000}")
            gpu, at = number % 2, "2026-06-08T02:30:00.000+00:00"
            device = {
                "index": gpu,
                "utilization": 50 + number % 50,
                "memory_used_mb": 9_000 + number % 500,
                "memory_total_mb": 81_920,
            }
            details = {
                "attempt": 1,
                "audio_s": 60.0,
                "output": f"artifacts/infer/{key[0]}/{key[1]}.json",
                "runner": "hawkears",
                "detections": number % 7,
                "stdout": "x" * 200,
                "gpu_metrics": {"before": device, "after": device},
            }
            device_of = (gpu, f"GPU-{gpu}", "NVIDIA H100")
            begun = Event(*key, f"gpu-{gpu}", "start", at, None, None, *device_of, {"attempt": 1})
            heard = Event(*key, f"gpu-{gpu}", "success", at, at, 1.25, *device_of, details)
            for event in (begun, heard):
                stream.write(json.dumps(event.to_json(), separators=(",", ":")) + "\n")
