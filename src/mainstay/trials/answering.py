"""The chapter for one person: how each trial was lived (S21), and what it showed (S22)."""

from __future__ import annotations

import numpy as np

from mainstay.quantities import Answer, CannotSay
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline
from mainstay.trials.adherence import adherence_answer
from mainstay.trials.claims import Tried, recovery_answers, relief_answers
from mainstay.trials.claims_seeking import seeking
from mainstay.trials.designs import DesignSpace
from mainstay.trials.kinds import Observed
from mainstay.trials.observing import observed_each
from mainstay.trials.sealing import trials_of
from mainstay.trials.standing import Standing, stands

SEED = 22
"""What is compared with is drawn by lot: the same records must tell the same story."""


def answers(timeline: Timeline, fitted: StrainPosterior | CannotSay) -> tuple[Answer, ...]:
    """Rows S21 and S22 of every trial that has begun. `fitted`: of the same timeline."""
    begun = [one for one in trials_of(timeline) if one.begun is not None]
    return tuple(answer for one in begun for answer in answers_of(timeline, stands(timeline, one), fitted))


def answers_of(
    timeline: Timeline, standing: Standing, fitted: StrainPosterior | CannotSay | None = None
) -> tuple[Answer, ...]:
    """Rows S21 and S22 of one trial, the claim that its plan asks for before the other.

    `fitted`: of the same timeline; without it, it is fitted where it is needed.
    """
    trial, tried = standing.trial, tried_in(timeline, standing)
    lived = () if standing.adherence is None else (adherence_answer(trial, standing.adherence),)
    if isinstance(tried, CannotSay):
        return (*lived, tried)
    rng = np.random.default_rng(SEED)
    relief = relief_answers(tried, rng=rng)
    recovery = recovery_answers(tried, seeking(timeline, trial, fitted), rng=rng)
    asked_first = (recovery, relief) if trial.protocol.says.outcome.claim == "recovery" else (relief, recovery)
    return (*lived, *asked_first[0], *asked_first[1])


def tried_in(timeline: Timeline, standing: Standing) -> Tried | CannotSay:
    """A trial as far as it was lived, with what was observed; or why nothing was."""
    trial, seen = standing.trial, standing.observed
    if trial.schedule is None or not isinstance(trial.space, DesignSpace):
        why = "; ".join(trial.wrong) or "its days are not drawn yet"
        return CannotSay(why, row="S22", about=trial.name, quantity="what the trial showed")
    if isinstance(seen, CannotSay):
        return seen
    if trial.broken:
        return CannotSay(
            f"its seal does not hold: {'; '.join(trial.broken)}", row="S22", about=trial.name,
            quantity="what the trial showed", would_change="a new trial, sealed before its first day",
        )  # fmt: skip
    over, done = standing.days >= trial.schedule.days, standing.adherence
    beside = observed_each(timeline, trial)[1:]
    unseen = next((one for one in beside if isinstance(one, CannotSay)), None)
    if unseen is not None:
        return unseen
    others = tuple(zip(trial.schedules[1:], (one for one in beside if isinstance(one, Observed)), strict=True))
    seeded = ("the seed of the drawing stood in the plan",) if trial.protocol.says.design.seed is not None else ()
    return Tried(
        trial.protocol.says, trial.space, trial.schedule, seen, standing.days, over,
        ended=not over and not trial.is_open, beside=others,
        kept=0 if done is None else done.count("kept"), written=0 if done is None else done.written,
        doubts=(*trial.wrong, *seeded),
    )  # fmt: skip
