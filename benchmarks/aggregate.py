"""What ``badc infer aggregate`` costs: processor time, memory, and whether time is linear in rows.

Each case is a results tree of its own and a process of its own. Processor time counts every
thread and child; wall time is left out, because it depends on who else uses the machine.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_CHUNKS_A_RECORDING = 60
_CHUNK_MS = 60_000
_LABELS = ("ROPT", "RUGR", "STGR", "SPGR", "WIPT", "OVEN", "COYE", "HETH", "WTSP")


@dataclass(frozen=True, slots=True)
class Case:
    """One results tree.

    Attributes:
        files: chunks.
        rows_a_file: detections in each.
        cpu_limit_s, memory_limit_mb: promised bounds, where there are any.
    """

    files: int
    rows_a_file: int
    cpu_limit_s: float | None = None
    memory_limit_mb: int | None = None

    @property
    def rows(self) -> int:
        """How many detections the tree holds."""
        return self.files * self.rows_a_file


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process used."""

    cpu_s: float
    memory_mb: float


CASES = (
    Case(0, 0),
    Case(100, 100),
    Case(1_000, 100),
    Case(10_000, 100),
    Case(10_000, 20, cpu_limit_s=6, memory_limit_mb=500),
    Case(1_000, 1_000, cpu_limit_s=15, memory_limit_mb=1_000),
)


def main() -> None:
    """Print the table of all cases."""
    print("badc infer aggregate, to CSV and Parquet: processor time of all threads, peak memory")
    print(f"{'files':>7} {'rows':>10} {'CPU s':>7} {'limit':>6} {'MB':>6} {'limit':>6}", end="")
    print(f" {'µs a row':>9} {'of 10⁵':>7}")
    costs = {case: measure(case) for case in CASES}
    start_s = costs[CASES[0]].cpu_s
    usual = _us_a_row(CASES[2], costs[CASES[2]], start_s)
    for case, cost in costs.items():
        print(f"{case.files:>7,} {case.rows:>10,} {cost.cpu_s:>7.2f}", end="")
        print(f" {case.cpu_limit_s or '':>6} {cost.memory_mb:>6.0f}", end="")
        print(f" {case.memory_limit_mb or '':>6}", end="")
        if case.rows:
            us_a_row = _us_a_row(case, cost, start_s)
            print(f" {us_a_row:>9.2f} {us_a_row / usual:>7.2f}", end="")
        print()
    print(f"Start-up ({start_s:.2f} s, the first line) is left out of the time per row.")


def measure(case: Case) -> Cost:
    """Make the case's tree, aggregate it in a fresh process, and return what that cost."""
    with tempfile.TemporaryDirectory(prefix="badc-benchmark-") as home:
        results = Path(home, "infer")
        results.mkdir()
        write_results(results, case)
        command = [sys.executable, "-m", "badc", "infer", "aggregate", str(results)]
        command += ["--output", f"{home}/summary.csv", "--parquet", f"{home}/detections.parquet"]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PREFECT_HOME": home}
        environment.pop("PREFECT_API_URL", None)
        process = subprocess.Popen(
            command, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _, status, used = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(process.communicate()[1].decode())
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000 * 1.024)


def write_results(results: Path, case: Case) -> None:
    """Write the payloads of one case, of the size and shape that a real run leaves."""
    rnd = random.Random(case.rows)  # noqa: S311 - the same trees every time
    for number in range(case.files):
        recording = f"SITE{number // _CHUNKS_A_RECORDING:04d}_20200601_043000"
        folder = results / recording
        folder.mkdir(exist_ok=True)
        start_ms = number % _CHUNKS_A_RECORDING * _CHUNK_MS
        chunk_id = f"{recording}_chunk_{start_ms}_{start_ms + _CHUNK_MS}"
        payload = {
            "chunk_id": chunk_id,
            "recording_id": recording,
            "source_path": f"artifacts/chunks/{recording}/{chunk_id}.wav",
            "status": "ok",
            "detections": list(_detections(rnd, case.rows_a_file)),
            "chunk": {
                "start_ms": start_ms,
                "end_ms": start_ms + _CHUNK_MS,
                "overlap_ms": 0,
                "sha256": f"{rnd.getrandbits(256):064x}",
                "notes": "",
            },
            "runner": "hawkears",
            "model_version": "2.3",
            "provenance": {"runner_fingerprint": "f00d", "attempt": 1},
        }
        (folder / f"{chunk_id}.json").write_text(json.dumps(payload, indent=1), encoding="utf-8")


def _detections(rnd: random.Random, count: int) -> Iterator[dict[str, object]]:
    for _ in range(count):
        label = rnd.choice(_LABELS)
        start_ms = rnd.randrange(_CHUNK_MS - 3_000)
        yield {
            "timestamp_ms": start_ms,
            "end_ms": start_ms + 3_000,
            "label": label,
            "label_code": label,
            "label_name": f"Name of {label}",
            "confidence": round(rnd.random(), 4),
        }


def _us_a_row(case: Case, cost: Cost, start_s: float) -> float:
    return (cost.cpu_s - start_s) / case.rows * 1e6


if __name__ == "__main__":
    main()
