"""One attempt: a chunk of one length, heard to its end on this device or not."""

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from badc.chunking import CutPlan, cut_first
from badc.chunking.recording import Recording
from badc.chunking.samples import Encoder
from badc.errors import AttemptError, BadcError, OutOfTimeError
from badc.hardware import Slot, device_metrics
from badc.manifest import Chunk
from badc.process import ProcessDoor
from badc.runners.out_of_memory import out_of_memory
from badc.runners.protocol import Desk, Runner
from badc.runs.assignment import attempt_limit_s
from badc.telemetry import timestamp

_HEADER_SLACK_MS = 250  # a lossy codec's header may be off by its padding


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt showed; one line of the probe's log.

    Attributes:
        timestamp: when it began, ISO 8601 in UTC.
        duration_s: length of the chunk.
        fits: whether it was heard to its end.
        reason: why not, in words, or None.
        runtime_s: how long it took; a model is loaded anew for each attempt.
        worker: the slot's label, ``gpu-0`` or ``cpu-0``.
        gpu: index, uuid, name and memory of the device, or None on a CPU.
        memory_before, memory_after: as :func:`badc.hardware.device_metrics` reports the device.
    """

    timestamp: str
    duration_s: float
    fits: bool
    reason: str | None
    runtime_s: float
    worker: str
    gpu: Mapping[str, Any] | None
    memory_before: Mapping[str, Any] | None
    memory_after: Mapping[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return the log's line."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where attempts are made.

    Attributes:
        recording, encoder: what chunks are cut from, open.
        cut: how; length and folder are the attempt's.
        runner: who listens. It is opened anew for each attempt, so that none feels the last one.
        slot, door: where, and through which its processes go.
        scratch: for the chunk and whatever the runner leaves; empty again after each attempt.
        timeout_s: as in ``ProbeRequest``.
    """

    recording: Recording
    encoder: Encoder
    cut: CutPlan
    runner: Runner
    slot: Slot
    door: ProcessDoor
    scratch: Path
    timeout_s: float | None

    def attempt(self, duration_ms: int) -> Attempt:
        """Cut the first ``duration_ms`` of the recording and listen to them.

        Raises:
            BadcError: the attempt failed for a reason that says nothing about memory or time.
        """
        gpu = self.slot.gpu
        began, clock = timestamp(), time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix="chunk-", dir=self.scratch))
        try:
            chunk = self._chunk(folder, duration_ms)
            before = device_metrics(gpu)
            reason = self._why_not(chunk, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Attempt(
            timestamp=began,
            duration_s=duration_ms / 1000,
            fits=reason is None,
            reason=reason,
            runtime_s=round(time.monotonic() - clock, 3),
            worker=self.slot.label,
            gpu=None if gpu is None else asdict(gpu),
            memory_before=before,
            memory_after=device_metrics(gpu),
        )

    def _chunk(self, folder: Path, duration_ms: int) -> Chunk:
        plan = replace(self.cut, duration_ms=duration_ms, chunk_dir=folder)
        chunk = cut_first(plan, self.recording, self.encoder)
        length_ms = chunk.end_ms or 0
        if length_ms < duration_ms - _HEADER_SLACK_MS:
            raise BadcError(
                f"{plan.recording}: ends early, after {length_ms / 1000:g} s.",
                f"Give --max-duration {length_ms / 1000:g}, or another recording.",
            )
        return chunk

    def _why_not(self, chunk: Chunk, folder: Path) -> str | None:
        """Return why the runner could not hear the chunk for want of memory or time, or None."""
        limit_s = attempt_limit_s(self.timeout_s, chunk)
        try:
            listener = self.runner.open(Desk(self.slot, self.door, folder, os.cpu_count() or 1))
            try:
                listener.hear(chunk, folder / "raw", limit_s)
            finally:
                listener.close()
        except AttemptError as error:
            sign = out_of_memory(f"{error.stderr_tail}\n{error.message}", error.returncode)
            if sign is not None:
                return f"out of memory: {sign}"
            if isinstance(error, OutOfTimeError):
                return f"out of time: ended after {limit_s:g} s"
            raise
        return None
