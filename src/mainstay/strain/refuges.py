"""What is sought when it is too much (S10), and how much of the strain it takes away at once (S12, first part)."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain.criticise import Misfits, failed_detail, hedged, shown_by_ratings, strain_at_acts
from mainstay.strain.data import FEWEST_ACTS, StrainData
from mainstay.strain.fading import fading_answers
from mainstay.strain.judge import LEVEL, SEEKS_MORE, Z90, chance_of_claim, count_needed, counted, normal_cdf, verdict
from mainstay.strain.load import EASED, too_thin
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import if_all_noted, place_of, times_as_often, uncounted
from mainstay.timeline.kinds import Timeline

MATERIAL_PULL = math.log(1.5)
"""A refuge sought half as often again at one step more of strain matters."""

MATERIAL_SHARE = 10.0
"""An act that takes away less than a tenth of the strain does, for practical purposes, nothing."""

WIDEST_RATIO = 10.0
"""A pull whose 90 % interval reaches over more than tenfold is no size that a person could act on."""

SEASONS_DAYS = 180.0
"""From here on what changes slowly is told as changing over the seasons."""

LEAST_STRAIN_AT_ACTS = 0.3
PERCENT = "% of the strain"
HAZARD_RATIO = "hazard ratio per sixth of the scale"


def _refuge(timeline: Timeline, fitted: StrainPosterior, label: str, misfits: Misfits) -> Answer:
    data = fitted.data
    mean, sd = fitted.marginal("pull", label)
    n = len(timeline.events[label].times)
    refuse = partial(CannotSay, row="S10", about=label, quantity=HAZARD_RATIO, n=n, method=fitted.method)
    found = verdict(mean, sd, MATERIAL_PULL, among=len(data.refuges))
    ratio, low, high = (math.exp(value) for value in (mean, mean - Z90 * sd, mean + Z90 * sd))
    if found == "cannot_say":
        return refuse(
            f"whether “{label}” is sought more under strain can't be told yet",
            **counted(n, count_needed(n, sd, MATERIAL_PULL), "times"),
            would_change=f"more occasions of “{label}”, and check-ins shortly before them",
            detail={"estimate": ratio, "low": low, "high": high, "level": LEVEL, "unit": "times"},
        )
    if found == "found" and (refusal := _not_borne_out(fitted, label, refuse)):
        return refusal
    if found == "found" and high > WIDEST_RATIO * low:
        return refuse(
            f"how much more or less often “{label}” is sought under strain is too uncertain to be told",
            would_change=f"more occasions of “{label}”, and check-ins shortly before them",
        )
    claim = (
        _pull_claim(data, label, ratio)
        if found == "found"
        else f"“{label}” is sought about as often whether strain is high or low."
    )
    misfit = misfits.timing.get(label) or misfits.course
    return Finding(
        row="S10",
        about=label,
        status=found,
        claim=hedged(claim, misfit, ", rather too weak than too strong"),
        quantity=HAZARD_RATIO,
        estimate=ratio,
        interval=Interval(low, high, LEVEL),
        unit="times",
        n=n,
        method=fitted.method,
        probability=chance_of_claim(mean, sd, MATERIAL_PULL, found),
        evidence=(place_of(timeline), f"{n} occasions"),
        assumptions=(*_timing_assumptions(data), *uncounted(timeline)),
        would_change=f"hours at which “{label}” was impossible, if they were logged",
        detail=failed_detail(misfit),
    )


def _not_borne_out(fitted: StrainPosterior, label: str, refuse: Callable[..., CannotSay]) -> CannotSay | None:
    """The refusal where check-ins don't bear out that a refuge goes with strain, or only as both keep to one time."""
    why = fitted.shown.pulls.get(label) or (fitted.shown.strain and "check-ins")
    if why is None:
        return None
    if why == "check-ins":
        return refuse(
            f"whether “{label}” is sought more under strain can't be told: the check-ins before it do not bear out "
            "what the rest of the record looks like",
            would_change=f"more check-ins, also shortly before “{label}”",
            detail={"borne_out": why},
        )
    slowly = f"change over the {'seasons' if fitted.data.days >= SEASONS_DAYS else 'weeks'}"
    over = slowly if why == "slow" else "follow the hours of the day and the week"
    return refuse(
        f"“{label}” and the check-ins both {over}; that alone can't show that one leads to the other",
        would_change="a longer record"
        if why == "slow"
        else f"hours at which “{label}” was impossible, if they were logged",
        detail={"borne_out": why},
    )


def _timing_assumptions(data: StrainData) -> tuple[str, ...]:
    could = "as logged" if data.opportunity_logged else "at any hour, as far as the record says"
    usual = (f"it was possible {could}", "its rhythm over day and week is the same all year")
    if not data.spread_events:
        return usual
    return (*usual, f"{data.spread_events} events known only to a stretch of time are spread evenly over it")


def _pull_claim(data: StrainData, label: str, ratio: float) -> str:
    higher = f"When strain is higher by {data.one_step}"
    if ratio > 1.0:
        return f"{higher}, “{label}” is sought {times_as_often(ratio)}."
    return f"“{label}” belongs to calmer hours: {higher[0].lower()}{higher[1:]}, it comes {times_as_often(ratio)}."


def refuge_answers(timeline: Timeline, fitted: StrainPosterior, misfits: Misfits) -> tuple[Answer, ...]:
    """S10: how seeking each refuge rises with strain; refuges with too few acts are named with what they need."""
    known = [_refuge(timeline, fitted, label, misfits) for label in fitted.data.refuges]
    few = [
        CannotSay(
            f"“{one.label}” was recorded too rarely",
            have=len(one.times),
            need=FEWEST_ACTS,
            unit="times",
            row="S10",
            about=one.label,
            quantity=HAZARD_RATIO,
            n=len(one.times),
        )
        for one in timeline.of_events("relief")
        if one.label in fitted.data.sparse
    ]
    daily = [
        CannotSay(
            f"“{label}” is noted on {round(100 * share)} % of days without a time of day, "
            "so it can't be set against the strain of the hour",
            row="S10",
            about=label,
            quantity=HAZARD_RATIO,
            n=len(timeline.events[label].times),
            would_change=f"the time of day of “{label}”",
        )
        for label, share in fitted.data.coarse.items()
    ]
    if not known and not few and not daily:
        return (CannotSay("nothing in the record is marked as relief", row="S10", quantity="refuges"),)
    return (*known, *few, *daily)


def _misfit(label: str, refuse: Callable[..., CannotSay], misfits: Misfits) -> CannotSay | None:
    """The refusal where the acts of a refuge, or the check-ins after them, fail their checks."""
    if misfit := misfits.distrusted.get(label):
        return refuse(
            f"when “{label}” happens is not well described by the model ({misfit.where}), "
            "so what it eases can't be trusted to it",
            would_change=f"what else decides when “{label}” happens, such as hours when it is impossible, if logged",
            detail=failed_detail(misfit),
        )
    if misfit := misfits.effect.get(label):
        return refuse(
            f"what “{label}” eases at once can't be told: {misfit.where}",
            would_change=f"more check-ins in the hours after “{label}”",
            detail=failed_detail(misfit),
        )
    return None


def _no_share(
    timeline: Timeline, fitted: StrainPosterior, label: str, *, misfits: Misfits, at_acts: float
) -> CannotSay | None:
    """Why the share of strain a refuge takes away can't be told at all; None where it may be looked at."""
    n = len(timeline.events[label].times)
    refuse = partial(CannotSay, row="S12", about=label, quantity=EASED, n=n, method=fitted.method)
    if refusal := too_thin(fitted, label, EASED):
        return refusal
    if refusal := _misfit(label, refuse, misfits):
        return refusal
    if label in fitted.data.vague:
        return refuse(
            f"when “{label}” happened is known to half a day at best, so what it eases at once can't be seen",
            would_change=f"the time of day of “{label}”",
        )
    if _sought_in_calm(fitted, label):
        return refuse(
            f"“{label}” comes in calm hours more than in strained ones, so calm may bring it, not it calm",
            would_change=f"a trial in which “{label}” is drawn by lot",
        )
    if at_acts < LEAST_STRAIN_AT_ACTS:
        return refuse(
            f"strain is hardly above rest when “{label}” happens, so there is no share of it to take away",
            would_change="the demands and roles that come before it, if they were recorded",
        )
    return None


def _efficacy(timeline: Timeline, fitted: StrainPosterior, label: str, *, misfits: Misfits, at_acts: float) -> Answer:
    if refusal := _no_share(timeline, fitted, label, misfits=misfits, at_acts=at_acts):
        return refusal
    n = len(timeline.events[label].times)
    refuse = partial(CannotSay, row="S12", about=label, quantity=EASED, n=n, method=fitted.method)
    mean, sd = fitted.marginal("efficacy", label)
    share, low, high = (100.0 / (1.0 + math.exp(-value)) for value in (mean, mean - Z90 * sd, mean + Z90 * sd))
    if low >= MATERIAL_SHARE and not shown_by_ratings(timeline, fitted.data, label, -1):
        return refuse(
            f"what “{label}” eases can't be told: the check-ins around it do not show what the whole record says",
            would_change=f"check-ins shortly before and after “{label}”",
        )
    if low < MATERIAL_SHARE <= high or high - low > 60.0:
        return refuse(
            f"how much “{label}” eases at once can't be told apart from strain's own fading yet",
            **counted(n, count_needed(n, sd, 0.8), "times"),
            would_change=f"check-ins shortly before and after “{label}”",
            detail={"estimate": share, "low": low, "high": high, "level": LEVEL, "unit": PERCENT},
        )
    eases = low >= MATERIAL_SHARE
    amount = f"about {round(share)} %" if eases else f"no more than {max(round(high), 1)} %"
    misfit = misfits.timing.get(label) or misfits.course
    return Finding(
        row="S12",
        about=label,
        status="found" if eases else "does_nothing",
        claim=hedged(
            if_all_noted(
                f"“{label}” takes away {amount} of the strain at that moment.", known=fitted.data.recording_known
            ),
            misfit,
        ),
        quantity=EASED,
        estimate=share,
        interval=Interval(low, high, LEVEL),
        unit=PERCENT,
        n=n,
        method=fitted.method,
        evidence=(place_of(timeline), f"{n} occasions"),
        assumptions=("easing at once, in mid-record; strain would have faded at its usual rate anyway",),
        would_change=f"check-ins shortly before and after “{label}”",
        detail={"restores": "cannot_say", **failed_detail(misfit)},
    )


def _sought_in_calm(fitted: StrainPosterior, label: str) -> bool:
    """Whether strain makes this refuge rarer, with the certainty asked of one that it makes likelier."""
    pull, sd = fitted.marginal("pull", label)
    return normal_cdf(-pull / sd) >= SEEKS_MORE


def relief_answers(timeline: Timeline, fitted: StrainPosterior, misfits: Misfits) -> tuple[Answer, ...]:
    """S12, first part: how much of the strain each refuge takes away at once, and whether that fades."""
    if not fitted.data.refuges:
        return (CannotSay("no refuge was recorded often enough", row="S12", quantity="relief"),)
    found: list[Answer] = []
    at_acts = strain_at_acts(fitted)
    for label, fading in zip(fitted.data.refuges, fading_answers(timeline, fitted), strict=True):
        eased = _efficacy(timeline, fitted, label, misfits=misfits, at_acts=at_acts[label])
        found.append(eased)
        if eased.status == "found":
            found.append(fading)
    return tuple(found)
