"""A rule of thumb for what a chunk takes of a GPU's memory; it knows nothing of the model."""

from dataclasses import dataclass

from badc.chunking.sampling import Sampling
from badc.hardware import Gpu

_COPIES = 4  # samples as 32-bit floats, spectrograms, batches
_OVERHEAD = 1.35
_USABLE = 0.8  # of the GPU's memory
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the rule says.

    Attributes:
        bytes_per_s: memory for each second of a chunk.
        gpu: the device, or None where there is none to compare with.
    """

    bytes_per_s: float
    gpu: Gpu | None

    @property
    def longest_s(self) -> float | None:
        """The longest chunk for the device; None without one, or where its size is not known."""
        if self.gpu is None or not self.gpu.memory_mib:
            return None
        return _USABLE * self.gpu.memory_mib * _MIB / self.bytes_per_s

    def mib(self, duration_s: float) -> float:
        """Return what a chunk of ``duration_s`` takes, in MiB."""
        return self.bytes_per_s * duration_s / _MIB


def estimate(sampling: Sampling, gpu: Gpu | None) -> Estimate:
    """Return the rule's estimate for chunks of a recording."""
    pcm_bytes_per_s = sampling.rate_hz * sampling.channels * sampling.width_bytes
    return Estimate(pcm_bytes_per_s * _COPIES * _OVERHEAD, gpu)
