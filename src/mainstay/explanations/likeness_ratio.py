"""How much likelier the last weeks are if such a stretch is back than if it is not: a ratio, feature by feature.

For each feature j the weeks are regressed on a level, a trend, the season where it can be seen, each past stretch (K)
and the weeks asked about, with errors that hang together in time (`numerics.ou_regression`). That gives shifts
d (K) and n with covariance V. With u ~ N(0, s^2) what such stretches have in common, w ~ N(0, (s/3)^2) what each has of
its own, and s one of `WIDTHS` (half of the weight on 0: most streams do not differ),

    like:      d_k = u + w_k,  n = u + w_0
    ordinary:  d_k = u + w_k,  n = 0
    otherwise: d_k = u + w_k,  n with a u and w of its own

each is a mixture of normals. What several features say in common counts once: their log ratios are summed and taken to
the power (effective number of features) / (number), a composite likelihood (Varin, Reid and Firth 2011). The ratio is
of "like" against "ordinary" and "otherwise", half each: out of the ordinary is not yet like then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.explanations.likeness_weeks import LifeByWeeks
from mainstay.notice.usual import SEASON_DAYS
from mainstay.numerics.ou_regression import ou_regression
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.timeline.kinds import Floats

Weeks = NDArray[np.bool_]
WIDTHS = np.array([0.5, 1.0, 2.0])
"""How far a stretch may differ from ordinary time, in ordinary swings from week to week."""
NOTHING = 0.5
OF_ITS_OWN = 1.0 / 3.0
FEWEST_ORDINARY = 12
FEWEST_WEEKS = 2
LARGEST_LOG = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Shifts:
    """By feature: shifts (features, K + 1), their covariances (features, K + 1, K + 1), the last for now; `which`: its
    number. `effective`: how many independent features they are worth.
    """

    means: Floats
    covariances: Floats
    which: tuple[int, ...]
    effective: float


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """The log likelihood ratio of "like then" and what each feature adds to it (features,).

    `low`, `high`: its least and greatest when the widths are halved or doubled, or a stream is left out.
    `over_ordinary`: against ordinary time alone. `otherwise`: of "different in another way" against ordinary time.
    """

    log: float
    low: float
    high: float
    by_feature: Floats
    over_ordinary: float
    otherwise: float
    shifts: Shifts


def shifts_of(life: LifeByWeeks, stretches: Sequence[Weeks], asked: Weeks, ordinary: Weeks) -> Shifts | None:
    """How each feature stood in each stretch, and in the weeks asked about, against ordinary time. None: too little."""
    cells = [*stretches, asked]
    means, covariances, which, rests = [], [], [], []
    for j, feature in enumerate(life.features):
        known = np.isfinite(feature.values)
        least = [min(FEWEST_WEEKS, int(cell.sum())) for cell in cells]
        seen = [int((cell & known).sum()) for cell in cells]
        if int((ordinary & known).sum()) < FEWEST_ORDINARY or any(a < b for a, b in zip(seen, least, strict=True)):
            continue
        rows = known & (ordinary | np.logical_or.reduce(cells))
        design = np.column_stack([_time_columns(life.middles)[rows], *(cell[rows].astype(float) for cell in cells)])
        if np.linalg.matrix_rank(design) < design.shape[1]:
            continue
        fit = ou_regression(life.middles[rows], feature.values[rows], design)
        at = slice(design.shape[1] - len(cells), design.shape[1])
        means.append(fit.coefficients[at])
        covariances.append(fit.covariance[at, at])
        rest = np.full(len(known), np.nan)
        rest[rows] = feature.values[rows] - design @ fit.coefficients
        rests.append(rest)
        which.append(j)
    if not which:
        return None
    return Shifts(np.array(means), np.array(covariances), tuple(which), _effective(np.array(rests)))


def _time_columns(middles: Floats) -> Floats:
    """Level, trend and, over a year and a half or more, the season."""
    middle, span = 0.5 * (middles[0] + middles[-1]), max(middles[-1] - middles[0], 1.0)
    columns = [np.ones(len(middles)), (middles - middle) / span]
    if span >= SEASON_DAYS:
        turn = 2.0 * np.pi * middles / DAYS_PER_YEAR
        columns += [np.sin(turn), np.cos(turn)]
    return np.column_stack(columns)


def _effective(rests: Floats) -> float:
    """How many independent features these (features, weeks) are worth: p^2 over the sum of squared correlations."""
    p = len(rests)
    known = np.isfinite(rests)
    scaled = np.where(known, rests, 0.0)
    scaled /= np.maximum(np.sqrt((scaled**2).sum(axis=1) / np.maximum(known.sum(axis=1), 1)), 1e-12)[:, None]
    both = np.maximum((known[:, None] & known[None]).sum(axis=2), 1)
    squares = (scaled @ scaled.T / both) ** 2 - 1.0 / both
    np.fill_diagonal(squares, 0.0)
    return p * p / (p + max(float(squares.sum()), 0.0))


def ratio_of(life: LifeByWeeks, stretches: Sequence[Weeks], asked: Weeks, ordinary: Weeks) -> Ratio | None:
    """The ratio for the weeks asked about. None where no feature is known in every stretch and in these weeks."""
    shifts = shifts_of(life, stretches, asked, ordinary)
    if shifts is None:
        return None
    by_hypothesis = _log_likelihoods(shifts, WIDTHS)
    log, by_feature = _joined(by_hypothesis, shifts.effective)
    streams = [life.features[j].stream for j in shifts.which]
    others = [_joined(_log_likelihoods(shifts, WIDTHS * times), shifts.effective)[0] for times in (0.5, 2.0)]
    for stream in dict.fromkeys(streams):
        keep = np.array([one != stream for one in streams])
        if keep.any():
            others.append(_joined(by_hypothesis[:, keep], shifts.effective * float(keep.mean()))[0])
    power = shifts.effective / len(streams)
    like, ordinary, otherwise = power * by_hypothesis.sum(axis=1)
    return Ratio(
        log,
        min(log, *others),
        max(log, *others),
        by_feature,
        float(like - ordinary),
        float(otherwise - ordinary),
        shifts,
    )


def _joined(by_hypothesis: Floats, effective: float) -> tuple[float, Floats]:
    """The log ratio over all features (3, features), and what each adds."""
    power = effective / by_hypothesis.shape[1]
    like, ordinary, otherwise = power * by_hypothesis.sum(axis=1)
    against = np.logaddexp(ordinary, otherwise) - np.log(2.0)
    weight = 1.0 / (1.0 + np.exp(np.clip(otherwise - ordinary, -LARGEST_LOG, LARGEST_LOG)))
    by_feature = power * (by_hypothesis[0] - weight * by_hypothesis[1] - (1.0 - weight) * by_hypothesis[2])
    return float(np.clip(like - against, -LARGEST_LOG, LARGEST_LOG)), by_feature


def _log_likelihoods(shifts: Shifts, widths: Floats) -> Floats:
    """The log likelihood of each feature's shifts if like then, ordinary, or different in another way (3, features)."""
    k = shifts.means.shape[1] - 1
    sizes = np.concatenate([[0.0], widths]) ** 2
    weights = np.concatenate([[NOTHING], np.full(len(widths), (1.0 - NOTHING) / len(widths))])
    stretches = np.zeros((k + 1, k + 1))
    stretches[:k, :k] = 1.0 + OF_ITS_OWN**2 * np.eye(k)
    now = np.zeros((k + 1, k + 1))
    now[k, k] = 1.0 + OF_ITS_OWN**2
    like = np.ones((k + 1, k + 1)) + OF_ITS_OWN**2 * np.eye(k + 1)
    found = [
        _mixed([_normal(shifts, s * like) for s in sizes], weights),
        _mixed([_normal(shifts, s * stretches) for s in sizes], weights),
        _mixed(
            [_normal(shifts, s * stretches + t * now) for s in sizes for t in sizes],
            np.outer(weights, weights).ravel(),
        ),
    ]
    return np.array(found)


def _mixed(logs: list[Floats], weights: Floats) -> Floats:
    table = np.array(logs) + np.log(weights)[:, None]
    most = table.max(axis=0)
    mixed: Floats = most + np.log(np.exp(table - most).sum(axis=0))
    return mixed


def _normal(shifts: Shifts, prior: Floats) -> Floats:
    """The log density of each feature's shifts under N(0, V + prior), without the constant."""
    total = shifts.covariances + prior
    solved = np.linalg.solve(total, shifts.means[..., None])[..., 0]
    logs: Floats = -0.5 * ((shifts.means * solved).sum(axis=1) + np.linalg.slogdet(total)[1])
    return logs
