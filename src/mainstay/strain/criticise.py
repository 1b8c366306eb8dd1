"""Does the fitted model describe what it was fitted to: checks of the acts and of the check-ins, and what fails.

Each check is a chi-squared over residuals whose law is known if the model is right (`strain.residuals`). All of a fit's
checks share one level (Holm 1979), so that a right model is accused in one person of a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mainstay.numerics.layout import PATH
from mainstay.quantities import Answer, Finding
from mainstay.strain import checking_acts, checking_ratings
from mainstay.strain.data import StrainData
from mainstay.strain.fitting import path_at
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.residuals import FEWEST_RATINGS_CHECKED, Check, Foresight
from mainstay.timeline.kinds import Timeline

LEVEL_OF_ALL_CHECKS = 0.01
FEWEST_ACTS_CHECKED = 20
FEWEST_PAIRS = 10
COURSE_OF_STRAIN = ("hours", "days", "speed")
"""Checks of the ratings that fail where something else than strain, or strain of another speed, comes and goes."""

CLOCK = "clock"
"""A refuge with an appointment or impossible hours of its own: sizes and drift keep their coverage (measured), so they
are told with it; the other checks of when it is sought speak against them."""


@dataclass(frozen=True, slots=True)
class Misfits:
    """The worst failed check of when each refuge is sought (`timing`; its clock only if nothing else failed), of the

    check-ins after it (`effect`), both by its label, and of the check-ins themselves (`ratings`).
    """

    timing: Mapping[str, Check] = field(default_factory=dict)
    effect: Mapping[str, Check] = field(default_factory=dict)
    ratings: Check | None = None

    @property
    def course(self) -> Check | None:
        """The failed check of the check-ins where it speaks against how strain comes and goes."""
        return self.ratings if self.ratings and self.ratings.kind in COURSE_OF_STRAIN else None

    @property
    def distrusted(self) -> Mapping[str, Check]:
        """The refuges whose times fail otherwise than by the clock: what rests on their hazard can't be trusted."""
        return {label: check for label, check in self.timing.items() if check.kind != CLOCK}

    @property
    def any(self) -> bool:
        """Whether any check failed."""
        return bool(self.timing or self.effect or self.ratings)


NONE_FAILED = Misfits()


def hedged(claim: str, check: Check | None, leaning: str = "") -> str:
    """A claim that says which check its model failed; as it is where none did. Of the check-ins, what fails is told

    once, with how strain fades, and here only that it does and which way the figure then leans.
    """
    if check is None:
        return claim
    if not check.refuge:
        return f"{claim[:-1]}; a rough figure{leaning}, for the check-ins do not quite follow the model."
    return f"{claim[:-1]}, as far as the model goes: {check.where}."


def told_with_misfits(answer: Answer, misfits: Misfits) -> Answer:
    """An answer about all refuges that names those whose clock the model does not describe.

    Where none is, but the check-ins do not follow the model, it says that.
    """
    if not isinstance(answer, Finding):
        return answer
    clocks = [check for check in misfits.timing.values() if check.kind == CLOCK]
    if not clocks:
        return replace(
            answer,
            claim=hedged(answer.claim, misfits.course),
            detail={**answer.detail, **failed_detail(misfits.course)},
        )
    where = "; ".join(check.where.replace("it comes", f"“{check.refuge}” comes", 1) for check in clocks)
    claim = f"{answer.claim[:-1]}, as far as the model goes: {where}."
    return replace(answer, claim=claim, detail={**answer.detail, **failed_detail(clocks[0])})


def failed_detail(check: Check | None) -> dict[str, object]:
    """The failed check for the detail of an answer."""
    return {} if check is None else {"failed_check": check.kind, "p_value": check.p_value, "misfit": check.where}


def strain_at_acts(posterior: StrainPosterior) -> dict[str, float]:
    """Mean strain (steps above rest) on arriving at the acts of each refuge, along the most probable path."""
    data, problem = posterior.data, posterior.data.problem
    path = path_at(posterior.coordinates, posterior.mean).row[PATH]
    return {
        label: float(path[problem.event_knot[problem.event_process == k]].mean())
        for k, label in enumerate(data.refuges)
    }


def shown_by_ratings(timeline: Timeline, data: StrainData, label: str, direction: int) -> bool:
    """Whether the anchor's ratings around the events of a label move the way a size is claimed for them.

    The last rating before is set against the first one after, each within a day; with ten pairs or more their mean
    difference must lean that way by half its standard error. Without so many pairs nothing speaks against it.
    """
    events, ratings = timeline.events[label], timeline.ratings[data.anchor or ""]
    times = events.times[events.half_widths == 0.0]
    after = np.searchsorted(ratings.times, times, "right")
    inside = (after > 0) & (after < len(ratings.times))
    times, after = times[inside], after[inside]
    before = np.searchsorted(ratings.times, times, "left") - 1
    near = (before >= 0) & (ratings.times[after] - times < 1.0) & (times - ratings.times[np.maximum(before, 0)] < 1.0)
    change = (ratings.values[after[near]] - ratings.values[before[near]]) * ratings.item.worse_sign * direction
    if len(change) < FEWEST_PAIRS:
        return True
    return float(change.mean()) > 0.5 * float(change.std(ddof=1)) / math.sqrt(len(change))


def criticise(timeline: Timeline, posterior: StrainPosterior) -> tuple[Check, ...]:
    """Every check of a fit; those that fail at the level they share are marked so."""
    sight = Foresight(timeline, posterior)
    checks: list[Check | None] = []
    for k, label in enumerate(posterior.data.refuges):
        if len(sight.clock.act_days[k]) >= FEWEST_ACTS_CHECKED:
            vague = label in posterior.data.vague
            checks += [one(sight, k) for one in (checking_acts.ROUGHLY_TIMED if vague else checking_acts.ALL)]
    for item in range(len(posterior.data.items)):
        at = np.flatnonzero(sight.problem.read_item == item)
        if len(at) >= FEWEST_RATINGS_CHECKED:
            at = at[np.argsort(sight.clock.read_days[at], kind="stable")]
            checks += [one(sight, at) for one in checking_ratings.ALL]
    checks.append(checking_ratings.one_speed(sight))
    return _judged([one for one in checks if one is not None])


def failed_checks(timeline: Timeline, posterior: StrainPosterior) -> Misfits:
    """The failed checks of a fit, the worst of each sort."""
    failed = sorted((one for one in criticise(timeline, posterior) if one.failed), key=lambda one: -one.p_value)
    failed.sort(key=lambda one: one.kind != CLOCK)
    ratings = [one for one in failed if not one.refuge]
    course = [one for one in ratings if one.kind in COURSE_OF_STRAIN]
    return Misfits(
        {one.refuge: one for one in failed if one.refuge and one.kind != checking_acts.EFFECT},
        {one.refuge: one for one in failed if one.kind == checking_acts.EFFECT},
        next(iter([*reversed(course), *reversed(ratings)]), None),
    )


def _judged(checks: list[Check]) -> tuple[Check, ...]:
    """Holm's step-down: the smallest p-value against the level over all, the next against one fewer, and so on."""
    failed: set[int] = set()
    for rank, i in enumerate(sorted(range(len(checks)), key=lambda i: checks[i].p_value)):
        if checks[i].p_value > LEVEL_OF_ALL_CHECKS / (len(checks) - rank):
            break
        failed.add(i)
    return tuple(replace(one, failed=i in failed) for i, one in enumerate(checks))
