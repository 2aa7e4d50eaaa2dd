"""Decoded samples -> the bytes of PCM, without loss where the source is PCM itself.

Integer sources keep every bit. Decoders of lossy codecs overshoot full scale now and then: their
samples are clipped, as every player does, and counted. In float recordings values beyond full
scale are signal: the whole recording is halved until they fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import frexp

import numpy as np

from badc.chunking.recording import Recording

_INTEGERS = {  # subtype: (type to read, bytes a sample)
    "PCM_24": ("int32", 3),
    "ALAC_20": ("int32", 3),
    "ALAC_24": ("int32", 3),
    "DWVW_24": ("int32", 3),
    "PCM_32": ("int32", 4),
    "ALAC_32": ("int32", 4),
}
_FLOATS = {"FLOAT": "float32", "DOUBLE": "float64"}
_LOSSY = {  # full scale, as libsndfile itself makes 16-bit samples of each
    "VORBIS": 32767.0,
    "OPUS": 32767.0,
    "MPEG_LAYER_I": 32768.0,
    "MPEG_LAYER_II": 32768.0,
    "MPEG_LAYER_III": 32768.0,
}


@dataclass(slots=True)
class Encoder:
    """Turns blocks of one recording into little-endian PCM.

    Attributes:
        dtype: what to read from the recording.
        width_bytes: of one sample in the chunk.
        full_scale: what 1.0 becomes; 0 for integers, which stay as they are.
        halvings: how often a float recording is halved to fit.
        clipped, not_numbers: how many samples were clipped, or made silent, so far.
    """

    dtype: str = "int16"
    width_bytes: int = 2
    full_scale: float = 0.0
    halvings: int = 0
    clipped: int = field(default=0, init=False)
    not_numbers: int = field(default=0, init=False)

    def encode(self, block: np.ndarray) -> bytes:
        """Return the PCM bytes of ``block``; the array stays as it is."""
        if self.full_scale:
            return self._from_float(block).astype(f"<i{self.width_bytes}").tobytes()
        if self.width_bytes == 3:
            lanes = np.ascontiguousarray(block, "<i4").view(np.uint8).reshape(-1, 4)
            return lanes[:, 1:].tobytes()  # the lowest byte of a 24-bit sample read as 32 is 0
        return block.astype(f"<i{self.width_bytes}", copy=False).tobytes()

    def _from_float(self, block: np.ndarray) -> np.ndarray:
        finite = np.isfinite(block)
        self.not_numbers += block.size - int(np.count_nonzero(finite))
        known = np.where(finite, block, block.dtype.type(0))
        # float32 times float32 for lossy codecs, so that rounding is libsndfile's
        kind = np.float64 if self.width_bytes == 4 else np.float32
        scaled = np.rint(np.ldexp(known.astype(kind), -self.halvings) * kind(self.full_scale))
        top = 2.0 ** (8 * self.width_bytes - 1) - 1
        # 1.0 lies one step above the highest sample: that step is nobody's loss
        over = np.count_nonzero((scaled > top + 1) | (scaled < -top - 1))
        self.clipped += int(over)
        fitting: np.ndarray = np.clip(scaled.astype(np.float64), -top - 1, top)
        return fitting


def encoder_for(recording: Recording) -> Encoder:
    """Choose how to encode ``recording``. A float recording is read through once for its peak.

    8-bit, 16-bit and 16-bit codecs become 16-bit PCM, 24-bit stays 24, 32-bit and float become
    32-bit PCM, lossy codecs 16-bit.

    Raises:
        BadcError: a float recording is damaged.
    """
    if dtype := _FLOATS.get(recording.subtype):
        return Encoder(dtype, 4, 2.0**31, _halvings(recording.blocks(dtype)))
    if recording.subtype in _LOSSY:
        return Encoder("float32", 2, _LOSSY[recording.subtype])
    return Encoder(*_INTEGERS.get(recording.subtype, ("int16", 2)))


def width_bytes(recording: Recording) -> int:
    """Return how many bytes a sample of ``recording`` takes in its chunks."""
    return 4 if recording.subtype in _FLOATS else _INTEGERS.get(recording.subtype, ("", 2))[1]


def _halvings(blocks: Iterable[np.ndarray]) -> int:
    """Return how often the samples must be halved to lie within -1 and 1."""
    peak = 0.0
    for block in blocks:
        peak = max(peak, float(np.max(np.abs(block), initial=0.0, where=np.isfinite(block))))
    if peak <= 1:
        return 0
    fraction, exponent = frexp(peak)
    return exponent - (fraction == 0.5)  # a power of two fits exactly
