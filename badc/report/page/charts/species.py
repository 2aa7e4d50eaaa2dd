"""Detections by species."""

from matplotlib.figure import Figure

from badc.report.page.facts import Facts
from badc.report.page.style import (
    ACCENT,
    MUTED,
    WIDTH_IN,
    Picture,
    as_svg,
    house_style,
)
from badc.report.page.words import short

MOST_BARS = 15


def draw_species(facts: Facts) -> Picture:
    """Draw one bar for each of the most frequent species."""
    top = facts.species[:MOST_BARS]
    names = [short(each.name) for each in top]
    counts = [each.detections for each in top]
    with house_style():
        figure = Figure(figsize=(WIDTH_IN, 0.6 + 0.29 * len(names)), layout="constrained")
        axes = figure.add_subplot()
        places = range(len(names))
        axes.barh(places, counts, height=0.68, color=ACCENT)
        axes.set_yticks(places, names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, max(counts, default=1) * 1.09)
        for place, number in zip(places, counts, strict=True):
            axes.annotate(
                f"{number:,}",
                (number, place),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
                color=MUTED,
            )
        axes.spines[["bottom", "left"]].set_visible(False)
        axes.set_xticks([])
        said = "; ".join(f"{name} {number:,}" for name, number in zip(names, counts, strict=True))
        return as_svg(figure, f"Bars of detections by species: {said}.")
