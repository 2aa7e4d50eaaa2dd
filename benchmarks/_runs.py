"""Runs of ``badc infer run`` in processes of their own, and stub chunks for them to hear.

The stub takes no time: what such a run costs is everything but listening.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks._spent import Spent, python

SLOTS = 2
_HERE = ("--cpu-workers", SLOTS, "--max-gpus", 0)


@dataclass(frozen=True, slots=True)
class Run:
    """One run that has ended.

    Attributes:
        manifest: what it heard.
        place: its folder; telemetry log, summary and outputs lie within.
        spent: what the flow's process took.
        chunks: how many it was given.
    """

    manifest: Path
    place: Path
    spent: Spent
    chunks: int

    @property
    def output_dir(self) -> Path:
        """Where its outputs lie, unless it was told to put them elsewhere."""
        return outputs_in(self.place)

    @property
    def log(self) -> Path:
        """Its telemetry log."""
        return log_in(self.place)

    @property
    def summary(self) -> Path:
        """Its summary."""
        return self.log.with_suffix(".summary.json")

    @property
    def span_s(self) -> float:
        """Wall time from when the first chunk could be heard to the last one's success.

        That is without start-up, which the opening of a model belongs to.

        Raises:
            SystemExit: not every chunk was heard.
        """
        heard = [event for event in self._events() if event["status"] == "success"]
        if len(heard) != self.chunks:
            sys.exit(f"Only {len(heard)} of {self.chunks} chunks were heard.")
        return max(map(_ended_s, heard)) - min(map(_listening_s, heard))

    @property
    def chunk_ms(self) -> float:
        """That time by the chunk."""
        return 1000 * self.span_s / self.chunks

    @property
    def first_chunk_s(self) -> float:
        """How long after its start the first chunk began."""
        return min(map(_began_s, self._events())) - self.spent.began_s

    def _events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def _began_s(event: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(event["timestamp"]).timestamp()


def _listening_s(success: Mapping[str, Any]) -> float:
    """Return when the runner was open."""
    return _began_s(success) + success["details"].get("opening_s", 0.0)


def _ended_s(event: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(event["finished_at"]).timestamp()


def outputs_in(place: Path) -> Path:
    """Return where the outputs of a run with that folder lie."""
    return place / "infer"


def log_in(place: Path) -> Path:
    """Return the telemetry log of a run with that folder."""
    return place / "telemetry.jsonl"


def hear(
    manifest: Path,
    place: Path,
    environment: Mapping[str, str],
    *words: object,
    output_dir: Path | None = None,
) -> Run:
    """Hear a manifest by ``badc infer run`` with two CPU slots.

    Args:
        manifest: what to hear.
        place: a new folder for log, summary and, unless ``output_dir`` is given, outputs.
        environment: what points to a Prefect server; without, there is a temporary one.
        words: further options; unless they say otherwise the stub listens.
        output_dir: where outputs go instead.
    """
    place.mkdir()
    chunks = manifest.read_text().count("\n") - 1
    command = ["-m", "badc", "infer", "run", manifest, *_HERE, *words]
    command += ["--output-dir", output_dir or outputs_in(place), "--telemetry-log", log_in(place)]
    return Run(manifest, place, python(command, environment, place), chunks)


def stub_manifest(folder: Path, count: int) -> Path:
    """Write a manifest of so many small chunks, and the chunks, into a new folder."""
    folder.mkdir()
    manifest = folder / "manifest.csv"
    manifest.write_text("\n".join(_lines(folder, count)) + "\n")
    return manifest


def _lines(folder: Path, count: int) -> Iterator[str]:
    yield "recording_id,chunk_id,source_path,start_ms,end_ms"
    for number in range(count):
        audio = folder / f"chunk{number}.wav"
        audio.write_bytes(b"chunk %d" % number)
        yield f"REC,{audio.stem},{audio},{1000 * number},{1000 * number + 1000}"
