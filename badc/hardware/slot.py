"""A slot: a place where a chunk can run, one GPU or one CPU worker."""

from dataclasses import dataclass

from badc.errors import UsageError
from badc.hardware.gpu import Gpu

_MOST_CPU_SLOTS = 1024
_BESIDE = ("", *"bcdefghijklmnop")  # gpu-0 and, sharing the device with it, gpu-0b, gpu-0c, …


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a chunk runs.

    Attributes:
        label: as tables and telemetry show it: ``gpu-0``, ``gpu-0b`` (on the same device),
            ``gpu-0.1`` (a MIG slice) or ``cpu-0``.
        gpu: the device, or None for a CPU slot.
    """

    label: str
    gpu: Gpu | None = None

    @property
    def visible_devices(self) -> str:
        """What a runner in this slot gets as ``CUDA_VISIBLE_DEVICES``: its own device, or none."""
        return "" if self.gpu is None else self.gpu.cuda_name


def check_slot_wishes(
    max_gpus: int | None = None,
    cpu_workers: int = 0,
    chunks_per_gpu: int = 1,
    *,
    gpu_only: bool = False,
) -> None:
    """Refuse numbers that make no sense whatever GPUs there are.

    Raises:
        UsageError: a negative number, far too many, or two that exclude each other.
    """
    if max_gpus is not None and max_gpus < 0:
        raise UsageError(f"--max-gpus {max_gpus} is negative.", "Use 0 for none, or leave it out.")
    if cpu_workers < 0:
        raise UsageError(f"--cpu-workers {cpu_workers} is negative.", "Use 0 or more.")
    if cpu_workers > _MOST_CPU_SLOTS:
        raise UsageError(
            f"--cpu-workers {cpu_workers} is more than {_MOST_CPU_SLOTS}.",
            "Give about as many as there are cores.",
        )
    if not 1 <= chunks_per_gpu <= len(_BESIDE):
        raise UsageError(
            f"--chunks-per-gpu {chunks_per_gpu} is not between 1 and {len(_BESIDE)}.",
            "Give as many as the memory of a GPU has room for.",
        )
    if gpu_only and (cpu_workers or max_gpus == 0):
        other = f"--cpu-workers {cpu_workers}" if cpu_workers else "--max-gpus 0"
        raise UsageError(f"--gpu-only and {other} exclude each other.", "Leave one of them out.")


def decide_slots(
    gpus: tuple[Gpu, ...],
    max_gpus: int | None = None,
    cpu_workers: int = 0,
    chunks_per_gpu: int = 1,
    *,
    gpu_only: bool = False,
) -> tuple[Slot, ...]:
    """Return the slots of each GPU, of up to ``max_gpus``, then the CPU slots.

    ``max_gpus`` None means all and 0 none. Without any GPU there is at least one CPU slot, unless
    ``gpu_only``. Each GPU has ``chunks_per_gpu`` slots; the first of each come first, so that the
    first chunks of a run go to different devices.

    Raises:
        UsageError: see :func:`check_slot_wishes`; or ``gpu_only``, and there is none.
    """
    check_slot_wishes(max_gpus, cpu_workers, chunks_per_gpu, gpu_only=gpu_only)
    chosen = gpus if max_gpus is None else gpus[:max_gpus]
    if gpu_only and not chosen:
        raise UsageError("--gpu-only: there is no GPU to use here.", "'badc gpus' says why.")
    on_gpus = [
        Slot(f"gpu-{gpu.number}{beside}", gpu)
        for beside in _BESIDE[:chunks_per_gpu]
        for gpu in chosen
    ]
    cpu_slots = cpu_workers if on_gpus else max(1, cpu_workers)
    return (*on_gpus, *(Slot(f"cpu-{number}") for number in range(cpu_slots)))
