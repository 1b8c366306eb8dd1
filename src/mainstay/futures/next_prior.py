"""What other people's days say beforehand of one person's: a prior for the chance that something comes.

One logistic regression for all of them, with a level of each person's own (a mixed model, its levels normal; Breslow
and Clayton 1993): common weights, and how far people's levels lie apart. A new person begins there, with room to
differ, and their own days take over (empirical Bayes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mainstay.errors import BadRequest
from mainstay.futures.next_days import Days
from mainstay.futures.next_events import Prior, columns, targets_of
from mainstay.futures.next_known import BEFORE
from mainstay.futures.next_targets import Horizon
from mainstay.timeline.kinds import Floats

WEIGHT_SD, LEVEL_SD, LEAST_LEVEL_SD = 0.4, 1.5, 0.5
APART = 0.2
"""How far a person's own weight may lie from the common one (sd). Of other streams both hold for each by itself."""
WORTH_DAYS = 3.0
ROUNDS = 30
FEWEST_PEOPLE = 2


def learned(people: Sequence[Days], label: str, horizon: Horizon) -> Prior:
    """The prior from these people's days; refuses fewer than two. Leave out the person it is for."""
    if len(people) < FEWEST_PEOPLE:
        raise BadRequest(f"a prior is learned from at least {FEWEST_PEOPLE} other people, not {len(people)}")
    seen, came, whose, worth = [], [], [], []
    for k, days in enumerate(people):
        targets = targets_of(days, label, horizon)
        known = np.isfinite(targets.values)
        everything = columns(days, label, targets)[1]
        seen.append({name: values[known] for name, values in everything.items() if name != "level"})
        came.append(targets.values[known])
        whose.append(np.full(int(known.sum()), k))
        worth.append(np.full(int(known.sum()), 1.0 / targets.overlap))
    names = sorted({name for one in seen for name in one})
    x = np.concatenate(
        [
            np.stack([one.get(name, np.zeros(len(y))) for name in names], axis=1)
            for one, y in zip(seen, came, strict=True)
        ]
    )
    y, who, weight = np.concatenate(came), np.concatenate(whose), np.concatenate(worth)
    times = _times(names, seen)
    levels, common, spread, middle, apart = _fitted(x, y, who, weight, WEIGHT_SD * times)
    sds = {name: float(one) for name, one in zip(names, np.hypot(spread, APART * times), strict=True)}
    share = float(np.mean(1.0 / (1.0 + np.exp(-levels))))
    return Prior(
        {"level": middle} | {name: float(one) for name, one in zip(names, common, strict=True)},
        {"level": max(apart, LEAST_LEVEL_SD)} | sds,
        (WORTH_DAYS * (1.0 - share), WORTH_DAYS * share),
    )


def _times(names: Sequence[str], seen: Sequence[Mapping[str, Floats]]) -> Floats:
    """What each weight's sd is multiplied by (columns,): some columns are divided by the root of their number."""
    streams = float(np.mean([sum(name.startswith(BEFORE) for name in one) for one in seen]))
    return np.array([np.sqrt(max(streams, 1.0)) if name.startswith(BEFORE) else 1.0 for name in names])


def _fitted(
    x: Floats, y: Floats, who: np.ndarray, weight: Floats, sds: Floats
) -> tuple[Floats, Floats, Floats, float, float]:
    """Levels (people,), common weights (columns,) and their sds, the middle of the levels and their sd."""
    p, people = x.shape[1], int(who.max()) + 1
    design = np.concatenate([(who[:, None] == np.arange(people)).astype(float), x], axis=1)
    at, middle, apart = np.zeros(people + p), -1.5, LEVEL_SD
    at[:people] = middle
    cov = np.eye(people + p)
    for _ in range(ROUNDS):
        before = np.concatenate([np.full(people, middle), np.zeros(p)])
        sure = np.concatenate([np.full(people, apart**-2.0), sds**-2.0])
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ at, -30.0, 30.0)))
        bend = weight * chance * (1.0 - chance)
        cov = np.linalg.inv((design * bend[:, None]).T @ design + np.diag(sure))
        step = cov @ (design.T @ (weight * (y - chance)) - sure * (at - before))
        at = at + np.clip(step, -1.0, 1.0)
        middle = float(at[:people].mean())
        apart = float(np.sqrt(np.mean((at[:people] - middle) ** 2 + np.diag(cov)[:people])))
        if np.abs(step).max() < 1e-6:
            break
    return at[:people], at[people:], np.sqrt(np.diag(cov)[people:]), middle, apart
