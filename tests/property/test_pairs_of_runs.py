"""Pairs of runs over one dataset: the second never takes another runner's results for its own.

The first run's results are made by real programs in a real slot. The second is decided through each
of its doors, and what it would keep, hear again, replace or refuse is looked at.
"""

import json
import os
import stat
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from badc.errors import UsageError
from badc.hardware import GpuInventory, Slot
from badc.orchestration import DatasetPlan, OrchestrateRequest, plan_complete, plan_dataset
from badc.results import existing_summary
from badc.runs import (
    InferPlan,
    InferRequest,
    ListeningSlot,
    carry_over,
    decide,
    hear_batch,
    infer_command,
    open_records,
    read_preset,
)
from badc.runs.paths import summary_path
from tests.property.test_plan_to_request import understood

_PROGRAM = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --output) out=$2; shift;; --label) label=$2; shift;; esac
  shift
done
echo '[{"timestamp_ms": 1, "end_ms": 2, "label": "'"$label"'", "confidence": 0.9}]' > "$out"
"""
_CHUNKS = ("c0", "c1")
Asked = dict[str, object]


class Dataset:
    """One recording of two chunks, and the program that listens to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "manifests").mkdir()
        for name in _CHUNKS:
            (root / f"{name}.wav").write_bytes(f"audio {name}".encode())
        rows = [f"REC,{name},{root / name}.wav" for name in _CHUNKS]
        self.manifest = root / "manifests" / "REC.csv"
        self.manifest.write_text("\n".join(["recording_id,chunk_id,source_path", *rows]) + "\n")
        self.program = root / "listen.sh"
        self.program.write_text(_PROGRAM)
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)

    def asked(self, runner: str) -> Asked:
        if runner == "stub":
            return {"runner": "stub"}
        return {"runner": "command", "runner_cmd": f"{self.program} --label {runner}"}

    def labels(self, folder: str = "artifacts/infer") -> list[str]:
        found = (json.loads(path.read_text()) for path in (self.root / folder).rglob("*.json"))
        return sorted(each["detections"][0]["label"] for each in found if each["detections"])


Door = Callable[[Dataset, Asked, Asked], InferRequest]


def _by_run(ds: Dataset, runner: Asked, more: Asked) -> InferRequest:
    places = {
        "output_dir": ds.root / "artifacts" / "infer" / "REC",
        "telemetry_log": ds.root / "artifacts" / "telemetry" / "infer" / "REC.jsonl",
    }
    return InferRequest(manifest=ds.manifest, **{**places, **runner, **more})


def _by_resuming(ds: Dataset, runner: Asked, more: Asked) -> InferRequest:
    request = _by_run(ds, runner, more)
    log = ds.root / "artifacts" / "telemetry" / "infer" / "REC.jsonl"
    return request.model_copy(update={"resume_summary": existing_summary(summary_path(log))})


def _by_preset(ds: Dataset, runner: Asked, more: Asked) -> InferRequest:
    asked = _by_run(ds, runner, more).model_dump(exclude_defaults=True, mode="json")
    lines = ["[runner]", *(f"{name} = {json.dumps(value)}" for name, value in asked.items())]
    (ds.root / "preset.toml").write_text("\n".join(lines) + "\n")
    return read_preset(ds.root / "preset.toml")


def _planned(plan_of: Callable[[OrchestrateRequest], DatasetPlan], *, resume: bool) -> Door:
    def door(ds: Dataset, runner: Asked, more: Asked) -> InferRequest:
        wanted = {key: more[key] for key in more if key != "output_dir"}
        asked = OrchestrateRequest(dataset=ds.root, include_existing=True, **runner, **wanted)
        planned = plan_of(asked).recordings[0].plan
        summary = existing_summary(summary_path(planned.telemetry_log)) if resume else None
        return planned.request(summary).model_copy(update=more)

    return door


def _by_slurm(ds: Dataset, runner: Asked, more: Asked) -> InferRequest:
    return understood(infer_command(_by_resuming(ds, runner, more)))


DOORS: dict[str, Door] = {
    "run": _by_run,
    "run --resume-summary": _by_resuming,
    "run-config": _by_preset,
    "orchestrate": _planned(plan_dataset, resume=False),
    "night and pipeline": _planned(plan_complete, resume=True),
    "Slurm script": _by_slurm,
}
RUNNERS = ("stub", "A", "B")
CHANGES = ("nothing", "program", "audio", "folder")
WISHES: dict[str, Asked] = {
    "": {},
    "--replace": {"replace": True},
    "--rerun": {"rerun": True},
}


def decided(request: InferRequest) -> InferPlan:
    return decide(request, detect=lambda: GpuInventory((), "as told"))


def carried_out(plan: InferPlan) -> None:
    """Hear what a plan leaves to hear, in one slot, and keep its records."""
    with open_records(plan, print) as records:
        slot = ListeningSlot(Slot("cpu-0"), plan.assignment, records.take)
        try:
            outcome = hear_batch(slot, plan.outstanding, lambda: "")
        finally:
            slot.stop("the test is over")
    assert not outcome.failed
    assert not outcome.not_begun


def _change(ds: Dataset, what: str) -> Asked:
    if what == "program":
        ds.program.write_text(_PROGRAM + "# edited\n")
    elif what == "audio":
        for name in _CHUNKS:
            path = ds.root / f"{name}.wav"
            path.write_bytes(path.read_bytes()[::-1])  # as long as before
            os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
    elif what == "folder":
        return {"output_dir": ds.root / "elsewhere"}
    return {}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("first", "second"), list(product(RUNNERS, RUNNERS)))
def test_no_second_run_takes_the_first_ones_results_for_its_own(tmp_path, door, first, second):
    for number, (change, wish) in enumerate(product(CHANGES, WISHES)):
        (tmp_path / str(number)).mkdir()
        ds = Dataset(tmp_path / str(number))
        carried_out(decided(_by_run(ds, ds.asked(first), {})))
        found = ds.labels()
        same = first == second and change in ("nothing", "folder")
        if change == "program":
            same = first == second == "stub"
        more = _change(ds, change) | WISHES[wish]
        where = f"{door}: {first}, then {second} {wish} with other {change}"
        try:
            plan = decided(DOORS[door](ds, ds.asked(second), more))
        except UsageError as refused:
            told = str(refused)
        else:
            told = ""
        if told:
            assert ds.labels() == found, where
            assert not same, where
            assert "Nothing was written." in told, where
            assert "(REC/c0 and 1 more)" in told, where
            continue
        said = carry_over(plan)
        carried_out(plan)
        folder = "elsewhere" if change == "folder" else "artifacts/infer"
        if plan.done:
            assert same, where
            assert "rerun" not in more, where
        else:
            assert len(plan.outstanding) == len(_CHUNKS), where
            in_the_way = folder != "elsewhere" and not same
            assert not in_the_way or said, where
        expected = [] if second == "stub" else [second, second]
        assert ds.labels(folder) == expected, where
        if second == "stub" and first != "stub":
            assert folder == "elsewhere", where
            assert ds.labels() == found, where
