"""Relief beside comparable moments (S12): ratings after an act against those after like moments without it.

People seek relief at the peak, and peaks pass by themselves; so each act is set beside moments of the same person with
the same strain foreseen from the past alone, at the same hour, in the same role, after a like day
(`comparable_moments`). What follows is compared by the mean rating of the anchor, what later acts ease put back, less
what strain, the day before, the date and the hours since foretell by a regression over the moments without the act
(bias-corrected matching; Abadie and Imbens 2011). Its variance is that of the sums by week, for what is near in time
hangs together, and what the parameters of strain leave open is added to it.

The same sums by lag say how long relief lasts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mainstay.errors import BadRequest
from mainstay.patterns.comparable_moments import (
    Answers,
    Known,
    Matched,
    Moments,
    Told,
    answers_of,
    matched,
    moments_beside,
    told,
)
from mainstay.patterns.comparable_strain import SEED, Eased, Foreseen, by_the_draws, eased
from mainstay.quantities import CannotSay, Interval
from mainstay.strain.exposure import once
from mainstay.strain.judge import LEVEL, Z90
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Floats, Timeline

METHOD = (
    "comparable moments: strain foreseen from the past alone, hour, role, weekend or not, and the day before alike; "
    "difference by regression over the moments without the act; variance by week"
)
AT_ONCE = (0.0, 6.0)
LAGS = ((0.0, 3.0), (3.0, 6.0), (6.0, 12.0), (12.0, 24.0), (24.0, 48.0))
"""Hours after the act."""

FEWEST_MATCHED = 10
FEWEST_WEEKS = 6
SMALL_RIDGE = 1e-3
LONGEST_HALF_LIFE_HOURS = 240.0
SHORTEST_HALF_LIFE_HOURS = 1.0


@dataclass(frozen=True, slots=True)
class Difference:
    """Ratings after acts less ratings after comparable moments, in points towards worse: below 0 it eases.

    From `from_hours` to `to_hours`, on the average `hours` after; `acts` that had comparable moments, on `days` other
    days; `followed_acts`, `followed_moments`: the shares in whose window another act came. `model`: mean and sd of what
    the strain model says of the same acts and hours, where it has this refuge.
    """

    from_hours: float
    to_hours: float
    points: float
    sd: float
    interval: Interval
    acts: int
    days: int
    hours: float
    followed_acts: float
    followed_moments: float
    model: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Lasting:
    """The half-life of relief as the lags have it, in hours; an end of the interval is None where nothing bounds it."""

    hours: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One label beside comparable moments: at once (within six hours), by lag, and by the other items at once.

    `lasting`: where it eases at once. `acts`: known to the hour, after the first day; `balance`: by covariate,
    standardised differences of acts from all moments of the same hours and roles, and from those chosen.
    """

    label: str
    acts: int
    at_once: Difference
    lags: tuple[Difference, ...]
    balance: dict[str, tuple[float, float]]
    lasting: Lasting | None
    others: dict[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """A difference with what each week (w,) adds to it, and the covariates' balance."""

    difference: Difference
    by_week: Floats
    balance: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """A label's moments, with the forward passes at the mode and at draws, and strain there in each."""

    fitted: StrainPosterior
    moments: Moments
    passes: tuple[Foreseen, ...]
    strains: tuple[Known, ...]
    lasting: Eased
    answers: dict[str, Answers]


def compare(timeline: Timeline, fitted: StrainPosterior, labels: Sequence[str]) -> dict[str, Comparison | CannotSay]:
    """The events of each label beside comparable moments. `fitted`: of the same timeline.

    Refuses labels that are not on record; says so where there are no check-ins, or too few acts with such moments.
    """
    missing = [label for label in labels if label not in timeline.events]
    if missing:
        raise BadRequest(
            f"the record has no event {missing[0]!r}; the events in it: {', '.join(sorted(timeline.events))}"
        )
    anchor = fitted.data.anchor
    if anchor is None:
        why = "without check-ins nothing shows what followed an act, or other moments"
        return {label: CannotSay(why, about=label, method=METHOD) for label in labels}
    timeline = once(timeline)
    passes = by_the_draws(fitted)
    lasting = eased(fitted, passes[0])
    answers = {name: answers_of(fitted, passes[0], timeline.ratings[name], lasting) for name in fitted.data.items}

    def scene(label: str) -> _Scene:
        moments = moments_beside(timeline, fitted, passes[0], label)
        return _Scene(fitted, moments, passes, _strains(fitted, moments, passes), lasting, answers)

    return {label: _compared(scene(label), label, anchor) for label in labels}


def _compared(scene: _Scene, label: str, anchor: str) -> Comparison | CannotSay:
    moments = scene.moments

    def at(item: str, window: tuple[float, float]) -> _Sums | int:
        return _difference(scene, item, window)

    now = at(anchor, AT_ONCE)
    if isinstance(now, int):
        return CannotSay(
            f"too few occasions of “{label}” have check-ins soon after them and comparable moments without it",
            have=now,
            need=FEWEST_MATCHED,
            unit="times",
            about=label,
            n=len(moments.acts),
            method=METHOD,
            would_change=f"check-ins within six hours of “{label}”, and at like times without it",
        )
    lags = [one for window in LAGS if isinstance(one := at(anchor, window), _Sums)]
    besides = {name: at(name, AT_ONCE) for name in scene.answers if name != anchor}
    return Comparison(
        label=label,
        acts=len(moments.acts),
        at_once=now.difference,
        lags=tuple(one.difference for one in lags),
        balance=now.balance,
        lasting=_lasting(lags) if now.difference.interval.high < 0.0 else None,
        others={name: one.difference for name, one in besides.items() if isinstance(one, _Sums)},
    )


def _strains(fitted: StrainPosterior, moments: Moments, passes: tuple[Foreseen, ...]) -> tuple[Known, ...]:
    """Strain on arriving at acts and candidates, in steps, in each pass with its own pull.

    The pull of an event that is no refuge of the fit is spread as its own likelihood has it.
    """
    if moments.label in fitted.data.refuges:
        k = fitted.data.refuges.index(moments.label)
        pulls = [float(one.pull[k]) for one in passes]
    else:
        mean, sd = moments.pull
        pulls = [mean, *(mean + sd * np.random.default_rng(SEED).standard_normal(len(passes) - 1)).tolist()]
    at, beside = moments.at_acts, moments.at_others
    return tuple(
        Known(at.read(one.mean) + pull * at.read(one.variance), beside.read(one.mean))
        for one, pull in zip(passes, pulls, strict=True)
    )


def _difference(scene: _Scene, item: str, window: tuple[float, float]) -> _Sums | int:
    """The difference in a window, or how many acts it could be taken from where these are too few."""
    moments, answers = scene.moments, scene.answers[item]
    after = told(answers, moments.acts, moments.next_act, window, scene.lasting)
    beside = told(answers, moments.others, moments.next_other, window, scene.lasting)
    pairs = matched(moments, after, beside)
    held = len(np.unique(moments.week_act[pairs.acts]))
    if len(pairs.acts) < FEWEST_MATCHED or held < FEWEST_WEEKS:
        return len(pairs.acts)
    slopes, points, of_act, of_other = _regressed(*_rows(moments, pairs, after, beside))
    weeks = 1 + int(max(moments.week_act.max(), moments.week_other.max()))
    by_week: Floats = np.bincount(moments.week_act[pairs.acts], of_act, weeks).astype(np.float64)
    by_week -= np.bincount(moments.week_other[pairs.others].ravel(), of_other, weeks)
    moved = [float(np.subtract(*pairs.mean(one))) for one in scene.strains]
    fewer = held / (held - 1) * len(pairs.acts) / max(len(pairs.acts) - len(slopes), 1)
    variance = float(by_week @ by_week) * fewer + (float(np.std(moved[1:])) * slopes[0]) ** 2
    # a t distribution's quantile, by its expansion about the normal one
    reach = math.sqrt(variance) * (Z90 + (Z90**3 + Z90) / (4.0 * (held - 1)))
    chosen = pairs.others[pairs.weights > 0.0]
    return _Sums(
        Difference(
            from_hours=window[0],
            to_hours=window[1],
            points=points,
            sd=math.sqrt(variance),
            interval=Interval(points - reach, points + reach, LEVEL),
            acts=len(pairs.acts),
            days=len(np.unique(np.floor(moments.others[chosen]))),
            hours=float(after.hours[pairs.acts].mean()),
            followed_acts=float(after.followed[pairs.acts].mean()),
            followed_moments=float(beside.followed[chosen].mean()),
            model=_by_the_model(scene, pairs, after.hours) if item == scene.fitted.data.anchor else None,
        ),
        by_week,
        {name: _balance(one, pairs) for name, one in moments.known.items()},
    )


def _rows(moments: Moments, pairs: Matched, after: Told, beside: Told) -> tuple[Floats, Floats, Floats]:
    """Rows of acts (n, 1 + p) and candidates (n b, 1 + p): points, covariates, hours since; what the latter weigh."""
    act = [after.points, *(one.acts for one in moments.known.values()), after.hours]
    other = [beside.points, *(one.others for one in moments.known.values()), beside.hours]
    weights = pairs.weights.ravel()
    rows = np.stack([one[pairs.others.ravel()] for one in other], axis=1)
    rows[weights == 0.0] = 0.0
    return np.stack([one[pairs.acts] for one in act], axis=1), rows, weights


def _regressed(act: Floats, other: Floats, weights: Floats) -> tuple[Floats, float, Floats, Floats]:
    """Slopes (p,), the difference, and what each act (n,) and each candidate (n b,) adds to its deviation."""
    centre, mean = weights @ other, act.mean(axis=0)
    apart = other - centre
    scale = np.sqrt(np.maximum(weights @ apart[:, 1:] ** 2, 1e-12))
    x = apart[:, 1:] / scale
    within = (x * weights[:, None]).T @ x + SMALL_RIDGE * np.eye(len(scale))
    slopes = np.linalg.solve(within, x.T @ (weights * apart[:, 0]))
    lean = (mean - centre)[1:] / scale
    points = float((mean - centre)[0] - lean @ slopes)
    left = act - mean
    of_act = (left[:, 0] - (left[:, 1:] / scale) @ slopes) / len(act)
    of_other = weights * (1.0 + x @ np.linalg.solve(within, lean)) * (apart[:, 0] - x @ slopes)
    return slopes / scale, points, of_act, of_other


def _by_the_model(scene: _Scene, pairs: Matched, hours: Floats) -> tuple[float, float] | None:
    """What the model says these acts take away, by the hours of their ratings, in points; mean and sd over draws."""
    data, moments = scene.fitted.data, scene.moments
    if moments.label not in data.refuges:
        return None
    k = data.refuges.index(moments.label)
    at, since = moments.at_acts.interval[pairs.acts], hours[pairs.acts] / 24.0
    eased = [
        -data.unit * float((one.share[k, at] * strain.acts[pairs.acts] * np.exp(-one.rate * since)).mean())
        for one, strain in zip(scene.passes, scene.strains, strict=True)
    ]
    return eased[0], float(np.std(eased[1:]))


def _balance(known: Known, pairs: Matched) -> tuple[float, float]:
    """Standardised differences of the acts from all candidates and from those chosen."""
    spread = max(float(known.others.std()), 1e-9)
    acts, chosen = pairs.mean(known)
    return (acts - float(known.others.mean())) / spread, (acts - chosen) / spread


def _lasting(lags: list[_Sums]) -> Lasting | None:
    """The half-life that fits the lags best: least squares under the lags' covariance.

    Its 90 % interval holds what fits worse by less than 2.7; an end that reaches the longest or shortest tried is None.
    """
    if len(lags) < 3:
        return None
    points = np.array([one.difference.points for one in lags])
    hours = np.array([one.difference.hours for one in lags])
    sums = np.array([one.by_week for one in lags])
    covariance = sums @ sums.T + np.diag([one.difference.sd**2 - float(one.by_week @ one.by_week) for one in lags])
    weight = np.linalg.inv(covariance)
    tried = np.geomspace(SHORTEST_HALF_LIFE_HOURS, LONGEST_HALF_LIFE_HOURS, 120)
    shapes = np.exp(-math.log(2.0) * hours / tried[:, None])
    along = np.minimum(shapes @ weight @ points, 0.0)
    misfit = points @ weight @ points - along**2 / np.einsum("hl,lm,hm->h", shapes, weight, shapes)
    best = int(misfit.argmin())
    near = np.flatnonzero(misfit <= misfit[best] + Z90**2)
    return Lasting(
        float(tried[best]),
        float(tried[near[0]]) if near[0] > 0 else None,
        float(tried[near[-1]]) if near[-1] < len(tried) - 1 else None,
    )
