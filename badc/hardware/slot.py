"""A slot: a place where a chunk can run, one GPU or one CPU worker."""

from dataclasses import dataclass

from badc.errors import UsageError
from badc.hardware.gpu import Gpu

_MOST_CPU_SLOTS = 1024


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a chunk runs.

    Attributes:
        label: ``gpu-0``, ``gpu-0.1`` (a MIG slice) or ``cpu-0``, as tables and telemetry show it.
        gpu: the device, or None for a CPU slot.
    """

    label: str
    gpu: Gpu | None = None

    @property
    def visible_devices(self) -> str:
        """What a runner in this slot gets as ``CUDA_VISIBLE_DEVICES``: its own device, or none."""
        return "" if self.gpu is None else self.gpu.cuda_name


def decide_slots(
    gpus: tuple[Gpu, ...], max_gpus: int | None = None, cpu_workers: int = 0
) -> tuple[Slot, ...]:
    """Return one slot per GPU, up to ``max_gpus``, then the CPU slots.

    ``max_gpus`` None means all and 0 none. Without any GPU there is at least one CPU slot.

    Raises:
        UsageError: a negative number, or far too many.
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
    chosen = gpus if max_gpus is None else gpus[:max_gpus]
    on_gpus = [Slot(f"gpu-{gpu.number}", gpu) for gpu in chosen]
    cpu_slots = cpu_workers if on_gpus else max(1, cpu_workers)
    return (*on_gpus, *(Slot(f"cpu-{number}") for number in range(cpu_slots)))
