"""The samples of a run's GPUs so far, and what they say about one attempt."""

import threading
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any

from badc.hardware.sample import GpuSample

_KEPT = 20_000  # of each device; five hours
_STALE_S = 10.0


class GpuHistory:
    """Samples by device, oldest first; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: dict[str, deque[GpuSample]] = defaultdict(lambda: deque(maxlen=_KEPT))

    def add(self, samples: Iterable[GpuSample]) -> None:
        """Take in what a sampler has seen."""
        with self._lock:
            for sample in samples:
                self._samples[sample.uuid].append(sample)

    def during(self, uuid: str, began_s: float, ended_s: float) -> dict[str, Any]:
        """Return what a device did from ``began_s`` to ``ended_s`` (seconds since 1970).

        ``before`` and ``after`` are ``{index, utilization, memory_used_mb, memory_total_mb}`` at
        the beginning and the end, ``peak`` and ``mean`` the highest and mean figures in between
        and ``samples`` their number. All are None, or absent, where there are no figures.
        """
        seen = self._seen(uuid, began_s, ended_s)
        if not seen:
            return {"before": None, "after": None}
        loads = [each.utilization_pct for each in seen if each.utilization_pct is not None]
        memory = [each.memory_used_mib for each in seen]
        return {
            "before": seen[0].figures(),
            "after": seen[-1].figures(),
            "peak": {"utilization": max(loads, default=None), "memory_used_mb": max(memory)},
            "mean": {
                "utilization": round(sum(loads) / len(loads), 1) if loads else None,
                "memory_used_mb": round(sum(memory) / len(memory)),
            },
            "samples": len(seen),
        }

    def _seen(self, uuid: str, began_s: float, ended_s: float) -> list[GpuSample]:
        """Return the last sample before the time, if it is fresh, and those within it, in order."""
        seen = []
        with self._lock:
            for sample in reversed(self._samples.get(uuid, ())):
                if sample.at_s > ended_s:
                    continue
                if sample.at_s >= began_s - _STALE_S:
                    seen.append(sample)
                if sample.at_s <= began_s:
                    break
        return seen[::-1]
