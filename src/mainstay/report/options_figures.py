"""Figures of what could be done: what each option is worth with its range, and what their order hangs on."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.report.explanations_words import begun
from mainstay.report.figure import Spec, nice_ticks
from mainstay.report.futures_plot import Row, figure_of, layout_of, rows_panels
from mainstay.report.options_data import Choice, Tornado
from mainstay.report.options_words import STATUS_WORDS, is_nothing, name_of, points, signed, worth_words

WORTH = "What each is worth, in points from 0 to 100"
AHEAD = "How far the best is ahead, in points, if one thing is otherwise"
MOST_BARS = 12


def worth_figure(weighed: Sequence[Choice], width: int) -> Spec:
    """Each option as a dot with a line over its range; the upright line is leaving things as they are."""
    layout = layout_of(width, left=250, right=190, beside=True)
    drawn = [
        Row(name_of(one), _note(one), one.expected.points, one.expected.low, one.expected.high)
        for one in weighed
        if one.expected is not None
    ]
    mark = next((one.expected.points for one in weighed if is_nothing(one) and one.expected is not None), None)
    low, high = _ends([end for one in drawn for end in (one.low, one.high)])
    ticks = [(tick, points(tick)) for tick in nice_ticks(low, high, 6)]
    told = "; ".join(f"{one.label}: {one.note}" for one in drawn)
    panels = rows_panels(drawn, layout, (low, high), mark=mark, ticks=ticks)
    return figure_of(panels, layout, WORTH, f"{WORTH}. {told}.")


def _note(one: Choice) -> str:
    worth = worth_words(one.expected) if one.expected is not None else ""
    status = STATUS_WORDS.get(one.status, "")
    return f"{worth}; {status}" if status else worth


def tornado_figure(tornado: Tornado, width: int) -> Spec:
    """One bar for each thing, from its low end to its high end; left of the zero line another option is the best."""
    layout = layout_of(width, left=290, right=130, beside=True)
    bars = tornado.bars[:MOST_BARS]
    drawn = [
        Row(
            begun(one.what),
            f"{signed(min(one.low, one.high))} to {signed(max(one.low, one.high))}",
            max(one.low, one.high),
            min(one.low, one.high),
            max(one.low, one.high),
            bar=min(one.low, one.high),
            ends_only=True,
            hollow=min(one.low, one.high) < 0.0 < max(one.low, one.high),
        )
        for one in bars
    ]
    low, high = _ends([0.0, tornado.ahead, *(end for one in drawn for end in (one.low, one.high))])
    ticks = [(tick, signed(tick)) for tick in nice_ticks(low, high, 6)]
    told = "; ".join(f"{one.label}: {one.note}" for one in drawn)
    panels = rows_panels(drawn, layout, (low, high), mark=tornado.ahead, zero=0.0, ticks=ticks)
    return figure_of(panels, layout, AHEAD, f"{AHEAD}. {told}.")


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.06 * max(high - low, 1.0)
    return low - margin, high + margin
