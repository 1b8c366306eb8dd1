"""Pretexts: what is on record as something else, and behaves like a refuge (S10).

A refuge comes oftener the higher strain stands, and eases it. Every kind of event that is neither relief nor control is
asked both, in each company apart (`patterns.company`):

1. does it come with strain as foreseen, beside the same hours of other weeks and in the same roles
   (`patterns.refuges_moments`)? What comes at the hour of the day at which strain peaks does not;
2. does it ease strain at once, in a model in which strain follows load and fades as ever (`strain.exposed`)? A demand
   raises it; what merely follows a hard day leaves it to fade by itself.

An event must pass both, so the larger of its two chances counts, and over all that were asked the chance that any is
proposed wrongly is held at a twentieth (Berger 1982; Holm 1979). What passes is marked as relief in a copy of the
record, the model is fitted anew, and it must hold there what is asked of every refuge: that it is sought under strain,
that check-ins bear that out, and that the model's checks do not speak against it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from mainstay.patterns.company import by_company
from mainstay.patterns.refuges_moments import Scene, beside, ratios, scene_of
from mainstay.quantities import CannotSay, Finding, Interval
from mainstay.strain.criticise import failed_checks, shown_by_ratings
from mainstay.strain.data import FEWEST_ACTS, strain_data
from mainstay.strain.exposed import Effect, exposed
from mainstay.strain.exposure import known_by_the_half_day, once
from mainstay.strain.fitting import fit_beside
from mainstay.strain.judge import LEVEL, Z90, normal_cdf
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.refuges import refuge_answers
from mainstay.timeline.kinds import Events, Timeline

WRONG_PROPOSALS = 0.05
"""The chance that anything at all is proposed in a record in which nothing behaves like a refuge."""
PROPOSED_AT = 0.025
"""Proposed at this chance: what eases, and comes at set hours, was then proposed within the promise."""
WORTH_ASKING = 0.05
"""What comes with strain at this chance is asked whether it eases it."""

ASKED = ("other", "demand", "slip")
Failed = Literal[
    "",
    "not shown to come with strain",
    "what it does to strain can't be told",
    "not shown to ease it",
    "not clear enough over all asked",
    "does not hold as a refuge in the model",
]


@dataclass(frozen=True, slots=True)
class Pretext:
    """An event on record as something else (`is_`), asked whether it behaves like a refuge.

    `label`: its own, with its company where one label has several; `event`: the label on record; `contacts`: who was
    there. `ratio`: times as often at a step more of strain, its 90 % interval, and `p_comes`, the chance of so much by
    chance. `eases`: points of the anchor's scale it takes off strain at once, with the sd, and `p_eases`; None where it
    was not asked because it does not come with strain. `p`: adjusted for all asked. `failed`: the first that it does
    not pass; "" where it is proposed.
    """

    label: str
    event: str
    contacts: tuple[str, ...]
    is_: str
    n: int
    ratio: float
    interval: Interval
    p_comes: float
    eases: float | None = None
    eases_sd: float | None = None
    p_eases: float | None = None
    strain_before: float | None = None
    p: float = 1.0
    failed: Failed = "not shown to come with strain"

    @property
    def proposed(self) -> bool:
        """Whether it behaves like a refuge in every way asked."""
        return not self.failed


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """All that were asked, proposed ones first; what was too seldom on record or without a time of day, with why.

    `timeline`: the record with the companies apart that were asked apart.
    """

    timeline: Timeline
    asked: tuple[Pretext, ...] = ()
    not_asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def proposed(self) -> tuple[Pretext, ...]:
        """Those that behave like a refuge."""
        return tuple(one for one in self.asked if one.proposed)


def pretexts(timeline: Timeline, fitted: StrainPosterior) -> tuple[Pretext, ...]:
    """What is proposed as a pretext, from a record and its fit. Nothing where no check-in tells of strain."""
    return search(timeline, fitted).proposed


def search(timeline: Timeline, fitted: StrainPosterior) -> Search:
    """Every event that is neither relief nor control, asked whether it behaves like a refuge."""
    timeline, companies = _apart(once(timeline))
    if not fitted.data.readings:
        return Search(timeline)
    scene = scene_of(timeline, fitted)
    asked: list[Pretext] = []
    not_asked: dict[str, str] = {}
    for label, series in sorted(timeline.events.items()):
        if series.is_ not in ASKED or not len(series.times):
            continue
        event, contacts = companies.get(label, (label, ()))
        found = _comes(scene, series, event, contacts)
        if isinstance(found, str):
            not_asked[label] = found
        else:
            asked.append(found)
    asked = _judged(_eased(timeline, fitted, asked))
    asked = _refitted(timeline, fitted, asked)
    return Search(timeline, tuple(sorted(asked, key=lambda one: (not one.proposed, one.p, one.p_comes))), not_asked)


def _apart(timeline: Timeline) -> tuple[Timeline, dict[str, tuple[str, tuple[str, ...]]]]:
    """The record with each company of 8 events and more apart; by label, the label on record and who was there."""
    split, companies = by_company(timeline)
    events, recording = dict(timeline.events), dict(timeline.recording)
    names = {one.label: (one.event, one.contacts) for one in companies}
    for label, (event, _) in names.items():
        part, whole = split.events[label], events.get(event)
        if label == event or whole is None or whole.is_ not in ASKED or len(part.times) < FEWEST_ACTS:
            continue
        events[label], events[event] = part, whole.where(~np.isin(whole.ids, part.ids))
        if label in split.recording:
            recording[label] = split.recording[label]
    return replace(timeline, events=events, recording=recording), names


def _comes(scene: Scene, series: Events, event: str, contacts: tuple[str, ...]) -> Pretext | str:
    """Whether events come with strain; a text where that can't be asked."""
    if len(series.times) < FEWEST_ACTS:
        return f"{len(series.times)} times on record, of {FEWEST_ACTS} needed"
    if known_by_the_half_day(series):
        return "noted without a time of day"
    one = beside(scene, scene.acts(series.label))
    if len(one.own) < FEWEST_ACTS:
        return f"{len(one.own)} times comparable with other weeks, of {FEWEST_ACTS} needed"
    mean, sd = ratios(one, np.concatenate([one.strain[None], one.roles])).one(0)
    return Pretext(
        label=series.label,
        event=event,
        contacts=contacts,
        is_=series.is_,
        n=len(series.times),
        ratio=math.exp(mean),
        interval=Interval(math.exp(mean - Z90 * sd), math.exp(mean + Z90 * sd), LEVEL),
        p_comes=normal_cdf(-mean / sd),
    )


def _eased(timeline: Timeline, fitted: StrainPosterior, asked: Sequence[Pretext]) -> list[Pretext]:
    """Of those that come with strain, what they do to it at once."""
    labels = [one.label for one in asked if one.p_comes <= WORTH_ASKING]
    seen = exposed(timeline, fitted, labels) if labels else None
    if seen is None or isinstance(seen, CannotSay):
        return list(asked)
    effects = {one.label: one for one in seen.effects}
    return [_with_effect(one, effects[one.label]) if one.label in effects else one for one in asked]


def _with_effect(one: Pretext, effect: Effect) -> Pretext:
    return replace(
        one,
        eases=-effect.mean,
        eases_sd=effect.sd,
        p_eases=1.0 - effect.chance_it_eases,
        strain_before=effect.strain_before,
    )


def _judged(asked: Sequence[Pretext]) -> list[Pretext]:
    """Holm's step-down over all asked; an event's chance is the larger of its two."""
    raw = [1.0 if one.p_eases is None else max(one.p_comes, one.p_eases) for one in asked]
    highest = 0.0
    found = list(asked)
    for rank, i in enumerate(sorted(range(len(asked)), key=raw.__getitem__)):
        highest = max(highest, min((len(asked) - rank) * raw[i], 1.0))
        found[i] = replace(asked[i], p=highest, failed=_lacks(asked[i], highest))
    return found


def _lacks(one: Pretext, p: float) -> Failed:
    """What an event lacks, before it is held to what is asked of a refuge; `p`: adjusted for all asked."""
    if p <= PROPOSED_AT:
        return ""
    if one.p_comes > WORTH_ASKING:
        return "not shown to come with strain"
    if one.p_eases is None:
        return "what it does to strain can't be told"
    return "not shown to ease it" if one.p_eases > WORTH_ASKING else "not clear enough over all asked"


def _refitted(timeline: Timeline, fitted: StrainPosterior, asked: Sequence[Pretext]) -> list[Pretext]:
    """Those that pass, marked as relief in a copy of the record and held to what is asked of every refuge."""
    labels = [one.label for one in asked if one.proposed]
    if not labels:
        return list(asked)
    events = {
        label: replace(series, is_="relief") if label in labels else series for label, series in timeline.events.items()
    }
    marked = replace(timeline, events=events)
    anew = fit_beside(strain_data(marked, fitted.data.settings), fitted)
    if isinstance(anew, CannotSay):
        return [replace(one, failed="does not hold as a refuge in the model") if one.proposed else one for one in asked]
    misfits = failed_checks(marked, anew)
    told = {one.about: one for one in refuge_answers(marked, anew, misfits)}

    def holds(one: Pretext) -> Pretext:
        sought = told.get(one.label)
        if (
            not isinstance(sought, Finding)
            or sought.status != "found"
            or sought.estimate <= 1.0
            or one.label in {**misfits.distrusted, **misfits.effect}
            or not shown_by_ratings(marked, anew.data, one.label, -1)
        ):
            return replace(one, failed="does not hold as a refuge in the model")
        return replace(one, ratio=sought.estimate, interval=sought.interval)

    return [holds(one) if one.proposed else one for one in asked]
