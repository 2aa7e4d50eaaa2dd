"""What was heard along each recording."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from badc.report.page.facts import Facts, Timed
from badc.report.page.style import (
    MUTED,
    OTHER_COLOUR,
    RULE,
    SPECIES_COLOURS,
    WIDTH_IN,
    Picture,
    as_svg,
    house_style,
)
from badc.report.page.words import short
from badc.report.source import Source

_MOST_STEPS = 80
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)

_COUNTS = """
SELECT recording_id, label, (absolute_time_ms // $step_ms)::BIGINT AS step, count(*)
FROM detection
WHERE absolute_time_ms >= 0 AND recording_id IN (SELECT unnest($recordings::VARCHAR[]))
    AND absolute_time_ms // $step_ms < $steps
GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class Timelines:
    """The picture, and the width of its steps in seconds."""

    picture: Picture
    step_s: int


def draw_timelines(source: Source, facts: Facts) -> Timelines:
    """Draw the recordings with the most detections, one line each, coloured by species."""
    longest_s = max(each.last_ms for each in facts.recordings) / 1000
    step_s = next((s for s in _STEPS_S if longest_s / s < _MOST_STEPS), _STEPS_S[-1])
    steps = min(_MOST_STEPS, int(longest_s // step_s) + 1)
    coloured = [each.label for each in facts.species[: len(SPECIES_COLOURS)]]
    counts = _count(source, facts, coloured, step_s, steps)
    highest = max(1, *(int(grid.sum(axis=0).max()) for grid in counts.values()))
    scale, unit = (60, "minutes") if steps * step_s <= 7200 else (3600, "hours")
    edges = np.arange(steps + 1) * step_s / scale
    colours = [*SPECIES_COLOURS[: len(coloured)], OTHER_COLOUR]
    with house_style():
        figure = Figure(figsize=(WIDTH_IN, 1.2 + 0.52 * len(counts)), layout="constrained")
        axes = figure.add_subplot()
        for place, each in enumerate(facts.recordings):
            base = np.full(steps, float(place))
            for row, colour in zip(counts[each.recording_id], colours, strict=True):
                top = base - 0.8 * row / highest
                if row.any():
                    axes.stairs(top, edges, baseline=base, fill=True, color=colour, linewidth=0)
                base = top
            axes.axhline(place, color=RULE, linewidth=0.8, zorder=0)
        axes.set_yticks(range(len(facts.recordings)), [_named(each) for each in facts.recordings])
        axes.set_ylim(len(facts.recordings) - 0.8, -1.0)
        axes.set_xlim(0, edges[-1])
        axes.set_xlabel(f"{unit} since the recording began")
        axes.spines["left"].set_visible(False)
        _legend(figure, facts, coloured)
        said = "; ".join(f"{_named(each)}: {each.detections:,}" for each in facts.recordings)
        return Timelines(as_svg(figure, f"Detections along recordings: {said}."), step_s)


def _count(
    source: Source, facts: Facts, coloured: list[str], step_s: int, steps: int
) -> dict[str, np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Return recording -> counts by species (the last row: all others) and step."""
    counts = {each.recording_id: np.zeros((len(coloured) + 1, steps)) for each in facts.recordings}
    row_of = {label: row for row, label in enumerate(coloured)}
    found = source.rows(_COUNTS, step_ms=step_s * 1000, steps=steps, recordings=list(counts))
    for recording_id, label, step, number in found:
        counts[recording_id][row_of.get(label, len(coloured)), step] += number
    return counts


def _legend(figure: Figure, facts: Facts, coloured: list[str]) -> None:
    named = [
        Patch(color=colour, label=short(each.name, 24))
        for colour, each in zip(SPECIES_COLOURS, facts.species, strict=False)
    ]
    if facts.totals.labels > len(coloured):
        named.append(Patch(color=OTHER_COLOUR, label="all others"))
    figure.legend(
        handles=named,
        labels=[str(patch.get_label()) for patch in named],
        loc="outside upper left",
        ncols=4,
        frameon=False,
        fontsize=9,
        handlelength=1,
        handleheight=1,
        labelcolor=MUTED,
    )


def _named(recording: Timed) -> str:
    if recording.started is None:
        return short(recording.recording_id, 30)
    place = short(recording.location, 16) if recording.location else ""
    when = f"{recording.started:%d %b %H:%M}"
    return f"{place} · {when}" if place else f"{short(recording.recording_id, 24)} · {when}"
