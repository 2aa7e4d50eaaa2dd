"""What ``badc infer orchestrate`` costs before it hears anything: 1,000 manifests of 60 chunks.

The whole process counts, from its start to its last line: the plan as a user waits for it. Once no
chunk has been heard, once all 60,000 have, each with its JSON. Both times are given, as wall time
depends on who else uses the machine.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from badc.runners.stub import StubRunner

ROOT = Path(__file__).resolve().parents[1]
_RECORDINGS = int(os.environ.get("BENCH_RECORDINGS", "1000"))
_CHUNKS = 60
_CHUNK_MS = 60_000
_LIMIT_S = 3.0
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    wall_s: float
    cpu_s: float


def main() -> None:
    """Print what a plan costs with nothing heard, and with everything heard."""
    with tempfile.TemporaryDirectory(prefix="badc-benchmark-") as home:
        dataset = Path(home, "dataset")
        write_dataset(dataset)
        print(f"{_RECORDINGS:,} manifests of {_CHUNKS} chunks; best of {_ROUNDS}, whole process")
        print(f"{'heard':>8} {'wall s':>7} {'CPU s':>7} {'limit':>6} {'µs a chunk':>11}")
        start = min((measure("--help") for _ in range(_ROUNDS)), key=lambda cost: cost.wall_s)
        for heard in (0, _RECORDINGS * _CHUNKS):
            if heard:
                write_results(dataset)
            cost = min(
                (measure(str(dataset)) for _ in range(_ROUNDS)), key=lambda each: each.wall_s
            )
            each_us = (cost.wall_s - start.wall_s) / (_RECORDINGS * _CHUNKS) * 1e6
            limit = "" if heard else f"{_LIMIT_S:g}"
            print(f"{heard:>8,} {cost.wall_s:>7.2f} {cost.cpu_s:>7.2f} {limit:>6} {each_us:>11.1f}")
        print(f"Start-up (--help) is {start.wall_s:.2f} s of that, left out of the time per chunk.")


def measure(*words: str) -> Cost:
    """Run ``badc infer orchestrate`` once, in a process of its own."""
    command = [sys.executable, "-m", "badc", "infer", "orchestrate", "--stub-runner", *words]
    began_s = time.monotonic()
    process = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began_s
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(process.communicate()[1].decode())
    return Cost(wall_s, used.ru_utime + used.ru_stime)


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


if __name__ == "__main__":
    main()
