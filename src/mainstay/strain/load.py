"""What adds strain (S9): the toll of each role, what each demand adds, how fast strain fades, hours as oneself."""

from __future__ import annotations

import itertools
import math
from functools import partial

import numpy as np

from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain.criticise import NONE_FAILED, Misfits, failed_detail, hedged, shown_by_ratings
from mainstay.strain.data import FEWEST_DEMANDS, StrainData
from mainstay.strain.exposure import recording_logged
from mainstay.strain.judge import LEVEL, Z90, chance_of_claim, count_needed, counted, verdict
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import hours_in_words, if_all_noted, number, place_of, uncounted
from mainstay.timeline.kinds import Timeline

MATERIAL_TOLL = 0.25
"""Steps of strain that eight hours in a role must add before it matters: a quarter of a point on 1-7."""

MATERIAL_DEMAND = 0.25
LEAST_RECORDED = 0.85
UNBORNE = {
    "slow": "the check-ins change over the months, but from one day to the next no more than by chance",
    "check-ins": "the check-ins hang together, from one to the next, no more than by chance",
}
TOLL, ADDED, HALF_LIFE = "toll per hour", "strain added by a demand", "recovery half-life"
EASED = "share of strain taken away at once"


def after_hours(fitted: StrainPosterior, label: str, hours: float, kind: str = "gain") -> tuple[float, float]:
    """Steps of strain that so many hours in a role (or of a covariate one sd up) add, and their sd:

    gain (1 - exp(-λ hours / 24)).
    """
    rate = fitted.coordinates.index("log_recovery_rate")
    gain = fitted.coordinates.index(kind, label)
    per_day = math.exp(float(fitted.mean[rate]))
    left = math.exp(-per_day * hours / 24.0)
    slope = np.zeros(len(fitted.mean))
    slope[gain] = 1.0 - left
    slope[rate] = float(fitted.mean[gain]) * left * per_day * hours / 24.0
    return float(fitted.mean[gain]) * (1.0 - left), math.sqrt(float(slope @ fitted.covariance @ slope))


def _toll(timeline: Timeline, fitted: StrainPosterior, role: str, misfits: Misfits) -> Answer:
    if refusal := too_thin(fitted, role, TOLL):
        return refusal
    data, episodes = fitted.data, timeline.episodes[role]
    hour, hour_sd = after_hours(fitted, role, 1.0)
    shift, shift_sd = after_hours(fitted, role, 8.0)
    found = verdict(shift, shift_sd, MATERIAL_TOLL, among=questions(fitted))
    n, name = len(episodes.starts), data.unit_name
    refuse = partial(CannotSay, row="S9", about=role, quantity=TOLL, n=n, method=fitted.method)
    if found == "cannot_say":
        return refuse(
            "whether hours as yourself ease strain can't be told yet"
            if episodes.is_self
            else f"what an hour as “{role}” costs is still too uncertain",
            **counted(n, count_needed(n, shift_sd, MATERIAL_TOLL), f"stretches as “{role}”"),
            would_change=f"more stretches as “{role}”, with check-ins before and after them",
            detail=estimate(hour * data.unit, hour_sd * data.unit, f"{name} an hour"),
        )
    claim = (
        f"An hour as “{role}” {'adds' if shift > 0 else 'takes away'} about {number(abs(hour) * data.unit)} {name}; "
        f"eight hours, about {number(abs(shift) * data.unit)}."
        if found == "found"
        else f"Hours as “{role}” add nothing to strain that would matter."
    )
    return Finding(
        row="S9",
        about=role,
        status=found,
        claim=hedged(claim, misfits.ratings),
        quantity=TOLL,
        estimate=hour * data.unit,
        interval=Interval((hour - Z90 * hour_sd) * data.unit, (hour + Z90 * hour_sd) * data.unit, LEVEL),
        unit=f"{name} an hour",
        n=n,
        method=fitted.method,
        probability=chance_of_claim(shift, shift_sd, MATERIAL_TOLL, found),
        evidence=(place_of(timeline), f"{n} stretches as “{role}”, {episodes.hours:,.0f} hours"),
        assumptions=("while in no declared role, strain only fades",),
        would_change=f"check-ins just before and after hours as “{role}”",
        detail={"after_eight_hours": shift * data.unit, **failed_detail(misfits.ratings)},
    )


def estimate(mean: float, sd: float, unit: str) -> dict[str, object]:
    """An estimate with its 90 % interval, for the detail of a refusal."""
    return {"estimate": mean, "low": mean - Z90 * sd, "high": mean + Z90 * sd, "level": LEVEL, "unit": unit}


def _half_life(timeline: Timeline, fitted: StrainPosterior, misfits: Misfits) -> Answer:
    if refusal := too_thin(fitted, "recovery", HALF_LIFE):
        return refusal
    mean, sd = fitted.marginal("log_recovery_rate")
    middle, factor = 24.0 * math.log(2.0) / math.exp(mean), math.exp(Z90 * sd)
    n = fitted.data.readings
    refuse = partial(CannotSay, row="S9", about="recovery", quantity=HALF_LIFE, n=n, method=fitted.method)
    if misfits.course:
        return refuse(
            f"how long strain takes to fade can't be told: {misfits.course.where}",
            would_change="what else moves the check-ins, if it were logged: sleep, pain, a mood that passes by itself",
            detail=failed_detail(misfits.course),
        )
    if fitted.shown.strain:
        return refuse(
            f"how long strain takes to fade can't be told: {UNBORNE[fitted.shown.strain]}",
            would_change="two check-ins a day or more for some weeks, also on quiet days",
        )
    if factor > 2.5:
        return refuse(
            "how long strain takes to fade can't be told from these check-ins",
            **counted(n, count_needed(n, sd, Z90), "check-ins"),
            would_change="two check-ins a day or more for some weeks, also on quiet days",
            detail={
                "estimate": middle,
                "low": middle / factor,
                "high": middle * factor,
                "level": LEVEL,
                "unit": "hours",
            },
        )
    return Finding(
        row="S9",
        about="recovery",
        status="found",
        claim=_and_why(f"Left alone, half of the strain is gone after about {hours_in_words(middle)}.", misfits),
        quantity=HALF_LIFE,
        estimate=middle,
        interval=Interval(middle / factor, middle * factor, LEVEL),
        unit="hours",
        n=n,
        method=fitted.method,
        evidence=(place_of(timeline), f"{n:,} ratings"),
        assumptions=("strain fades at one steady rate", *uncounted(timeline)),
        would_change="several check-ins on the day after a hard one",
        detail=failed_detail(misfits.ratings),
    )


def _and_why(claim: str, misfits: Misfits) -> str:
    """The claim with what the check-ins' failed check is, told in full here and only pointed at elsewhere."""
    return f"{claim[:-1]}, as far as the model goes: {misfits.ratings.where}." if misfits.ratings else claim


def _demand(timeline: Timeline, fitted: StrainPosterior, label: str, misfits: Misfits) -> Answer:
    if refusal := too_thin(fitted, label, ADDED):
        return refusal
    data = fitted.data
    mean, sd = fitted.marginal("demand", label)
    n = len(timeline.events[label].times)
    refuse = partial(CannotSay, row="S9", about=label, quantity=ADDED, n=n, method=fitted.method)
    found = verdict(mean, sd, MATERIAL_DEMAND, among=questions(fitted))
    if found == "cannot_say":
        return refuse(
            f"what “{label}” adds to strain is still too uncertain",
            **counted(n, count_needed(n, sd, MATERIAL_DEMAND), "times"),
            would_change="check-ins within some hours after it",
            detail=estimate(mean * data.unit, sd * data.unit, data.unit_name),
        )
    if found == "found" and not shown_by_ratings(timeline, data, label, 1 if mean > 0 else -1):
        return refuse(
            f"what “{label}” does to strain can't be told: the check-ins around it do not show what the record says",
            would_change="check-ins within some hours before and after it",
        )
    verb = "adds" if mean > 0 else "takes away"
    sized = bool(np.isfinite(timeline.events[label].sizes).any())
    claim = (
        f"“{label}”{', at its average size,' if sized else ''} {verb} about "
        f"{number(abs(mean) * data.unit)} {data.unit_name}."
        if found == "found"
        else f"“{label}” adds nothing to strain that would matter."
    )
    return Finding(
        row="S9",
        about=label,
        status=found,
        claim=hedged(if_all_noted(claim, known=_noted_as_known(timeline, data, label)), misfits.ratings),
        quantity=ADDED,
        estimate=mean * data.unit,
        interval=Interval((mean - Z90 * sd) * data.unit, (mean + Z90 * sd) * data.unit, LEVEL),
        unit=data.unit_name,
        n=n,
        method=fitted.method,
        probability=chance_of_claim(mean, sd, MATERIAL_DEMAND, found),
        evidence=(place_of(timeline), f"{n} occasions"),
        would_change="check-ins within some hours after it",
        detail=failed_detail(misfits.ratings),
    )


def _noted_as_known(timeline: Timeline, data: StrainData, label: str) -> bool:
    """Whether it is known, from a log or from controls, how fully a demand was written down."""
    return data.habit_sd is not None or recording_logged(timeline, (timeline.events[label],))


def too_thin(fitted: StrainPosterior, about: str, quantity: str) -> CannotSay | None:
    """A refusal where too little of what happened was recorded for sizes to be right, though directions hold.

    Simulated people with half of all demands and acts recorded had half-lives a third too short and relief a fifth too
    small; with nine tenths, 90 % intervals still hold in .83 to .92 of people (docs/decisions/0007-unrecorded-acts.md).
    """
    share = fitted.data.recorded_share
    if share >= LEAST_RECORDED:
        return None
    recorded = f"{round(100 * share)} % of what happened"
    only = (
        f"only {recorded} was recorded"
        if fitted.data.habit_sd is None
        else f"to judge by things unrelated to strain, only about {recorded} was written down"
    )
    return CannotSay(
        f"{only}, and sizes need {round(100 * LEAST_RECORDED)} %",
        row="S12" if "share" in quantity else "S9",
        about=about,
        quantity=quantity,
        method=fitted.method,
        would_change="demands and acts of relief noted more fully",
    )


def questions(fitted: StrainPosterior) -> int:
    """How many loads are asked about at once: roles and demands."""
    return len(fitted.data.roles) + len(fitted.data.demands)


def _unasked(timeline: Timeline, fitted: StrainPosterior) -> tuple[CannotSay, ...]:
    """Roles that were never or always on, and demands noted too rarely: each is named with the reason."""
    roles = [
        CannotSay(
            f"hours as “{role.label}” can't be set against others: the record has them "
            f"{'nearly always' if role.hours > 12.0 * timeline.days else 'hardly ever'}",
            row="S9",
            about=role.label,
            quantity=TOLL,
            n=len(role.starts),
            method=fitted.method,
        )
        for role in timeline.roles
        if role.label not in fitted.data.roles
    ]
    demands = [
        CannotSay(
            f"“{one.label}” was recorded too rarely",
            **counted(len(one.times), FEWEST_DEMANDS, "times"),
            row="S9",
            about=one.label,
            quantity=ADDED,
            n=len(one.times),
            method=fitted.method,
        )
        for one in timeline.of_events("demand")
        if one.label not in fitted.data.demands
    ]
    return (*roles, *demands)


def load_answers(timeline: Timeline, fitted: StrainPosterior, misfits: Misfits = NONE_FAILED) -> tuple[Answer, ...]:
    """S9: the toll of each role, what each demand adds, and how fast strain fades.

    Where the check-ins fail their checks, claims say so; how fast strain fades is refused if they speak against that.
    """
    return (
        *(_toll(timeline, fitted, role, misfits) for role in fitted.data.roles),
        *(_demand(timeline, fitted, label, misfits) for label in fitted.data.demands),
        *_unasked(timeline, fitted),
        _half_life(timeline, fitted, misfits),
    )


def self_hours(timeline: Timeline) -> Answer:
    """S9: hours a week as oneself, from the role the person declared as such; weeks without records left out."""
    own = [role for role in timeline.roles if role.is_self]
    weeks = math.floor(timeline.days / 7.0)
    if not own or weeks < 3:
        return CannotSay(
            "no role has been declared as time as oneself" if not own else "the record is shorter than three weeks",
            have=None if not own else weeks,
            need=None if not own else 3,
            unit="" if not own else "weeks",
            row="S9",
            about="self",
            quantity="hours as oneself",
            would_change="declare which role is yourself, and log its hours",
        )
    edges = np.arange(weeks + 1) * 7.0
    hours = []
    for left, right in itertools.pairwise(edges):
        if any(min(right, gap.end) - max(left, gap.start) > 3.5 for gap in timeline.gaps):
            continue
        inside = [np.clip(role.ends, left, right) - np.clip(role.starts, left, right) for role in own]
        hours.append(24.0 * float(sum(part.sum() for part in inside)))
    if len(hours) < 3:
        return CannotSay(
            "too few weeks were recorded", len(hours), 3, "weeks", row="S9", about="self", quantity="hours as oneself"
        )
    mean, half = float(np.mean(hours)), Z90 * float(np.std(hours, ddof=1)) / math.sqrt(len(hours))
    return Finding(
        row="S9",
        about=own[0].label,
        status="found",
        claim=f"Time as yourself comes to about {number(mean)} hours a week.",
        quantity="hours as oneself",
        estimate=mean,
        interval=Interval(max(mean - half, 0.0), mean + half, LEVEL),
        unit="hours a week",
        n=len(hours),
        method="mean over the recorded weeks",
        evidence=(place_of(timeline), f"{len(hours)} weeks"),
        assumptions=("hours as yourself that were not logged are not counted",),
        would_change="hours as yourself that happened but were not logged",
    )
