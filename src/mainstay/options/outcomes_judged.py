"""What becomes of the options that no limit strikes out: dominated, recommended, better on the whole, or not shown so.

Recommended is only what holds up whichever explanation still standing is so: it is the best or tied with the best under
every one of them and surely better than leaving things as they are; or it costs the person nothing, harms under none
and surely helps or eases under some that are not too unlikely. What could do harm, can't be undone, has no price
written, or asks of a supporter what nobody said they can give, is not recommended. What another option is at least as
good as on every count, those of the supporter among them, is dominated: by leaving things as they are, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.options.limits import Strike, as_range
from mainstay.options.outcomes_harm import LEAST_MUST_NOT, SURELY, TIED, Harm, rises
from mainstay.options.worth import Compared, Question, compare
from mainstay.records.statements_option import OptionFile, Reversible
from mainstay.records.statements_preference import Budget
from mainstay.records.words import quoted
from mainstay.strain.wording import number

Floats = NDArray[np.float64]
Status = Literal["recommended", "dominated", "found", "not_found"]
LEFT_ALONE = "leaving things as they are"
LESS_OF_IT = "less of what makes it likelier, or a way to do it that does not"
LEAST_WEIGHT = 0.1
"""What helps under some causes only is recommended where these together have this weight at the least."""

HOW_REVERSIBLE: tuple[Reversible, ...] = ("no", "partly", "yes")


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Why an option that may be worth having is not recommended, as a clause, and what would change that."""

    reason: str
    change: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One option: its status; by which others it is dominated (positions); whether it is harmless to the person.

    What it is said to bring never makes it help. `helps`, `eases`: the explanations (positions) under which it surely
    is worth more, and surely lowers mean strain by what counts; `best_in_all`: best or tied in every one.
    `held_back`: why it is not recommended, where only that stands in its way; `harms`: the harm it could do, each a
    clause.
    """

    status: Status
    dominated_by: tuple[int, ...]
    harmless: bool
    helps: tuple[int, ...]
    eases: tuple[int, ...]
    best_in_all: bool
    held_back: tuple[HeldBack, ...] = ()
    harms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Judging:
    """What options are judged by, besides their worth; at position 0 stands leaving things as they are, as in `worth`.

    `strain` (options, explanations, draws): what each adds to mean strain if it succeeds, in points; `least`: the least
    change of it that counts. `weights` (explanations,). `harms`: of each option, the first at 0. `budget`: what the
    supporter has said they can give.
    """

    strain: Floats
    least: float
    weights: Floats
    harms: Sequence[Harm]
    budget: Budget | None = None


def judged(compared: Compared, options: Sequence[OptionFile], by: Judging) -> tuple[Judged, ...]:
    """Judge the options; `compared` has leaving things as they are before them, at position 0."""
    return tuple(_judged(compared, options, by, i + 1) for i in range(len(options)))


def _judged(compared: Compared, options: Sequence[OptionFile], by: Judging, at: int) -> Judged:
    option, harm = options[at - 1], by.harms[at - 1]
    gained = compared.points[at] - compared.points[0]
    lead = compared.by_explanation[at] - compared.by_explanation.max(axis=0)
    said_to_bring = option.benefit.person.counted.points[1] > 0.0
    helps = tuple(h for h in range(len(gained)) if not said_to_bring and _surely_more(gained[h], TIED))
    eases = tuple(h for h in range(len(gained)) if _surely_more(-by.strain[at, h], by.least))
    harmless = harm.none and costs_nothing(option)
    best_in_all = bool((lead >= -TIED).all())
    worth_more = bool(compared.gain_interval[at, 0] > 0.0 and compared.gain[at] > TIED)
    surely_better = worth_more and (bool(eases) or not said_to_bring)
    under = sorted({*helps, *eases})
    wanted = (best_in_all and surely_better) or bool(under)
    harms = _harms(harm)
    held = (*harms, *_held_back(option, by.budget)) if wanted else ()
    if under and float(by.weights[under].sum()) < LEAST_WEIGHT:
        weight = as_range(*(float(by.weights[under].sum()),) * 2)
        likelier = "records by which that is likelier"
        held = (*held, HeldBack(f"that it would help rests on what is unlikely (weight {weight})", likelier))
    recommended = not held and ((best_in_all and surely_better) or (harmless and bool(under)))
    status: Status = "recommended" if recommended else "found" if surely_better else "not_found"
    others = [i for i in range(len(options) + 1) if i != at and _dominates(compared, options, i, at)]
    return Judged(
        status="dominated" if others else status,
        dominated_by=tuple(others),
        harmless=harmless,
        helps=helps,
        eases=eases,
        best_in_all=best_in_all,
        held_back=held,
        harms=tuple(one.reason for one in harms),
    )


def _surely_more(gained: Floats, least: float) -> bool:
    return float(gained.mean()) > least and float(np.mean(gained > 0.0)) >= SURELY


def _harms(harm: Harm) -> tuple[HeldBack, ...]:
    gentler = "levers that go less far, or a narrower range of them"
    found = (
        (harm.must_not, "it could make what must not happen likelier"),
        (harm.strain or harm.raises, "it could raise strain"),
        (harm.worse and not (harm.strain or harm.raises or harm.must_not), "it could turn out worse"),
    )
    return tuple(HeldBack(said, gentler) for so, said in found if so)


def _held_back(option: OptionFile, budget: Budget | None) -> tuple[HeldBack, ...]:
    """What stands in the way of recommending an option, whatever it is worth and though it does no harm."""
    found = (
        HeldBack("it can't be undone", "a way to do it that can be undone") if option.reversible == "no" else None,
        _unpriced(option),
        _beyond_the_supporter(option, budget),
    )
    return tuple(one for one in found if one is not None)


def _unpriced(option: OptionFile) -> HeldBack | None:
    """What it takes of the person and no points stand for: then its worth leaves that out."""
    cost = option.cost.person
    if cost.points is None and cost.counted.nothing:
        return HeldBack("what it costs you is not written down", "what it costs you, in points: 0 where it is nothing")
    if cost.counted.points[1] == 0.0 and not cost.counted.nothing:
        return HeldBack("it takes hours or money of you that no points stand for", "points for what it takes of you")
    return None


def _beyond_the_supporter(option: OptionFile, budget: Budget | None) -> HeldBack | None:
    """What it takes of a supporter, where nobody said that they can give so much."""
    cost = option.cost.supporter.counted
    hours, money = (None, None) if budget is None else (budget.hours_a_week, budget.money_a_month)
    unsaid = [
        *(["hours"] if cost.hours_a_week[1] > 0.0 and hours is None else []),
        *(["money"] if cost.money_a_month[1] > 0.0 and money is None else []),
        *(["points"] if cost.points[1] > 0.0 and budget is None else []),
    ]
    if unsaid:
        can_give = "what the supporter can give: budget in the preferences"
        return HeldBack("it takes of a supporter, and what they can give is not on record", can_give)
    over = (hours is not None and cost.hours_a_week[1] > hours) or (money is not None and cost.money_a_month[1] > money)
    if over:
        within = "a way to do it that stays within what the supporter can give"
        return HeldBack("at its high end it takes more than the supporter can give", within)
    return None


def costs_nothing(option: OptionFile) -> bool:
    """Whether it is written that the person bears nothing, whichever way it goes, and it can be undone."""
    cost = option.cost.person
    return cost.points is not None and cost.counted.nothing and option.reversible == "yes"


def _dominates(compared: Compared, options: Sequence[OptionFile], one: int, other: int) -> bool:
    """Whether one option is at least as good as another on every count, and better on some.

    On average, and so that the other is surely not noticeably better under any explanation.
    """
    mine, theirs = _burdens(options, one), _burdens(options, other)
    ahead = compared.points[other] - compared.points[one]
    if (mine > theirs).any() or float((ahead > TIED).mean(axis=1).max()) > 1.0 - SURELY:
        return False
    if compared.orders.dominates[one, other]:
        return True
    no_worse = bool((compared.by_explanation[one] >= compared.by_explanation[other] - TIED).all())
    return no_worse and not compared.orders.dominates[other, one] and bool((mine < theirs).any())


def _burdens(options: Sequence[OptionFile], at: int) -> Floats:
    """What an option takes of everybody beside points, and how little of it can be undone; nothing for nothing."""
    if at == 0:
        return np.zeros(7)
    option = options[at - 1]
    undone = float(HOW_REVERSIBLE[::-1].index(option.reversible))
    person, supporter = option.cost.person.counted, option.cost.supporter.counted
    taken = [sum(one) for one in (person.hours_a_week, person.money_a_month)]
    taken += [sum(one) for one in (supporter.hours_a_week, supporter.money_a_month)]
    return np.array([*taken, sum(supporter.points), -sum(option.benefit.supporter.counted.points), undone])


def must_not_strike(question: Question, at: int, most: float | None) -> Strike | None:
    """The limit that an option breaks where it makes what must not happen too likely; None where it doesn't.

    `most`: the chance the person allows; without it, an option may not make it likelier than leaving things as they
    are: by a hundredth on average, in three draws of four. One that makes it no likelier is never struck out for it.
    """
    if not question.must_not.any():
        return None
    success = float(question.success[at].mean())
    done = question.chances[at][..., question.must_not].sum(axis=2)
    left = question.chances[question.nothing][..., question.must_not].sum(axis=2)
    risen = success * question.weights @ (done - left)
    without = float((question.weights @ left).mean())
    rise, chance = float(risen.mean()), without + float(risen.mean())
    likelier = bool(rises(risen, LEAST_MUST_NOT))
    too_likely = likelier if most is None else chance > most and rise > LEAST_MUST_NOT * most
    if not too_likely:
        return None
    than = f"{LEFT_ALONE} would" if most is None else "is allowed"
    allowed = as_range(without, without) if most is None else as_range(most, most)
    return Strike(
        "must_not",
        f"it would make what must not happen likelier ({as_range(chance, chance)}) than {than} ({allowed})",
        LESS_OF_IT,
    )


def strain_strike(question: Question, at: int, strain: Floats, least: float, unjudged: Sequence[str]) -> Strike | None:
    """The same, judged on mean strain, where the chance of what must not happen can't tell one option from another.

    `strain` (explanations, draws): what the option adds to mean strain if it succeeds; `least`: the least change that
    counts; `unjudged`: the names of those scenarios; nothing is struck out where there are none.
    """
    risen = float(question.success[at].mean()) * question.weights @ strain
    if not unjudged or not bool(rises(risen, least)):
        return None
    return Strike(
        "must_not",
        f"it would raise strain (by {number(float(risen.mean()))} on average), and {quoted(unjudged)} must not happen",
        LESS_OF_IT,
    )


def compared_options(question: Question, rng: np.random.Generator) -> Compared:
    """`worth.compare`, with the slack that simulated chances need."""
    return compare(question, rng, TIED)
