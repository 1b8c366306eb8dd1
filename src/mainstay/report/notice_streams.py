"""What is usual in each stream, and what changed in it: dots or weekly bars, the usual range, the mark of a change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mainstay.notice.usual import LATELY_DAYS
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.report.figure import Spec, nice_ticks
from mainstay.report.notice_data import Bars, Dots, Stream, bars_of, dots_of, pair_in
from mainstay.report.notice_lanes import (
    SHIFT_ROOM,
    Words,
    axis,
    columns,
    level,
    missing_words,
    sentence,
    shift_mark,
    shift_words,
    strip,
    tick_words,
    told_lane,
)  # fmt: skip
from mainstay.report.picture_lanes import Sheet, heading, span_words
from mainstay.report.picture_strain import Pane
from mainstay.report.words import claim_of, counted, number
from mainstay.timeline.kinds import Floats, Timeline

HEIGHT, PHONE_HEIGHT = 84.0, 70.0
MOST_SAID = 3
FARTHEST = 2.0
"""Nothing is shown that lies farther off than so many times the range of nineteen of twenty values."""
LEAST_OF_SCALE = 0.5
"""At least so much of a rating's scale is shown, so that a small change does not look like a large one."""
Range = tuple[float, float]


def stream_panels(page: Sheet, streams: list[Stream], changes: Sequence[Answer]) -> list[Spec]:
    """A pane for each stream under one heading, with what is said of changes (S3)."""
    if not streams:
        return []
    panels = [heading(page, "What is usual, and whether it has changed" if changes else "What is usual")]
    panels += [sentence(page, claim_of(answer)) for answer in changes[:MOST_SAID]]
    for one in streams:
        panels += _bar_pane(page, one) if one.series.kind == "count" else _dot_pane(page, one)
    return panels


def drawn_words(page: Sheet, streams: list[Stream]) -> list[str]:
    """What dots and bars stand for on this sheet, and what is hollow."""
    dots = {one: _dots(page, one) for one in streams if one.series.kind != "count"}
    bars = {one: _bars(page, one) for one in streams if one.series.kind == "count"}
    told = []
    if dots:
        sizes = sorted({one.bin_days for one in dots.values()})
        names = [f"means of each {span_words(size)}" if size else "readings" for size in sizes]
        told.append(f"Dots: {' or '.join(names)}.")
    if bars:
        size = max(one.bin_days for one in bars.values())
        over = "" if size <= 7.0 else f", over {span_words(size)}"
        told.append(f"Bars: {_rate_words(size)}{over}; where less than half was recorded, none is drawn.")
    if any(isinstance(one.usual, Finding) for one in streams):
        told.append(
            "Line and band: what is usual over the last three months, or over a shorter record, and where nine of ten "
            "readings or weeks lie. Dotted and paler: the same carried back, to compare with."
        )
    if any(_beyond(page, one) for one in streams):
        told.append("What stands at the edge of its pane lies beyond it.")
    judged = [*(one.judged for one in dots.values()), *(one.judged for one in bars.values())]
    if not all(one.all() for one in judged):
        told.append(
            "Hollow: still settling, and not judged: the first week of a stream, of a return after four weeks, and of "
            "another pace of asking."
        )
    if any(one.shifts for one in streams):
        told.append(
            "Diamond: when a change was noticed; stroke and bar: when it began, and where that may lie. In its stream "
            "the lines are the levels before and after it."
        )
    return told


def _rate_words(bin_days: float) -> str:
    return "times a day" if bin_days < 7.0 else "times a week"


def _dots(page: Sheet, stream: Stream) -> Dots:
    return dots_of(page.timeline, stream.series, page.days, page.layout.plot)


def _bars(page: Sheet, stream: Stream) -> Bars:
    return bars_of(stream.series, page.days, page.layout.plot)


def _height(page: Sheet, stream: Stream) -> float:
    height = PHONE_HEIGHT if page.layout.narrow else HEIGHT
    return height + (SHIFT_ROOM if stream.shifts else 0.0)


def _dot_pane(page: Sheet, stream: Stream) -> list[Spec]:
    dots = _dots(page, stream)
    low, high = _shown(page.timeline, stream, dots)
    height = _height(page, stream)
    room = (high - low) * (SHIFT_ROOM / (height - SHIFT_ROOM) if stream.shifts else 0.0)
    pane = Pane(page, low - 0.04 * (high - low), high + 0.04 * (high - low) + room, height)
    ticks = [(value, tick_words(value)) for value in nice_ticks(low, high, 5)]
    palette = page.palette
    size = 16 if len(dots.day) <= 400 else 9
    full = {"size": size, "color": palette.strain_fine, "opacity": 0.55}
    hollow = {"size": size + 4, "color": palette.quiet, "opacity": 0.8, "filled": False, "strokeWidth": 0.9}
    layers = [*axis(pane, ticks), *_usual_band(pane, stream)]
    for look, chosen in ((full, dots.judged), (hollow, ~dots.judged)):
        if chosen.any():
            layers.append(pane.dots(dots.day[chosen], np.clip(dots.value[chosen], low, high), look))
    layers += _levels(pane, stream)
    return told_lane(page, height, _words(page, stream), layers)


def _bar_pane(page: Sheet, stream: Stream) -> list[Spec]:
    bars = _bars(page, stream)
    high = _top(page, stream)
    height = _height(page, stream) - 12.0
    room = high * (SHIFT_ROOM / (height - SHIFT_ROOM) if stream.shifts else 0.0)
    pane = Pane(page, 0.0, 1.06 * high + room, height)
    palette = page.palette
    layers = [
        *axis(pane, [(value, tick_words(value)) for value in nice_ticks(0.0, high, 3)]),
        *_usual_band(pane, stream),
    ]
    full = {"color": palette.strain_fine, "opacity": 0.7}
    hollow = {"color": palette.paper, "stroke": palette.quiet, "strokeWidth": 0.9}
    for look, chosen in ((full, bars.judged), (hollow, ~bars.judged)):
        if chosen.any():
            layers.append(columns(pane, bars.starts[chosen], bars.ends[chosen], bars.rate[chosen], look))
    layers += _levels(pane, stream)
    return told_lane(page, height, _words(page, stream), layers)


def _shown(timeline: Timeline, stream: Stream, dots: Dots) -> Range:
    """From the lowest to the highest that is drawn; of a rating's scale at least half, and nothing beyond its ends."""
    values = [*dots.value.tolist(), *(_range(stream) or ()), *_shift_levels(stream)]
    low, high = min(values), max(values)
    if stream.series.kind == "rating":
        item = timeline.ratings[stream.series.name].item
        missing = LEAST_OF_SCALE * (item.high - item.low) - (high - low)
        if missing > 0.0:
            low = min(max(low - missing / 2, item.low), item.high - LEAST_OF_SCALE * (item.high - item.low))
            high = max(high, low + LEAST_OF_SCALE * (item.high - item.low))
        return low, high
    low, high = _without_the_farthest(low, high, dots.value)
    margin = 0.5 * max(abs(low), 1.0) if high - low <= 1e-9 * max(abs(low), 1.0) else 0.0
    return low - margin, high + margin


def _without_the_farthest(low: float, high: float, values: Floats) -> Range:
    """The ends of what is shown: a few wild values must not press all others flat; those stand at the pane's edge."""
    usual_low, usual_high = (float(end) for end in np.percentile(values, [2.5, 97.5]))
    room = FARTHEST * (usual_high - usual_low)
    if room <= 0.0:
        return low, high
    return max(low, usual_low - room), min(high, usual_high + room)


def _beyond(page: Sheet, stream: Stream) -> bool:
    """Whether anything of a stream lies beyond its pane."""
    if stream.series.kind == "count":
        rate = _bars(page, stream).rate
        return bool(len(rate) and rate.max() > _top(page, stream))
    dots = _dots(page, stream)
    low, high = _shown(page.timeline, stream, dots)
    return bool(dots.value.min() < low or dots.value.max() > high)


def _top(page: Sheet, stream: Stream) -> float:
    """The rate at the top of a pane of bars."""
    rate = _bars(page, stream).rate
    high = max([*rate.tolist(), *(_range(stream) or ()), *_shift_levels(stream), 1.0])
    return _without_the_farthest(0.0, high, rate)[1] if len(rate) else high


def _range(stream: Stream) -> Range | None:
    """Between what nine of ten lie, as the answer has it."""
    return pair_in(stream.usual.detail, "nine_of_ten") if isinstance(stream.usual, Finding) else None


def _shift_levels(stream: Stream) -> tuple[float, ...]:
    return tuple(end for one in stream.shifts for end in (one.before, one.after) if end is not None)


def _usual_band(pane: Pane, stream: Stream) -> list[Spec]:
    """The usual range where the answer has it, and paler before that."""
    found = _range(stream)
    if found is None:
        return []
    begin, end = _lately(stream)
    start = min(_first(pane.page, stream), begin)
    colour = pane.page.palette.strain_band
    layers = [strip(pane, (begin, end), found, {"color": colour, "opacity": 0.85})]
    if begin - start > pane.page.days_a_pixel:
        layers.insert(0, strip(pane, (start, begin), found, {"color": colour, "opacity": 0.32}))
    return layers


def _first(page: Sheet, stream: Stream) -> float:
    """The day from which on anything is drawn of a stream."""
    if stream.series.kind != "count":
        return float(stream.series.times[0])
    starts = _bars(page, stream).starts
    return float(starts[0]) if len(starts) else float(stream.series.times[0])


def _lately(stream: Stream) -> Range:
    """Over which days the usual level is told."""
    may = stream.series.settled & (stream.series.exposure > 0.0)
    times = stream.series.times[may] if may.any() else stream.series.times
    return max(float(times[-1]) - LATELY_DAYS, float(times[0])), float(times[-1])


def _levels(pane: Pane, stream: Stream) -> list[Spec]:
    """The usual level, or, where a change was noticed, the levels before and after it."""
    colour = pane.page.palette.strain
    bold = {"color": colour, "strokeWidth": 2.2}
    dotted = {"color": colour, "strokeWidth": 1.1, "strokeDash": [1, 4]}
    layers = [layer for one in stream.shifts for layer in shift_mark(pane.page, one)]
    start, end = _first(pane.page, stream), float(stream.series.times[-1])
    moved = [(one.since, one.before, one.after) for one in stream.shifts]
    told = [(since, before, after) for since, before, after in moved if before is not None and after is not None]
    for i, (since, before, after) in enumerate(told):
        if i == 0:
            layers.append(level(pane, (start, since), before, {**bold, "strokeWidth": 1.2}))
        layers.append(level(pane, (since, told[i + 1][0] if i + 1 < len(told) else end), after, bold))
    if not told and isinstance(stream.usual, Finding):
        begin, end = _lately(stream)
        layers.append(level(pane, (begin, end), stream.usual.estimate, bold))
        if begin - start > pane.page.days_a_pixel:
            layers.append(level(pane, (start, begin), stream.usual.estimate, dotted))
    return layers


def _words(page: Sheet, stream: Stream) -> Words:
    """What is told of a stream beside its pane: the change first, then what is usual, or what is missing for it."""
    shifts = shift_words(page.timeline, stream.shifts[-1]) if stream.shifts else []
    earlier = len(stream.shifts) - 1
    if earlier > 0:
        shifts.append(f"and {counted(earlier, 'change')} before")
    return Words(stream.series.name, (*shifts, *_usual_words(stream)), _unit(page, stream))


def _usual_words(stream: Stream) -> list[str]:
    usual = stream.usual
    if isinstance(usual, Finding):
        if stream.series.kind == "count":
            said = [f"usually {number(usual.estimate)} a week"]
        else:
            said = [f"usually {number(usual.estimate)}"]
        span = _range(stream)
        if span is None:
            return said
        ends = [f"{end:.0f}" if stream.series.kind == "count" else number(end) for end in span]
        return [*said, f"nine of ten: {ends[0]} to {ends[1]}"]
    if isinstance(usual, CannotSay):
        return [missing_words(usual)]
    return []


def _unit(page: Sheet, stream: Stream) -> str:
    if stream.series.kind == "count":
        return _rate_words(_bars(page, stream).bin_days)
    if stream.series.kind == "rating":
        item = page.timeline.ratings[stream.series.name].item
        return f"from {item.low:g} to {item.high:g}"
    return stream.series.unit
