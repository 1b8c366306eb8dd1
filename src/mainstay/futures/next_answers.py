"""Tomorrow and next week (S19): shown where forecasts of this record were better than its base rate, else withheld.

Of ratings the anchor and the fullest others; of events first slips and demands, then what is sought, then the rest, and
no controls. Of what is shown at most 5 % is expected to be no better, whatever was tried
(`mainstay.futures.next_record`). Nothing of this raises an alarm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.futures import next_events, next_ratings
from mainstay.futures.ledger import made
from mainstay.futures.next_days import Days, days_of
from mainstay.futures.next_record import FEWEST_SCORED, Compared, Judgement, judged, scored_rows
from mainstay.futures.next_rules import next_day, rule_for
from mainstay.futures.next_targets import WEEK, Horizon
from mainstay.futures.paths import Forecast
from mainstay.notice.series import Series, series_of
from mainstay.quantities import Answer, CannotSay, Finding, Instant, Interval, probability
from mainstay.strain.judge import LEVEL, Z90
from mainstay.strain.wording import place_of
from mainstay.timeline.kinds import Floats, Timeline

ROW = "S19"
MOST_ITEMS, MOST_LABELS = 4, 4
FIRST = ("slip", "demand", "relief", "other")
FEWEST_DAYS_WITH = 8
"""An event has to have come on so many days, and to have stayed away on so many."""
HORIZONS: tuple[Horizon, ...] = ("day", "week")
WORDS = {"day": "tomorrow", "week": "next week"}
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
QUANTITY = {"rating": "answer to come", "event": "chance to come at least once"}
METHOD = (
    "dynamic model averaging of Kalman filters, decaying histograms and regressions on what was known the day before; "
    "compared with the base rate by calendar: an e-value of log scores of forecasts made before the day, and a paired, "
    "autocorrelation-robust interval"
)
ASSUMPTIONS = (
    "forecast from this person's own record, each day from the days before it only",
    "what is recorded is forecast, as fully as it was recorded lately",
)
WHERE_ANSWERED = "only of days with an answer: how other days would have been rated isn't known"
AGAIN = "it is checked again with each day on record"
NOT_MEANT = "no cause is meant, and nothing needs to be done about it"


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """One rating or event at one horizon: how it did, what it says now, and what the base rate says.

    `quantiles`, `base_quantiles` at LEVELS for ratings; of events the chance, with its interval.
    """

    name: str
    kind: str
    unit: str
    horizon: Horizon
    judgement: Judgement
    estimate: float
    low: float
    high: float
    usual: float
    quantiles: Floats
    base_quantiles: Floats
    covered: float | None
    better: float
    weights: Mapping[str, float]
    digits: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    """Forecasts at one horizon with their log scores, before they are judged."""

    series: Series
    horizon: Horizon
    of: next_ratings.Foretold | next_events.Risk


def answers(timeline: Timeline) -> tuple[Answer, ...]:
    """S19: for each rating and event told of, tomorrow and next week, or why neither is shown.

    Refuses ratings with under 20 days that can be scored, and events that came, or stayed away, on under 8 days.
    """
    series, days = _told_of(timeline)
    tried = _tried(timeline, series, days)
    told: list[Answer] = []
    for one in series:
        of_it = [each for each in tried if each.name == one.name]
        told += _answers_of(timeline, one, days, of_it)
    return tuple(told)


def forecasts(timeline: Timeline) -> tuple[Forecast, ...]:
    """What is forecast for the next day and week, as the ledger keeps it; what isn't shown is marked `withheld`.

    Made as of the timeline's date; of days that are over by then nothing is forecast.
    """
    series, days = _told_of(timeline)
    every = (_forecast(timeline, one) for one in _tried(timeline, series, days))
    return tuple(one for one in every if one.due > timeline.as_of)


def _told_of(timeline: Timeline) -> tuple[tuple[Series, ...], Days]:
    """The ratings and events that are told of: the anchor, the fullest ratings, and events by what they mean."""
    every = series_of(timeline)
    days = days_of(timeline, every)
    ratings = [one for one in every if one.kind == "rating" and len(one.values)]
    ratings.sort(key=lambda one: (one.name != timeline.anchor, -int((days.answers[one.name] > 0).sum()), one.name))
    events = [one for one in every if one.kind == "count" and one.is_ in FIRST]
    often = {one.name: int((days.events[one.name] > 0).sum()) for one in events}
    events.sort(key=lambda one: (often[one.name] < FEWEST_DAYS_WITH, FIRST.index(one.is_), -often[one.name], one.name))
    return (*ratings[:MOST_ITEMS], *events[:MOST_LABELS]), days


def _tried(timeline: Timeline, series: tuple[Series, ...], days: Days) -> list[_Tried]:
    scored = []
    for one in series:
        if one.kind == "count" and not _both_ways(days, one.name):
            continue
        if one.kind == "rating" and np.ptp(one.values) == 0.0:
            continue
        for horizon in HORIZONS:
            of = (
                next_events.foretell(days, one.name, horizon)
                if one.kind == "count"
                else next_ratings.foretell(timeline, days, one, horizon)
            )
            scored.append(_Scored(one, horizon, of))
    verdicts = judged([Compared(one.of.scores("ours"), one.of.scores("base rate"), one.of.targets) for one in scored])
    return [
        (_event if one.series.kind == "count" else _rating)(one, verdict)
        for one, verdict in zip(scored, verdicts, strict=True)
    ]


def _both_ways(days: Days, label: str) -> bool:
    came = days.happened(label)
    return min(int((came == 1.0).sum()), int((came == 0.0).sum())) >= FEWEST_DAYS_WITH


def _rating(one: _Scored, verdict: Judgement) -> _Tried:
    of = one.of
    assert isinstance(of, next_ratings.Foretold)
    ours, base, at = of.chances["ours"], of.chances["base rate"], scored_rows(of.targets)
    quantiles, usual = (of.scale.quantiles(each[-1:], LEVELS)[0] for each in (ours, base))
    covered, better = None, 0.0
    if at.any():
        ends = of.scale.quantiles(ours[at], (LEVELS[0], LEVELS[-1]))
        came = of.targets.values[at]
        covered = float(np.mean((came >= ends[:, 0]) & (came <= ends[:, 1])))
        loss, lost = (float(of.scale.crps(each[at], came).mean()) for each in (ours, base))
        better = 1.0 - loss / lost if lost > 0.0 else 0.0
    return _Tried(
        one.series.name, "rating", one.series.unit, one.horizon,
        verdict,
        float(of.scale.mean(ours[-1])), float(quantiles[0]), float(quantiles[-1]), float(of.scale.mean(base[-1])),
        quantiles, usual, covered, better, _weights(of.weights), _digits(of.scale.reach),
    )  # fmt: skip


def _digits(reach: float) -> int:
    """Decimals with which values of a scale of this reach are told."""
    return 0 if reach >= 30.0 else 1 if reach >= 2.0 else 2


def _event(one: _Scored, verdict: Judgement) -> _Tried:
    of = one.of
    assert isinstance(of, next_events.Risk)
    chance, usual, at = float(of.chances["ours"][-1]), float(of.chances["base rate"][-1]), scored_rows(of.targets)
    better = 0.0
    if at.any():
        came = of.targets.values[at]
        loss, lost = (float(((of.chances[name][at] - came) ** 2).mean()) for name in ("ours", "base rate"))
        better = 1.0 - loss / lost if lost > 0.0 else 0.0
    reach = Z90 * of.sd
    logit = np.log(chance / (1.0 - chance))
    low, high = (float(1.0 / (1.0 + np.exp(-(logit + side)))) for side in (-reach, reach))
    return _Tried(
        one.series.name, "event", "chance", one.horizon,
        verdict,
        chance, low, high, usual, np.zeros(0), np.zeros(0), None, better, _weights(of.weights),
    )  # fmt: skip


def _weights(weights: Mapping[str, Floats]) -> dict[str, float]:
    return {name: float(one[-1]) for name, one in weights.items()}


def _answers_of(timeline: Timeline, series: Series, days: Days, tried: list[_Tried]) -> list[Answer]:
    """Each horizon that is shown; one answer for what is withheld; and only where neither can be judged, why."""
    shown: list[Answer] = [_shown(timeline, one) for one in tried if one.judgement.shown]
    withheld = [one for one in tried if not one.judgement.shown and not isinstance(one.judgement.gain, CannotSay)]
    if withheld:
        shown.append(_withheld(timeline, series, withheld))
    return shown or [_refused(timeline, series, days, tried)]


def _when(timeline: Timeline, horizons: Sequence[Horizon]) -> str:
    """ "tomorrow or next week" while tomorrow is still to come; later the day after the record, by its date."""
    first = next_day(timeline)
    dated = {"day": first.day_in_words, "week": f"the week from {first.day_in_words} on"}
    return " or ".join((WORDS if first >= timeline.as_of else dated)[one] for one in horizons)


def _refused(timeline: Timeline, series: Series, days: Days, tried: list[_Tried]) -> CannotSay:
    kind = "event" if series.kind == "count" else "rating"
    claim = f"Nothing can be said yet of “{series.name}” for {_when(timeline, HORIZONS)}."

    def refuse(reason: str, have: float | None = None, need: float | None = None, unit: str = "") -> CannotSay:
        return CannotSay(
            reason, have, need, unit, row=ROW, about=series.name, quantity=QUANTITY[kind], claim=claim, method=METHOD
        )

    if kind == "rating":
        if np.ptp(series.values) == 0.0:
            return refuse("it never changes")
        have = max((one.judgement.n for one in tried), default=0)
        return refuse(
            "there are too few days that a forecast could have been held against", have, FEWEST_SCORED, "days"
        )
    came = days.happened(series.name)
    with_it, without = int((came == 1.0).sum()), int((came == 0.0).sum())
    if with_it < FEWEST_DAYS_WITH:
        return refuse("it came on too few days", with_it, FEWEST_DAYS_WITH, "days with it")
    if without < FEWEST_DAYS_WITH:
        return refuse("hardly a day is without it")
    return refuse(
        "there are too few days that a forecast could have been held against",
        max(one.judgement.n for one in tried), FEWEST_SCORED, "days",
    )  # fmt: skip


def _shown(timeline: Timeline, one: _Tried) -> Finding:
    return Finding(
        row=ROW,
        about=one.name,
        status="found",
        claim=_claim(timeline, one),
        quantity=QUANTITY[one.kind],
        estimate=one.estimate,
        interval=Interval(one.low, one.high, LEVEL),
        unit=one.unit,
        n=one.judgement.n,
        method=METHOD,
        probability=probability(one.estimate) if one.kind == "event" else None,
        evidence=(place_of(timeline), f"{one.judgement.n} forecasts held against what came"),
        assumptions=(*_assumptions(one.kind), NOT_MEANT),
        would_change=f"it is withheld once it tells no better than what is usual; {AGAIN}",
        detail=_detail(timeline, one),
    )


def _assumptions(kind: str) -> tuple[str, ...]:
    return (*ASSUMPTIONS, WHERE_ANSWERED) if kind == "rating" else ASSUMPTIONS


def _claim(timeline: Timeline, one: _Tried) -> str:
    first = next_day(timeline)
    on = f"On {first.day_in_words}" if one.horizon == "day" else f"In the week from {first.day_in_words} on"
    if one.kind == "event":
        return (
            f"{on}, “{one.name}” comes with a chance of about {_percent(one.estimate)}; usual is {_percent(one.usual)}."
        )
    low, high, middle, usual = (
        f"{value:.{one.digits}f}".removesuffix(".0") for value in (one.low, one.high, one.estimate, one.usual)
    )
    answered, mean = ("if answered", "") if one.horizon == "day" else ("as far as answered", " on average")
    between = f"between {low} and {high}" if low != high else f"at {low}"
    return (
        f"{on}, “{one.name}”, {answered}, is likely to be about {middle}{mean}, nine times of ten {between}; "
        f"usual is {usual}."
    )


def _percent(chance: float) -> str:
    return f"{100.0 * chance:.0f} %" if 0.01 <= chance <= 0.99 else ("under 1 %" if chance < 0.5 else "over 99 %")


def _withheld(timeline: Timeline, series: Series, some: list[_Tried]) -> Finding:
    """No forecast of one rating or event, and no number of one: the middle of all that it could be, and all of that."""
    first = some[0]
    when = _when(timeline, [one.horizon for one in some])
    rated = None if series.kind == "count" else timeline.ratings[series.name].item
    low, high = (0.0, 1.0) if rated is None else (rated.low, rated.high)
    return Finding(
        row=ROW,
        about=first.name,
        status="withheld",
        claim=f"No forecast of “{first.name}” is shown for {when}.",
        quantity=QUANTITY[first.kind],
        estimate=0.5 * (low + high),
        interval=Interval(low, high, LEVEL),
        unit=first.unit,
        n=first.judgement.n,
        method=METHOD,
        evidence=(place_of(timeline), f"{first.judgement.n} forecasts held against what came"),
        assumptions=_assumptions(first.kind),
        would_change=AGAIN,
        reason=first.judgement.reason,
        detail={
            "withheld": [WORDS[one.horizon] for one in some],
            "begins": str(next_day(timeline)),
            "scores": [_scores(one) for one in some],
        },
    )


def _scores(one: _Tried) -> dict[str, Any]:
    gain = one.judgement.gain
    if isinstance(gain, CannotSay):
        return {"horizon": WORDS[one.horizon], "forecasts": one.judgement.n}
    return {
        "horizon": WORDS[one.horizon],
        "forecasts": one.judgement.n,
        "log_score_gained": gain.mean,
        "sd": gain.sd,
        "lower_end": gain.low,
        "level_of_the_interval": gain.level,
        "evidence_nats": one.judgement.evidence,
        "evidence_asked_for": one.judgement.asked,
        "closer_than_usual_by": one.better,
        "nine_of_ten_held": one.covered,
    }


def _detail(timeline: Timeline, one: _Tried) -> dict[str, Any]:
    detail = {
        "horizon": WORDS[one.horizon],
        "kind": one.kind,
        "begins": str(next_day(timeline)),
        "usual": one.usual,
        "scores": _scores(one),
        "weights": dict(one.weights),
    }
    if one.kind == "rating":
        detail |= {"levels": list(LEVELS), "quantiles": one.quantiles.tolist()}
        detail["usual_quantiles"] = one.base_quantiles.tolist()
    return detail


def _forecast(timeline: Timeline, one: _Tried) -> Forecast:
    event = one.kind == "event"
    rule = rule_for(one.name, one.horizon, event=event)
    due: Instant = next_day(timeline, rule.days)
    said: dict[str, Any] = (
        {"chance": one.estimate, "base_chance": one.usual}
        if event
        else {
            "levels": LEVELS,
            "quantiles": tuple(one.quantiles.tolist()),
            "base_quantiles": tuple(one.base_quantiles.tolist()),
        }
    )
    when = WORDS[one.horizon] if one.horizon == "day" else f"{WEEK} days"
    return made(
        f"{one.name}: {when}", rule, timeline.as_of, due, withheld=not one.judgement.shown,
        detail={"from": "own record"}, **said,
    )  # fmt: skip
