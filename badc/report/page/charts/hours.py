"""When each species calls: species by hour of the day, set against when anyone listened."""

import numpy as np
from matplotlib.figure import Figure

from badc.report.page.facts import Facts
from badc.report.page.listened import by_hour
from badc.report.page.style import (
    ABSENT,
    HATCH,
    MUTED,
    PAPER,
    SEQUENCE,
    WIDTH_IN,
    Picture,
    as_svg,
    house_style,
)
from badc.report.page.words import short

_MOST_ROWS = 15


def shows_rates(facts: Facts) -> bool:
    """Say whether every hour with detections is known to have been listened to."""
    listened = by_hour(facts.listening)
    heard = np.array(list(facts.hours.values()), dtype=int).reshape(-1, 24).sum(axis=0)
    return any(listened) and all(s > 0 for s, n in zip(listened, heard, strict=True) if n)


def draw_hours(facts: Facts) -> Picture:
    """Draw species by hour, each row scaled to its own busiest hour.

    Where effort is known, a row shows detections per hour of listening, and hours in which nobody
    listened are hatched; else it shows detections.
    """
    listened = by_hour(facts.listening)
    is_rate = shows_rates(facts)
    top = [each for each in facts.species if each.label in facts.hours][:_MOST_ROWS]
    grid = np.array([facts.hours[each.label] for each in top], dtype=float)
    if is_rate:
        grid = np.divide(grid, np.array(listened) / 3600, where=np.array(listened) > 0, out=grid)
    busiest = grid.max(axis=1)
    with house_style():
        figure = Figure(figsize=(WIDTH_IN, 1.0 + 0.3 * len(top)), layout="constrained")
        axes = figure.add_subplot()
        axes.pcolormesh(
            np.arange(25),
            np.arange(len(top) + 1),
            grid / np.maximum(busiest, 1e-12)[:, None],
            cmap=SEQUENCE,
            vmin=0,
            vmax=1,
            edgecolors=PAPER,
            linewidth=1.5,
        )
        for hour in range(24):
            if is_rate and not listened[hour]:
                axes.axvspan(hour, hour + 1, fc=ABSENT, ec=HATCH, hatch="////", linewidth=0)
        axes.set_yticks(np.arange(len(top)) + 0.5, [short(each.name) for each in top])
        axes.set_xticks(range(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
        axes.set_ylim(len(top), 0)
        axes.spines[:].set_visible(False)
        right = axes.secondary_yaxis("right")
        numbers = [f"{sum(facts.hours[each.label]):,}" for each in top]
        right.set_yticks(np.arange(len(top)) + 0.5, numbers)
        right.tick_params(colors=MUTED, labelsize=9)
        right.spines[:].set_visible(False)
        peaks = "; ".join(
            f"{short(each.name)} at {int(np.argmax(row)):02d}:00"
            for each, row in zip(top, grid, strict=True)
        )
        return as_svg(figure, f"Heat map of species by hour of the day. Busiest hours: {peaks}.")
