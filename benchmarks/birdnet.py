"""How much of the bare BirdNET model's speed a run keeps: two CPU slots, one hour cut up.

Three ways to hear the same chunks (15, 30 and 60 s) on two cores, in turn: the bare model in two
threads with an interpreter each, ``badc infer run`` with two CPU slots against a running local
Prefect server, and a process per chunk on two workers. Wall time from the first chunk's start to
the last one's end; start-up is left out of the first two. Other work on the machine falsifies wall
time: BENCH_ROUNDS rounds are made, and the best of each way counts. Beside it stands the processor
time of the same round, start-up included but not the server. BENCH_CHUNKS sets how many chunks.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import soundfile

from benchmarks._chunks import make_chunks
from benchmarks._span import span_s as span_of
from tools.prefect_server import prefect_server

ROOT = Path(__file__).resolve().parents[1]
_CHUNKS = int(os.environ.get("BENCH_CHUNKS", "60"))
_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "2"))
_LENGTHS_S = (15, 30, 60)
_WORKERS = 2
_TOLERANCE = 0.01  # of confidence: a chunk resampled whole or in pieces is not the same to the bit

Heard = dict[tuple[str, int, str], float]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one way took once, and what it heard."""

    span_s: float
    cpu_s: float
    heard: Heard


def main() -> None:
    """Print audio seconds heard per second of each way, their ratios, and what differs."""
    lengths = [_LENGTHS_S[number % len(_LENGTHS_S)] for number in range(_CHUNKS)]
    with tempfile.TemporaryDirectory(prefix="badc-benchmark-") as name:
        folder = Path(name)
        chunks = make_chunks(folder / "chunks", lengths)
        manifest = _manifest(folder, chunks)
        (folder / "prefect").mkdir()
        with prefect_server(folder / "prefect") as environment:
            ways: dict[str, Callable[[int], tuple[float, Heard]]] = {
                "bare model": lambda _: _bare(_WORKERS, chunks),
                "badc infer run": lambda turn: _run(manifest, folder / str(turn), environment),
                "processes": lambda _: _processes(chunks),
            }
            rounds = [
                {way: _turn(hear, number) for way, hear in ways.items()}
                for number in range(_ROUNDS)
            ]
    best = {way: min((each[way] for each in rounds), key=lambda turn: turn.span_s) for way in ways}
    print(f"{_CHUNKS} chunks, {sum(lengths)} s of audio; seconds of audio heard per second")
    for way, turn in best.items():
        speed = sum(lengths) / turn.span_s
        print(f"{way:15} {speed:7.1f}  ({turn.span_s:.1f} s, {turn.cpu_s:.1f} s of processor time)")
    ran = best["badc infer run"]
    print(f"badc infer run keeps {best['bare model'].span_s / ran.span_s:.0%} of the bare speed")
    print(f"and is {best['processes'].span_s / ran.span_s:.2f} times as fast as processes.")
    odd = _differences(best["bare model"].heard, ran.heard)
    print(f"Detections: {len(ran.heard)}; different from the bare model's: {odd}.")


def _turn(hear: Callable[[int], tuple[float, Heard]], number: int) -> Turn:
    before_s = _children_s()
    span_s, heard = hear(number)
    return Turn(span_s, _children_s() - before_s, heard)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bare(threads: int, chunks: list[Path]) -> tuple[float, Heard]:
    command = [sys.executable, "-m", "benchmarks._bare_birdnet", str(threads), *map(str, chunks)]
    told = json.loads(_output(command, ROOT, os.environ))
    return told["span_s"], {(row[0], row[1], row[2]): row[3] for row in told["heard"]}


def _processes(chunks: list[Path]) -> tuple[float, Heard]:
    heard: Heard = {}
    began = time.perf_counter()
    with ThreadPoolExecutor(_WORKERS) as pool:
        for _, found in pool.map(lambda chunk: _bare(1, [chunk]), chunks):
            heard |= found
    return time.perf_counter() - began, heard


def _run(manifest: Path, folder: Path, environment: dict[str, str]) -> tuple[float, Heard]:
    log = folder / "telemetry.jsonl"
    folder.mkdir()
    command = [sys.executable, "-m", "badc", "infer", "run", str(manifest), "--runner", "birdnet"]
    command += ["--cpu-workers", str(_WORKERS), "--max-gpus", "0", "--telemetry-log", str(log)]
    command += ["--output-dir", str(folder / "infer")]
    _output(command, folder, os.environ | environment | {"PYTHONPATH": str(ROOT)})
    heard: Heard = {}
    for path in (folder / "infer").rglob("*.json"):
        for found in json.loads(path.read_text())["detections"]:
            heard[path.stem, found["timestamp_ms"], found["label"]] = found["confidence"]
    return span_of(log, _CHUNKS), heard


def _output(command: list[str], cwd: Path, environment: Mapping[str, str]) -> str:
    ended = subprocess.run(
        command, cwd=cwd, env=dict(environment), capture_output=True, text=True, check=False
    )
    if ended.returncode:
        sys.exit(f"{' '.join(command[:6])}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def _differences(one: Heard, other: Heard) -> int:
    return sum(abs(one.get(each, 0) - other.get(each, 0)) > _TOLERANCE for each in one | other)


def _manifest(folder: Path, chunks: list[Path]) -> Path:
    rows = ["recording_id,chunk_id,source_path,start_ms,end_ms"]
    rows += [
        f"REC,{path.stem},{path},0,{round(1000 * soundfile.info(path).duration)}" for path in chunks
    ]
    manifest = folder / "manifest.csv"
    manifest.write_text("\n".join(rows) + "\n")
    return manifest


if __name__ == "__main__":
    main()
