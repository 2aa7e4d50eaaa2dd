"""How busy a device is, by NVML, the driver's own library."""

from typing import Any

from badc.hardware.gpu import Gpu

_MIB = 1 << 20


def device_metrics(gpu: Gpu | None) -> dict[str, Any] | None:
    """Return ``{index, utilization, memory_used_mb, memory_total_mb}`` now, or None.

    Utilisation is in percent. None for a CPU slot, and where NVML cannot be asked: a missing
    figure must never cost a chunk.
    """
    if gpu is None:
        return None
    try:
        import pynvml  # noqa: PLC0415 - comes with the gpu extra only

        pynvml.nvmlInit()
        device = pynvml.nvmlDeviceGetHandleByUUID(gpu.uuid)
        memory = pynvml.nvmlDeviceGetMemoryInfo(device)
        load = pynvml.nvmlDeviceGetUtilizationRates(device)
    except Exception:  # noqa: BLE001 - whatever a driver's library raises
        return None
    return {
        "index": gpu.index,
        "utilization": int(load.gpu),
        "memory_used_mb": int(memory.used) // _MIB,
        "memory_total_mb": int(memory.total) // _MIB,
    }
