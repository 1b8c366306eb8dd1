"""What is usual for this person (S2), one answer for each stream: the past that everything else is compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.notice.series import Series, series_of
from mainstay.notice.settling import SETTLING_DAYS
from mainstay.notice.usual import Baseline, Contrast, baseline_of
from mainstay.numerics.ou_fit import student_quantile
from mainstay.quantities import DAYS_PER_MONTH, Answer, CannotSay, Finding, Interval
from mainstay.strain.judge import LEVEL, Z90
from mainstay.strain.wording import number, place_of, times_as_often
from mainstay.timeline.kinds import Timeline

FEWEST_DAYS, FEWEST_READINGS = 28.0, 40
FEWEST_COUNTED_DAYS, FEWEST_EVENTS = 42.0, 10
DAYS_A_WEEK = 7.0
QUANTITY = "usual level over the last three months, or over a shorter record"
METHOD = "robust regression on hour, weekday, role and trend; errors as an Ornstein-Uhlenbeck process, days' means"
SHORT = "it has not been recorded for long enough"


def baseline_answers(timeline: Timeline) -> tuple[Answer, ...]:
    """S2: what is usual in each rating, signal and kind of event now, its rhythm, its trend and its ordinary range.

    The first week of a stream, of a return after four weeks and of another pace of asking is left out. Refuses streams
    under 28 days and 40 readings (counts: 42 days recorded and 10 events), and says from about when it could be told.
    """
    return tuple(_answer(timeline, one) for one in series_of(timeline))


def _answer(timeline: Timeline, series: Series) -> Answer:
    return _too_little(timeline, series) or _told(timeline, series, baseline_of(timeline, series))


def _too_little(timeline: Timeline, series: Series) -> CannotSay | None:
    may = series.settled & (series.exposure > 0.0)
    refuse = partial(CannotSay, row="S2", about=series.name, quantity=QUANTITY, n=int(may.sum()))
    short = _short_counts(series, may) if series.kind == "count" else _short_readings(timeline, series, may)
    if short is not None:
        when = timeline.instant(float(series.times[-1]) + short.days)
        return refuse(
            short.why,
            have=short.have,
            need=short.need,
            unit=short.unit,
            would_change=f"recording on at this pace: then from about {when.day_in_words} on",
        )
    if series.kind == "count" and series.values[may].sum() < FEWEST_EVENTS:
        return refuse(
            "it was recorded too seldom", have=int(series.values[may].sum()), need=FEWEST_EVENTS, unit="times"
        )
    return None if np.ptp(series.values[may]) > 0.0 else refuse("it never changes")


@dataclass(frozen=True, slots=True)
class _Short:
    """What is missing, and in how many days it would be there at the pace so far."""

    why: str
    have: int
    need: int
    unit: str
    days: float


def _short_counts(series: Series, may: NDArray[np.bool_]) -> _Short | None:
    have, need = float(series.exposure[may].sum()), FEWEST_COUNTED_DAYS
    return None if have >= need else _Short(SHORT, math.floor(have), math.ceil(need), "days", need - have)


def _short_readings(timeline: Timeline, series: Series, may: NDArray[np.bool_]) -> _Short | None:
    times, n = series.times[may], int(may.sum())
    span = float(times[-1] - times[0]) if n else 0.0
    if span < FEWEST_DAYS:
        # before the first reading that counts lies the week that doesn't
        week = 0.0 if n else SETTLING_DAYS - float(series.times[-1] - series.times[0])
        return _Short(SHORT, math.floor(span), math.ceil(FEWEST_DAYS), "days", FEWEST_DAYS - span + max(week, 0.0))
    days = len(np.unique(np.floor(timeline.local_days(times))))
    need = max(FEWEST_READINGS, math.ceil(n * FEWEST_DAYS / 2.0 / days))
    return None if n >= need else _Short("there are too few readings", n, need, "readings", (need - n) * span / n)


def _told(timeline: Timeline, series: Series, usual: Baseline) -> Finding:
    counts = series.kind == "count"
    scale = DAYS_A_WEEK if counts else 1.0
    return Finding(
        row="S2",
        about=series.name,
        status="found",
        claim=_claim(series, usual),
        quantity=QUANTITY,
        estimate=scale * usual.level,
        interval=Interval(scale * usual.level_interval.low, scale * usual.level_interval.high, LEVEL),
        unit="times a week" if counts else series.unit,
        n=usual.readings,
        method=METHOD,
        evidence=(place_of(timeline), _rests_on(series, usual)),
        assumptions=(
            "compared with this person's own past only",
            "the first week of recording, of a return after four weeks, and of another pace of asking is left out",
            *(("as much of it was written down at all times as the log of recording says, or all",) if counts else ()),
        ),
        would_change="more weeks on record narrow it; this is a description, not an alarm",
        detail=_detail(series, usual),
    )


def _rests_on(series: Series, usual: Baseline) -> str:
    if series.kind == "count":
        return f"{int(series.values.sum())} times in {usual.readings} days"
    return f"{usual.readings:,} readings over {usual.days:.0f} days"


def _claim(series: Series, usual: Baseline) -> str:
    if series.kind == "count":
        rate = usual.level * DAYS_A_WEEK
        said = f"“{series.name}” happens about {number(rate)} times a week"
        span = f"nine weeks of ten have between {usual.low:.0f} and {usual.high:.0f}"
    else:
        low, high = (number(end).removesuffix(".0") for end in (usual.low, usual.high))
        said = f"“{series.name}” is usually about {number(usual.level)}"
        span = f"nine readings of ten lie between {low} and {high}" if low != high else f"nearly all readings are {low}"
    apart = [_contrast_words(series, one) for one in _told_apart(usual)]
    words = f"; it is {', '.join(apart)}" if apart else ""
    return f"{said}; {span}{words}{_trend_words(series, usual)}."


def _told_apart(usual: Baseline) -> list[Contrast]:
    """The clearest part of the day, weekday and role of those that stand out."""
    clear = usual.clear()
    told = []
    for group in (usual.parts, usual.weekdays, usual.roles):
        apart = [one for one in group if one in clear]
        told += sorted(apart, key=lambda one: -abs(one.estimate) / one.sd)[:1]
    return told


def _contrast_words(series: Series, one: Contrast) -> str:
    where = one.name if one.name.startswith(("on ", "in ", "at ")) else f"as “{one.name}”"
    if series.kind == "count":
        return f"{times_as_often(math.exp(one.estimate))} {where}"
    return f"{'higher' if one.estimate > 0 else 'lower'} by {number(abs(one.estimate))} {where}"


def _trend_words(series: Series, usual: Baseline) -> str:
    """The trend, where it stands out under the same sharing of the 10 %."""
    sd = (usual.trend_interval.high - usual.trend_interval.low) / (2.0 * Z90)
    bar = student_quantile(1.0 - 0.05 / (1 + len((*usual.parts, *usual.weekdays, *usual.roles))), usual.freedom)
    whole = abs(usual.trend_a_month) * usual.days / DAYS_PER_MONTH
    if abs(usual.trend_a_month) <= bar * sd or whole < usual.matters:
        return ""
    if series.kind == "count":
        change = 100.0 * math.expm1(usual.trend_a_month)
        way = "more" if change > 0 else "less"
        return f"; over the record it became {way} often, by about {number(abs(change))} % a month"
    return (
        f"; over the record it {'rose' if usual.trend_a_month > 0 else 'fell'} by about "
        f"{number(abs(usual.trend_a_month))} a month"
    )


def _detail(series: Series, usual: Baseline) -> dict[str, Any]:
    def table(some: tuple[Contrast, ...]) -> dict[str, dict[str, float]]:
        reach = student_quantile(0.95, usual.freedom)
        return {
            one.name: {
                "difference": one.estimate,
                "low": one.estimate - reach * one.sd,
                "high": one.estimate + reach * one.sd,
            }
            for one in some
        }

    return {
        "kind": series.kind,
        "nine_of_ten": [usual.low, usual.high],
        "trend_a_month": {
            "estimate": usual.trend_a_month,
            "low": usual.trend_interval.low,
            "high": usual.trend_interval.high,
        },
        "by_part_of_day": table(usual.parts),
        "by_weekday": table(usual.weekdays),
        "by_role": table(usual.roles),
        "by_hour": list(usual.by_hour),
        "differences_are": "of the logarithm of the rate" if series.kind == "count" else "in units of the readings",
        "days": usual.days,
    }
