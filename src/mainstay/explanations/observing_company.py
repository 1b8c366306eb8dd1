"""Company that would tell attributes apart: somebody to meet, a contact on days drawn by lot, attributes to note."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import median

import numpy as np

from mainstay.explanations import observing_burden as burden
from mainstay.explanations.clauses_kinds import Compared, Question, question_of
from mainstay.explanations.clauses_words import spoken
from mainstay.explanations.evidence import WIDTHS
from mainstay.explanations.observing import estimates_to_come, matches, states_of_company
from mainstay.explanations.observing_candidates import Observation, Standing, weighing_most
from mainstay.patterns.company import attributes_of
from mainstay.patterns.shared import Shared
from mainstay.patterns.shared_evidence import EXCEPTIONS
from mainstay.records.statements_hypothesis import same_name
from mainstay.timeline.kinds import Floats

SHARE_SD_OF_ONE = 0.4
"""How exactly one evening with check-ins around it shows the share of strain it takes, where no other is on record."""

LEAST_SHARE_SD = 0.1
EVENINGS = {1: "an evening", 3: "three evenings"}
BY_LOT = 4
FEWEST_CLEAR = 2
EXCEPTION = sum(EXCEPTIONS) / len(EXCEPTIONS)


def company_observations(now: Standing, shared: Shared) -> Iterator[Observation]:
    """Everything about company, where hypotheses say which attribute makes it ease."""
    told = _attributes_told(now)
    if told:
        yield from _evenings(now, shared, told)
        yield from _by_lot(now, shared, told)
    yield from _to_be_noted(now, shared)


def _attributes_told(now: Standing) -> dict[str, str]:
    """By hypothesis, the attribute on record of which it says that company with it eases more."""
    return {
        one.name: seen.answered.attribute
        for one in now.ranked
        for seen in one.observed
        if isinstance(seen.answered, Compared) and seen.left_open == {"more"}
    }


def _easing(now: Standing, shared: Shared, told: Mapping[str, str], has: frozenset[str]) -> Floats:
    """The chance that company with these attributes eases, and that it doesn't, by candidate (candidates, 2)."""
    clear = [one for one in shared.companies if one.eases is not None]
    often = (1.0 + sum(bool(one.eases) for one in clear)) / (2.0 + len(clear))
    chance = np.array(
        [(1.0 - EXCEPTION if told[name] in has else EXCEPTION) if name in told else often for name in now.names]
    )
    return np.column_stack([chance, 1.0 - chance])


def _sd_of_one(shared: Shared) -> float:
    known = [one.share_sd * math.sqrt(one.n) for one in shared.companies]
    return max(median(known), LEAST_SHARE_SD) if known else SHARE_SD_OF_ONE


def _evenings(now: Standing, shared: Shared, told: Mapping[str, str]) -> Iterator[Observation]:
    """An evening with somebody known of whom no evening is on record, or with somebody new who tells what is tied."""
    met = {name for one in shared.companies for name in (one.name, *one.contacts, *one.events)}
    whom = {
        f"“{name}”": frozenset(known)
        for name, known in attributes_of(now.timeline).items()
        if name not in met and known and burden.may_be_met(known)
    }
    about = weighing_most(now, tuple(told))
    attribute = told[about]
    tied = next(
        seen.answered.same_as
        for one in now.ranked
        for seen in one.observed
        if isinstance(seen.answered, Compared) and seen.answered.attribute == attribute
    )
    new = f"somebody new for whom “{spoken(attribute)}” holds"
    if tied:
        new += f" and “{spoken(tied[0])}” does not"
    whom.setdefault(new, frozenset({attribute}))
    for name, has in whom.items():
        by_state = _easing(now, shared, told, has)
        so = "it eases" if attribute in has else "it does not ease"
        for count, evenings in EVENINGS.items():
            sd = _sd_of_one(shared) / math.sqrt(count)
            chances = estimates_to_come(states_of_company(), by_state, sd)[1]
            do = f"Spend {evenings} with {name}, with check-ins before, meanwhile and after"
            minutes = count * (burden.EVENING + burden.AROUND)
            yield Observation(about, do, so, (chances,) * len(WIDTHS), minutes)


def _by_lot(now: Standing, shared: Shared, told: Mapping[str, str]) -> Iterator[Observation]:
    """Company on record of which it is still open whether it eases, on days drawn by lot."""
    about = weighing_most(now, tuple(told))
    for one in shared.companies:
        if one.eases is not None or not burden.may_be_met(one.attributes):
            continue
        by_state = _easing(now, shared, told, frozenset(one.attributes))
        sd = _sd_of_one(shared) / math.sqrt(BY_LOT)
        chances = estimates_to_come(states_of_company(), by_state, sd, (one.share, one.share_sd))[1]
        do = f"See or call “{one.name}” on four days drawn by lot, with check-ins before, meanwhile and after"
        so = "it eases" if told[about] in one.attributes else "it does not ease"
        minutes = BY_LOT * (burden.BY_LOT + burden.AROUND)
        yield Observation(about, do, so, (chances,) * len(WIDTHS), minutes)


def _to_be_noted(now: Standing, shared: Shared) -> Iterator[Observation]:
    """An attribute of which nothing is on record: to be noted of each company whose easing is clear."""
    clear = [one.name for one in shared.companies if one.eases is not None]
    if len(clear) < FEWEST_CLEAR:
        return
    asked: dict[Question, list[str]] = {}
    for one in now.ranked:
        for clause, why in one.missing:
            question = question_of(clause, one.hypothesis.says.since)
            known = any(
                same_name(moment.name, other.name) for moment in question.moments for other in shared.attributes
            )
            if question.word == "in" and clause.direction == "more" and not why.never and not known:
                asked.setdefault(question, []).append(one.name)
    for question, names in asked.items():
        chances = matches(len(clear), EXCEPTIONS, [name in names for name in now.names])
        attribute = spoken(question.moments[0].name)
        do = f"Note for each of {', '.join(f'“{one}”' for one in clear)} whether “{attribute}” holds"
        minutes = burden.NEW_THING + burden.NOTED_OF_EACH * len(clear)
        so = "it holds for those that ease and not for the others"
        yield Observation(weighing_most(now, names), do, so, (chances,) * len(WIDTHS), minutes)
