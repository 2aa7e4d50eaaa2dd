"""What it costs to look at a long log: the first view, a refresh, and the last ten records.

The log has BENCH_EVENTS lines of two GPUs' work (100,000 if not set). The first view and the last
records are whole processes, from the command to its exit; refreshes are CPU time in one that
stays, with nothing new and with a tenth of the log added. The command without any work is its own
yardstick: 'badc version'.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from badc.cli.monitor_page import page
from badc.telemetry import Event, LogView

_EVENTS = int(os.environ.get("BENCH_EVENTS", "100000"))
_REPEATS = 3
_TAIL = 15


def main() -> None:
    """Print seconds, and memory at the end."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.jsonl"
        _append(log, _EVENTS)
        size_mib = log.stat().st_size / (1 << 20)
        print(f"{_EVENTS:,} lines, {size_mib:.0f} MiB; best of {_REPEATS}")
        commands = {
            "badc version": ["version"],
            "badc infer monitor --once": ["infer", "monitor", "--log", str(log)],
            "badc telemetry": ["telemetry", "--log", str(log)],
        }
        for name, words in commands.items():
            wall_s, cpu_s = min(_whole_process(words) for _ in range(_REPEATS))
            print(f"{name:32} {wall_s:7.2f} s wall {cpu_s:7.2f} s CPU")
        _refreshes(log)


def _refreshes(log: Path) -> None:
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
    print(f"{'first view, staying process':32} {'':14} {first_s:7.2f} s CPU")
    print(f"{'refresh, nothing new':32} {'':14} {idle_s:7.3f} s CPU")
    print(f"{f'refresh, {_EVENTS // 10:,} lines more':32} {'':14} {min(grown_s):7.3f} s CPU")
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'memory of the staying process':32} {peak_mib:7.0f} MiB at most")


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


def _whole_process(words: list[str]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "badc", *words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, cpu_s


if __name__ == "__main__":
    main()
