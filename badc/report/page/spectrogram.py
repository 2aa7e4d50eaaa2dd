"""The picture of a sound."""

import numpy as np
from matplotlib.figure import Figure

from badc.report.page.chunk_file import Cut
from badc.report.page.style import MUTED, PAPER, WARM, Picture, as_png, house_style

_WINDOW_S = 0.016
_STEPS = 420
_HIGHEST_HZ = 12_000
_RANGE_DB = 42


def draw_spectrogram(cut: Cut, alt: str) -> Picture:
    """Draw time across, frequency upwards, loudness as darkness; the detection's span on top."""
    levels, highest_hz = _levels(cut)
    floor = float(np.percentile(levels, 55))
    ceiling = max(float(levels.max()), floor + 1)
    lowest = max(floor, ceiling - _RANGE_DB)
    length_s = len(cut.samples) / cut.rate_hz
    with house_style():
        figure = Figure(figsize=(3.4, 1.9), layout="constrained")
        axes = figure.add_subplot()
        axes.imshow(
            levels,
            origin="lower",
            aspect="auto",
            cmap="bone_r",
            vmin=lowest,
            vmax=ceiling,
            extent=(0, length_s, 0, highest_hz / 1000),
            interpolation="bilinear",
        )
        top = highest_hz / 1000
        axes.plot(
            [cut.begin_s, cut.end_s],
            [top * 0.97] * 2,
            color=WARM,
            linewidth=2.5,
            solid_capstyle="butt",
        )
        axes.set_ylim(0, top)
        axes.set_xlim(0, length_s)
        axes.set_ylabel("kHz", fontsize=7.5)
        axes.set_xlabel("seconds", fontsize=7.5)
        axes.tick_params(labelsize=7.5, colors=MUTED, length=2)
        axes.spines[:].set_visible(False)
        axes.set_facecolor(PAPER)
        return as_png(figure, alt, dpi=130)


def _levels(cut: Cut) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], float]:
    """Return decibels by frequency and time, and the highest frequency shown."""
    window = max(64, int(_WINDOW_S * cut.rate_hz))
    padded = np.pad(cut.samples, window // 2)
    step = max(1, (len(padded) - window) // _STEPS)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::step]
    power = np.abs(np.fft.rfft(frames * np.hanning(window), axis=1)) ** 2
    highest_hz = min(_HIGHEST_HZ, cut.rate_hz / 2)
    rows = max(2, int(highest_hz * window / cut.rate_hz) + 1)
    return 10 * np.log10(power[:, :rows].T + 1e-12), highest_hz
