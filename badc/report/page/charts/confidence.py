"""How sure the detector was, species by species."""

import numpy as np
from matplotlib.figure import Figure

from badc.report.page.facts import CONFIDENCE_BINS, Facts
from badc.report.page.style import ACCENT, RULE, WARM, WIDTH_IN, Picture, as_svg, house_style
from badc.report.page.words import short

_MOST_ROWS = 12


def draw_confidence(facts: Facts) -> Picture:
    """Draw each species' distribution of confidence on a line of its own, with its median."""
    top = [each for each in facts.species if each.label in facts.confidences][:_MOST_ROWS]
    edges = np.linspace(0, 1, CONFIDENCE_BINS + 1)
    with house_style():
        figure = Figure(figsize=(WIDTH_IN, 0.8 + 0.42 * len(top)), layout="constrained")
        axes = figure.add_subplot()
        for place, each in enumerate(top):
            heights = np.array(facts.confidences[each.label], dtype=float)
            axes.stairs(
                place - 0.82 * heights / heights.max(),
                edges,
                baseline=place,
                fill=True,
                color=ACCENT,
                alpha=0.75,
                linewidth=0,
            )
            axes.axhline(place, color=RULE, linewidth=0.8, zorder=0)
            if each.median_confidence is not None:
                middle = min(1.0, max(0.0, each.median_confidence))
                axes.plot(middle, place, "o", color=WARM, markersize=5, clip_on=False, zorder=3)
        axes.set_yticks(range(len(top)), [short(each.name) for each in top])
        axes.set_ylim(len(top) - 0.7, -1.0)
        axes.set_xlim(0, 1)
        axes.set_xlabel("confidence")
        axes.spines["left"].set_visible(False)
        medians = "; ".join(f"{short(e.name)} {e.median_confidence or 0:.2f}" for e in top)
        return as_svg(figure, f"Distribution of confidence by species. Medians: {medians}.")
