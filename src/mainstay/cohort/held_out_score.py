"""One person's later record foretold from their earlier one: with the usual priors, and with those that others lend.

The model is fitted to the first part of the record and then left alone: what comes later is foreseen one step ahead,
each moment from everything before it, and scored by the log density that it was given (Good 1952; proper: nobody gains
by claiming more than they know). The parameters are those of forty draws from each posterior, the same numbers behind
both, so that a posterior that is too sure pays for it. Of check-ins the log density of each is scored; of acts, which
came when, a day at a time, against the expected rate.

Where the coordinates are taken (the middle of the record, the mean load) is that of the whole record for both, so that
the two differ in their priors alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.forward import foretell
from mainstay.numerics.layout import Problem
from mainstay.quantities import CannotSay
from mainstay.strain.coordinates import coordinates
from mainstay.strain.data import StrainData, strain_data
from mainstay.strain.fitting import FEWEST_DAYS, FEWEST_RECORDS, fit_data
from mainstay.strain.pooling import Pooled, refit_pooled
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]

FIRST_SHARE = 0.6
"""The share of the days on record that is fitted; the rest is foretold."""
FEWEST_LATER = 10
DRAWS = 40
LEVEL = 0.90
UNFORESEEN = {
    "usual": "the rest of the record lies where no draw of the first part foresees anything, with the usual priors",
    "lent": "the rest of the record lies where no draw of the first part foresees anything, with lent priors",
    "both": "the rest of the record lies where no draw of the first part foresees anything, with either priors",
}
"""Who can't be scored since a density is nought: with which priors."""
BY_KNOT = (
    "dt", "own", "inputs", "extra_noise", "seen", "unseen_days", "spread", "lift", "node_features", "knot_features",
    "drift_node", "drift_knot", "fade_knot", "fade_features",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """What came after, foretold with the usual and with lent priors.

    `gain`: log density of a check-in, lent less usual, on average; `acts_gain`: the same of a day's acts (None where
    no refuge is modelled). `inside_usual`, `inside_lent`: the share of check-ins within their 90 % range (None where
    answers are steps, whose ranges are not of 90 %). `check_ins`, `days`: how many were foretold.
    """

    gain: float
    acts_gain: float | None
    inside_usual: float | None
    inside_lent: float | None
    check_ins: int
    days: int


def scored(timeline: Timeline, pooled: Pooled, seed: int) -> Scored | CannotSay:
    """One person's score. `pooled`: learned from others only.

    Refuses a first part that settles nothing by itself, and under ten check-ins after it.
    """
    data = strain_data(timeline)
    cut = FIRST_SHARE * data.days
    early = before(data, cut)
    later = data.readings - early.readings
    records = early.readings + len(early.problem.event_knot)
    if cut < FEWEST_DAYS or records < FEWEST_RECORDS or later < FEWEST_LATER:
        return CannotSay(
            "the record is too short to fit its first part and foretell the rest",
            have=later, need=FEWEST_LATER, unit="check-ins after the first part",
        )  # fmt: skip
    usual = fit_data(early)
    lent = refit_pooled(usual, pooled) if isinstance(usual, StrainPosterior) else usual
    if not isinstance(usual, StrainPosterior) or not isinstance(lent, StrainPosterior):
        return CannotSay("the first part of the record settles nothing by itself")
    z = np.random.default_rng(seed).standard_normal((DRAWS, len(usual.mean)))
    return _compared(data, cut, _foretold(data, cut, usual, z), _foretold(data, cut, lent, z))


def before(data: StrainData, cut: float) -> StrainData:
    """What was known by a day of the record: the same model and coordinates, without what came after."""
    last = int(np.searchsorted(data.knots, cut, "right"))
    problem = data.problem
    jumps, events, reads = (at < last for at in (problem.jump_knot, problem.event_knot, problem.read_knot))
    whole: dict[str, Any] = {name: np.ascontiguousarray(getattr(problem, name)[..., :last]) for name in BY_KNOT}
    kept: Problem = problem._replace(
        **whole,
        jump_knot=problem.jump_knot[jumps], jump_input=problem.jump_input[jumps], jump_size=problem.jump_size[jumps],
        event_knot=problem.event_knot[events], event_process=problem.event_process[events],
        read_knot=problem.read_knot[reads], read_item=problem.read_item[reads], read_value=problem.read_value[reads],
        read_category=problem.read_category[reads],
    )  # fmt: skip
    return replace(data, problem=kept, knots=data.knots[:last])


@dataclass(frozen=True, slots=True, eq=False)
class _Foretold:
    """Of what came later: the log density of each check-in (r,) and of each day's acts (d,), and where in its range

    each check-in lay, between 0 and 1 (r,); NaN of steps.
    """

    check_ins: Floats
    acts: Floats
    place: Floats


def _foretold(data: StrainData, cut: float, fitted: StrainPosterior, z: Floats) -> _Foretold:
    """What came after a day, as the draws of a posterior from before it foresaw it, one step ahead."""
    problem = data.problem
    place = coordinates(replace(data, settings=fitted.data.settings))
    reads = data.knots[problem.read_knot] > cut
    nodes = data.knots > cut
    days = np.floor(np.maximum(data.knots - 1e-9, 0.0)).astype(np.int64)
    first, last = int(days[nodes].min()), int(days.max())
    count = last + 1 - first
    events = nodes[problem.event_knot]
    came = days[problem.event_knot][events] - first
    check_ins, acts, below = [], [], []
    for v in fitted.mean + z @ np.linalg.cholesky(fitted.covariance).T:
        with np.errstate(over="ignore", invalid="ignore"):  # a far draw may give no number: it counts as none
            found = foretell(problem, place.weights(v)[0])
        check_ins.append(found.density[reads])
        expected = np.bincount(days[nodes] - first, found.expected.sum(axis=(0, 1))[nodes], minlength=count)
        acts.append(np.bincount(came, found.sought[events], minlength=count) - expected)
        below.append([0.5 * math.erfc(-one / math.sqrt(2.0)) for one in found.missed[reads]])
    lay = np.where(problem.read_category[reads] < 0, np.mean(below, axis=0), np.nan)
    return _Foretold(_pooled(np.array(check_ins)), _pooled(np.array(acts)), lay)


def _pooled(logs: Floats) -> Floats:
    """The log of the mean density over draws, from (draws, n); a draw that gives no number counts as none."""
    logs = np.where(np.isfinite(logs), logs, -np.inf)
    whole: Floats = np.logaddexp.reduce(logs, axis=0) - math.log(len(logs))
    return whole


def _compared(data: StrainData, cut: float, usual: _Foretold, lent: _Foretold) -> Scored | CannotSay:
    missed = [name for name, one in (("usual", usual), ("lent", lent)) if not _foreseen(one)]
    if missed:
        return CannotSay(UNFORESEEN[missed[0] if len(missed) == 1 else "both"])
    gains = lent.check_ins - usual.check_ins
    acts = lent.acts - usual.acts
    return Scored(
        gain=float(gains.mean()),
        acts_gain=float(acts.mean()) if data.refuges else None,
        inside_usual=_inside(usual.place),
        inside_lent=_inside(lent.place),
        check_ins=len(gains),
        days=len(acts),
    )


def _foreseen(one: _Foretold) -> bool:
    return bool(np.isfinite(one.check_ins).all() and np.isfinite(one.acts).all())


def _inside(place: Floats) -> float | None:
    """The share within the 90 % range, of check-ins that have one."""
    place = place[np.isfinite(place)]
    edge = 0.5 * (1.0 - LEVEL)
    return float(((place > edge) & (place < 1.0 - edge)).mean()) if len(place) else None
