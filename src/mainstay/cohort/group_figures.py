"""Pictures of a group in which nobody can be seen: blocks of people for how they lie, and their mean with its range."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mainstay.cohort.group_cells import Floats
from mainstay.cohort.group_differences import Difference
from mainstay.cohort.group_mean import GroupMean
from mainstay.cohort.group_questions import Scale, back, onto
from mainstay.cohort.group_reading import GroupQuestion
from mainstay.cohort.group_words import ends, in_unit, middle, named
from mainstay.cohort.groups import Group
from mainstay.report.figure import Layout, Spec, label_lines, nice_ticks
from mainstay.report.futures_plot import Plot, Row, figure_of, layout_of, rows_panels

BLOCKS, LANE = 76.0, 40.0
MOST_TICKS = 6


def scale_of(one: GroupQuestion) -> Scale:
    """The scale on which people were taken together."""
    return "plain" if one.question is None else one.question.scale


def group_figure(group: Group, mean: GroupMean, width: int) -> Spec:
    """How people lie, in blocks of equally many; where a further person's value lies; the mean with its interval."""
    layout = layout_of(width, left=168, right=24, beside=True)
    edges = block_edges(group.blocks)
    low, high = _frame([*edges, mean.next_one.low, mean.next_one.high])
    ticks = _ticks(scale_of(group.of), low, high)
    panels = []
    if len(edges):
        panels += _lane(layout, "Estimates of people, in blocks of as many", BLOCKS, (low, high), ticks, edges=edges)
    panels += _lane(layout, "A further person, 90 % sure", LANE, (low, high), ticks, band=mean.next_one)
    panels += _lane(layout, f"{middle(group.of).capitalize()}, 90 % sure", LANE, (low, high), ticks, mean=mean)
    foot = Plot(layout, (low, high), (0, 1), 40)
    layers: list[Spec] = []
    for at, name in ticks:
        layers += foot.under(name, at, 12)
    layers += foot.words(group.of.unit, layout.plot / 2, 30, align="center") if group.of.unit else []
    panels.append(foot.panel(layers))
    told = f"{named(group.of)}: {middle(group.of)} {in_unit(group.of, mean.mean)}, {ends(group.of, mean.interval)}; "
    told += f"a further person {ends(group.of, mean.next_one)}"
    return figure_of(panels, layout, "", told)


def _lane(
    layout: Layout,
    label: str,
    height: float,
    across: tuple[float, float],
    ticks: Sequence[tuple[float, str]],
    *,
    edges: Floats | None = None,
    band: object = None,
    mean: GroupMean | None = None,
) -> list[Spec]:
    from mainstay.quantities import Interval

    plot = Plot(layout, across, (0, 1), height)
    layers = [plot.upright(at, colour=plot.palette.hair) for at, _ in ticks]
    middle = height / 2
    if edges is not None:
        layers += _drawn_blocks(plot, edges)
    if isinstance(band, Interval):
        layers.append(plot.box((band.low, band.high), (middle - 6, middle + 6), {"color": plot.palette.strain_band}))
    if mean is not None:
        layers.append(plot.reach(mean.interval.low, mean.interval.high, middle, colour=plot.palette.ink, width=1.8))
        dot = {"type": "point", "x": plot.x(mean.mean), "y": middle, "filled": True, "size": 56, "opacity": 1}
        layers.append({"data": {"values": [{}]}, "mark": {**dot, "color": plot.palette.ink}})
    if layout.narrow:
        strip = Plot(layout, across, (0, 1), layout.body * 1.9)
        words = strip.words(label, 0, layout.body, behind=True)
        return [strip.panel([*(strip.upright(at, colour=plot.palette.hair) for at, _ in ticks), *words]),
                plot.panel(layers)]  # fmt: skip
    lines = label_lines(label, layout.small, layout.left - 14, 3)
    top = middle - (len(lines) - 1) * layout.small * 0.66
    return [plot.panel([*layers, *plot.words(lines, -layout.left, top)])]


def _drawn_blocks(plot: Plot, edges: Floats) -> list[Spec]:
    """One box a block, as high as people lie close: every box has the same area."""
    close = 1.0 / np.diff(edges)
    top = plot.height - 6
    look = {"color": plot.palette.strain_fine, "stroke": plot.palette.paper, "strokeWidth": 1}
    return [
        plot.box(
            (float(edges[i]), float(edges[i + 1])),
            (plot.height - top * float(close[i] / close.max()), plot.height),
            look,
        )
        for i in range(len(close))
    ]


def block_edges(means: Floats) -> Floats:
    """Where blocks begin and end: half way between neighbours' means, and as far outside of the first and last."""
    if len(means) < 2:
        return np.empty(0)
    gaps = np.maximum(np.diff(means), 1e-9 * max(float(np.ptp(means)), 1e-9))
    inner = means[:-1] + 0.5 * gaps
    return np.concatenate([[means[0] - 0.5 * gaps[0]], inner, [means[-1] + 0.5 * gaps[-1]]])


def difference_figure(group: Group, one: Difference, width: int) -> Spec:
    """Each group's mean with its interval."""
    layout = layout_of(width, left=168, right=190, beside=True)
    rows = [
        Row(level.name, f"{in_unit(group.of, level.mean)} ({ends(group.of, level.interval)})",
            level.mean, level.interval.low, level.interval.high)
        for level in one.levels
    ]  # fmt: skip
    low, high = _frame([end for row in rows for end in (row.low, row.high)])
    told = "; ".join(f"{row.label}: {row.note}" for row in rows)
    panels = rows_panels(rows, layout, (low, high), ticks=_ticks(scale_of(group.of), low, high))
    return figure_of(panels, layout, "", f"{named(group.of)} by {one.column}: {told}")


def _frame(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.05 * max(high - low, 1e-9)
    return low - margin, high + margin


def _ticks(scale: Scale, low: float, high: float) -> list[tuple[float, str]]:
    """Round numbers of the unit, at their places on the scale."""
    first, last = back(scale, low), back(scale, high)
    if scale == "plain":
        return [(at, f"{at:g}") for at in nice_ticks(first, last, MOST_TICKS)]
    if scale == "per cent":
        values = [float(at) for at in (1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99) if first <= at <= last]
    else:
        powers = range(math.floor(math.log10(first)), math.ceil(math.log10(last)) + 1)
        values = [k * 10.0**power for power in powers for k in (1, 2, 5) if first <= k * 10.0**power <= last]
        if len(values) < 2:
            values = nice_ticks(first, last, MOST_TICKS)
    step = max(1, math.ceil(len(values) / MOST_TICKS))
    kept = values[::step]
    return [(float(onto(scale, np.array([at]))[0]), f"{at:g}") for at in kept]
