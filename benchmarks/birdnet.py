"""How much of the bare BirdNET model's speed a run keeps, on two CPU slots.

Three ways to hear the same chunks on two cores, in turn: the bare model in two threads with an
interpreter each, ``badc infer run`` with two CPU slots against a running local Prefect server, and
a process per chunk on two workers. First chunks of 15, 30 and 60 s in turn, then of one length
alone, without the last way. Wall time from the first chunk's start to the last one's end; start-up
is left out of the first two. Other work on the machine falsifies wall time: BENCH_ROUNDS rounds are
made, and the best of each way counts. BENCH_BIRDNET_CHUNKS sets how many chunks of mixed lengths,
BENCH_BIRDNET_S how many seconds of each single length.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

import soundfile

from benchmarks._chunks import make_chunks
from benchmarks._finished import bench_folder
from benchmarks._rows import Row
from benchmarks._runs import SLOTS, hear
from benchmarks._scale import scaled
from benchmarks._server import Server, running_server
from benchmarks._spent import python

_CHUNKS = scaled("BENCH_BIRDNET_CHUNKS", 60, 6)
_ALONE_S = scaled("BENCH_BIRDNET_S", 1200, 300)
_ROUNDS = scaled("BENCH_ROUNDS", 2, 1)
_LENGTHS_S = (15, 30, 60)
_ALONE_LENGTHS_S = (15, 60, 300)
_TOLERANCE = 0.01  # of confidence: a chunk resampled whole or in pieces is not the same to the bit

Found = dict[tuple[str, int, str], float]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one way took once, what it heard, and the most memory that a process of it had."""

    span_s: float
    found: Found
    memory_mb: float


def measure() -> list[Row]:
    """Return audio seconds heard per second of each way, their ratios, and what differs."""
    with bench_folder() as folder, running_server(folder) as server:
        mixed = [_LENGTHS_S[number % len(_LENGTHS_S)] for number in range(_CHUNKS)]
        rows = _mixed(folder / "mixed", mixed, server)
        for length_s in _ALONE_LENGTHS_S:
            lengths_s = [length_s] * max(1, _ALONE_S // length_s)
            rows += _alone(folder / f"{length_s}", lengths_s, server)
        return rows


def _mixed(folder: Path, lengths_s: Sequence[int], server: Server) -> list[Row]:
    chunks = make_chunks(folder / "chunks", lengths_s)
    bare, ran, processes = _best_of_rounds(
        partial(_bare, SLOTS, chunks), _runs(folder, chunks, server), partial(_processes, chunks)
    )
    what = f"{len(chunks)} chunks of {', '.join(map(str, _LENGTHS_S))} s"
    audio_s = sum(lengths_s)
    kept_pct = 100 * bare.span_s / ran.span_s
    odd = sum(
        abs(bare.found.get(each, 0) - ran.found.get(each, 0)) > _TOLERANCE
        for each in bare.found | ran.found
    )
    return [
        _speed(f"{what}, bare model", audio_s, bare),
        _speed(f"{what}, badc infer run", audio_s, ran),
        _speed(f"{what}, process per chunk", audio_s, processes),
        Row.at_least("badc infer run, of the bare model's speed", kept_pct, "%", 90),
        Row.at_least("badc infer run, of processes' speed", processes.span_s / ran.span_s, "", 1.5),
        Row.at_most("detections other than the bare model's", odd, "", 0, f"of {len(ran.found)}"),
    ]


def _alone(folder: Path, lengths_s: Sequence[int], server: Server) -> list[Row]:
    chunks = make_chunks(folder / "chunks", lengths_s)
    bare, ran = _best_of_rounds(partial(_bare, SLOTS, chunks), _runs(folder, chunks, server))
    kept = f"{bare.span_s / ran.span_s:.0%} of the bare model's speed; "
    what = f"{len(chunks)} chunks of {lengths_s[0]} s, badc infer run"
    return [_speed(what, sum(lengths_s), ran, kept)]


def _speed(what: str, audio_s: int, turn: Turn, beside: str = "") -> Row:
    memory = f"{turn.memory_mb:.0f} MB in the largest process"
    return Row(what, audio_s / turn.span_s, "audio s/s", beside + memory)


def _best_of_rounds(*ways: Callable[[], Turn]) -> list[Turn]:
    rounds = [[way() for way in ways] for _ in range(_ROUNDS)]
    return [min(turns, key=lambda turn: turn.span_s) for turns in zip(*rounds, strict=True)]


def _bare(threads: int, chunks: Sequence[Path]) -> Turn:
    spent = python(["-m", "benchmarks._bare_birdnet", threads, *chunks], {})
    told = json.loads(spent.out)
    found = {(row[0], row[1], row[2]): row[3] for row in told["heard"]}
    return Turn(told["span_s"], found, spent.memory_mb)


def _processes(chunks: Sequence[Path]) -> Turn:
    began = perf_counter()
    with ThreadPoolExecutor(SLOTS) as pool:
        turns = list(pool.map(lambda chunk: _bare(1, [chunk]), chunks))
    found = {key: confidence for turn in turns for key, confidence in turn.found.items()}
    return Turn(perf_counter() - began, found, max(turn.memory_mb for turn in turns))


def _runs(folder: Path, chunks: Sequence[Path], server: Server) -> Callable[[], Turn]:
    manifest = _manifest(folder, chunks)
    places = (folder / str(number) for number in range(_ROUNDS))

    def run() -> Turn:
        return _run(manifest, next(places), server.environment)

    return run


def _run(manifest: Path, place: Path, environment: Mapping[str, str]) -> Turn:
    run = hear(manifest, place, environment, "--runner", "birdnet")
    found: Found = {}
    for path in run.output_dir.rglob("*.json"):
        for each in json.loads(path.read_text())["detections"]:
            found[path.stem, each["timestamp_ms"], each["label"]] = each["confidence"]
    return Turn(run.span_s, found, run.spent.memory_mb)


def _manifest(folder: Path, chunks: Sequence[Path]) -> Path:
    rows = ["recording_id,chunk_id,source_path,start_ms,end_ms"]
    rows += [
        f"REC,{path.stem},{path},0,{round(1000 * soundfile.info(path).duration)}" for path in chunks
    ]
    manifest = folder / "manifest.csv"
    manifest.write_text("\n".join(rows) + "\n")
    return manifest
