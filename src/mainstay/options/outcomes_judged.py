"""What becomes of the options that no limit strikes out: dominated, recommended, better on the whole, or not shown so.

Recommended is only what holds up whichever explanation still standing is so: it is the best or tied with the best under
every one of them and surely better than leaving things as they are; or it costs the person nothing, harms under none
and surely helps or eases under some. What another option is at least as good as on every count, those of the supporter
among them, is dominated: by leaving things as they are, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.options.limits import Strike, as_range
from mainstay.options.worth import Compared, Question, compare
from mainstay.records.statements_option import Burdens, OptionFile, Reversible
from mainstay.strain.judge import LEVEL

Floats = NDArray[np.float64]
Status = Literal["recommended", "dominated", "found", "not_found"]
TIED = 1.0
"""Points (of 100) within which simulated outcomes are not told apart."""

NOTICEABLE = 0.02
"""The share of mean strain that an option must take away to be told as easing it."""

SURELY = LEVEL
LEFT_ALONE = "leaving things as they are"
LEAST_MUST_NOT = 0.01
"""A chance of what must not happen is raised where it rises surely, and by a hundredth at the least."""

HOW_REVERSIBLE: tuple[Reversible, ...] = ("no", "partly", "yes")


@dataclass(frozen=True, slots=True)
class Judged:
    """One option: its status; by which others it is dominated (positions); whether it is harmless to the person.

    What it is said to bring never makes it help, and nothing that surely raises strain is harmless or recommended; nor
    is what can't be undone, or whose hours or money no points stand for.
    `helps`, `eases`: the explanations (positions) under which it surely is worth more, and surely lowers mean strain by
    what would be noticed; `best_in_all`: best or tied in every one.
    """

    status: Status
    dominated_by: tuple[int, ...]
    harmless: bool
    helps: tuple[int, ...]
    eases: tuple[int, ...]
    best_in_all: bool


def judged(compared: Compared, options: Sequence[OptionFile], strain: Floats, usual: float) -> tuple[Judged, ...]:
    """Judge the options; `compared` has leaving things as they are before them, at position 0.

    `strain` (options, explanations, draws): what each adds to mean strain if it succeeds; `usual`: mean strain without.
    """
    return tuple(_judged(compared, options, strain[i + 1] / max(usual, 1e-9), i + 1) for i in range(len(options)))


def _judged(compared: Compared, options: Sequence[OptionFile], added: Floats, at: int) -> Judged:
    gained = compared.points[at] - compared.points[0]
    lead = compared.by_explanation[at] - compared.by_explanation.max(axis=0)
    option = options[at - 1]
    said_to_bring = option.benefit.person.points[1] > 0.0
    helps = tuple(h for h in range(len(gained)) if not said_to_bring and _surely_more(gained[h], TIED))
    raises = any(_surely_more(added[h], NOTICEABLE) for h in range(len(gained)))
    eases = tuple(h for h in range(len(gained)) if _surely_more(-added[h], NOTICEABLE))
    harmless = bool(compared.orders.harmless[at]) and costs_nothing(option) and not raises
    best_in_all = bool((lead >= -TIED).all())
    others = [i for i in range(len(options) + 1) if i != at and _dominates(compared, options, i, at)]
    worth_more = bool(compared.gain_interval[at, 0] > 0.0 and compared.gain[at] > TIED)
    surely_better = worth_more and (bool(eases) or not said_to_bring)
    may_be = not raises and not unpriced(option) and option.reversible != "no"
    if may_be and ((best_in_all and surely_better) or (harmless and (helps or eases))):
        status: Status = "recommended"
    else:
        status = "found" if surely_better else "not_found"
    return Judged("dominated" if others else status, tuple(others), harmless, helps, eases, best_in_all)


def _surely_more(gained: Floats, least: float) -> bool:
    return float(gained.mean()) > least and float(np.mean(gained > 0.0)) >= SURELY


def unpriced(option: OptionFile) -> bool:
    """Whether it takes hours or money of the person that no points stand for: then its worth leaves them out."""
    cost = option.cost.person
    return cost.points[1] == 0.0 and max(cost.hours_a_week[1], cost.money_a_month[1]) > 0.0


def costs_nothing(option: OptionFile) -> bool:
    """Whether the person bears nothing, whichever way it goes, and it can be undone."""
    cost = option.cost.person
    return max(cost.points[1], cost.hours_a_week[1], cost.money_a_month[1]) == 0.0 and option.reversible == "yes"


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
    person, supporter = option.cost.person, option.cost.supporter
    taken = [sum(one) for one in (person.hours_a_week, person.money_a_month)]
    taken += [sum(one) for one in (supporter.hours_a_week, supporter.money_a_month)]
    return np.array([*taken, sum(supporter.points), -sum(_gained(option.benefit)), undone])


def _gained(benefit: Burdens) -> tuple[float, float]:
    return benefit.supporter.points


def must_not_strike(question: Question, at: int, most: float | None) -> Strike | None:
    """The limit that an option breaks where it makes what must not happen too likely; None where it doesn't.

    `most`: the chance the person allows; without it, an option may not make it surely likelier than leaving things as
    they are. One that makes it no likelier than that is never struck out for it.
    """
    if not question.must_not.any():
        return None
    success = float(question.success[at].mean())
    done = question.chances[at][..., question.must_not].sum(axis=2)
    left = question.chances[question.nothing][..., question.must_not].sum(axis=2)
    risen = success * question.weights @ (done - left)
    without = float((question.weights @ left).mean())
    rise, chance = float(risen.mean()), without + float(risen.mean())
    surely = float(np.quantile(risen, 0.5 * (1.0 - LEVEL))) > 0.0 and rise >= LEAST_MUST_NOT
    too_likely = surely if most is None else chance > most and rise > LEAST_MUST_NOT * most
    if not too_likely:
        return None
    than = f"{LEFT_ALONE} would" if most is None else "is allowed"
    allowed = as_range(without, without) if most is None else as_range(most, most)
    return Strike(
        "must_not",
        f"it would make what must not happen likelier ({as_range(chance, chance)}) than {than} ({allowed})",
        "less of what makes it likelier, or a way to do it that does not",
    )


def compared_options(question: Question, rng: np.random.Generator) -> Compared:
    """`worth.compare`, with the slack that simulated chances need."""
    return compare(question, rng, TIED)
