"""How often help was sought beyond what strain explains, day by day of a trial: where the threshold lies, by the day.

Each day's acts of relief less those the fitted strain model expects on it, at the strain foreseen by then. If the
threshold recovers, help is sought less often at the same strain. The model may be wrong about the level; its error
stays with the day, whatever was drawn, so that a test by lot holds all the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mainstay.quantities import CannotSay
from mainstay.records.statements_hypothesis import folded
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Events, Timeline
from mainstay.trials.claims_kinds import Sought, not_tested
from mainstay.trials.kinds import Arms, Floats, Observed, Schedule
from mainstay.trials.observing import daily_counts, days_since
from mainstay.trials.sealing import Trial

FEWEST_ACTS = 15
FEWEST_BESIDE = 20
"""Of what else is written down, below which it can't show how fully days were."""

PARTS_OF_A_DAY = (0.0, 0.25, 0.5, 0.75)
"""When on its days an arm may move strain."""


def seeking(timeline: Timeline, trial: Trial, fitted: StrainPosterior | CannotSay | None = None) -> Sought | CannotSay:
    """By day of a trial, acts of relief less those that strain explains, and what else was written down.

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
    told = fitted if isinstance(fitted, CannotSay) else _with_the_arms(timeline, trial, trial.schedule, fitted)
    return told if isinstance(told, CannotSay) else _sought(timeline, trial, told)


def _sought(timeline: Timeline, trial: Trial, fitted: StrainPosterior) -> Sought | CannotSay:
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
    seen = Observed(middles, left, "acts a day", -1, None, None, none, none)
    return Sought(seen, _per_act(timeline, trial, arms, there, acts))


def _with_the_arms(
    timeline: Timeline, trial: Trial, schedule: Schedule, fitted: StrainPosterior
) -> StrainPosterior | CannotSay:
    """The fit in which each arm but the first may move strain, either way, while it is on: relief is not recovery.

    Without it, strain that an arm eases unseen is followed too late, and help that is not needed looks like help that
    is no longer sought.
    """
    from mainstay.strain.exposed import exposed

    first = (trial.protocol.says.start - timeline.origin.as_local.date()).days
    marked = {}
    for arm, name in enumerate(schedule.arms[1:], 1):
        days = first + np.flatnonzero(schedule.arm == arm)
        at = timeline.elapsed(np.sort(np.concatenate([days + part for part in PARTS_OF_A_DAY])).astype(np.float64))
        at = at[(at > 0.0) & (at < timeline.days)]
        label = f"days with {name}"
        ids = tuple(f"{label} {k}" for k in range(len(at)))
        marked[label] = Events(label, "other", at, np.full(len(at), np.nan), np.zeros(len(at)), ids)
    found = exposed(replace(timeline, events={**timeline.events, **marked}), fitted, tuple(marked))
    return found if isinstance(found, CannotSay) else found.posterior


def _per_act(timeline: Timeline, trial: Trial, arms: set[str], there: Arms, acts: int) -> Floats | None:
    """What else was written down on each of the days `there`, as much in all as there were acts; None: too little.

    Nothing that relieves, and nothing that an arm consists of; where the log says how much was recorded, for all of it.
    """
    counts = np.zeros(len(there))
    for one in timeline.events.values():
        if one.is_ == "relief" or folded(one.label) in arms:
            continue
        by_day = daily_counts(
            timeline, one.label, lambda times: days_since(timeline, trial, times), trial.protocol.says.design.days
        )[there]
        counts += np.where(np.isnan(by_day), np.nanmean(by_day) if np.isfinite(by_day).any() else 0.0, by_day)
    total = float(counts.sum())
    return counts * (acts / total) if total >= FEWEST_BESIDE else None
