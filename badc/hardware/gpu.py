"""A GPU, whole or a MIG slice of one, and which of them a process may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gpu:
    """One device that CUDA can use.

    Attributes:
        index: of the whole device, as the driver counts.
        uuid: the device's own name, stable over restarts; ``MIG-…`` of a slice.
        name: the model.
        memory_mib: total memory in MiB.
        mig: which slice of the device this is, from 0; None for a whole device.
    """

    index: int
    uuid: str
    name: str
    memory_mib: int
    mig: int | None = None

    @property
    def number(self) -> str:
        """How people call it: ``0``, or ``0.1`` for the second slice of device 0."""
        return str(self.index) if self.mig is None else f"{self.index}.{self.mig}"

    @property
    def cuda_name(self) -> str:
        """What ``CUDA_VISIBLE_DEVICES`` holds to show this device alone."""
        return str(self.index) if self.mig is None else self.uuid

    def __str__(self) -> str:
        return f"#{self.number} {self.name} ({self.memory_mib} MiB)"


def visible(gpus: tuple[Gpu, ...], setting: str | None) -> tuple[Gpu, ...]:
    """Return the devices that a ``CUDA_VISIBLE_DEVICES`` value allows, in its order.

    An entry is an index or the beginning of one UUID. The index of a sliced device means all its
    slices. As CUDA itself does, reading stops at the first entry that names no device.
    """
    if setting is None:
        return gpus
    allowed: list[Gpu] = []
    for entry in (part.strip() for part in setting.split(",")):
        match = _named(entry, gpus)
        if not match or match[0] in allowed:
            break
        allowed += match
    return tuple(allowed)


def _named(entry: str, gpus: tuple[Gpu, ...]) -> list[Gpu]:
    if entry.isascii() and entry.isdigit():
        return [gpu for gpu in gpus if gpu.index == int(entry)]
    long_enough = len(entry) > len("GPU-") and entry.startswith(("GPU-", "MIG-"))
    match = [gpu for gpu in gpus if long_enough and gpu.uuid.startswith(entry)]
    return match if len(match) == 1 else []
