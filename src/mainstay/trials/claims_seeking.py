"""How often help was sought beyond what strain explains, day by day of a trial: where the threshold lies, by the day.

Each day's acts of relief less those the fitted strain model expects on it, at the strain foreseen by then. If the
threshold recovers, help is sought less often at the same strain. The model may be wrong about the level; its error
stays with the day, whatever was drawn, so that a test by lot holds all the same.
"""

from __future__ import annotations

import numpy as np

from mainstay.quantities import CannotSay
from mainstay.records.statements_hypothesis import folded
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline
from mainstay.trials.claims_kinds import not_tested
from mainstay.trials.kinds import Observed
from mainstay.trials.observing import days_since
from mainstay.trials.sealing import Trial

FEWEST_ACTS = 15


def seeking(
    timeline: Timeline, trial: Trial, fitted: StrainPosterior | CannotSay | None = None
) -> Observed | CannotSay:
    """By day of a trial, acts of relief less those that strain explains; low is better.

    Counts the refuges that are sought more the more strained the person is, but for what the arms consist of. Refuses
    where there is no such refuge, no fit, fewer than fifteen acts on the trial's days, or days that don't test it.
    `fitted`: of this timeline; without it, it is fitted here.
    """
    if trial.schedule is None or isinstance(trial.space, CannotSay):
        return CannotSay("its days are not drawn yet")
    if (refusal := not_tested(trial.space, trial.schedule)) is not None:
        return refusal
    if fitted is None:
        from mainstay.strain.fitting import fit

        fitted = fit(timeline)
    if isinstance(fitted, CannotSay):
        return fitted
    from mainstay.numerics.forward import course_of, foresee

    arms = {folded(one.event) for one in trial.protocol.says.arm if one.event is not None}
    data, problem = fitted.data, fitted.data.problem
    rows = [k for k in strain_refuges(fitted) if folded(data.refuges[k]) not in arms]
    if not rows:
        return CannotSay("nothing that is sought shows where the threshold lies", method=fitted.method)
    weights, _ = fitted.coordinates.weights(fitted.mean)
    _, nodes, _ = foresee(problem, weights, course_of(problem, weights), np.zeros((0, len(data.knots))))
    days = trial.protocol.says.design.days
    day = np.floor(days_since(timeline, trial, data.knots - 0.5 * problem.dt)).astype(np.int64)
    kept = (day >= 0) & (day < days)
    expected = np.asarray(np.bincount(day[kept], nodes[rows].sum(axis=(0, 1))[kept], days), np.float64)
    counts = np.zeros(days)
    acts = 0
    for k in rows:
        at = np.floor(days_since(timeline, trial, data.knots[problem.event_knot[problem.event_process == k]]))
        at = at[(at >= 0) & (at < days)].astype(np.int64)
        counts += np.bincount(at, minlength=days)
        acts += len(at)
    if acts < FEWEST_ACTS:
        return CannotSay(
            "too few acts of relief fall into the trial to see the threshold", have=acts, need=FEWEST_ACTS, unit="acts"
        )
    there = np.flatnonzero(expected > 0.0)
    left = np.asarray((counts - expected)[there], np.float64)
    none, middles = np.zeros(0), there.astype(np.float64) + 0.5
    return Observed(middles, left, "acts a day", -1, None, None, none, none)
