"""Does it take less and less (S11), and does relief fade (S12): the claims that can alarm, with their budget."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mainstay.quantities import DAYS_PER_YEAR, Answer, CannotSay, Finding, Interval
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.judge import (
    FALSE_ALARM_BUDGET,
    LEVEL,
    SHARE_OF_FADING,
    SHARE_OF_THRESHOLD,
    Z90,
    chance_of_claim,
    counted,
    likelihood_of,
    towards,
    under_prior,
)
from mainstay.strain.posterior import METHOD, StrainPosterior
from mainstay.strain.priors import PRIORS
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
QUANTITY_OF_A_SHORT_RECORD = "seeking at the same load, against the start of the record"
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
    if not strain_refuges(fitted):
        return _refusal(
            timeline,
            "no refuge is shown to be sought more as strain rises, so a threshold has no meaning here",
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


@dataclass(frozen=True, slots=True)
class _Drift:
    """The drift of seeking common to the refuges that rise with strain: a year, and told over at most a year."""

    mean: float
    sd: float
    like_mean: float
    like_sd: float
    evidence: float
    years: float

    def told(self, value: float) -> float:
        """How many times as often, over a year or over the whole record where that is shorter."""
        return math.exp(value * min(self.years, 1.0))

    @property
    def ago(self) -> str:
        """What the present is compared with."""
        return "a year ago" if self.years >= 1.0 else "at the start of the record"

    @property
    def words(self) -> str:
        """'2.3 times as often as a year ago'."""
        return f"{times_as_often(self.told(self.mean))} as {self.ago}"


def _drift(fitted: StrainPosterior) -> _Drift:
    width = PRIORS["drift"][1]
    labels = [fitted.data.refuges[k] for k in strain_refuges(fitted)]
    like_mean, like_sd = fitted.common("drift", labels, width)
    mean, sd = under_prior(like_mean, like_sd, width)
    return _Drift(mean, sd, like_mean, like_sd, towards(like_mean, like_sd), fitted.data.days / DAYS_PER_YEAR)


def _drift_detail(drift: _Drift, shift: float, budget: float) -> dict[str, Any]:
    width = PRIORS["drift"][1]
    sensitivity = {}
    for scale in (0.5, 1.0, 2.0):
        centre, half = under_prior(drift.like_mean, drift.like_sd, scale * width)
        sensitivity[f"prior_sd_{scale * width:g}"] = [
            drift.told(value) for value in (centre - Z90 * half, centre, centre + Z90 * half)
        ]
    return {
        "estimate": drift.told(drift.mean),
        "low": drift.told(drift.mean - Z90 * drift.sd),
        "high": drift.told(drift.mean + Z90 * drift.sd),
        "level": LEVEL,
        "unit": "times as often",
        "log_ratio_a_year": drift.mean,
        "e_value": drift.evidence,
        "false_alarm_share": budget,
        "prior_sensitivity": sensitivity,
        "same_as_a_shift_of_ratings_a_year": shift,
    }


def _judged(timeline: Timeline, fitted: StrainPosterior) -> Answer:
    data, drift = fitted.data, _drift(fitted)
    refuges = strain_refuges(fitted)
    n, months = int(data.act_counts[list(refuges)].sum()), data.days / DAYS_PER_MONTH
    budget = FALSE_ALARM_BUDGET * SHARE_OF_THRESHOLD
    pull = float(np.mean([fitted.marginal("pull", data.refuges[k])[0] for k in refuges]))
    shift = abs(drift.mean) / pull * data.unit
    detail = _drift_detail(drift, shift, budget)
    if not data.recording_logged:
        return _unlogged(timeline, drift, n, detail)
    found = drift.evidence >= 1.0 / budget
    if not found and abs(drift.mean) + Z90 * drift.sd >= MATERIAL_DRIFT:
        return _refusal(
            timeline,
            "the signs are not yet strong enough to rule out chance, looked at again and again"
            if abs(drift.mean) > Z90 * drift.sd
            else "a drift that would matter can neither be seen nor ruled out",
            n,
            **counted(round(months, 1), _months_needed(months, drift.like_sd, MATERIAL_DRIFT), "months"),
            would_change="more months recorded in the same way",
            detail=detail,
        )
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
        claim=_claim(found, drift, reason),
        quantity=QUANTITY if drift.years >= 1.0 else QUANTITY_OF_A_SHORT_RECORD,
        estimate=detail["estimate"],
        interval=Interval(detail["low"], detail["high"], LEVEL),
        unit="times as often",
        n=n,
        method=METHOD,
        probability=chance_of_claim(drift.mean, drift.sd, MATERIAL_DRIFT, "found" if found else "not_found"),
        evidence=(place_of(timeline), f"{n} acts of relief", f"{data.readings:,} ratings"),
        assumptions=(
            "recording intensity is as logged",
            "each refuge was as possible at the end as at the start, unless logged otherwise",
            f"a rating means the same at the end as at the start: a shift of {number(shift)} {data.unit_name} a year "
            "would look the same",
            f"an alarm here uses {100 * budget:.0f} of the {100 * FALSE_ALARM_BUDGET:.0f} % false-alarm budget, "
            "however often it is looked at",
        ),
        would_change="more months recorded in the same way",
        reason=reason,
        detail=detail,
    )


def _unlogged(timeline: Timeline, drift: _Drift, n: int, detail: dict[str, Any]) -> CannotSay:
    """The drift with its tipping point only: recording that grew or shrank as much would look the same."""
    tipping = math.exp(abs(drift.mean) * drift.years)
    reason = (
        "how fully things were recorded was not logged, and without that a change can't be told from better records"
    )
    if abs(drift.mean) > Z90 * drift.sd:
        reason = (
            f"“help is sought {drift.words}, at the same load” is what the record looks like, but how fully things "
            f"were recorded was not logged: it would look the same if recording had become {number(tipping)} times "
            f"{'more' if drift.mean > 0 else 'less'} complete"
        )
    return _refusal(
        timeline,
        reason,
        n,
        would_change="a log of how fully each stretch was recorded",
        detail={**detail, "tipping_point": tipping},
    )


def _claim(found: bool, drift: _Drift, reason: str) -> str:
    if found and drift.mean > 0:
        return f"It takes less and less: at the same load, help is sought {drift.words}."
    if found:
        return f"It takes more than it used to: at the same load, help is sought {drift.words}."
    tail = f": {reason}" if reason else "; a doubling within a year can be ruled out"
    if 0.9 < drift.told(drift.mean) < 1.1:
        return f"At the same load, help is sought about as often as {drift.ago}{tail}."
    return f"At the same load, help is sought {drift.words}, which chance alone could give{tail}."


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
    evidence = towards(like_mean, like_sd)
    half = data.days / DAYS_PER_YEAR / 2.0

    def share(fading: float, year: float) -> float:
        return 100.0 / (1.0 + math.exp(-(centre - fading * year)))

    change, low, high = (share(f, half) - share(f, -half) for f in (mean, mean + Z90 * sd, mean - Z90 * sd))
    detail = {
        "percent_at_start": share(mean, -half),
        "percent_at_end": share(mean, half),
        "logits_a_year": mean,
        "e_value": evidence,
        "false_alarm_share": budget,
    }
    if evidence < 1.0 / budget and abs(mean) + Z90 * sd >= MATERIAL_FADING:
        return refuse(
            f"whether “{label}” eases less than it used to can't be told yet",
            **counted(round(months, 1), _months_needed(months, like_sd, MATERIAL_FADING), "months"),
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
        method=METHOD,
        probability=chance_of_claim(mean, sd, MATERIAL_FADING, "found" if found else "not_found"),
        evidence=(place_of(timeline), f"{n} occasions"),
        assumptions=(
            "a rating means the same at the end as at the start",
            f"an alarm here uses {100 * budget:.1f} of the {100 * FALSE_ALARM_BUDGET:.0f} % false-alarm budget",
        ),
        would_change=f"check-ins before and after “{label}”, over more months",
        detail=detail,
    )
