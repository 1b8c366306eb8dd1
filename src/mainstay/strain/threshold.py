"""Does it take less to tip over than before (S11): the claim that can alarm, with its budget."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np

from mainstay.quantities import DAYS_PER_MONTH, Answer, CannotSay, Finding, Interval
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.drift import Drift, drift_detail, drift_of, fading_sensitivity
from mainstay.strain.exposure import recording_of
from mainstay.strain.habit import Trend, trend_beside_log
from mainstay.strain.judge import (
    FALSE_ALARM_BUDGET,
    LEVEL,
    SEEKS_MORE,
    SHARE_OF_THRESHOLD,
    Z90,
    chance_of_claim,
)
from mainstay.strain.plan import FEWEST_ACTS, FEWEST_MONTHS, months_told
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import number, place_of, times_as_often, uncounted
from mainstay.timeline.kinds import Timeline

MATERIAL_DRIFT = math.log(2.0)
"""A drift that doubles the seeking of help within a year, at the same load, must not be missed."""

DENSER = 1.25
"""Recording that grew by this factor from the first to the last third of the record is named as the reason."""

QUANTITY_OF_A_SHORT_RECORD = "seeking at the same load, against the start of the record"
QUANTITY = "seeking at the same load, against a year earlier"


def _refusal(fitted: StrainPosterior, reason: str, n: int, drift: Drift | None = None, **more: Any) -> CannotSay:
    return CannotSay(reason, row="S11", about="threshold", quantity=_quantity(drift), n=n, method=fitted.method, **more)


def _quantity(drift: Drift | None) -> str:
    return QUANTITY if drift is None or drift.years >= 1.0 else QUANTITY_OF_A_SHORT_RECORD


def _recording_growth(timeline: Timeline, labels: tuple[str, ...]) -> tuple[float, float]:
    """Mean recording intensity of these labels in the first and in the last third of the record."""
    third = timeline.days / 3.0
    first = np.linspace(0.0, third, 200)
    last = np.linspace(2.0 * third, timeline.days, 200, endpoint=False)
    known = [steps for label in labels if (steps := recording_of(timeline, label)) is not None]
    if not known:
        return 1.0, 1.0
    return float(np.mean([one.at(first).mean() for one in known])), float(
        np.mean([one.at(last).mean() for one in known])
    )


def threshold_answer(timeline: Timeline, fitted: StrainPosterior, misfits: Collection[str] = ()) -> Answer:
    """S11: how much more often help is sought at the same load, against a year earlier.

    Refuses where no refuge rises with strain, where acts, months or check-ins are too few, and where the model fails
    its own check of a refuge (`misfits`). Unless how fully things were recorded was logged, and no control speaks
    against that log, the drift comes with its tipping point only, never as found.
    """
    return (
        _no_threshold(fitted)
        or _too_little(fitted)
        or _unsettled(fitted)
        or _misfit(fitted, misfits)
        or _judged(timeline, fitted)
    )


def driving_loads(fitted: StrainPosterior) -> tuple[str, ...]:
    """The roles and demands that make seeking likelier, with .95 shared among all that are asked."""
    data = fitted.data
    asked = [("gain", role) for role in data.roles] + [("demand", label) for label in data.demands]
    wanted = 1.0 - (1.0 - SEEKS_MORE) / max(len(asked), 1)
    return tuple(label for kind, label in asked if fitted.chance_above(kind, label, 0.0) >= wanted)


def _no_threshold(fitted: StrainPosterior) -> CannotSay | None:
    data = fitted.data
    n = int(data.act_counts.sum())
    if not data.refuges:
        return _refusal(fitted, "nothing was recorded often enough as relief, so no threshold can be seen", n)
    if not data.settings.drift.each:
        return _refusal(
            fitted,
            "this fit has no drift for each refuge, so how the threshold moves is not told from it",
            n,
            would_change="a drift that is linear or a step",
        )
    if not strain_refuges(fitted):
        return _refusal(
            fitted,
            "no refuge is shown to be sought more as strain rises, so a threshold has no meaning here",
            n,
            would_change="other things sought when it is too much, if they were recorded",
        )
    if data.pull_anchor is not None and not driving_loads(fitted):
        return _refusal(
            fitted,
            "without check-ins strain shows only in what makes seeking likelier, and nothing here is shown to do so",
            n,
            would_change="a rating of strain once a day or more, or more roles and demands on record",
        )
    return None


def _unsettled(fitted: StrainPosterior) -> CannotSay | None:
    """With acts alone the fitted normal is often far off: then only draws that pass their checks will do."""
    if fitted.data.pull_anchor is None or fitted.trusted:
        return None
    return _refusal(
        fitted,
        "acts alone leave the model too unsettled for its usual arithmetic, which failed its own check",
        int(fitted.data.act_counts.sum()),
        would_change="a rating of strain once a day or more; or slower draws, if installed: mainstay tell --draws",
    )


def _too_little(fitted: StrainPosterior) -> CannotSay | None:
    n, months = int(fitted.data.act_counts.sum()), fitted.data.days / DAYS_PER_MONTH
    if months < FEWEST_MONTHS:
        return _refusal(fitted, "the record is too short", n, have=round(months, 1), need=FEWEST_MONTHS, unit="months")
    if n < FEWEST_ACTS:
        return _refusal(fitted, "there are too few acts of relief", n, have=n, need=FEWEST_ACTS, unit="acts")
    return None


def _misfit(fitted: StrainPosterior, misfits: Collection[str]) -> CannotSay | None:
    labels = [fitted.data.refuges[k] for k in strain_refuges(fitted) if fitted.data.refuges[k] in misfits]
    if not labels:
        return None
    named = " and ".join(f"“{label}”" for label in labels)
    return _refusal(
        fitted,
        f"when {named} happens is not well described by the model, so its drift can't be trusted to it",
        int(fitted.data.act_counts.sum()),
        would_change=f"what else decides when {named} happens, if it were logged: hours at which it is impossible",
    )


def _judged(timeline: Timeline, fitted: StrainPosterior) -> Answer:
    data, drift = fitted.data, drift_of(fitted)
    refuges = strain_refuges(fitted)
    n = int(data.act_counts[list(refuges)].sum())
    budget = FALSE_ALARM_BUDGET * SHARE_OF_THRESHOLD
    pull = float(np.mean(fitted.coordinates.pulls(fitted.mean)[list(refuges)]))
    shift = abs(drift.mean) / pull * data.unit
    detail = drift_detail(timeline, fitted, drift, shift=shift, budget=budget)
    if data.pull_anchor is not None:
        detail["fading_prior_sensitivity"] = fading_sensitivity(fitted)
    if not data.recording_known:
        return _unlogged(fitted, drift, n, detail)
    found = drift.evidence >= 1.0 / budget
    controls = trend_beside_log(timeline) if data.recording_logged else None
    # fewer controls may hide a rise as more of them may feign one
    if controls and controls.clear and (controls.a_year * drift.mean > 0.0 or (controls.a_year < 0.0 and not found)):
        return _against_log(fitted, drift, controls, n, detail)
    if not found and abs(drift.mean) + Z90 * drift.sd >= MATERIAL_DRIFT:
        return _refusal(
            fitted,
            "the signs are not yet strong enough to rule out chance, looked at again and again"
            if abs(drift.mean) > Z90 * drift.sd
            else "a drift that would matter can neither be seen nor ruled out",
            n,
            **months_told(data, n, MATERIAL_DRIFT, mean=drift.like_mean, sd=drift.like_sd),
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
        quantity=_quantity(drift),
        estimate=detail["estimate"],
        interval=Interval(detail["low"], detail["high"], LEVEL),
        unit="times as often",
        n=n,
        method=fitted.method,
        probability=chance_of_claim(drift.mean, drift.sd, MATERIAL_DRIFT, "found" if found else "not_found"),
        evidence=(place_of(timeline), f"{n} acts of relief", f"{data.readings:,} ratings"),
        assumptions=(*_assumptions(fitted, shift, budget), *uncounted(timeline)),
        would_change="more months recorded in the same way",
        reason=reason,
        detail=detail,
    )


def _assumptions(fitted: StrainPosterior, shift: float, budget: float) -> tuple[str, ...]:
    data = fitted.data
    recording = (
        "recording intensity is as logged"
        if data.recording_logged
        else "how fully things were recorded changed as the controls show it, and was complete when they were most"
    )
    scale = (
        f"a rating means the same at the end as at the start: a shift of {number(shift)} {data.unit_name} a year "
        "would look the same"
        if data.items
        else "without check-ins, relief that fades and a threshold that falls are told apart by the acts alone"
    )
    return (
        recording,
        "each refuge was as possible at the end as at the start, unless logged otherwise",
        scale,
        f"an alarm here uses {100 * budget:.2g} of the {100 * FALSE_ALARM_BUDGET:.0f} % false-alarm budget, "
        "however often it is looked at",
    )


def _unlogged(fitted: StrainPosterior, drift: Drift, n: int, detail: dict[str, Any]) -> CannotSay:
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
        fitted,
        reason,
        n,
        drift,
        would_change="a log of how fully each stretch was recorded",
        detail={**detail, "tipping_point": tipping},
    )


def _against_log(fitted: StrainPosterior, drift: Drift, controls: Trend, n: int, detail: dict[str, Any]) -> CannotSay:
    """The drift with its tipping point only, where things unrelated to strain drift too, whatever the log says."""
    oftener = "more and more" if controls.a_year > 0.0 else "less and less"
    told = drift.told(controls.a_year)
    return _refusal(
        fitted,
        f"things that have nothing to do with strain were also noted {oftener} often ({times_as_often(told)} as "
        f"{drift.ago}), although recording was logged as it was: so a change may lie in what was written down",
        n,
        drift,
        would_change="a log of how fully each stretch was recorded, as it really was",
        detail={
            **detail,
            "tipping_point": math.exp(abs(drift.mean) * drift.years),
            "controls_times_as_often": told,
            "controls_sds_from_none": controls.a_year / controls.sd,
        },
    )


def _claim(found: bool, drift: Drift, reason: str) -> str:
    if found and drift.mean > 0:
        return f"It takes less to tip over than before: at the same load, help is sought {drift.words}."
    if found:
        return f"It takes more to tip over than before: at the same load, help is sought {drift.words}."
    tail = f": {reason}" if reason else "; a doubling within a year can be ruled out"
    if 0.9 < drift.told(drift.mean) < 1.1:
        return f"At the same load, help is sought about as often as {drift.ago}{tail}."
    return f"At the same load, help is sought {drift.words}, which chance alone could give{tail}."
