"""A clip to listen to: mono, small, loud enough, in a format that every browser plays."""

import io

import numpy as np
import soundfile

from badc.report.page.chunk_file import Cut, Samples
from badc.report.page.style import data_uri

PLAYED_RATE_HZ = 24_000  # holds sound up to 12 kHz
_PEAK = 0.7
_FADE_S = 0.01


def as_audio(cut: Cut) -> str:
    """Return the clip as a ``data:`` address."""
    samples = resampled(cut.samples, cut.rate_hz, PLAYED_RATE_HZ)
    peak = float(np.abs(samples).max())
    samples = samples * (_PEAK / peak) if peak > 0 else samples
    fade = min(len(samples) // 2, int(_FADE_S * PLAYED_RATE_HZ))
    if fade:
        samples[:fade] *= np.linspace(0, 1, fade, dtype="float32")
        samples[-fade:] *= np.linspace(1, 0, fade, dtype="float32")
    stream = io.BytesIO()
    if "MP3" in soundfile.available_formats():
        soundfile.write(stream, samples, PLAYED_RATE_HZ, format="MP3", subtype="MPEG_LAYER_III")
        return data_uri("audio/mpeg", stream.getvalue())
    soundfile.write(stream, samples, PLAYED_RATE_HZ, format="WAV", subtype="PCM_16")
    return data_uri("audio/wav", stream.getvalue())


def resampled(samples: Samples, rate_hz: int, wanted_hz: int) -> Samples:
    """Return ``samples`` at another rate, by their spectrum: exact enough for a few seconds."""
    length = round(len(samples) * wanted_hz / rate_hz)
    if rate_hz == wanted_hz or length < 2:
        return samples.copy()
    spectrum = np.fft.rfft(samples)
    kept = np.zeros(length // 2 + 1, dtype=spectrum.dtype)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    return (np.fft.irfft(kept, length) * (length / len(samples))).astype("float32")
