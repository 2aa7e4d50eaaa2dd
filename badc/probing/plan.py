"""A probe, decided before it starts: every file found, every refusal made."""

from dataclasses import dataclass
from pathlib import Path

from badc.chunking import CutPlan, plan_cut
from badc.chunking.plan import whole_ms
from badc.chunking.recording import open_recording
from badc.chunking.sampling import Sampling, sampling_of
from badc.errors import UsageError
from badc.hardware import GpuInventory, Slot, decide_slots
from badc.probing.estimate import Estimate, estimate
from badc.probing.search import Limits
from badc.runners.protocol import Runner
from badc.runs.checks import check_jsonl, check_timeout


@dataclass(frozen=True)
class ProbeRequest:
    """What a user asks of a probe.

    Attributes:
        recording: where chunks are cut from, always from its beginning.
        runner: who listens.
        initial_s: the length to try first.
        max_s: the longest to try, or None for all of the recording.
        tolerance_s: how close to come.
        gpu_index: which GPU, or None for the first one found, or the CPU.
        timeout_s: limit of one attempt, or None for the one of a real run.
        log: where attempts are recorded, or None for a fresh file.
    """

    recording: Path
    runner: Runner
    initial_s: float = 60.0
    max_s: float | None = None
    tolerance_s: float = 5.0
    gpu_index: int | None = None
    timeout_s: float | None = None
    log: Path | None = None


@dataclass(frozen=True)
class ProbePlan:
    """A probe that can start. Nothing has been written yet.

    Attributes:
        request: as it was asked.
        cut: how the recording is cut; length and folder of a chunk are the attempt's.
        slot: where chunks are heard.
        limits: of the search.
        most_is: what the longest length to try is, in words.
        estimate: what the rule of thumb says.
    """

    request: ProbeRequest
    cut: CutPlan
    slot: Slot
    limits: Limits
    most_is: str
    estimate: Estimate


def plan_probe(request: ProbeRequest, inventory: GpuInventory) -> ProbePlan:
    """Decide a probe.

    Raises:
        UsageError: whatever cannot be carried out as asked.
    """
    initial_ms = _length_ms("--initial-duration", request.initial_s)
    tolerance_ms = _length_ms("--tolerance", request.tolerance_s)
    asked_ms = None if request.max_s is None else _length_ms("--max-duration", request.max_s)
    check_timeout(request.timeout_s)
    slot = choose_slot(inventory, request.gpu_index)
    request.runner.check()
    if request.log is not None:
        check_jsonl("--log", request.log)
    cut = plan_cut(request.recording, chunk_duration_s=request.initial_s)
    with open_recording(cut.recording) as recording:
        sampling = sampling_of(recording)
    most_ms, most_is = _most(sampling, asked_ms)
    return ProbePlan(
        request,
        cut,
        slot,
        Limits(initial_ms, most_ms, tolerance_ms),
        most_is,
        estimate(sampling, slot.gpu),
    )


def choose_slot(inventory: GpuInventory, gpu_index: int | None) -> Slot:
    """Return the slot of the GPU that is asked for; where none is, of the first, or of the CPU.

    Raises:
        UsageError: there is no such GPU.
    """
    slots = decide_slots(inventory.gpus)
    if gpu_index is None:
        return slots[0]
    for slot in slots:
        if slot.gpu is not None and slot.gpu.index == gpu_index:
            return slot
    raise UsageError(
        f"--gpu-index {gpu_index}: there is no such GPU. {inventory.diagnosis}",
        "Give the number of one that is listed." if inventory.gpus else "Leave it out.",
    )


def _most(sampling: Sampling, asked_ms: int | None) -> tuple[int, str]:
    """Return the longest length that can be tried, and what it is."""
    bounds = [
        (sampling.length_ms, "the whole recording"),
        (sampling.chunk_room_ms, "the most that a WAV file holds"),
    ]
    if asked_ms is not None:
        bounds.append((asked_ms, "the --max-duration"))
    return min(bounds, key=lambda bound: bound[0])


def _length_ms(option: str, seconds: float) -> int:
    length_ms = whole_ms(option, seconds)
    if length_ms < 1:
        raise UsageError(f"{option} {seconds:g} is no length.", "Give seconds, at least 0.001.")
    return length_ms
