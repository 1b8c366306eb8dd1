"""How the forecasts in the ledger fared: how often what was called likely came, and whether they beat the base rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.futures.ledger import Scored, due, same
from mainstay.futures.ledger_rules import rule_of
from mainstay.futures.paths import Forecast
from mainstay.futures.scores import LEVEL, MeanOverTime, gained, share_interval
from mainstay.quantities import CannotSay, Instant
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

FEWEST_SCORED = 20
"""Fewer forecasts that do not overlap say nothing of how often what was called likely comes."""
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Said:
    """Forecasts with a chance in one range: their `mean`, the `share` that came, of `n`, with its interval at `level`.

    `apart`: how many of them do not overlap in time; the interval counts only those.
    """

    mean: float
    share: float
    n: int
    apart: int
    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class About:
    """The forecasts by one rule: of events how many `came` and were `expected`; of values how many lay `inside`."""

    about: str
    rule: str
    n: int
    came: int | None
    expected: float | None
    inside: int | None
    level: float | None


@dataclass(frozen=True, slots=True)
class Fared:
    """How the forecasts that were shown fared, up to a date.

    `written`: how many are in the ledger; `n`: how many are scored; `waiting`: not due yet, the next of them at
    `next_due`; `unscorable`: by why the record does not tell; `not_shown`: scored, but withheld when they were made.
    `bins`: of events, by the chance that was given; `held`: of values, the share inside the range that was given.
    `events`, `values`: what was gained on the base rate, by log score and ranked probability score, above 0 better.
    `better`: True or False where that is sure of all together, else None; `sentence`: that in words.
    """

    written: int
    n: int
    waiting: int
    next_due: Instant | None
    unscorable: dict[str, int]
    not_shown: int
    by: tuple[About, ...]
    bins: tuple[Said, ...] | CannotSay
    held: Said | CannotSay
    events: MeanOverTime | CannotSay
    values: MeanOverTime | CannotSay
    better: bool | None
    sentence: str


def fared(forecasts: Iterable[Forecast], timeline: Timeline, fitted: StrainPosterior | None = None) -> Fared:
    """How forecasts fared, by the record as it stands at the timeline's date. `fitted` as in `ledger.due`."""
    every = {same(one): one for one in reversed(tuple(forecasts))}
    waiting = [one.due for one in every.values() if one.due > timeline.as_of]
    ended = due(every.values(), timeline, fitted)
    told = [one for one in ended if one.status == "scored"]
    shown = [one for one in told if not one.forecast.withheld]
    unscorable: dict[str, int] = {}
    for one in ended:
        if one.status == "unscorable":
            unscorable[one.reason] = unscorable.get(one.reason, 0) + 1
    events = [one for one in shown if one.came is not None]
    values = [one for one in shown if one.held is not None]
    of_events, of_values = _gain(events), _gain(values)
    better = _better(of_events, of_values)
    return Fared(
        written=len(every),
        n=len(shown),
        waiting=len(waiting),
        next_due=min(waiting, default=None),
        unscorable=unscorable,
        not_shown=len(told) - len(shown),
        by=_by_rule(shown),
        bins=_bins(events),
        held=_held(values),
        events=of_events,
        values=of_values,
        better=better,
        sentence=_sentence(len(shown), better, of_events, of_values),
    )


def apart(scored: Sequence[Scored]) -> int:
    """How many of the forecasts' stretches can be picked so that none overlaps another."""
    stretches = sorted(
        (one.forecast.due.utc_us, one.forecast.due.plus_days(-rule_of(one.forecast.rule).days).utc_us) for one in scored
    )
    count, free = 0, -(2**63)
    for end, start in stretches:
        if start >= free:
            count, free = count + 1, end
    return count


def _said(chances: Sequence[float], came: Sequence[bool], scored: Sequence[Scored]) -> Said:
    share, alone = float(np.mean(came)), apart(scored)
    low, high = share_interval(round(share * alone), alone)
    return Said(float(np.mean(chances)), share, len(scored), alone, min(low, share), max(high, share), LEVEL)


def _bins(events: Sequence[Scored]) -> tuple[Said, ...] | CannotSay:
    alone = apart(events)
    if alone < FEWEST_SCORED:
        return CannotSay(
            "too few of the forecasts of events have come due", have=alone, need=FEWEST_SCORED, unit="forecasts"
        )
    chances = np.array([one.forecast.chance for one in events])
    where = np.clip(np.searchsorted(EDGES, chances, "right") - 1, 0, len(EDGES) - 2)
    found = []
    for k in np.unique(where):
        some = [one for one, at in zip(events, where, strict=True) if at == k]
        found.append(_said(chances[where == k].tolist(), [bool(one.came) for one in some], some))
    return tuple(found)


def _held(values: Sequence[Scored]) -> Said | CannotSay:
    ranges = [one for one in values if len(one.forecast.levels) > 1]
    alone = apart(ranges)
    if alone < FEWEST_SCORED:
        return CannotSay(
            "too few of the forecasts of values have come due", have=alone, need=FEWEST_SCORED, unit="forecasts"
        )
    meant = [one.forecast.levels[-1] - one.forecast.levels[0] for one in ranges]
    return _said(meant, [bool(one.held) for one in ranges], ranges)


def _gain(scored: Sequence[Scored]) -> MeanOverTime | CannotSay:
    """What was gained on the base rate, a mean for each moment that something was due, in order of time."""
    pairs: dict[int, list[tuple[float, float]]] = {}
    longest = 1.0
    for one in scored:
        if one.loss is not None and one.base_loss is not None:
            pairs.setdefault(one.forecast.due.utc_us, []).append((one.loss, one.base_loss))
            longest = max(longest, float(rule_of(one.forecast.rule).days))
    if len(pairs) < 2:
        return CannotSay(
            "too few forecasts have come due", have=len(pairs), need=FEWEST_SCORED, unit="forecasts beside a base rate"
        )
    means = np.array([np.mean(pairs[moment], axis=0) for moment in sorted(pairs)])
    spacing = float(np.median(np.diff(sorted(pairs)))) / 86_400e6
    return gained(means[:, 0], means[:, 1], max(longest / max(spacing, 1e-9), 1.0))


def _by_rule(scored: Sequence[Scored]) -> tuple[About, ...]:
    rules: dict[str, list[Scored]] = {}
    for one in scored:
        rules.setdefault(one.forecast.rule, []).append(one)
    found = []
    for rule, some in sorted(rules.items()):
        last = some[-1].forecast
        if last.kind == "event":
            expected = float(sum(one.forecast.chance or 0.0 for one in some))
            found.append(About(last.about, rule, len(some), sum(bool(one.came) for one in some), expected, None, None))
        else:
            inside = sum(bool(one.held) for one in some)
            found.append(About(last.about, rule, len(some), None, None, inside, last.levels[-1] - last.levels[0]))
    return tuple(found)


def _better(*gains: MeanOverTime | CannotSay) -> bool | None:
    known = [one for one in gains if isinstance(one, MeanOverTime)]
    if known and all(one.low > 0.0 for one in known):
        return True
    return False if known and all(one.high < 0.0 for one in known) else None


def _sentence(n: int, better: bool | None, *gains: MeanOverTime | CannotSay) -> str:
    if not n:
        return "No forecast has come due yet."
    if all(isinstance(one, CannotSay) for one in gains):
        return "Too few forecasts have come due to say how good they are."
    if better is None:
        return "So far it can't be said whether the forecasts do better than what is usual for you."
    if better:
        return "So far the forecasts did better than what is usual for you."
    return "So far the forecasts did worse than what is usual for you; what is usual is the better guess."
