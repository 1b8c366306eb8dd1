"""Simulated trials: answers that swing, drift and go missing, under an order that was drawn; and what is counted."""

from __future__ import annotations

from datetime import date

import numpy as np

from mainstay.records.statements_protocol import Arm, DesignTable, OutcomeTable, ProtocolFile, StoppingTable
from mainstay.trials.effect_model import exposures
from mainstay.trials.kinds import Observed, Schedule

MONDAY = date(2026, 1, 5)
NONE = np.zeros(0)


def with_arms(arms, names=("usual", "walk")) -> Schedule:
    """A schedule with these arms by day, in blocks of two."""
    arm = np.asarray(arms, np.int64)
    days = np.arange(len(arm))
    return Schedule(MONDAY, names, arm, arm.copy(), days, days // 2)


def protocol(kind="blocks", days=60, *, matters=0.5, benefit=True, futility=False, harm=None, **design) -> ProtocolFile:
    """A protocol of two arms in which low answers are better."""
    return ProtocolFile(
        name="walk",
        question="Does a walk ease the evening?",
        start=MONDAY,
        arm=(Arm(name="usual"), Arm(name="walk")),
        design=DesignTable(kind=kind, days=days, **design),
        outcome=OutcomeTable(item="tense", better="low"),
        matters=matters,
        stopping=StoppingTable(benefit=benefit, futility=futility, harm=harm),
    )


def wandering(rng, n, persistence):
    """An autoregressive series (n,) of unit variance."""
    shocks = rng.normal(size=n)
    series = np.empty(n)
    series[0] = shocks[0]
    for i in range(1, n):
        series[i] = persistence * series[i - 1] + np.sqrt(1.0 - persistence**2) * shocks[i]
    return series


def observed(
    rng, schedule, *, swings=0.0, effect=0.0, trend=0.0, missing=0.0, after_bad=0.0, half_life=0.0, before=0, given=None
) -> Observed:
    """One answer a day: swings of unit variance, `trend` over the whole, `missing` at random, `after_bad`: on the day
    after an answer in the worst third. `before`: days of answers before the start.
    """
    if given is not None:
        return Observed(*given, "points", -1, None, None, NONE, NONE)
    days = schedule.days
    life = 5.0 + wandering(rng, before + days, swings)
    y = life[before:] + trend * np.arange(days) / days
    y += effect * exposures(schedule, np.arange(days) + 0.5, half_life)[:, 0]
    kept = rng.random(days) >= missing
    if after_bad:
        kept[1:] &= ~((y[:-1] > np.quantile(y, 2.0 / 3.0)) & (rng.random(days - 1) < after_bad))
    return Observed(
        np.flatnonzero(kept) + 0.5, y[kept], "points", -1, None, None, np.arange(-before, 0) + 0.5, life[:before]
    )
