"""What is looked at beside a trial's claims: where it was going before, pretend starts, the model, days as lived."""

from __future__ import annotations

from mainstay.quantities import CannotSay
from mainstay.strain.wording import number
from mainstay.trials import monitoring, placebo
from mainstay.trials.adherence import Adherence, as_done
from mainstay.trials.claims_kinds import Tried
from mainstay.trials.effect_model import Effect, fit
from mainstay.trials.kinds import Observed
from mainstay.trials.wording import change, changes_between

OFTEN = 0.1


def cross_checks(tried: Tried, done: Adherence | None) -> tuple[str, ...]:
    """Sentences; a check for which there is too little is left out."""
    seen = monitoring.until(tried.observed, tried.days)
    return (*_before(tried, seen), *_pretended(tried, seen), *_model(tried, seen), *_lived(tried, seen, done))


def _before(tried: Tried, seen: Observed) -> list[str]:
    found = placebo.before(tried.schedule, seen)
    if isinstance(found, CannotSay):
        return []
    ends = found.trend_a_week.interval()
    told = [f"Before the trial each week brought {changes_between(ends.low, ends.high, seen.unit)}."]
    if found.unusual:
        told.append(
            "The week before it began was unlike the weeks before that: what came after may in part be a return to "
            "what is usual."
        )
    return told


def _pretended(tried: Tried, seen: Observed) -> list[str]:
    """Of a change without a lot: how many pretend starts before it look as large."""
    if tried.space.randomised:
        return []
    found = placebo.pretended(tried.schedule, seen, trend=tried.says.analysis.trend)
    if isinstance(found, CannotSay):
        return []
    n = len(found.days)
    as_large = round(found.as_large * (n + 1)) - 1
    told = f"Of {n} days before the change, {as_large} would have shown a change as large, had it been then."
    return [told + (" So this one may well be chance." if found.as_large > OFTEN else "")]


def _model(tried: Tried, seen: Observed) -> list[str]:
    if not tried.space.randomised:
        return []
    analysis = tried.says.analysis
    found = fit(tried.schedule, seen, trend=analysis.trend, carryover=analysis.carryover)
    if isinstance(found, CannotSay):
        return []
    told = [f"By a model of swings, trend and what carries over: {_effects(found, seen)}."]
    if found.carryover_half_life_days is not None and found.carryover_half_life_days >= 1.0:
        half = found.carryover_half_life_days
        told.append(
            f"It seems to last: half of it is left after about {number(half)} {'day' if half == 1 else 'days'}."
        )
    return told


def _lived(tried: Tried, seen: Observed, done: Adherence | None) -> list[str]:
    """The effect by what the days were lived as, where that is not as they were drawn."""
    if done is None or done.count("no", "partly") == 0:
        return []
    found = fit(as_done(tried.schedule, done), seen, trend=tried.says.analysis.trend, carryover=False)
    if isinstance(found, CannotSay):
        return []
    return [f"By what the days were lived as, which rests on no lot: {_effects(found, seen)}."]


def _effects(found: Effect, seen: Observed) -> str:
    """Each arm's effect with its range."""
    parts = []
    for one in found.effects:
        ends = one.interval()
        ranged = changes_between(ends.low, ends.high, seen.unit)
        parts.append(f"“{one.arm}” {change(one.mean, seen.unit)} (90 % sure: {ranged})")
    return "; ".join(parts)
