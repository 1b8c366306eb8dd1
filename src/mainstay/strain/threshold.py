"""Does it take less and less (S11), and does relief fade (S12): the claims that can alarm, with their budget."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import partial
from typing import Any

import numpy as np

from mainstay.quantities import DAYS_PER_YEAR, Answer, CannotSay, Finding, Interval
from mainstay.strain.coordinates import PRIORS
from mainstay.strain.drawing import SEEKS_MORE, strain_refuges
from mainstay.strain.judge import (
    FALSE_ALARM_BUDGET,
    LEVEL,
    SHARE_OF_FADING,
    SHARE_OF_THRESHOLD,
    Z90,
    chance_of_claim,
    counted,
    e_value,
    likelihood_of,
    under_prior,
)
from mainstay.strain.posterior import METHOD, StrainPosterior
from mainstay.strain.wording import number, place_of, times_as_often
from mainstay.timeline.kinds import Timeline

DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
FEWEST_MONTHS = 3.0
FEWEST_ACTS = 30
MATERIAL_DRIFT = math.log(2.0)
"""A drift that doubles the seeking of help within a year, at the same load, must not be missed."""

MATERIAL_FADING = 1.0
DENSER = 1.25
"""Recording that grew by this factor from the first to the last third of the record is named as the reason."""

CHANGE = "change in the share eased"
POINTS = "percentage points over the record"
QUANTITY = "seeking at the same load, against a year earlier"


def _refusal(timeline: Timeline, reason: str, n: int, **more: object) -> CannotSay:
    return CannotSay(reason, row="S11", about="threshold", quantity=QUANTITY, n=n, method=METHOD, **more)  # type: ignore[arg-type]


def _months_needed(months: float, sd: float, material: float) -> int:
    """Months after which a material drift would be found in four of five such records (sd falls as months^-3/2)."""
    wanted = material / (Z90 + 1.6)
    scaled = math.ceil(months * math.exp(2.0 / 3.0 * math.log(sd / wanted)))
    return max(scaled, math.ceil(months) + 1)


def _recording_growth(timeline: Timeline, labels: tuple[str, ...]) -> tuple[float, float]:
    """Mean recording intensity of these labels in the first and in the last third of the record."""
    third = timeline.days / 3.0
    first = np.linspace(0.0, third, 200)
    last = np.linspace(2.0 * third, timeline.days, 200, endpoint=False)
    steps = [timeline.recording.get(label, timeline.recording.get("")) for label in labels]
    known = [one for one in steps if one is not None]
    if not known:
        return 1.0, 1.0
    return float(np.mean([one.at(first).mean() for one in known])), float(
        np.mean([one.at(last).mean() for one in known])
    )


def threshold_answer(timeline: Timeline, fitted: StrainPosterior, misfits: Collection[str] = ()) -> Answer:
    """S11: how much more often help is sought at the same load, against a year earlier.

    Refuses where no refuge rises with strain, where acts, months or check-ins are too few, and where the model fails
    its own check of a refuge (`misfits`). Unless how fully things were recorded was logged, the drift comes with its
    tipping point only, never as found.
    """
    refusal = _no_threshold(timeline, fitted) or _too_little(timeline, fitted) or _misfit(timeline, fitted, misfits)
    return refusal or _judged(timeline, fitted)


def _no_threshold(timeline: Timeline, fitted: StrainPosterior) -> CannotSay | None:
    data = fitted.data
    n = int(data.act_counts.sum())
    if not data.refuges:
        return _refusal(timeline, "nothing was recorded often enough as relief, so no threshold can be seen", n)
    if not data.readings:
        return _refusal(timeline, "without check-ins, strain can't be told from a growing habit", n)
    if not strain_refuges(fitted):
        return _refusal(
            timeline,
            f"no refuge is sought more as strain rises (none with {round(100 * SEEKS_MORE)} % certainty), "
            "so a threshold has no meaning here",
            n,
            would_change="other things sought when it is too much, if they were recorded",
        )
    return None


def _too_little(timeline: Timeline, fitted: StrainPosterior) -> CannotSay | None:
    n, months = int(fitted.data.act_counts.sum()), fitted.data.days / DAYS_PER_MONTH
    if months < FEWEST_MONTHS:
        return _refusal(
            timeline, "the record is too short", n, have=round(months, 1), need=FEWEST_MONTHS, unit="months"
        )
    if n < FEWEST_ACTS:
        return _refusal(timeline, "there are too few acts of relief", n, have=n, need=FEWEST_ACTS, unit="acts")
    return None


def _misfit(timeline: Timeline, fitted: StrainPosterior, misfits: Collection[str]) -> CannotSay | None:
    labels = [fitted.data.refuges[k] for k in strain_refuges(fitted) if fitted.data.refuges[k] in misfits]
    if not labels:
        return None
    named = " and ".join(f"“{label}”" for label in labels)
    return _refusal(
        timeline,
        f"when {named} happens is not well described by the model, so its drift can't be trusted to it",
        int(fitted.data.act_counts.sum()),
        would_change=f"what else decides when {named} happens, if it were logged: hours at which it is impossible",
    )


def _judged(timeline: Timeline, fitted: StrainPosterior) -> Answer:
    data = fitted.data
    n, months = int(data.act_counts.sum()), data.days / DAYS_PER_MONTH
    mean, sd = fitted.marginal("drift")
    ratio, low, high = (math.exp(value) for value in (mean, mean - Z90 * sd, mean + Z90 * sd))
    budget = FALSE_ALARM_BUDGET * SHARE_OF_THRESHOLD
    like_mean, like_sd = likelihood_of(mean, sd, PRIORS["drift"][1])
    evidence = max(e_value(like_mean, like_sd), e_value(-like_mean, like_sd))
    width = PRIORS["drift"][1]
    sensitivity = {
        f"prior_sd_{scale * width:g}": [
            math.exp(value)
            for centre, half in [under_prior(like_mean, like_sd, scale * width)]
            for value in (centre - Z90 * half, centre, centre + Z90 * half)
        ]
        for scale in (0.5, 1.0, 2.0)
    }
    detail: dict[str, Any] = {
        "estimate": ratio,
        "low": low,
        "high": high,
        "level": LEVEL,
        "unit": "times as often",
        "e_value": evidence,
        "false_alarm_share": budget,
        "prior_sensitivity": sensitivity,
    }
    if not data.recording_logged:
        return _unlogged(timeline, mean, sd, n, detail)
    known = 1.0 / budget
    if evidence < known and abs(mean) + Z90 * sd >= MATERIAL_DRIFT:
        return _refusal(
            timeline,
            "the signs are not yet strong enough to rule out chance, looked at again and again"
            if abs(mean) > Z90 * sd
            else "a drift that would matter can neither be seen nor ruled out",
            n,
            **counted(round(months, 1), _months_needed(months, like_sd, MATERIAL_DRIFT), "months"),
            would_change="more months recorded in the same way",
            detail=detail,
        )
    found = evidence >= known
    before, after = _recording_growth(timeline, data.refuges)
    reason = ""
    if not found and after > DENSER * before:
        reason = (
            f"recording grew from {round(100 * before)} % to {round(100 * after)} % of what happened, "
            "which by itself explains more acts on record"
        )
    return Finding(
        row="S11",
        about="threshold",
        status="found" if found else "not_found",
        claim=_claim(found, ratio, mean, reason),
        quantity=QUANTITY,
        estimate=ratio,
        interval=Interval(low, high, LEVEL),
        unit="times as often",
        n=n,
        method=METHOD,
        probability=chance_of_claim(mean, sd, MATERIAL_DRIFT, "found" if found else "not_found"),
        evidence=(place_of(timeline), f"{n} acts of relief", f"{data.readings} check-ins"),
        assumptions=(
            "recording intensity is as logged",
            "each refuge was as possible at the end as at the start",
            f"an alarm here uses {100 * budget:.0f} of the {100 * FALSE_ALARM_BUDGET:.0f} % false-alarm budget, "
            "however often it is looked at",
        ),
        would_change="more months recorded in the same way",
        reason=reason,
        detail=detail,
    )


def _unlogged(timeline: Timeline, mean: float, sd: float, n: int, detail: dict[str, Any]) -> CannotSay:
    """The drift with its tipping point only: recording that grew or shrank as much would look the same."""
    tipping = math.exp(abs(mean) * timeline.days / DAYS_PER_YEAR)
    reason = (
        "how fully things were recorded was not logged, and without that a change can't be told from better records"
    )
    if abs(mean) > Z90 * sd:
        reason = (
            f"“help is sought {times_as_often(math.exp(mean))} as a year ago, at the same load” is what the record "
            f"looks like, but how fully things were recorded was not logged: it would look the same if recording had "
            f"become {number(tipping)} times {'more' if mean > 0 else 'less'} complete"
        )
    return _refusal(
        timeline,
        reason,
        n,
        would_change="a log of how fully each stretch was recorded",
        detail={**detail, "tipping_point": tipping},
    )


def _claim(found: bool, ratio: float, mean: float, reason: str) -> str:
    if found and mean > 0:
        return f"It takes less and less: at the same load, help is sought {times_as_often(ratio)} as a year ago."
    if found:
        return f"It takes more than it used to: at the same load, help is sought {times_as_often(ratio)} as a year ago."
    tail = f": {reason}" if reason else "; a doubling within a year can be ruled out"
    if 0.9 < ratio < 1.1:
        return f"At the same load, help is sought about as often as a year ago{tail}."
    return (
        f"At the same load, help is sought {times_as_often(ratio)} as a year ago, which chance alone could give{tail}."
    )


def fading_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """S12: whether each refuge eases less with time. An alarm asks for an e-value within its share of the budget."""
    return tuple(_fading(timeline, fitted, label) for label in fitted.data.refuges)


def _fading(timeline: Timeline, fitted: StrainPosterior, label: str) -> Answer:
    data = fitted.data
    mean, sd = fitted.marginal("fading", label)
    centre, _ = fitted.marginal("efficacy", label)
    n, months = len(timeline.events[label].times), data.days / DAYS_PER_MONTH
    refuse = partial(CannotSay, row="S12", about=label, quantity=CHANGE, n=n, method=METHOD)
    budget = FALSE_ALARM_BUDGET * SHARE_OF_FADING / len(data.refuges)
    like_mean, like_sd = likelihood_of(mean, sd, PRIORS["fading"][1])
    up, down = e_value(like_mean, like_sd), e_value(-like_mean, like_sd)
    half = data.days / DAYS_PER_YEAR / 2.0

    def share(fading: float, year: float) -> float:
        return 100.0 / (1.0 + math.exp(-(centre - fading * year)))

    change, low, high = (share(f, half) - share(f, -half) for f in (mean, mean + Z90 * sd, mean - Z90 * sd))
    detail = {
        "percent_at_start": share(mean, -half),
        "percent_at_end": share(mean, half),
        "logits_a_year": mean,
        "e_value": max(up, down),
        "false_alarm_share": budget,
    }
    if max(up, down) < 1.0 / budget and abs(mean) + Z90 * sd >= MATERIAL_FADING:
        return refuse(
            f"whether “{label}” eases less than it used to can't be told yet",
            **counted(round(months, 1), _months_needed(months, like_sd, MATERIAL_FADING), "months"),
            would_change=f"check-ins before and after “{label}”, over more months",
            detail={**detail, "estimate": change, "low": low, "high": high, "level": LEVEL, "unit": POINTS},
        )
    found = max(up, down) >= 1.0 / budget
    fades = f"from about {round(share(mean, -half))} % of the strain to about {round(share(mean, half))} %"
    return Finding(
        row="S12",
        about=label,
        status="found" if found else "not_found",
        claim=(
            f"“{label}” eases {'less' if mean > 0 else 'more'} than it used to: {fades} over the record."
            if found
            else f"“{label}” eases about as much as it did at the start."
        ),
        quantity=CHANGE,
        estimate=change,
        interval=Interval(low, high, LEVEL),
        unit=POINTS,
        n=n,
        method=METHOD,
        probability=chance_of_claim(mean, sd, MATERIAL_FADING, "found" if found else "not_found"),
        evidence=(place_of(timeline), f"{n} occasions"),
        assumptions=(
            f"an alarm here uses {100 * budget:.1f} of the {100 * FALSE_ALARM_BUDGET:.0f} % false-alarm budget",
        ),
        would_change=f"check-ins before and after “{label}”, over more months",
        detail=detail,
    )
