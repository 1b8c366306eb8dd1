"""What happened once or twice (S16), in sentences: a candidate and a repeat to try it by, never more."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from mainstay.patterns.rare import Beside, Rare, RareExposure, rare
from mainstay.quantities import Answer, CannotSay, Finding, Interval, probability
from mainstay.records.words import listed
from mainstay.strain.judge import LEVEL, Z90, normal_cdf
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import number, place_of
from mainstay.timeline.kinds import Timeline

QUANTITY = "strain after, against what it would have been"
ASSUMPTIONS = (
    "what would have eased by itself is taken off by the model",
    "nothing else that is not on record happened at the same time",
    "what is tagged as arranged was arranged before it happened; nothing on record checks that",
)


def rare_answers(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, found: Rare | CannotSay | None = None
) -> tuple[Answer, ...]:
    """S16, the latest first. `found`: what `rare` gave for this timeline, where it was worked out already."""
    if isinstance(fitted, CannotSay):
        return (replace(fitted, row="S16"),)
    seen = rare(timeline, fitted) if found is None else found
    if isinstance(seen, CannotSay):
        return (replace(seen, row="S16"),)
    return tuple(_answer(timeline, fitted, seen, one) for one in seen.exposures)


def _answer(timeline: Timeline, fitted: StrainPosterior, seen: Rare, one: RareExposure) -> Answer:
    mean, sd = one.effect.mean, one.effect.sd
    low, high = mean - Z90 * sd, mean + Z90 * sd
    detail = _detail(seen, one)
    if one.found == "cannot_say":
        return CannotSay(
            f"what “{one.name}” does to strain can't be told from {_times(one)}: {_anything(low, high)}",
            row="S16",
            about=one.name,
            quantity=QUANTITY,
            n=one.effect.n,
            method=seen.method,
            assumptions=ASSUMPTIONS,
            would_change=_repeat(one),
            detail={**detail, "estimate": mean, "low": low, "high": high, "level": LEVEL},
        )
    say = partial(
        Finding,
        row="S16",
        about=one.name,
        quantity=QUANTITY,
        estimate=mean,
        interval=Interval(low, high, LEVEL),
        unit=fitted.data.unit_name,
        n=one.effect.n,
        method=seen.method,
        evidence=(place_of(timeline), _looked_at(seen)),
        assumptions=ASSUMPTIONS,
        would_change=_repeat(one),
        detail=detail,
    )
    if one.found == "not_found":
        chance = normal_cdf((seen.material - mean) / sd) - normal_cdf((-seen.material - mean) / sd)
        return say(
            status="not_found",
            claim=f"After “{one.name}” ({_when(one)}) strain was about what it would have been anyway.",
            probability=probability(chance),
        )
    eased = mean < 0.0
    by = f"{number(abs(mean))} {fitted.data.unit_name}"
    size = f"about {by} {'lower' if eased else 'higher'} than it would have been{_beside(one.beside, eased=eased)}"
    certainty = probability(normal_cdf(abs(mean) / sd))
    if eased and one.arranged:
        return say(
            status="relief_observed_recovery_untested",
            claim=f"After “{one.name}” ({_when(one)}) strain was {size}; that is {_times(one)}, and whether it "
            "takes more again to tip over has not been tested.",
            probability=certainty,
            reason="one good time shows relief, not recovery",
        )
    return say(
        status="unconfirmed",
        claim=f"After “{one.name}” ({_when(one)}) strain was {size}; {_times(one)} is a candidate and proves nothing.",
        probability=certainty,
        reason="it was not repeated",
    )


def _anything(low: float, high: float) -> str:
    if low * high > 0.0:
        return f"{_amount(low)} to {_amount(high)} fits, which among so many things may be chance"
    return f"anything from {_amount(low)} to {_amount(high)} fits"


def _repeat(one: RareExposure) -> str:
    return f"“{one.name}” again, two or three times on days drawn by lot, with check-ins before and after"


def _looked_at(seen: Rare) -> str:
    count = len(seen.exposures)
    told = "the one thing" if count == 1 else f"one of {count} things"
    return f"{told} that happened once or twice" + (
        f"; {seen.not_looked_at} older ones were not looked at" if seen.not_looked_at else ""
    )


def _times(one: RareExposure) -> str:
    return {1: "one time", 2: "two times"}.get(one.effect.n, f"{one.effect.n} times")


def _when(one: RareExposure) -> str:
    return listed(dict.fromkeys(day.day_in_words for day in one.when))


def _amount(points: float) -> str:
    return f"{number(abs(points))} points {'lower' if points < 0.0 else 'higher'}"


def _beside(beside: Beside | None, *, eased: bool) -> str:
    if beside is None:
        return ""
    count = beside.lower_than if eased else beside.of - beside.lower_than
    return f", {'lower' if eased else 'higher'} than after {count} of {beside.of} comparable moments"


def _detail(seen: Rare, one: RareExposure) -> dict[str, Any]:
    return {
        "when": [str(day) for day in one.when],
        "strain_before": one.effect.strain_before,
        "chance_it_eases": one.effect.chance_it_eases,
        "lower_than": None if one.beside is None else one.beside.lower_than,
        "comparable": None if one.beside is None else one.beside.of,
        "arranged": one.arranged,
        "looked_at": len(seen.exposures),
        "not_looked_at": seen.not_looked_at,
        "material": seen.material,
    }
