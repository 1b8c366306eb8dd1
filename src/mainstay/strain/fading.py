"""Does relief fade (S12): how much each refuge eases now against the start, and in what course."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from mainstay.quantities import DAYS_PER_YEAR, Answer, CannotSay, Finding, Interval
from mainstay.strain.drift import course_detail
from mainstay.strain.judge import (
    FALSE_ALARM_BUDGET,
    LEVEL,
    SHARE_OF_FADING,
    Z90,
    chance_of_claim,
    likelihood_of,
    towards,
)
from mainstay.strain.plan import months_told
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.shapes import Course, fading_course
from mainstay.strain.wording import place_of
from mainstay.timeline.kinds import Timeline

MATERIAL_FADING = 1.0
CHANGE = "change in the share eased"
POINTS = "percentage points over the record"


def fading_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """S12: whether each refuge eases less with time. An alarm asks for an e-value within its share of the budget."""
    course = fading_course(fitted)
    return tuple(_fading(timeline, fitted, label, course) for label in fitted.data.refuges)


def _fading(timeline: Timeline, fitted: StrainPosterior, label: str, course: Course | None) -> Answer:
    data = fitted.data
    n = len(timeline.events[label].times)
    refuse = partial(CannotSay, row="S12", about=label, quantity=CHANGE, n=n, method=fitted.method)
    if not data.settings.fading.each:
        return refuse(
            "this fit has no change of relief for each refuge", would_change="a fading that is linear or a step"
        )
    mean, sd = fitted.marginal("fading", label)
    centre, _ = fitted.marginal("efficacy", label)
    budget = FALSE_ALARM_BUDGET * SHARE_OF_FADING / len(data.refuges)
    like_mean, like_sd = likelihood_of(mean, sd, fitted.prior_sd("fading", label))
    evidence = towards(like_mean, like_sd)
    half = data.days / DAYS_PER_YEAR / 2.0

    def share(fading: float, year: float) -> float:
        return 100.0 / (1.0 + math.exp(-(centre - fading * year)))

    change, low, high = (share(f, half) - share(f, -half) for f in (mean, mean + Z90 * sd, mean - Z90 * sd))
    detail: dict[str, Any] = {
        "percent_at_start": share(mean, -half),
        "percent_at_end": share(mean, half),
        "logits_a_year": mean,
        "e_value": evidence,
        "false_alarm_share": budget,
        **course_detail(timeline, course),
    }
    if evidence < 1.0 / budget and abs(mean) + Z90 * sd >= MATERIAL_FADING:
        return refuse(
            f"whether “{label}” eases less than it used to can't be told yet",
            **months_told(data, n, MATERIAL_FADING, mean=like_mean, sd=like_sd, question="fading"),
            would_change=f"check-ins before and after “{label}”, over more months",
            detail={**detail, "estimate": change, "low": low, "high": high, "level": LEVEL, "unit": POINTS},
        )
    found = evidence >= 1.0 / budget
    fades = f"from about {round(share(mean, -half))} % of the strain to about {round(share(mean, half))} %"
    return Finding(
        row="S12",
        about=label,
        status="found" if found else "not_found",
        claim=(
            f"“{label}” eases {'less' if mean > 0 else 'more'} than it used to: {fades} over the record."
            if found
            else f"“{label}” eases about as much as it did at the start; a fall of more than "
            f"{max(round(-low), 1)} percentage points can be ruled out."
        ),
        quantity=CHANGE,
        estimate=change,
        interval=Interval(low, high, LEVEL),
        unit=POINTS,
        n=n,
        method=fitted.method,
        probability=chance_of_claim(mean, sd, MATERIAL_FADING, "found" if found else "not_found"),
        evidence=(place_of(timeline), f"{n} occasions"),
        assumptions=(
            "a rating means the same at the end as at the start",
            f"an alarm here uses {100 * budget:.1f} of the {100 * FALSE_ALARM_BUDGET:.0f} % false-alarm budget",
        ),
        would_change=f"check-ins before and after “{label}”, over more months",
        detail=detail,
    )
