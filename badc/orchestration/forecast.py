"""How long a plan will take, by what earlier runs on the dataset took."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from badc.manifest import Chunk, ChunkKey
from badc.orchestration.scan import DatasetPlan
from badc.telemetry import LogFollower

_SPARE = 1.5  # runs differ, and a job that is cut short costs more than one that asks too much
_START_UP_S = 300.0
_STEP_S = 600


@dataclass(frozen=True)
class Forecast:
    """What a plan asks for.

    Attributes:
        chunks, audio_s: what is still to be heard, in chunks and seconds of audio.
        unknown: chunks whose length the manifests do not say; they count for nothing here.
        audio_s_per_s: measured speed of one worker, by kind (``gpu``, ``cpu``): seconds of audio
            per second; a kind that has never been measured on this dataset is absent.
        longest_s: seconds of audio in the longest recording.
    """

    chunks: int
    audio_s: float
    unknown: int
    audio_s_per_s: dict[str, float]
    longest_s: float

    def hours(self, kind: str) -> float | None:
        """Return how many hours one worker of a kind would take for all, or None if unmeasured."""
        speed = self.audio_s_per_s.get(kind)
        return None if speed is None else self.audio_s / speed / 3600

    def slurm_time(self, gpus: int, cpus: int) -> str | None:
        """Return what one array task should ask for: time for the longest recording, and some more.

        ``HH:MM:SS``, in steps of ten minutes; None where no worker that the task has is measured.
        """
        speed = gpus * self.audio_s_per_s.get("gpu", 0.0) + cpus * self.audio_s_per_s.get(
            "cpu", 0.0
        )
        if speed <= 0:
            return None
        needed_s = _START_UP_S + _SPARE * self.longest_s / speed
        minutes = math.ceil(needed_s / _STEP_S) * _STEP_S // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}:00"


def forecast(plan: DatasetPlan, telemetry_dir: Path) -> Forecast:
    """Add up what is outstanding, and measure earlier runs by their logs in ``telemetry_dir``."""
    lengths: dict[ChunkKey, float] = {}
    per_recording = []
    chunks = unknown = 0
    for recording in plan.recordings:
        lengths |= {chunk.key: chunk.duration_s or 0.0 for chunk in recording.chunks}
        outstanding = recording.outstanding or recording.chunks
        chunks += len(outstanding)
        unknown += sum(chunk.duration_s is None for chunk in outstanding)
        per_recording.append(_audio_s(outstanding))
    return Forecast(
        chunks=chunks,
        audio_s=sum(per_recording),
        unknown=unknown,
        audio_s_per_s=_speeds(telemetry_dir, lengths),
        longest_s=max(per_recording, default=0.0),
    )


def _audio_s(chunks: Iterable[Chunk]) -> float:
    return sum(chunk.duration_s or 0.0 for chunk in chunks)


def _speeds(telemetry_dir: Path, lengths: dict[ChunkKey, float]) -> dict[str, float]:
    """Return seconds of audio per second of a worker's time, by kind of worker.

    Failed attempts took time as well and gave no audio, so they count against the speed.
    """
    audio_s: dict[str, float] = defaultdict(float)
    runtime_s: dict[str, float] = defaultdict(float)
    for log in sorted(telemetry_dir.rglob("*.jsonl")):
        for event in LogFollower(log).new_events():
            length_s = lengths.get(event.key) or event.audio_s
            if event.runtime_s is None or not length_s:
                continue
            kind = "cpu" if event.gpu_index is None else "gpu"
            runtime_s[kind] += event.runtime_s
            if event.status == "success":
                audio_s[kind] += length_s
    return {kind: audio_s[kind] / runtime_s[kind] for kind in audio_s if runtime_s[kind] > 0}
