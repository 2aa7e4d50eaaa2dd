"""Ask NVML which devices there are, in a process that can be given up: one line of JSON.

A driver that hangs would hold its asker for ever, and a broken library may end it.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

import pynvml

from badc.hardware.gpu import Gpu
from badc.hardware.sample import mig_slices

_MIB = 1 << 20


def main() -> None:
    """Print ``{"gpus": […], "unusable": {index: why}}`` or ``{"fault": …, "missing": …}``."""
    try:
        answer = _ask()
    except pynvml.NVMLError as error:
        missing = isinstance(error, pynvml.NVMLError_LibraryNotFound)
        answer = {"fault": str(error), "missing": missing}
    sys.stdout.write(json.dumps(answer) + "\n")


def _ask() -> dict[str, Any]:
    pynvml.nvmlInit()
    gpus: list[dict[str, Any]] = []
    unusable = {}
    for index in range(pynvml.nvmlDeviceGetCount()):
        try:
            gpus += map(asdict, _devices(index))
        except pynvml.NVMLError_FunctionNotFound:  # the library's fault, not the device's
            raise
        except pynvml.NVMLError as error:  # one that fell off the bus hides no other
            unusable[index] = str(error)
    return {"gpus": gpus, "unusable": unusable}


def _devices(index: int) -> list[Gpu]:
    """Return one device, or its slices where it is sliced: CUDA can use only those then."""
    whole = pynvml.nvmlDeviceGetHandleByIndex(index)
    try:
        sliced, _ = pynvml.nvmlDeviceGetMigMode(whole)
    except pynvml.NVMLError:
        sliced = False  # a model that cannot be
    if sliced:
        return [_device(index, each, number) for number, each in enumerate(mig_slices(whole))]
    return [_device(index, whole, None)]


def _device(index: int, device: Any, mig: int | None) -> Gpu:  # noqa: ANN401 - NVML's handle
    memory_mib = int(pynvml.nvmlDeviceGetMemoryInfo(device).total) // _MIB
    return Gpu(
        index, pynvml.nvmlDeviceGetUUID(device), pynvml.nvmlDeviceGetName(device), memory_mib, mig
    )


if __name__ == "__main__":
    main()
