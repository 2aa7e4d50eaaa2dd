"""BADC on a real Slurm: one private cluster for all tests, and a dataset to hear on it."""

import csv
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from badc.runs import InferRequest
from badc.runs.command_line import infer_command
from badc.slurm import ArrayTask
from tools.private_slurm import Slurm, missing_programs, running_slurm

ROOT = Path(__file__).resolve().parents[2]
_COLUMNS = ["recording_id", "chunk_id", "source_path", "start_ms", "end_ms"]
_RUNNER = """\
#!{python}
import json, os, sys, time
from pathlib import Path
audio = Path(sys.argv[sys.argv.index('--input') + 1])
answer = Path(sys.argv[sys.argv.index('--output') + 1])
log = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
os.write(log, (audio.stem + chr(10)).encode())
while audio.stem in {slow!r} and not Path({gate!r}).exists():
    time.sleep(0.05)
sound = audio.read_bytes()
call = {{"timestamp_ms": sum(sound) % 300, "end_ms": 400, "label": "ROPT", "confidence": 0.9}}
answer.write_text(json.dumps([call] * (1 + len(sound) % 3)))
"""


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """A real Slurm of two nodes on this host."""
    if missing := missing_programs():
        pytest.skip(
            f"no {', '.join(missing)} here: apt-get install slurmctld slurmd slurm-client munge"
        )
    with running_slurm(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


@dataclass(frozen=True)
class Dataset:
    """A dataset with chunks, whose names try every quoting.

    Attributes:
        root: the dataset.
        recordings: three of them, of three chunks each.
        starts: one line for each chunk that the runner was started for.
        gate: runners wait at slow chunks until it exists.
        environment: what jobs are submitted with; it has ``badc`` on PATH.
    """

    root: Path
    recordings: tuple[str, ...]
    starts: Path
    gate: Path
    environment: dict[str, str]

    def tasks(self, **settings: object) -> list[ArrayTask]:
        """One task per recording, as ``orchestrate`` would lay them out."""
        return [self._task(recording, settings) for recording in self.recordings]

    def _task(self, recording: str, settings: dict[str, object]) -> ArrayTask:
        manifest = Path("manifests") / f"{recording}.csv"
        log = self.root / "artifacts" / "telemetry" / "infer" / f"{recording}.jsonl"
        request = InferRequest.model_validate({"manifest": manifest, **settings})
        return ArrayTask(
            recording_id=recording,
            command=tuple(infer_command(request)),
            manifest=manifest,
            output_dir=self.root / "artifacts" / "infer" / recording,
            telemetry_log=log,
            summary=log.with_name(f"{log.name}.summary.json"),
            chunk_status=Path("artifacts", "chunks", recording, ".chunk_status.json"),
        )

    def runner(self, *slow: str) -> str:
        """Make a real runner that waits at some chunks; return its command."""
        script = self.root.parent / "runner.py"
        script.write_text(
            _RUNNER.format(
                python=sys.executable, log=str(self.starts), slow=slow, gate=str(self.gate)
            )
        )
        return f"{sys.executable} {script}"

    def started(self) -> list[str]:
        return self.starts.read_text().split("\n")[:-1] if self.starts.exists() else []


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Three recordings, cut, in a dataset of a difficult name."""
    root = tmp_path / 'It\'s $HOME "Übersicht" {x} `id` # 100%'
    recordings = ("A b", 'C\'d $(touch pwned) "é"', "-E;f&g\u2019")
    (root / ".datalad").mkdir(parents=True)
    (root / "manifests").mkdir()
    for recording in recordings:
        chunks = root / "artifacts" / "chunks" / recording
        chunks.mkdir(parents=True)
        (chunks / ".chunk_status.json").write_text('{\n  "status": "completed"\n}\n')
        with (root / "manifests" / f"{recording}.csv").open("w", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(_COLUMNS)
            for number in range(3):
                audio = chunks / f"{recording}_{number}.wav"
                audio.write_bytes(f"{recording} {number}".encode())
                place = audio.relative_to(root)
                rows.writerow([recording, audio.stem, place, 1000 * number, 1000 * number + 1000])
    return Dataset(
        root, recordings, tmp_path / "starts.log", tmp_path / "gate", _with_badc(tmp_path)
    )


def _with_badc(folder: Path) -> dict[str, str]:
    """Return an environment whose PATH has ``badc``, and which must not be needed further."""
    program = folder / "bin" / "badc"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m badc "$@"\n')
    program.chmod(0o755)
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}:/usr/sbin:/sbin",
        "PYTHONPATH": str(ROOT),
        "PREFECT_API_URL": "http://127.0.0.1:9",  # of the login node: no job can reach it
    }
