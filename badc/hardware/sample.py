"""How busy this host's GPUs are at one moment, by NVML, the driver's own library."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from badc.hardware.gpu import Gpu

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class GpuSample:
    """One device at one moment.

    Attributes:
        uuid: the device, whole or a MIG slice.
        at_s: when, in seconds since 1970 by the host's clock.
        index: of the whole device, as the driver counts.
        utilization_pct: share of the last moments in which it worked; None for a MIG slice, of
            which NVML does not know.
        memory_used_mib, memory_total_mib: its memory.
    """

    uuid: str
    at_s: float
    index: int
    utilization_pct: int | None
    memory_used_mib: int
    memory_total_mib: int

    def to_json(self) -> dict[str, Any]:
        """Return what :meth:`from_json` reads."""
        return asdict(self)

    def figures(self) -> dict[str, Any]:
        """Return ``{index, utilization, memory_used_mb, memory_total_mb}``, as logs hold it."""
        return {
            "index": self.index,
            "utilization": self.utilization_pct,
            "memory_used_mb": self.memory_used_mib,
            "memory_total_mb": self.memory_total_mib,
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "GpuSample":
        """Undo :meth:`to_json`."""
        return cls(**record)


def sample_gpus() -> list[GpuSample]:
    """Ask NVML about every device of this host; those that do not answer are left out.

    May take as long as the driver takes to answer: for ever, if it hangs.
    """
    import pynvml  # noqa: PLC0415 - 10 ms that few commands need

    found = []
    with contextlib.suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        for index in range(pynvml.nvmlDeviceGetCount()):
            with contextlib.suppress(pynvml.NVMLError):
                whole = pynvml.nvmlDeviceGetHandleByIndex(index)
                found += [_sample(index, device) for device in (whole, *mig_slices(whole))]
    return found


def device_metrics(gpu: Gpu | None) -> dict[str, Any] | None:
    """Return the :meth:`GpuSample.figures` of one device now.

    None without a device, and where NVML does not know. For an attempt on its own; in a run, a
    :class:`badc.hardware.GpuSampler` asks for all of a host.
    """
    samples = [] if gpu is None else sample_gpus()
    return next((each.figures() for each in samples if gpu and each.uuid == gpu.uuid), None)


def mig_slices(whole: Any) -> Iterator[Any]:  # noqa: ANN401 - NVML's handles have no type
    """Yield the handle of each MIG slice of a device; none where MIG is off or unknown."""
    import pynvml  # noqa: PLC0415

    with contextlib.suppress(pynvml.NVMLError):
        enabled, _ = pynvml.nvmlDeviceGetMigMode(whole)
        most = pynvml.nvmlDeviceGetMaxMigDeviceCount(whole) if enabled else 0
        for number in range(most):
            with contextlib.suppress(pynvml.NVMLError):  # numbers without a slice
                yield pynvml.nvmlDeviceGetMigDeviceHandleByIndex(whole, number)


def _sample(index: int, device: Any) -> GpuSample:  # noqa: ANN401 - NVML's handles have no type
    import pynvml  # noqa: PLC0415

    memory = pynvml.nvmlDeviceGetMemoryInfo(device)
    load = None
    with contextlib.suppress(pynvml.NVMLError):
        load = int(pynvml.nvmlDeviceGetUtilizationRates(device).gpu)
    return GpuSample(
        uuid=pynvml.nvmlDeviceGetUUID(device),
        at_s=time.time(),
        index=index,
        utilization_pct=load,
        memory_used_mib=int(memory.used) // _MIB,
        memory_total_mib=int(memory.total) // _MIB,
    )
