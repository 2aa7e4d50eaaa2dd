"""What ``nvidia-smi`` says about the GPUs of this host."""

import csv
import os
import shutil
from dataclasses import dataclass

from badc.process import ProcessDoor, ProgramMissingError

_FIELDS = ("index", "uuid", "name", "memory.total")
_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Gpu:
    """One device.

    Attributes:
        index: as the driver counts.
        uuid: the device's own name, stable over restarts.
        name: the model.
        memory_mib: total memory in MiB.
    """

    index: int
    uuid: str
    name: str
    memory_mib: int


@dataclass(frozen=True, slots=True)
class GpuInventory:
    """The devices BADC may use, and one line about them for people."""

    gpus: tuple[Gpu, ...]
    diagnosis: str


def find_gpus() -> GpuInventory:
    """Ask ``nvidia-smi`` which GPUs there are, obeying a ``CUDA_VISIBLE_DEVICES`` already set.

    A missing driver, one that denies access and one that hangs each give no devices and a
    diagnosis that says so; none of them is an error, because a CPU can do the work.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return GpuInventory((), "No NVIDIA driver here: nvidia-smi was not found.")
    query = [program, f"--query-gpu={','.join(_FIELDS)}", "--format=csv,noheader,nounits"]
    try:
        answer = ProcessDoor().run(query, timeout_s=_LIMIT_S)
    except ProgramMissingError as error:  # a broken file of that name, say
        return GpuInventory((), error.message)
    if answer.timed_out:
        return GpuInventory((), f"nvidia-smi did not answer within {_LIMIT_S:.0f} s.")
    if answer.returncode != 0:
        said = (answer.stderr.strip() or answer.stdout.strip() or "no reason given").splitlines()[0]
        return GpuInventory((), f"nvidia-smi failed (exit {answer.returncode}): {said}")
    found = parse_inventory(answer.stdout)
    gpus = visible(found, os.environ.get("CUDA_VISIBLE_DEVICES"))
    listed = ", ".join(f"#{gpu.index} {gpu.name} ({gpu.memory_mib} MiB)" for gpu in gpus)
    if len(gpus) < len(found):
        setting = f"CUDA_VISIBLE_DEVICES allows {len(gpus)} of {len(found)} GPUs"
        return GpuInventory(gpus, f"{setting}: {listed}" if listed else f"{setting}.")
    return GpuInventory(gpus, f"GPUs: {listed}" if listed else "nvidia-smi lists no GPU.")


def parse_inventory(text: str) -> tuple[Gpu, ...]:
    """Read the CSV that :data:`_FIELDS` asks for; lines of another form are passed over."""
    gpus = []
    for cells in csv.reader(text.splitlines(), skipinitialspace=True):
        if len(cells) == len(_FIELDS) and cells[0].strip().isdecimal():
            index, uuid, name, memory = (cell.strip() for cell in cells)
            gpus.append(Gpu(int(index), uuid, name, int(memory) if memory.isdecimal() else 0))
    return tuple(gpus)


def visible(gpus: tuple[Gpu, ...], setting: str | None) -> tuple[Gpu, ...]:
    """Return the devices that a ``CUDA_VISIBLE_DEVICES`` value allows, in its order.

    As CUDA itself does, reading stops at the first entry that names no device.
    """
    if setting is None:
        return gpus
    allowed: list[Gpu] = []
    for entry in (part.strip() for part in setting.split(",")):
        match = [gpu for gpu in gpus if _names(entry, gpu)]
        if len(match) != 1 or match[0] in allowed:
            break
        allowed += match
    return tuple(allowed)


def _names(entry: str, gpu: Gpu) -> bool:
    if entry.isdecimal():
        return int(entry) == gpu.index
    return len(entry) > len("GPU-") and gpu.uuid.startswith(entry)
