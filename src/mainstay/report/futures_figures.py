"""Figures of what could come: chances of each way, strain ahead, time to the limit, and how chances said held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mainstay.quantities import Instant
from mainstay.report.explanations_words import begun
from mainstay.report.figure import Spec, date_ticks, layout_for, nice_ticks
from mainstay.report.futures_data import Ahead, Fan, Survival
from mainstay.report.futures_fared import said_rows
from mainstay.report.futures_plot import Plot, Row, figure_of, layout_of, percents, rows_panels
from mainstay.report.futures_words import chance_and_range, rank_words, short_date, shown_name

if TYPE_CHECKING:
    from mainstay.futures.ledger_tally import Said

CHANCES, STRAIN, TIME, HELD = (
    "How likely each is, in 100 futures",
    "Strain ahead",
    "Futures in which the limit is not yet reached, of 100",
    "What was said, and what came",
)
HEIGHT, NARROW_HEIGHT = 260.0, 210.0
IN_100 = tuple((k / 100.0, f"{k}") for k in range(0, 101, 20))


def chances_figure(ahead: Ahead, width: int) -> Spec:
    """The ways it could turn out as bars with the range of each; hollow where it must not happen."""
    layout = layout_of(width, left=250, right=190, beside=True)
    top = max((turn.high for turn in ahead.turns), default=1.0)
    ends = (0.0, next((end for end in (0.2, 0.4, 0.6, 0.8) if top <= 0.97 * end), 1.0))
    step = {0.2: 0.05, 0.4: 0.1}.get(ends[1], 0.2)
    ticks = [(k * step, f"{100 * k * step:.0f}") for k in range(round(ends[1] / step) + 1)]
    drawn = [
        Row(
            begun(shown_name(turn.name)),
            _note(chance_and_range(turn.chance, turn.low, turn.high), rank_words(turn.rank, must_not=turn.must_not)),
            turn.chance,
            turn.low,
            turn.high,
            hollow=turn.must_not,
            bar=0.0,
        )
        for turn in ahead.turns
    ]
    told = "; ".join(f"{one.label}: {one.note}" for one in drawn)
    return figure_of(rows_panels(drawn, layout, ends, ticks=ticks), layout, CHANCES, f"{CHANCES}. {told}.")


def _note(chance: str, wish: str) -> str:
    return f"{chance}; {wish}" if wish else chance


def fan_figure(fan: Fan, begins: Instant, width: int) -> Spec:
    """Strain on each day to come: the middle of all futures, the middle half of them, and nine in ten of them."""
    layout = layout_of(width, left=36, right=96)
    past = list(fan.past)
    first = min((day for day, _ in past), default=0.0)
    seen = [value for one in fan.quantiles for value in one] + [value for _, value in past]
    low, high = min(seen), max(seen + ([fan.limit] if fan.limit is not None else []))
    margin = 0.06 * max(high - low, 1e-6)
    plot = Plot(layout, (first, fan.days[-1]), (low - margin, high + margin), _height(width))
    palette = plot.palette
    layers = [*plot.grid(nice_ticks(*plot.upward, 9)), *_date_lines(plot, begins)]
    for lower, upper in ((0.05, 0.95), (0.25, 0.75)):
        if lower in fan.levels and upper in fan.levels:
            outer = lower < 0.2
            look = {"color": palette.strain_band if outer else palette.strain_fine, "opacity": 1.0 if outer else 0.75}
            layers.append(plot.band(fan.days, fan.at(lower), fan.at(upper), look))
    if 0.5 in fan.levels:
        layers.append(plot.line(fan.days, fan.at(0.5), {"color": palette.strain, "strokeWidth": 2.2}))
    if past:
        layers.append(
            plot.line(
                [day for day, _ in past], [value for _, value in past], {"color": palette.ink, "strokeWidth": 1.6}
            )
        )
        layers.append(plot.upright(0.0, colour=palette.quiet, dash=(2, 3)))
        layers += plot.words("now", plot.x(0.0), 6, align="center", behind=True)
    if fan.limit is not None:
        layers.append(plot.level(fan.limit, colour=palette.ink, width=1.4, dash=(6, 4)))
        layers += _limit_words(plot, fan.limit)
    told = fan_words(fan)
    return figure_of(
        [_unit(plot, fan.unit), plot.panel(layers), _dates_panel(plot, begins)], layout, "", f"{STRAIN}. {told}"
    )


def fan_words(fan: Fan) -> str:
    """What the bands and lines of the fan mean."""
    told = ["Pale band: nine in ten of all futures run inside it on any one day; darker band: half of them."]
    told += ["Line: the middle one."]
    told += ["Dark line before “now”: strain up to the end of the record."] if fan.past else []
    told += ["Dashed: the own limit."] if fan.limit is not None else []
    return " ".join(told)


def _limit_words(plot: Plot, limit: float) -> list[Spec]:
    if plot.layout.narrow:
        return plot.words("own limit", plot.layout.plot - 2, plot.y(limit) - 9, align="right", behind=True)
    return plot.words(["own limit", f"{limit:g}"], plot.layout.plot + 10, plot.y(limit) - 7)


def survival_figure(survival: Survival, begins: Instant, width: int) -> Spec:
    """Of 100 futures, how many have not yet reached the limit by each day, with the range of that."""
    layout = layout_of(width, left=36, right=96)
    plot = Plot(layout, (survival.days[0], survival.days[-1]), (0.0, 1.0), _height(width))
    palette = plot.palette
    layers = [*percents(plot), *_date_lines(plot, begins)]
    layers.append(plot.band(survival.days, survival.low, survival.high, {"color": palette.strain_band, "opacity": 1.0}))
    layers.append(plot.line(survival.days, survival.share, {"color": palette.strain, "strokeWidth": 2.2}))
    if not layout.narrow:
        end = plot.y(survival.share[-1])
        ends = f"{100 * survival.low[-1]:.0f} to {100 * survival.high[-1]:.0f}"
        layers += plot.words([f"{100 * survival.share[-1]:.0f} in 100", f"({ends})"], layout.plot + 10, end - 7)
    told = survival_words(survival, begins)
    return figure_of([plot.panel(layers), _dates_panel(plot, begins)], layout, TIME, f"{TIME}. {told}")


def survival_words(survival: Survival, begins: Instant) -> str:
    """What the curve comes to at its end."""
    chance = 1.0 - survival.share[-1]
    said = chance_and_range(chance, 1.0 - survival.high[-1], 1.0 - survival.low[-1])
    return (
        f"The limit is reached by {short_date(begins.plus_days(survival.days[-1]))} in {said}. Band: where that lies."
    )


def held_figure(said: Sequence[Said], width: int) -> Spec:
    """Chances said against how often it came, with where that could lie."""
    layout = layout_of(width, left=60, right=max(width - 452, 100))
    plot = Plot(layout, (0.0, 1.0), (0.0, 1.0), 0.85 * layout.plot)
    palette = plot.palette
    layers = [*percents(plot), *(plot.upright(at, colour=palette.hair) for at, _ in IN_100)]
    layers.append(plot.line((0.0, 1.0), (0.0, 1.0), {"color": palette.quiet, "strokeWidth": 1.0}))
    most = max(one.n for one in said)
    for one in said:
        layers.append(plot.line((one.mean, one.mean), (one.low, one.high), {"color": palette.ink, "strokeWidth": 1.6}))
        look = {"color": palette.strain, "size": 24.0 + 110.0 * one.n / most}
        layers.append(plot.dots((one.mean,), (one.share,), look))
    foot = Plot(layout, (0.0, 1.0), (0.0, 1.0), 44.0)
    under = [spec for at, name in IN_100 for spec in foot.words(name, foot.x(at), 10, align="center")]
    under += foot.words("said, in 100", layout.plot / 2, 28, align="center")
    above = Plot(layout, (0.0, 1.0), (0.0, 1.0), 22.0)
    over = above.panel(above.words("came, in 100", -layout.left, 8))
    _, rows = said_rows(said)
    told = "; ".join(f"said {row[0]}, came {row[1]}" for row in rows)
    return figure_of([over, plot.panel(layers), foot.panel(under)], layout, HELD, f"{HELD}, in 100: {told}.")


def _height(width: int) -> float:
    return NARROW_HEIGHT if layout_for(width).narrow else HEIGHT


def _unit(plot: Plot, unit: str) -> Spec:
    strip = Plot(plot.layout, plot.across, (0, 1), 18)
    return strip.panel(strip.words(begun(unit), -plot.layout.left, 7))


def _ticks(plot: Plot, begins: Instant) -> list[tuple[float, str, str]]:
    """Dates across the plot: where, what stands there, and the year where it changes."""
    first = begins.plus_days(plot.across[0]).as_local
    midnight = dt.datetime.combine(first.date(), dt.time(), first.tzinfo)
    shift = plot.across[0] - (first - midnight).total_seconds() / 86_400.0
    ticks = date_ticks(first.date(), plot.across[1] - plot.across[0], plot.layout.plot)
    return [(tick.day + shift, tick.label, tick.year) for tick in ticks if tick.day + shift >= plot.across[0] - 1e-9]


def _date_lines(plot: Plot, begins: Instant) -> list[Spec]:
    return [plot.upright(day, colour=plot.palette.hair) for day, _, _ in _ticks(plot, begins)]


def _dates_panel(plot: Plot, begins: Instant) -> Spec:
    strip = Plot(plot.layout, plot.across, (0, 1), 38)
    layers: list[Spec] = []
    for day, label, year in _ticks(plot, begins):
        layers += strip.under(label, day, 10)
        layers += strip.under(year, day, 25, bold=True) if year else []
    return strip.panel(layers)
