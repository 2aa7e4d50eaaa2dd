"""When anyone listened: days by hour of the day."""

from datetime import date, timedelta

import numpy as np
from matplotlib.figure import Figure

from badc.report.page.facts import Facts
from badc.report.page.listened import by_day_and_hour
from badc.report.page.style import MUTED, PAPER, SEQUENCE, WIDTH_IN, Picture, as_svg, house_style
from badc.report.page.words import day, duration

_MOST_COLUMNS = 62


def draw_effort(facts: Facts) -> Picture | None:
    """Draw how long was listened in each hour of each day; None where no start is known."""
    seconds = by_day_and_hour(facts.listening)
    if not seconds:
        return None
    first, last = min(seconds)[0], max(seconds)[0]
    step = -(-((last - first).days + 1) // _MOST_COLUMNS)  # days a column
    columns = (last - first).days // step + 1
    grid = np.zeros((24, columns))
    for (when, hour), listened in seconds.items():
        grid[hour, (when - first).days // step] += listened / 60
    return _drawn(grid, first, step, sum(seconds.values()))


def _drawn(
    grid: np.ndarray[tuple[int, int], np.dtype[np.float64]], first: date, step: int, total_s: float
) -> Picture:
    columns = grid.shape[1]
    width = min(WIDTH_IN, 2.6 + 0.62 * columns)
    with house_style():
        figure = Figure(figsize=(width, 3.6), layout="constrained")
        axes = figure.add_subplot()
        mesh = axes.pcolormesh(
            np.arange(columns + 1),
            np.arange(25),
            np.ma.masked_equal(grid, 0),
            cmap=SEQUENCE,
            vmin=0,
            edgecolors=PAPER,
            linewidth=1,
        )
        axes.set_facecolor("#f4f5f4")
        axes.set_yticks(range(0, 25, 6), [f"{hour:02d}:00" for hour in range(0, 25, 6)])
        axes.set_ylim(24, 0)
        every = -(-columns // 8)
        shown = range(0, columns, every)
        names = [f"{first + timedelta(days=n * step):%d %b}" for n in shown]
        axes.set_xticks([n + 0.5 for n in shown], names)
        axes.spines[:].set_visible(False)
        bar = figure.colorbar(mesh, ax=axes, shrink=0.8, pad=0.02, aspect=18)
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=8.5, colors=MUTED)
        bar.set_label("minutes" if step == 1 else f"minutes in {step} days", fontsize=9)
        alt = (
            f"Listening by day and hour of the day: {duration(total_s)} in {columns}"
            f" columns of {step} day(s) from {day(first)}."
        )
        return as_svg(figure, alt)
