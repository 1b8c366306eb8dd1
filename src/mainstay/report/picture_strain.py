"""The main panel: strain and its band, the threshold and its band, and each act where it was sought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.report import picture_data as data
from mainstay.report.figure import (
    Spec,
    across,
    nice_ticks,
    panel,
    rows,
    rule_at,
    shortened,
    text_width,
    up,
    words_at,
    wrapped,
)  # fmt: skip
from mainstay.report.picture_lanes import Sheet, bars, ground, lane, span_words, track
from mainstay.report.words import clean, number, percent
from mainstay.strain.posterior import Curves
from mainstay.timeline.kinds import Floats


@dataclass(frozen=True, slots=True)
class Pane:
    """The panel's surface: the sheet it is on, its ends in units of strain, and its height in pixels."""

    page: Sheet
    low: float
    high: float
    height: float

    def pixel(self, value: float) -> float:
        """Pixels from the top; values off the panel stand at its edge."""
        share = (self.high - value) / (self.high - self.low)
        return float(np.clip(share, 0.0, 1.0) * self.height)

    def band(self, days: Floats, low: Floats, high: Floats, look: Spec, run: list[int] | None = None) -> Spec:
        """A filled band between two curves, cut at the panel's edges; `run` numbers its unbroken stretches."""
        top, foot = np.clip(high, self.low, self.high), np.clip(low, self.low, self.high)
        table = rows(day=days.tolist(), low=foot.tolist(), high=top.tolist(), run=run or [0] * len(days))
        return {"data": table, "mark": {"type": "area", **look}, "encoding": {
            "x": across(self.page.days), "y": up("high", self.low, self.high), "y2": {"field": "low"},
            "detail": {"field": "run"},
        }}  # fmt: skip

    def line(self, days: Floats, values: Floats, look: Spec, run: list[int] | None = None) -> Spec:
        """A line through a curve, cut at the panel's edges; `run` numbers its unbroken stretches."""
        table = rows(day=days.tolist(), value=values.tolist(), run=run or [0] * len(days))
        mark = {"type": "line", "strokeJoin": "round", "clip": True, **look}
        return {"data": table, "mark": mark, "encoding": {**self.place(), "detail": {"field": "run"}}}

    def dots(self, days: Floats, values: Floats, look: Spec) -> Spec:
        """A dot for each value."""
        mark = {"type": "point", "filled": True, "clip": True, **look}
        return {"data": rows(day=days.tolist(), value=values.tolist()), "mark": mark, "encoding": self.place()}

    def place(self) -> Spec:
        """Where a value stands."""
        return {"x": across(self.page.days), "y": up("value", self.low, self.high)}

    def ground(self, values: list[float], rest: float | None = None) -> list[Spec]:
        """Shadings, hairlines at the dates and at values with their numbers; the rest level is drawn darker."""
        palette, layout = self.page.palette, self.page.layout
        layers = ground(self.page, self.height)
        for value in values:
            at_rest = value == rest
            place = self.pixel(value)
            layers.append(rule_at(0, layout.plot, place, colour=palette.quiet if at_rest else palette.hair))
            text = f"{value:g}" if layout.narrow or not at_rest else "at rest  0"
            layers += words_at(text, -6, place, colour=palette.quiet, size=layout.small, align="right")
        return layers


def strain_panels(page: Sheet, curves: Curves) -> list[Spec]:
    """Strain over time, with what its lines mean above it and, where there is room, beside it."""
    bins = data.strain_bins(curves, page.days, page.layout.plot)
    pane = _pane(page, bins)
    layers = pane.ground(nice_ticks(pane.low, pane.high, 5), rest=0.0)
    layers += [*_threshold_band(pane, bins), *_strain_layers(pane, bins), *_threshold_line(pane, bins)]
    layers += gap_words(page)
    if page.layout.narrow:
        panels = [_key(page, curves, bins), panel(layers, page.layout, pane.height)]
    else:
        layers += _end_words(pane, curves, bins)
        panels = [_unit(page, curves.unit), panel(layers, page.layout, pane.height)]
    return [*panels, *_above_lane(page, curves)] if _above_is_told(page, bins) else panels


def _above_is_told(page: Sheet, bins: data.StrainBins) -> bool:
    """Whether strain above the threshold is pointed out: only where it was logged how fully things were recorded.

    Elsewhere the threshold's height and slope may be the diary's habits.
    """
    return bins.threshold is not None and bool(page.timeline.recording)


def _above_lane(page: Sheet, curves: Curves) -> list[Spec]:
    """The share of time above the threshold: what the eye cannot add up from the curve."""
    edges = data.bin_edges(page.days, data.column_days_for(page.days, page.layout.plot))
    share = data.share_above(curves, edges)
    whole = float(data.share_above(curves, np.array([0.0, page.days]))[0])
    colour = page.palette.over
    drawn = bars(page, edges[:-1], edges[1:], share, top=1.0, height=20, colour=colour, apart=0)
    layers = [track(page, 26, colour), drawn]
    return lane(page, "time above threshold", f"{percent(whole)} of the time", layers, 26)


def _pane(page: Sheet, bins: data.StrainBins) -> Pane:
    """From below rest to above the highest strain; the threshold is taken in while that leaves strain a third of it."""
    low = min(0.0, float(bins.smooth_low.min()), float(np.percentile(bins.mean, 1)))
    high = max(float(bins.smooth_high.max()), float(np.percentile(bins.mean, 99.5)))
    room = max(high - low, 1e-6)
    if bins.threshold is not None:
        top = bins.threshold if bins.threshold_high is None else bins.threshold_high
        foot = bins.threshold if bins.threshold_low is None else bins.threshold_low
        high = max(high, min(float(top.max()), max(float(bins.threshold.max()), high) + 0.3 * room, high + room))
        low = min(low, max(float(foot.min()), min(float(bins.threshold.min()), low) - 0.3 * room, low - room))
    margin = 0.05 * max(high - low, 1e-6)
    return Pane(page, low - margin, high + margin, 250 if page.layout.narrow else 340)


def _in_runs(bins: data.StrainBins, *, known: bool) -> tuple[NDArray[np.int_], list[int]]:
    """The bins that are known (or unknown) and the run each is in; unknown runs reach over to what is known."""
    reach = 0 if known else 1
    index: list[int] = []
    run: list[int] = []
    for name, (first, past) in enumerate(data.runs_of(bins.unknown != known)):
        stretch = range(max(first - reach, 0), min(past + reach, len(bins.day)))
        index += stretch
        run += [name] * len(stretch)
    return np.array(index, dtype=int), run


def _strain_layers(pane: Pane, bins: data.StrainBins) -> list[Spec]:
    """The band; each bin, thin; what stands above the threshold, filled; the running mean, bold. Dotted: not known."""
    palette = pane.page.palette
    layers: list[Spec] = []
    known, run = _in_runs(bins, known=True)
    unknown, unknown_run = _in_runs(bins, known=False)
    for index, runs, opacity in ((unknown, unknown_run, 0.45), (known, run, 0.9)):
        look = {"color": palette.strain_band, "opacity": opacity}
        layers.append(pane.band(bins.day[index], bins.smooth_low[index], bins.smooth_high[index], look, runs))
    if _above_is_told(pane.page, bins):
        day, foot, top = data.over(bins)
        layers.append(pane.band(day, foot, top, {"color": palette.over, "opacity": 1}))
    fine = {"color": palette.strain_fine, "strokeWidth": 0.9}
    bold = {"color": palette.strain, "strokeWidth": 2.6}
    dotted = {"color": palette.strain, "strokeWidth": 1.5, "strokeDash": [1, 4]}
    layers.append(pane.line(bins.day[known], bins.mean[known], fine, run))
    layers.append(pane.line(bins.day[known], bins.smooth[known], bold, run))
    layers.append(pane.line(bins.day[unknown], bins.smooth[unknown], dotted, unknown_run))
    return [layer for layer in layers if layer["data"]["values"]]


def _threshold_band(pane: Pane, bins: data.StrainBins) -> list[Spec]:
    if bins.threshold_low is None or bins.threshold_high is None:
        return []
    look = {"color": pane.page.palette.threshold_band, "opacity": 0.75}
    return [pane.band(bins.day, bins.threshold_low, bins.threshold_high, look)]


def _threshold_line(pane: Pane, bins: data.StrainBins) -> list[Spec]:
    if bins.threshold is None:
        return []
    look = {"color": pane.page.palette.threshold, "strokeWidth": 2.4, "strokeDash": [8, 4]}
    return [pane.line(bins.day, bins.threshold, look)]


FEW_GAPS = 3


def gap_words(page: Sheet) -> list[Spec]:
    """The reason of each gap, whole, at the top of its shading; where gaps are many, only of those wide enough for it.

    The caption speaks for the others.
    """
    layout, size = page.layout, page.layout.small - 1
    layers: list[Spec] = []
    free = -1e9
    gaps = [gap for gap in page.timeline.gaps if gap.start < page.days]
    for gap in gaps:
        start, end = max(gap.start, 0.0) / page.days_a_pixel, min(gap.end, page.days) / page.days_a_pixel
        text = clean(gap.reason)
        half = text_width(text, size) / 2
        middle = min(max((start + end) / 2, half), layout.plot - half)
        fits = 2 * half + 6 <= end - start or len(gaps) <= FEW_GAPS
        if fits and middle - half >= free + 6:
            free = middle + half
            layers += words_at(text, middle, 9, colour=page.palette.quiet, size=size, align="center",
                               halo=page.palette.paper)  # fmt: skip
    return layers


def _unit(page: Sheet, unit: str) -> Spec:
    layers = words_at(f"Strain above rest, in {unit}", -page.layout.left, 10, colour=page.palette.quiet,
                      size=page.layout.small)  # fmt: skip
    return panel(layers, page.layout, 24)


def _end_words(pane: Pane, curves: Curves, bins: data.StrainBins) -> list[Spec]:
    """The names of the two lines beside their ends, kept apart."""
    layout, palette = pane.page.layout, pane.page.palette
    blocks = [(pane.pixel(float(bins.smooth[-1])), "strain", palette.strain,
               [f"{smooth_words(bins)};", f"thin: each {bin_words(bins)}"])]  # fmt: skip
    if bins.threshold is not None:
        told = wrapped(threshold_words(curves), layout.small, layout.right - 12)
        told += ["filled: strain above it"] if _above_is_told(pane.page, bins) else []
        blocks.append((pane.pixel(float(bins.threshold[-1])), "threshold", palette.threshold, told))
    blocks.sort(key=lambda block: block[0])
    layers: list[Spec] = []
    free = 8.0
    tall = [layout.body + len(lines) * layout.small * 1.32 + 8 for *_, lines in blocks]
    for i, (place, name, colour, lines) in enumerate(blocks):
        y = max(min(place, pane.height - sum(tall[i:]) + 10), free)
        layers += words_at(name, layout.plot + 12, y, colour=colour, size=layout.body + 1, bold=True)
        layers += words_at(lines, layout.plot + 12, y + layout.body + 3, colour=palette.quiet, size=layout.small)
        free = y + tall[i]
    return layers


def _key(page: Sheet, curves: Curves, bins: data.StrainBins) -> Spec:
    """Above the panel on a phone: each line's look, its name, and what it means."""
    layout, palette = page.layout, page.palette
    unit = f"above rest, in {curves.unit}; {smooth_words(bins)}; thin: each {bin_words(bins)}"
    told: list[tuple[str, str, str, tuple[int, ...]]] = [("strain", palette.strain, unit, ())]
    if bins.threshold is not None:
        words = threshold_words(curves) + ("; filled: strain above it" if _above_is_told(page, bins) else "")
        told.append(("threshold", palette.threshold, words, (6, 3)))
    layers: list[Spec] = ground(page, 1)[:1]
    y = 8.0
    for name, colour, words, dash in told:
        layers.append(rule_at(-layout.left, 26 - layout.left, y, colour=colour, width=2.6, dash=dash))
        start = 34.0 - layout.left
        layers += words_at(name, start, y, colour=colour, size=layout.body, bold=True)
        lines = wrapped(words, layout.small, layout.plot + layout.left - 34)
        layers += words_at(lines, start, y + 16, colour=palette.quiet, size=layout.small)
        y += 16 + len(lines) * layout.small * 1.32 + 8
    return panel(layers, layout, y)


def threshold_words(curves: Curves) -> str:
    """What the threshold is."""
    return f"strain at which relief is sought {curves.reference_words}"


def smooth_words(bins: data.StrainBins) -> str:
    """What the bold line is."""
    weeks = bins.smooth_days / 7
    return f"bold: {number(weeks, 0)}-week mean" if weeks >= 1 else f"bold: {number(bins.smooth_days, 0)}-day mean"


def bin_words(bins: data.StrainBins) -> str:
    """What each point of the thin line is."""
    return span_words(bins.bin_days)


def ratings_panels(page: Sheet) -> list[Spec]:
    """Without a fit: the raw ratings on the item that strain is told on, and their running mean."""
    ratings = data.told_item(page.timeline)
    if ratings is None or not len(ratings.times):
        return [panel([*ground(page, 44), *gap_words(page)], page.layout, 44)]
    item, layout, palette = ratings.item, page.layout, page.palette
    margin = 0.05 * (item.high - item.low)
    pane = Pane(page, item.low - margin, item.high + margin, 180 if layout.narrow else 220)
    size = data.bin_days_for(page.days, layout.plot, 1.8)
    index, start = np.unique(np.floor(ratings.times / size).astype(int), return_index=True)
    sums = np.add.reduceat(ratings.values, start)
    mean = np.asarray(sums / np.diff(np.append(start, len(ratings.values))), dtype=np.float64)
    day = np.clip((index + 0.5) * size, 0, page.days)
    window = max(round(data.smooth_window(page.days) / size), 1)
    smooth = data.running_mean(mean, window)
    dots = pane.dots(day, mean, {"size": 14 if len(day) > 60 else 45, "color": palette.strain_fine, "opacity": 0.7})
    line = pane.line(day, smooth, {"color": palette.strain, "strokeWidth": 2.6})
    span = item.high - item.low
    levels = [item.low + k for k in range(round(span) + 1)] if span <= 10 else nice_ticks(item.low, item.high, 6)
    layers = [*pane.ground(levels), dots, line, *gap_words(page)]
    ends = f", from {item.low:g} ({item.low_anchor}) to {item.high:g} ({item.high_anchor})" if item.low_anchor else ""
    told = wrapped(f"“{shortened(item.label, layout.small, 260)}” as rated{ends}", layout.small, layout.inner)
    words = words_at(told, -layout.left, 10, colour=palette.quiet, size=layout.small)
    return [panel(words, layout, 8 + len(told) * layout.small * 1.4), panel(layers, layout, pane.height)]
