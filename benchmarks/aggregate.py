"""What ``badc infer aggregate`` costs: processor time, memory, and whether time is linear in rows.

Each case is a results tree of its own and a process of its own. Processor time counts every
thread and child; wall time is left out, because it depends on who else uses the machine. Limits
are of the whole; with BENCH_SHARE=10 a tenth of the files is made, which should keep them easily.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks._finished import bench_folder
from benchmarks._rows import Row
from benchmarks._scale import scaled
from benchmarks._spent import Spent, python

_SHARE = scaled("BENCH_SHARE", 1, 10)
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


CASES = (
    Case(0, 0),
    Case(100 // _SHARE, 100),
    Case(1_000 // _SHARE, 100),
    Case(10_000 // _SHARE, 100),
    Case(10_000 // _SHARE, 20, cpu_limit_s=6, memory_limit_mb=500),
    Case(1_000 // _SHARE, 1_000, cpu_limit_s=15, memory_limit_mb=1_000),
)


def measure() -> list[Row]:
    """Return the cost of all cases, and whether time is linear in rows."""
    spent = {case: _spent(case) for case in CASES}
    start_s = spent[CASES[0]].cpu_s
    usual_us = _us_a_row(CASES[2], spent[CASES[2]], start_s)
    rows = [Row("nothing to aggregate", start_s, "CPU s")]
    for case in CASES[1:]:
        each_us = _us_a_row(case, spent[case], start_s)
        of_usual = f"{each_us / usual_us:.2f} of the time per row of {CASES[2].rows:,}"
        rows += _rows(case, spent[case], of_usual)
    return rows


def _rows(case: Case, spent: Spent, of_usual: str) -> list[Row]:
    what = f"{case.rows:,} rows in {case.files:,} files"
    memory = f"{what}, peak memory"
    if case.cpu_limit_s is None or case.memory_limit_mb is None:
        return [Row(what, spent.cpu_s, "CPU s", of_usual), Row(memory, spent.memory_mb, "MB")]
    return [
        Row.at_most(what, spent.cpu_s, "CPU s", case.cpu_limit_s, of_usual),
        Row.at_most(memory, spent.memory_mb, "MB", case.memory_limit_mb),
    ]


def _spent(case: Case) -> Spent:
    """Make the case's tree, aggregate it in a fresh process, and return what that took."""
    with bench_folder() as home:
        results = home / "infer"
        results.mkdir()
        write_results(results, case)
        command = ["-m", "badc", "infer", "aggregate", results]
        command += ["--output", home / "summary.csv", "--parquet", home / "detections.parquet"]
        return python(command, {"PREFECT_HOME": str(home)}, home)


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


def _us_a_row(case: Case, spent: Spent, start_s: float) -> float:
    return (spent.cpu_s - start_s) / case.rows * 1e6
