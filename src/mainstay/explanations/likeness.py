"""Is it now like it was then (S15)? The last weeks against a stretch of the past that the person named.

What was different in the stretch from the person's ordinary time is learned from every stream, and tried on the record
itself before anything is said: parts of the stretch are held out, and it is counted how many of them the rest
recognises, and how many ordinary months it takes for such a time. Where that is no better than chance, it can't be
said. No alarm: to be like then is a thing to know, not a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.explanations.likeness_ratio import FEWEST_ORDINARY, Ratio, Weeks, ratio_of
from mainstay.explanations.likeness_weeks import NOW_WEEKS, LifeByWeeks, by_weeks, named_stretches
from mainstay.explanations.likeness_words import about_times, alike_and_unlike, listed
from mainstay.quantities import DAYS_PER_YEAR, Answer, CannotSay, Finding, Interval
from mainstay.strain.judge import LEVEL
from mainstay.timeline.kinds import Floats, Timeline

LINE = 10.0
"""What speaks for "like then" ten times as strongly as against it is told; with several names, for each its share."""
RECOGNISED = 3.0
LEAST_HITS, MOST_FALSE = 0.5, 0.2
MOST_WINDOWS = 24
LARGEST_TOLD = 1000.0
SAME_SEASON_DAYS = 45.0
FEWEST_IN_SEASON = 2
QUANTITY = "how many times likelier the last weeks are if such a time is back than if it is not"
METHOD = (
    "ratio of likelihoods of weekly levels, spreads, rhythms, counts and hours, each a shift in a regression with "
    "level, trend, season and errors that hang together in time; “like then” against ordinary time and any other "
    "difference, half each. The range is no interval: it is the least and the greatest when a stream is left out or "
    "the size of differences expected is halved or doubled"
)
ASSUMPTIONS = (
    "to be like then says nothing of why: the same cause may be back, or another that looks the same",
    "what was not recorded then can't be recognised now",
)
WOULD_CHANGE = "the coming weeks, recorded in the same way; another such stretch of the past, if there was one"


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """The signature tried on the record itself: log ratios of parts held out (n,), and of ordinary months (m,)."""

    parts: Floats
    ordinary: Floats
    by_stretch: bool

    @property
    def hits(self) -> float:
        """The share of parts held out that are recognised."""
        return float((self.parts >= math.log(RECOGNISED)).mean()) if len(self.parts) else 0.0

    @property
    def false(self) -> float:
        """The share of ordinary months that are taken for such a time."""
        return float((self.ordinary >= math.log(RECOGNISED)).mean()) if len(self.ordinary) else 0.0

    @property
    def better_than_chance(self) -> bool:
        """At least half of the parts are recognised, and few ordinary months are."""
        return bool(len(self.ordinary)) and self.hits >= LEAST_HITS and self.false <= MOST_FALSE


def likeness_answers(timeline: Timeline) -> tuple[Answer, ...]:
    """One answer for each name under which stretches of two weeks or more are on record; none without such a name."""
    if not named_stretches(timeline):
        return ()
    life = by_weeks(timeline)
    return tuple(_answer(timeline, life, label, len(life.stretches)) for label in life.stretches)


def tried_on_itself(life: LifeByWeeks, stretches: Sequence[Weeks]) -> Tried:
    """Leave one stretch out at a time, in parts as long as now; with one stretch alone, its halves.

    Ordinary months, one after the other, are each taken for now in turn, and then don't count as ordinary.
    """
    several = len(stretches) > 1
    parts: list[float] = []
    for k, one in enumerate(stretches):
        others = [other for i, other in enumerate(stretches) if i != k]
        weeks = np.flatnonzero(one)
        for part in np.array_split(weeks, max(round(len(weeks) / NOW_WEEKS), 1)) if several else _halves(weeks):
            rest = others or [_mask(np.setdiff1d(weeks, part), len(one))]
            if found := ratio_of(life, rest, _mask(part, len(one)), life.ordinary):
                parts.append(found.log)
    months = list(_months(np.flatnonzero(life.ordinary)))
    step = max(math.ceil(len(months) / MOST_WINDOWS), 1)
    ordinary = []
    for month in months[::step]:
        asked = _mask(month, len(life.ordinary))
        if found := ratio_of(life, stretches, asked, life.ordinary & ~asked):
            ordinary.append(found.log)
    return Tried(np.array(parts), np.array(ordinary), several)


def _halves(weeks: np.ndarray) -> list[np.ndarray]:
    return np.array_split(weeks, 2) if len(weeks) > 1 else []


def _mask(at: np.ndarray, n: int) -> Weeks:
    found = np.zeros(n, bool)
    found[at] = True
    return found


def _months(weeks: np.ndarray) -> Iterator[np.ndarray]:
    """Runs of four weeks in a row, none of them twice."""
    at = 0
    while at + NOW_WEEKS <= len(weeks):
        month = weeks[at : at + NOW_WEEKS]
        whole = int(month[-1] - month[0]) == NOW_WEEKS - 1
        if whole:
            yield month
        at += NOW_WEEKS if whole else 1


def _answer(timeline: Timeline, life: LifeByWeeks, label: str, among: int) -> Answer:
    stretches = life.stretches[label]
    ordinary = int(life.ordinary.sum())
    if not stretches:
        reason = (
            f"“{label}” reaches into the last weeks itself; once it is over, later weeks can be compared with it"
            if label in life.going_on
            else f"hardly anything of “{label}” lies on record, so there is nothing to compare with"
        )
        return _refusal(label, reason)
    if ordinary < FEWEST_ORDINARY:
        reason = f"too few weeks besides “{label}” are on record to say what is ordinary"
        return _refusal(label, reason, have=ordinary, need=FEWEST_ORDINARY, unit="ordinary weeks", n=ordinary)
    ratio = ratio_of(life, stretches, life.now, life.ordinary)
    if ratio is None:
        return _refusal(label, f"nothing was recorded in “{label}” as well as in the last four weeks", n=ordinary)
    return _judged(timeline, life, label, ratio, line=LINE * among)


def _refusal(label: str, reason: str, **more: Any) -> CannotSay:
    return CannotSay(
        reason, row="S15", about=label, quantity=QUANTITY, method=METHOD, **{"would_change": WOULD_CHANGE, **more}
    )


def _judged(timeline: Timeline, life: LifeByWeeks, label: str, ratio: Ratio, *, line: float) -> Answer:
    tried = tried_on_itself(life, life.stretches[label])
    n = int(life.ordinary.sum()) + NOW_WEEKS + sum(int(one.sum()) for one in life.stretches[label])
    alike, unlike = alike_and_unlike(life.features, ratio)
    detail = _detail(life, label, ratio, tried, line)
    if not tried.better_than_chance:
        reason = (
            f"“{label}” can't be told from ordinary time by what is on record: tried on itself, "
            f"{_tried_in_words(tried)}"
        )
        return _refusal(label, reason, n=n, detail=detail)
    like, unlikely = ratio.log >= math.log(line), ratio.log <= -math.log(line)
    if like and season_alone(life, label):
        reason = (
            f"the last four weeks look like “{label}”, but both lie in the same time of year, and that time of another "
            "year is not on record: it may be the season alone"
        )
        return _refusal(label, reason, n=n, detail=detail, would_change="the same time of another year on record")
    if not (like or unlikely):
        reason = f"the last four weeks could be a time like “{label}” or not: neither is {line:g} times as likely"
        return _refusal(label, reason, n=n, detail=detail)
    low, high = (_told(one) for one in (ratio.low, ratio.high))
    estimate = _told(ratio.log)
    until = timeline.instant(max(timeline.days - 1e-6, 0.0)).day_in_words
    if like:
        claim = (
            f"The four weeks up to {until} are like “{label}”: what is on record of them is {about_times(estimate)} as "
            f"likely if such a time is back as if it is not.{listed(' Alike: ', alike)}{listed(' Unlike: ', unlike)}"
        )
    else:
        also = " They are not ordinary either." if ratio.otherwise >= math.log(LINE) else ""
        claim = (
            f"The four weeks up to {until} are not like “{label}”: what is on record of them is "
            f"{about_times(1.0 / estimate)} as likely if no such time is back.{also}{listed(' Unlike: ', unlike)}"
            f"{listed(' Alike: ', alike)}"
        )
    weaker = "" if tried.by_stretch else "with one such stretch on record this is the weaker test, by its own halves: "
    return Finding(
        row="S15",
        about=label,
        status="found" if like else "not_found",
        claim=claim,
        quantity=QUANTITY,
        estimate=estimate,
        interval=Interval(low, high, LEVEL),
        unit="times as likely",
        n=n,
        method=METHOD,
        evidence=_spans(timeline, label),
        assumptions=(f"{weaker}{_tried_in_words(tried)}", *ASSUMPTIONS),
        would_change=WOULD_CHANGE,
        detail=detail,
    )


def season_alone(life: LifeByWeeks, label: str) -> bool:
    """Whether now and the stretch share a time of year of which no ordinary weeks of another year are on record."""
    now = float(life.middles[life.now].mean())

    def near(days: Floats) -> np.ndarray:
        past = np.mod(now - days + 0.5 * DAYS_PER_YEAR, DAYS_PER_YEAR) - 0.5 * DAYS_PER_YEAR
        found: np.ndarray = (np.abs(past) <= SAME_SEASON_DAYS) & (now - days > 0.5 * DAYS_PER_YEAR)
        return found

    shared = any(bool(near(life.middles[one]).any()) for one in life.stretches[label])
    return shared and int(near(life.middles[life.ordinary]).sum()) < FEWEST_IN_SEASON


def _told(log: float) -> float:
    return float(np.clip(math.exp(log), 1.0 / LARGEST_TOLD, LARGEST_TOLD))


def _tried_in_words(tried: Tried) -> str:
    hits, false = round(tried.hits * len(tried.parts)), round(tried.false * len(tried.ordinary))
    return (
        f"{hits} of {len(tried.parts)} parts held out were recognised, and {false} of {len(tried.ordinary)} ordinary "
        "months were taken for such a time"
    )


def _spans(timeline: Timeline, label: str) -> tuple[str, ...]:
    episodes = timeline.episodes[label]
    return tuple(
        f"{timeline.instant(start).as_local.date()}/{timeline.instant(end).as_local.date()}"
        for start, end in zip(episodes.starts.tolist(), episodes.ends.tolist(), strict=True)
    )


def _detail(life: LifeByWeeks, label: str, ratio: Ratio, tried: Tried, line: float) -> dict[str, Any]:
    shifts = ratio.shifts
    half = life.now & (np.arange(len(life.now)) >= len(life.now) - NOW_WEEKS // 2)
    lately = ratio_of(life, life.stretches[label], half, life.ordinary)
    return {
        "log_ratio": ratio.log,
        "log_ratio_range": [ratio.low, ratio.high],
        "log_ratio_over_ordinary_alone": ratio.over_ordinary,
        "log_ratio_of_another_difference_over_ordinary": ratio.otherwise,
        "log_ratio_of_last_two_weeks": None if lately is None else lately.log,
        "line": line,
        "stretches": len(life.stretches[label]),
        "tried_by": "stretches left out" if tried.by_stretch else "halves left out",
        "recognised_of_held_out": tried.hits,
        "held_out": len(tried.parts),
        "ordinary_months_taken_for_it": tried.false,
        "ordinary_months": len(tried.ordinary),
        "effective_number_of_features": shifts.effective,
        "season_alone": season_alone(life, label),
        "features": [
            {
                "stream": life.features[j].stream,
                "looks_at": life.features[j].looks,
                "then": [float(one) for one in shifts.means[i, :-1]],
                "now": float(shifts.means[i, -1]),
                "adds_to_log_ratio": float(ratio.by_feature[i]),
            }
            for i, j in enumerate(shifts.which)
        ],
    }
