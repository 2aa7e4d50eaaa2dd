"""Plans of recordings and of cuts, as CSV and as JSON."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from badc.manifest.chunk import id_fault
from badc.orchestration import RecordingPlan, chunk_plan_files, plan_files
from badc.orchestration.array_tasks import array_tasks
from badc.slurm import ArrayJob, array_script
from tests.fuzz.inventing import odd_csv, odd_json
from tests.fuzz.target import Target, looked_at_closely

_DATASET = Path("/data/set")
_CUTS = [
    {
        "recording_id": name, "audio_path": f"audio/{name}.wav", "chunk_duration": 60,
        "manifest_path": f"manifests/{name}.csv", "chunk_output_dir": f"artifacts/chunks/{name}",
        "overlap": 1.5,
    }
    for name in ("REC", "R ö")
]  # fmt: skip
_RECORDINGS = [
    {
        "recording_id": name, "manifest_path": f"manifests/{name}.csv",
        "output_dir": "artifacts/infer", "recording_output_dir": f"artifacts/infer/{name}",
        "telemetry_log": f"artifacts/telemetry/infer/{name}.jsonl", "use_hawkears": False,
        "hawkears_args": [], "max_gpus": None, "cpu_workers": 1, "chunk_status": "completed",
        "chunk_status_path": f"artifacts/chunks/{name}/.chunk_status.json", "runner": "command",
        "runner_cmd": "sh 'x y'", "min_confidence": 0.25, "max_retries": 2, "timeout_s": 5.5,
        "keep_going": True, "chunks_per_gpu": 1, "gpu_only": False, "scheduler_address": None,
        "cluster_profile": None, "chunks_per_task": 4,
    }
    for name in ("REC", "R ö")
]  # fmt: skip


def _as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in row.items()
            if value is not None
        }
        writer.writerow(cells)
    return text.getvalue()


def _read_cuts(path: Path) -> bool:
    cuts = chunk_plan_files.read_plan(path, _DATASET)
    for cut in cuts:
        assert id_fault(cut.recording_id) is None
        assert 0 <= cut.overlap_ms < cut.duration_ms
        assert cut.recording.is_absolute()
        assert cut.manifest.is_absolute()
        assert cut.chunk_dir.is_absolute()
    if not looked_at_closely(path):
        return bool(cuts)
    for write, name in (
        (chunk_plan_files.write_plan_csv, "again.csv"),
        (chunk_plan_files.write_plan_json, "again.json"),
    ):
        again = path.with_name(name)
        again.unlink(missing_ok=True)
        write(again, cuts, _DATASET)
        assert chunk_plan_files.read_plan(again, _DATASET) == cuts
    return bool(cuts)


def _usual(recording_id: str, manifest: Path) -> RecordingPlan:
    out = _DATASET / "artifacts" / "infer"
    log = _DATASET / f"{recording_id}.jsonl"
    return RecordingPlan(
        recording_id=recording_id,
        manifest_path=manifest,
        output_dir=out,
        recording_output_dir=out / recording_id,
        telemetry_log=log,
    )


def _read_recordings(path: Path) -> bool:
    plans = list(plan_files.read_recordings(path, _DATASET, _usual))
    for plan in plans:
        assert id_fault(plan.recording_id) is None
        plan.request()
    if not looked_at_closely(path):
        return bool(plans)
    for write, name in (
        (plan_files.write_plan_csv, "again.csv"),
        (plan_files.write_plan_json, "again.json"),
    ):
        again = path.with_name(name)
        again.unlink(missing_ok=True)
        write(again, plans, _DATASET)
        read = list(plan_files.read_recordings(again, _DATASET, _usual))
        assert repr(read) == repr(plans)  # no number (NaN) equals itself only so
    script = array_script(ArrayJob(), array_tasks(plans, _DATASET), dataset=_DATASET)
    assert "\0" not in script
    return bool(plans)


def _both(name: str, rows: list[dict[str, Any]], read: Callable[[Path], bool]) -> list[Target]:
    return [
        Target(f"{name}, CSV", "plan.csv", odd_csv, (_as_csv(rows),), read),
        Target(f"{name}, JSON", "plan.json", odd_json, (json.dumps(rows),), read),
    ]


PLANS = (
    *_both("plan of recordings", _RECORDINGS, _read_recordings),
    *_both("chunk plan", _CUTS, _read_cuts),
)
