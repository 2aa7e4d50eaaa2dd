"""What ``badc infer orchestrate`` costs before it hears anything: 1,000 manifests of 60 chunks.

The whole process counts, from its start to its last line: the plan as a user waits for it. Once no
chunk has been heard, once all 60,000 have, each with its JSON. Both times are given, as wall time
depends on who else uses the machine.
"""

import json
from pathlib import Path

from badc.runners.stub import StubRunner
from benchmarks._finished import bench_folder
from benchmarks._rows import Row
from benchmarks._scale import scaled
from benchmarks._spent import Spent, python

_RECORDINGS = scaled("BENCH_RECORDINGS", 1000, 50)
_CHUNKS = 60
_CHUNK_MS = 60_000
_LIMIT_S = 3.0
_ROUNDS = scaled("BENCH_ROUNDS", 3, 1)


def measure() -> list[Row]:
    """Return what a plan costs with nothing heard, and with everything heard."""
    with bench_folder() as home:
        dataset = home / "dataset"
        write_dataset(dataset)
        start_s = _best("--help").wall_s
        none = _best(dataset)
        write_results(dataset)
        every = _best(dataset)
    what = f"{_RECORDINGS:,} manifests of {_CHUNKS} chunks"
    return [
        Row("start-up (--help)", start_s, "s"),
        Row.at_most(f"{what}, nothing heard", none.wall_s, "s", _LIMIT_S, _apiece(none, start_s)),
        Row(f"{what}, all heard", every.wall_s, "s", _apiece(every, start_s)),
    ]


def _best(*words: object) -> Spent:
    """Return the quickest of several processes of ``badc infer orchestrate``."""
    command = ["-m", "badc", "infer", "orchestrate", "--stub-runner", *words]
    return min((python(command, {}) for _ in range(_ROUNDS)), key=lambda spent: spent.wall_s)


def _apiece(spent: Spent, start_s: float) -> str:
    each_us = (spent.wall_s - start_s) / (_RECORDINGS * _CHUNKS) * 1e6
    return f"{each_us:.0f} µs a chunk beyond start-up, {spent.cpu_s:.1f} CPU s"


def write_dataset(dataset: Path) -> None:
    """Write manifests, chunk folders and their status, as ``badc chunk orchestrate`` does."""
    manifests = dataset / "manifests"
    manifests.mkdir(parents=True)
    for recording, chunks in _recordings():
        folder = dataset / "artifacts" / "chunks" / recording
        folder.mkdir(parents=True)
        status = {"recording_id": recording, "status": "completed", "manifest_rows": _CHUNKS}
        (folder / ".chunk_status.json").write_text(json.dumps(status), encoding="utf-8")
        lines = ["recording_id,chunk_id,source_path,start_ms,end_ms,overlap_ms,sha256,notes"]
        for chunk, start_ms in chunks:
            path = folder / f"{chunk}.wav"
            path.write_bytes(b"sound")
            place = path.relative_to(dataset)
            lines.append(f"{recording},{chunk},{place},{start_ms},{start_ms + _CHUNK_MS},0,,")
        (manifests / f"{recording}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_results(dataset: Path) -> None:
    """Write the JSON of every chunk, as a run of the stub with a detection in each would."""
    for recording, chunks in _recordings():
        folder = dataset / "artifacts" / "infer" / recording
        folder.mkdir(parents=True)
        for chunk, start_ms in chunks:
            text = json.dumps(_payload(recording, chunk, start_ms), indent=1)
            (folder / f"{chunk}.json").write_text(text, encoding="utf-8")


def _payload(recording: str, chunk: str, start_ms: int) -> dict[str, object]:
    return {
        "chunk_id": chunk,
        "recording_id": recording,
        "source_path": f"artifacts/chunks/{recording}/{chunk}.wav",
        "status": "ok",
        "detections": [
            {
                "timestamp_ms": 3_000 * number,
                "end_ms": 3_000 * number + 3_000,
                "label": "OVEN",
                "label_code": "OVEN",
                "label_name": "Ovenbird",
                "confidence": 0.75,
            }
            for number in range(5)
        ],
        "chunk": {
            "start_ms": start_ms,
            "end_ms": start_ms + _CHUNK_MS,
            "overlap_ms": 0,
            "sha256": None,
            "notes": "",
        },
        "runner": "stub",
        "provenance": {
            "runner_fingerprint": StubRunner().fingerprint(),
            "chunk_bytes": len(b"sound"),
            "attempt": 1,
        },
    }


def _recordings() -> list[tuple[str, list[tuple[str, int]]]]:
    """Return each recording's name with its chunks' names and beginnings."""
    names = [f"SITE{number:04d}_20240601_050000" for number in range(_RECORDINGS)]
    starts = [_CHUNK_MS * number for number in range(_CHUNKS)]
    return [
        (name, [(f"{name}_chunk_{start}_{start + _CHUNK_MS}", start) for start in starts])
        for name in names
    ]
