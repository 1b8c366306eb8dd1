"""What the model can answer for one person: load, refuges, threshold and relief, each with an interval or a refusal."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Answer, CannotSay, Finding, Interval, probability
from mainstay.strain.data import FEWEST_ACTS
from mainstay.strain.judge import Z90, count_needed, normal_cdf, verdict
from mainstay.strain.posterior import METHOD, StrainPosterior
from mainstay.strain.threshold import fading_answers, threshold_answer
from mainstay.strain.wording import hours_in_words, number, place_of, points, times_as_often
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]

LEVEL = 0.90
MATERIAL_TOLL_A_DAY = 0.25
"""Steps of strain that eight hours in a role must add before it matters: a quarter of a scale point on 1-7."""

MATERIAL_DEMAND = 0.25
LEAST_RECORDED = 0.75
MATERIAL_PULL = math.log(1.5)
"""A refuge sought half as often again at one step more of strain matters."""

PERCENT = "% of the strain"
TOLL, HALF_LIFE, EASED = "toll per hour", "recovery half-life", "share of strain taken away at once"
HAZARD_RATIO = "hazard ratio per sixth of the scale"
MATERIAL_SHARE = 10.0
"""An act that takes away less than a tenth of the strain does, for practical purposes, nothing."""


def answers(timeline: Timeline, fitted: StrainPosterior | CannotSay) -> tuple[Answer, ...]:
    """Rows S9 to S12 in story order."""
    if isinstance(fitted, CannotSay):
        return (fitted, self_hours(timeline))
    return (
        *load_answers(timeline, fitted),
        self_hours(timeline),
        *refuge_answers(timeline, fitted),
        threshold_answer(timeline, fitted),
        *relief_answers(timeline, fitted),
    )


def _toll(timeline: Timeline, fitted: StrainPosterior, role: str) -> Answer:
    if refusal := _too_thin(fitted, role, TOLL):
        return refusal
    data = fitted.data
    rate = fitted.coordinates.index("log_recovery_rate")
    gain = fitted.coordinates.index("gain", role)
    centre = float(fitted.mean[gain]) * math.exp(float(fitted.mean[rate]))
    slope = np.zeros(len(fitted.mean))
    slope[gain], slope[rate] = math.exp(float(fitted.mean[rate])), centre
    sd = math.sqrt(float(slope @ fitted.covariance @ slope))
    per_hour = data.unit / 24.0
    episodes = timeline.episodes[role]
    found = verdict(centre / 3, sd / 3, MATERIAL_TOLL_A_DAY)
    n, place = len(episodes.starts), place_of(timeline)
    name = data.unit_name
    if found == "cannot_say":
        return CannotSay(
            "whether hours as yourself ease strain can't be told yet"
            if episodes.is_self
            else f"what an hour as {role} costs is still too uncertain",
            have=n,
            need=count_needed(n, sd / 3, MATERIAL_TOLL_A_DAY),
            unit=f"stretches as {role}",
            row="S9",
            about=role,
            quantity=TOLL,
            n=n,
            method=METHOD,
            would_change=f"more stretches as {role}, with check-ins before and after them",
            detail=_estimate(centre * per_hour, sd * per_hour, f"{name} an hour"),
        )
    size = abs(centre) * per_hour
    claim = (
        f"An hour as {role} {'adds' if centre > 0 else 'takes away'} about {number(size)} {name}; "
        f"eight hours, about {number(8 * size)}."
        if found == "found"
        else f"Hours as {role} add nothing to strain that would matter."
    )
    return Finding(
        row="S9",
        about=role,
        status=found,
        claim=claim,
        quantity=TOLL,
        estimate=centre * per_hour,
        interval=Interval((centre - Z90 * sd) * per_hour, (centre + Z90 * sd) * per_hour, LEVEL),
        unit=f"{name} an hour",
        n=n,
        method=METHOD,
        probability=probability(normal_cdf(centre / sd)),
        evidence=(place, f"{n} stretches, {episodes.hours:.0f} hours"),
        assumptions=("while in no declared role, strain only fades",),
        would_change=f"check-ins just before and after hours as {role}",
    )


def _estimate(mean: float, sd: float, unit: str) -> dict[str, object]:
    return {"estimate": mean, "low": mean - Z90 * sd, "high": mean + Z90 * sd, "level": LEVEL, "unit": unit}


def _half_life(timeline: Timeline, fitted: StrainPosterior) -> Answer:
    if refusal := _too_thin(fitted, "recovery", HALF_LIFE):
        return refusal
    mean, sd = fitted.marginal("log_recovery_rate")
    middle, factor = 24.0 * math.log(2.0) / math.exp(mean), math.exp(Z90 * sd)
    n = fitted.data.readings
    if factor > 4.0:
        return CannotSay(
            "how long strain takes to fade can't be told from these check-ins",
            have=n,
            need=count_needed(n, sd, Z90),
            unit="check-ins",
            row="S9",
            about="recovery",
            quantity=HALF_LIFE,
            n=n,
            method=METHOD,
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
        claim=f"Left alone, half of the strain is gone after about {hours_in_words(middle)}.",
        quantity=HALF_LIFE,
        estimate=middle,
        interval=Interval(middle / factor, middle * factor, LEVEL),
        unit="hours",
        n=n,
        method=METHOD,
        evidence=(place_of(timeline),),
        assumptions=("strain fades at one steady rate",),
        would_change="several check-ins on the day after a hard one",
    )


def _demand(timeline: Timeline, fitted: StrainPosterior, label: str) -> Answer:
    data = fitted.data
    mean, sd = fitted.marginal("demand", label)
    n = len(timeline.events[label].times)
    found = verdict(mean, sd, MATERIAL_DEMAND)
    if found == "cannot_say":
        return CannotSay(
            f"what “{label}” adds to strain is still too uncertain",
            have=n,
            need=count_needed(n, sd, MATERIAL_DEMAND),
            unit="times",
            row="S9",
            about=label,
            quantity="strain added by a demand",
            n=n,
            method=METHOD,
            would_change="check-ins within some hours after it",
            detail=_estimate(mean * data.unit, sd * data.unit, data.unit_name),
        )
    verb = "adds" if mean > 0 else "takes away"
    claim = (
        f"“{label}”, at its average size, {verb} about {number(abs(mean) * data.unit)} {data.unit_name}."
        if found == "found"
        else f"“{label}” adds nothing to strain that would matter."
    )
    return Finding(
        row="S9",
        about=label,
        status=found,
        claim=claim,
        quantity="strain added by a demand",
        estimate=mean * data.unit,
        interval=Interval((mean - Z90 * sd) * data.unit, (mean + Z90 * sd) * data.unit, LEVEL),
        unit=data.unit_name,
        n=n,
        method=METHOD,
        probability=probability(normal_cdf(mean / sd)),
        evidence=(place_of(timeline), f"{n} times"),
        would_change="check-ins within some hours after it",
    )


def _too_thin(fitted: StrainPosterior, about: str, quantity: str) -> CannotSay | None:
    """A refusal where too little of what happened was recorded for sizes to be right, though directions hold.

    Simulated people with half of all demands and acts recorded had half-lives a third too short and relief a fifth
    too small; at nine tenths they were right (docs/decisions/0007-unrecorded-acts.md).
    """
    share = fitted.data.recorded_share
    if share >= LEAST_RECORDED:
        return None
    return CannotSay(
        "too little of what happened was recorded for its size to be right",
        have=round(100 * share),
        need=round(100 * LEAST_RECORDED),
        unit="% recorded",
        row="S12" if "share" in quantity else "S9",
        about=about,
        quantity=quantity,
        method=METHOD,
        would_change="demands and acts of relief noted more fully",
    )


def load_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """S9: the toll of each role, what each demand adds, and how fast strain fades."""
    return (
        *(_toll(timeline, fitted, role) for role in fitted.data.roles),
        *(_demand(timeline, fitted, label) for label in fitted.data.demands),
        _half_life(timeline, fitted),
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
    unknown = [(gap.start, gap.end) for gap in timeline.gaps if gap.reason != "no check-ins"]
    hours = []
    for left, right in itertools.pairwise(edges):
        if any(min(right, end) - max(left, start) > 3.5 for start, end in unknown):
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
    )


def _refuge(timeline: Timeline, fitted: StrainPosterior, label: str) -> Answer:
    data = fitted.data
    mean, sd = fitted.marginal("pull", label)
    n = len(timeline.events[label].times)
    found = verdict(mean, sd, MATERIAL_PULL)
    ratio, low, high = (math.exp(value) for value in (mean, mean - Z90 * sd, mean + Z90 * sd))
    if found == "cannot_say":
        return CannotSay(
            f"whether strain sends this person to “{label}” can't be told yet",
            have=n,
            need=count_needed(n, sd, MATERIAL_PULL),
            unit="times",
            row="S10",
            about=label,
            quantity=HAZARD_RATIO,
            n=n,
            method=METHOD,
            would_change=f"more occasions of “{label}”, and check-ins shortly before them",
            detail={"estimate": ratio, "low": low, "high": high, "level": LEVEL, "unit": "times"},
        )
    claim = (
        f"When strain is {points(data.unit)} higher{data.on_scale}, “{label}” is sought {times_as_often(ratio)}."
        if found == "found"
        else f"“{label}” is sought about as often whether strain is high or low."
    )
    return Finding(
        row="S10",
        about=label,
        status=found,
        claim=claim,
        quantity=HAZARD_RATIO,
        estimate=ratio,
        interval=Interval(low, high, LEVEL),
        unit="times",
        n=n,
        method=METHOD,
        probability=probability(normal_cdf(mean / sd)),
        evidence=(place_of(timeline), f"{n} times"),
        assumptions=("it was possible at any hour, as far as the record says", "its daily rhythm is the same all year"),
        would_change=f"hours at which “{label}” was impossible, if they were logged",
    )


def refuge_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """S10: how seeking each refuge rises with strain; refuges with too few acts are named with what they need."""
    known = [_refuge(timeline, fitted, label) for label in fitted.data.refuges]
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
    if not known and not few:
        return (CannotSay("nothing in the record is marked as relief", row="S10", quantity="refuges"),)
    return (*known, *few)


def _efficacy(timeline: Timeline, fitted: StrainPosterior, label: str) -> Answer:
    if refusal := _too_thin(fitted, label, EASED):
        return refusal
    mean, sd = fitted.marginal("efficacy", label)
    n = len(timeline.events[label].times)
    share, low, high = (100.0 / (1.0 + math.exp(-value)) for value in (mean, mean - Z90 * sd, mean + Z90 * sd))
    if low < MATERIAL_SHARE <= high or high - low > 60.0:
        return CannotSay(
            f"how much “{label}” eases at once can't be told apart from strain's own fading yet",
            have=n,
            need=count_needed(n, sd, 0.8),
            unit="times",
            row="S12",
            about=label,
            quantity=EASED,
            n=n,
            method=METHOD,
            would_change=f"check-ins shortly before and after “{label}”",
            detail={"estimate": share, "low": low, "high": high, "level": LEVEL, "unit": PERCENT},
        )
    eases = low >= MATERIAL_SHARE
    return Finding(
        row="S12",
        about=label,
        status="found" if eases else "does_nothing",
        claim=(
            f"“{label}” takes away about {round(share)} % of the strain at that moment."
            if eases
            else f"“{label}” takes away no more than {max(round(high), 1)} % of the strain at that moment."
        ),
        quantity=EASED,
        estimate=share,
        interval=Interval(low, high, LEVEL),
        unit=PERCENT,
        n=n,
        method=METHOD,
        evidence=(place_of(timeline), f"{n} times"),
        assumptions=("easing at once, in mid-record; strain would have faded at its usual rate anyway",),
        would_change=f"check-ins shortly before and after “{label}”",
        detail={"restores": "cannot_say"},
    )


def relief_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """S12, first part: how much of the strain each refuge takes away at once, and whether that fades."""
    if not fitted.data.refuges:
        return (CannotSay("no refuge was recorded often enough", row="S12", quantity="relief"),)
    found: list[Answer] = []
    for label, fading in zip(fitted.data.refuges, fading_answers(timeline, fitted), strict=True):
        found += [_efficacy(timeline, fitted, label), fading]
    return tuple(found)
