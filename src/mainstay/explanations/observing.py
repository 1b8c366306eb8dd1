"""How much something not yet seen would tell about which cause is at work: expected information, in bits.

    gain = H(w) - sum over outcomes o of p(o) H(w | o),   p(o) = sum over h of w_h p(o | h),   w_h | o ~ w_h p(o | h)

(Lindley 1956). An outcome is an estimate to come, of a size that is in one of a few states (more, less, the same; eases
or not). What a state says of the size is the mixture by which evidence is weighed (`evidence`, `patterns.shared`); a
hypothesis leaves some of the states open. The size is integrated over a grid, after what is known of it already; the
estimate, normal about the size with the sd that the recording would bring, over another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.explanations.evidence import CHANCE, NOTHING, STATES, Open
from mainstay.patterns.shared_shares import log_likelihoods
from mainstay.timeline.kinds import Floats

SIZES_KEPT, OUTCOMES_KEPT = 801, 1200
WIDEST, FAR = 6.0, 5.0
SHARES = (-1.2, 1.6)


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """What each state says of a size: places of the size (g,), and densities there (states, g), summing to 1."""

    places: Floats
    densities: Floats


def information(weights: Floats, chances: Floats) -> float:
    """Bits expected from outcomes with these chances (hypotheses, outcomes) under weights (hypotheses,)."""
    joint = weights[:, None] * chances
    of_outcome = joint.sum(axis=0)
    return max(_entropy(weights) + _entropy(of_outcome) - _entropy(joint.ravel()), 0.0)


def after(weights: Floats, chances: Floats, kept: np.ndarray) -> Floats:
    """The weights expected once the outcome is known to be one of those kept (outcomes,)."""
    joint = weights * chances[:, kept].sum(axis=1)
    total = float(joint.sum())
    shares: Floats = joint / total if total > 0.0 else weights
    return shares


def _entropy(chances: Floats) -> float:
    some = chances[chances > 0.0]
    return float(-(some * np.log2(some)).sum())


def states_of_size(usual: float, known: tuple[float, float] | None = None) -> States:
    """The states of `evidence`, in their order there, of a size with this usual size. `known`: mean and sd so far."""
    reach = WIDEST * usual
    low, high = -reach, reach
    if known is not None:
        low, high = max(low, known[0] - 8.0 * known[1]), min(high, known[0] + 8.0 * known[1])
        if not low < high:
            low, high = -reach, reach
    places = np.linspace(low, high, SIZES_KEPT)
    noticeable = np.abs(places) / usual**2 * np.exp(-0.5 * (places / usual) ** 2)
    same = _normal(places, NOTHING * usual)
    by_name = {"more": noticeable * (places > 0.0), "same": same, "less": noticeable * (places < 0.0)}
    step = places[1] - places[0]
    return States(places, np.array([by_name[state] for state in STATES]) * step)


def states_of_company() -> States:
    """Company that eases, and company that doesn't: the share of strain it takes away at once (`patterns.shared`)."""
    places = np.linspace(*SHARES, SIZES_KEPT)
    logs = np.array(log_likelihoods(places, np.full(len(places), 1e-6)))
    return States(places, np.exp(logs) * (places[1] - places[0]))


def chances_of_states(left_open: Sequence[Open]) -> Floats:
    """The chances of more, the same and less (hypotheses, states) under hypotheses that leave these open."""
    rows = np.array([[CHANCE[state] * (state in one) for state in STATES] for one in left_open])
    chances: Floats = rows / rows.sum(axis=1, keepdims=True)
    return chances


def estimates_to_come(
    states: States, by_hypothesis: Floats, sd: float, known: tuple[float, float] | None = None
) -> tuple[Floats, Floats]:
    """Estimates (o,) with this sd, and their chances (hypotheses, o) given what is known of the size so far.

    `by_hypothesis` (hypotheses, states): the chances of the states before any measurement.
    """
    likelihood = np.ones(len(states.places))
    if known is not None:
        likelihood = np.exp(-0.5 * ((states.places - known[0]) / known[1]) ** 2)
    joint = states.densities * likelihood
    evidence = joint.sum(axis=1)
    given = by_hypothesis * evidence
    given /= np.maximum(given.sum(axis=1, keepdims=True), 1e-300)
    inside = states.places[joint.sum(axis=0) > 1e-12 * joint.sum(axis=0).max()]
    count = min(math.ceil(4.0 * (inside[-1] - inside[0]) / sd + 8.0 * FAR), OUTCOMES_KEPT)
    estimates = np.linspace(inside[0] - FAR * sd, inside[-1] + FAR * sd, max(count, 9))
    kernel = np.exp(-0.5 * ((estimates - states.places[:, None]) / sd) ** 2)
    by_state = (joint / np.maximum(evidence, 1e-300)[:, None]) @ kernel
    chances = given @ by_state
    chances /= chances.sum(axis=1, keepdims=True)
    return estimates, chances


def with_none(chances: Floats, there: Floats) -> Floats:
    """The chances with one outcome before the others: that there was nothing of the kind. `there` (hypotheses,)."""
    found: Floats = np.column_stack([1.0 - there, there[:, None] * chances])
    return found


def matches(companies: int, exceptions: Sequence[float], told: Sequence[bool]) -> Floats:
    """The chances (hypotheses, companies + 1) of how many companies an attribute would tell rightly.

    `told`: whether a hypothesis says that it tells them, but for exceptions; under the others it is as likely as not.
    """
    k = np.arange(companies + 1)
    ways = np.array([math.comb(companies, int(one)) for one in k], dtype=float)
    rightly = np.mean([ways * (1.0 - one) ** k * one ** (companies - k) for one in exceptions], axis=0)
    chance = ways * 0.5**companies
    return np.array([rightly if one else chance for one in told])


def entropy_of(weights: Mapping[str, float]) -> float:
    """How open it is which cause it is, in bits."""
    return _entropy(np.array(list(weights.values())))


def _normal(x: Floats, sd: float) -> Floats:
    density: Floats = np.exp(-0.5 * (x / sd) ** 2) / (sd * math.sqrt(2.0 * math.pi))
    return density
