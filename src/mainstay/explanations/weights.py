"""Weights of hypotheses and of a cause that nobody listed: prior chances times evidence, with all their ranges.

    weight of i = p_i R_i / sum over j of p_j R_j,       R of the unlisted cause = 1.

Priors are ranges that somebody wrote down, or the usual ones; so are ratios stated by hand; and the evidence depends
on how large effects usually are, which is taken halved and doubled as well. The weight told is the one in the middle
of all ranges (geometric means); its range is from the lowest to the highest over all of them, which for a product of
ranges is reached at their ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mainstay.explanations.evidence import MIDDLE, WIDTHS
from mainstay.records.statements_hypothesis import TAKEN_NAMES

UNLISTED = TAKEN_NAMES[1]
USUAL_PRIOR = (0.05, 0.25)
"""Of a hypothesis whose prior nobody wrote down."""

UNLISTED_PRIOR = (0.2, 0.5)
"""Of a cause that nobody listed: of ten people who look for a cause, two to five have not thought of it."""

LEADS = 1.25
"""How many times the weight of the unlisted cause the leading hypothesis has in the middle of all ranges."""

LEADS_AT_ANY_WIDTH = 1.0
"""The same however large effects are taken to be."""

LEAST_EVIDENCE = math.log(3.0)
"""Without evidence for it of about so much, nothing leads, however likely it was thought."""

TIED_WITHIN = 2.0
"""A hypothesis of at least the leading one's weight over this is not told apart from it."""

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is weighed: `prior` as low and high; `logs`: log evidence ratios, one for each of `WIDTHS`.

    `stated`: the logarithms of low and high of all ratios stated by hand together.
    """

    name: str
    prior: Range
    logs: tuple[float, ...] = (0.0,) * len(WIDTHS)
    stated: Range = (0.0, 0.0)

    @property
    def evidence(self) -> float:
        """The log evidence ratio in the middle of all ranges."""
        return self.logs[MIDDLE] + 0.5 * (self.stated[0] + self.stated[1])

    def log_odds(self, width: int, share: float = 0.5) -> float:
        """Log of prior times ratio at one width; `share`: 0 and 1 the low and high end of the other ranges."""
        low, high = math.log(self.prior[0]) + self.stated[0], math.log(self.prior[1]) + self.stated[1]
        return low + share * (high - low) + self.logs[width]


@dataclass(frozen=True, slots=True)
class Weight:
    """The weight of one candidate in the middle of all ranges, its lowest and its highest, and by width."""

    name: str
    weight: float
    low: float
    high: float
    by_width: tuple[float, ...]


def unlisted(prior: Range = UNLISTED_PRIOR) -> Candidate:
    """The cause that nobody listed: what all evidence is set against."""
    return Candidate(UNLISTED, prior)


def weigh(candidates: Sequence[Candidate]) -> tuple[Weight, ...]:
    """The weights of these candidates (the unlisted cause among them), in their order; they sum to 1."""
    middles = [_shares([one.log_odds(width) for one in candidates]) for width in range(len(WIDTHS))]
    found = []
    for i, one in enumerate(candidates):
        ends = [
            _shares([other.log_odds(width, share if j == i else 1.0 - share) for j, other in enumerate(candidates)])[i]
            for width in range(len(WIDTHS))
            for share in (0.0, 1.0)
        ]
        by_width = tuple(row[i] for row in middles)
        found.append(Weight(one.name, by_width[MIDDLE], min(ends), max(ends), by_width))
    return tuple(found)


def leading(candidates: Sequence[Candidate], weights: Sequence[Weight]) -> tuple[str, ...]:
    """The names that lead, heaviest first; none where no hypothesis is well ahead of the unlisted cause.

    Those with evidence of their own within a factor of `TIED_WITHIN` of the heaviest lead with it: they are tied.
    """
    pairs = list(zip(candidates, weights, strict=True))
    rest = next(weight for one, weight in pairs if one.name == UNLISTED)
    listed = [(one, weight) for one, weight in pairs if one.name != UNLISTED]
    if not listed:
        return ()
    first, heaviest = max(listed, key=lambda pair: pair[1].weight)
    ahead = [mine / other for mine, other in zip(heaviest.by_width, rest.by_width, strict=True)]
    if ahead[MIDDLE] < LEADS or min(ahead) < LEADS_AT_ANY_WIDTH or first.evidence < LEAST_EVIDENCE:
        return ()
    together = [
        weight
        for one, weight in listed
        if weight.weight * TIED_WITHIN >= heaviest.weight and one.evidence >= LEAST_EVIDENCE
    ]
    return tuple(one.name for one in sorted(together, key=lambda one: -one.weight))


def _shares(logs: Sequence[float]) -> list[float]:
    highest = max(logs)
    heights = [math.exp(one - highest) for one in logs]
    total = sum(heights)
    return [one / total for one in heights]
