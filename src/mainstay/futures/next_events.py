"""Whether something comes tomorrow, and whether within a week: a chance for each day on record and the next.

Ours is a mixture of forecasters, weighted by what they said of what came (`mainstay.futures.blend`; dynamic model
averaging for binary outcomes, McCormick and others 2012): the person's base rate; how often it came lately; what
followed a day with one and a day without; and logistic regressions, updated day by day, on how often it came over days
and over weeks (what has come makes more of it likelier, or less), how long ago the last was, the weekday, and the day
before: ratings, signals, sleep, other events. All weights of a regression are drawn to a prior: weak and about nothing
for a person alone, or learned from *other* people (`mainstay.futures.next_prior`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mainstay.futures import baselines
from mainstay.futures.blend import mixed, weights
from mainstay.futures.next_days import Days
from mainstay.futures.next_known import BEFORE, standing_of_days
from mainstay.futures.next_scale import Scale
from mainstay.futures.next_targets import WEEK, Horizon, Targets, of_days
from mainstay.timeline.kinds import Floats

YES_OR_NO = Scale(np.array([-0.5, 0.5, 1.5]), np.array([0.0, 1.0]), True)
PSEUDO = np.array([0.6, 0.4])
"""So much of a day without and with is seen beforehand."""
EVER = float("inf")
HALF_LIVES = (4.0, 14.0, 45.0)
FAST_DAYS, SLOW_DAYS = 2.0, 12.0
LONGEST_SINCE = 60.0
SHARES = {
    "day": {
        "base rate": 2.0, "lately": 1.0, "after yesterday": 1.0, "own history": 2.0, "forgetting": 1.0,
        "everything": 2.0,
    },
    "week": {"base rate": 2.0, "lately": 3.0, "after yesterday": 0.5, "own history": 0.5, "forgetting": 0.5},
}  # fmt: skip
"""Before anything is seen. Weeks that overlap teach a regression little: there it is trusted less, and days more."""
KEEP = 0.995
MOST_LOGIT = 5.0
USUAL_LEVEL = {"day": -1.5, "week": 0.0}
WIDE, USUAL, TOGETHER = 1.5, 0.5, 0.5
"""Prior sds of a regression's weights: its level, each own column, and all columns of the day before together."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Means and sds of weights by column, where others told them; the rest have the weak default.

    `rate`: pseudo-days without and with one, for the base rates.
    """

    means: Mapping[str, float] = field(default_factory=dict)
    sds: Mapping[str, float] = field(default_factory=dict)
    rate: tuple[float, float] = (float(PSEUDO[0]), float(PSEUDO[1]))


WEAK = Prior()


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """Forecasts of one label: `chances` (n,) by forecaster, "ours" and "base rate" among them; `weights` of ours.

    `sd`: of the logit of our last chance: how well the weights of its regression are known, and how far the forecasters
    lie apart.
    """

    label: str
    targets: Targets
    chances: Mapping[str, Floats]
    weights: Mapping[str, Floats]
    sd: float

    def scores(self, which: str) -> Floats:
        """Log scores (n,) of a forecaster, NaN where the day can't be told."""
        return YES_OR_NO.log_scores(_both(self.chances[which]), self.targets.values)


def _both(chance: Floats) -> Floats:
    return np.stack([1.0 - chance, chance], axis=1)


def targets_of(days: Days, label: str, horizon: Horizon) -> Targets:
    """Whether it came (1) or not (0) on each day, or in seven days from each on; NaN where too little was recorded."""
    came = days.happened(label)
    one = of_days(days, came)
    if horizon == "day":
        return one
    n = days.count + 1
    week = np.full(n, np.nan)
    whole = max(days.count - WEEK + 1, 0)
    if whole:
        windows = np.lib.stride_tricks.sliding_window_view(came, WEEK)
        # a sum of NaN is NaN: a week with a day that can't be told can't be told either
        week[:whole] = np.minimum(windows.sum(axis=1), 1.0)
    nothing = np.zeros(n, np.int64)
    return Targets("week", one.made, one.made + WEEK, week, nothing, nothing, np.zeros(n))


def foretell(days: Days, label: str, horizon: Horizon, *, prior: Prior = WEAK, plain: bool = False) -> Risk:
    """All forecasts of one label, each from its past only; `plain`: with all baselines beside ours."""
    targets = targets_of(days, label, horizon)
    pseudo = np.array(prior.rate)
    nothing = np.zeros(len(targets.made), np.int64)

    def remembered(classes: np.ndarray, half_lives: tuple[float, ...] = (EVER,)) -> Floats:
        return baselines.remembered(YES_OR_NO, targets, classes, half_lives, before=pseudo)

    still, lately = remembered(nothing), remembered(nothing, HALF_LIVES)
    if horizon == "day":
        still = np.concatenate([still, remembered(targets.weekday)])
    else:
        by_day = targets_of(days, label, "day")
        still, lately = (
            np.concatenate([one, _over_a_week(by_day, two, pseudo)])
            for one, two in ((still, (EVER,)), (lately, HALF_LIVES))
        )
    own, everything = columns(days, label, targets)
    found = {
        "base rate": _blend(targets, still)[0][:, 1],
        "lately": _blend(targets, lately)[0][:, 1],
        "after yesterday": remembered(_yesterday(days, label))[0][:, 1],
        "forgetting": logistic(own, targets, prior, keep=KEEP)[0],
    }
    found["own history"], sds = logistic(own, targets, prior)
    if horizon == "day":
        found["everything"] = logistic(everything, targets, prior)[0]
    first = SHARES[horizon]
    names = [name for name in first if name in found]
    shares = np.array([first[name] for name in names])
    ours, by = _blend(targets, np.stack([_both(found[name]) for name in names]), shares)
    found["ours"] = ours[:, 1]
    if plain:
        found |= _plain(days, label, targets, prior)
    sd = _spread(np.array([found[name][-1] for name in names]), by[:, -1], float(sds[-1]))
    return Risk(label, targets, found, dict(zip(names, by, strict=True)), sd)


def _spread(chances: Floats, by: Floats, within: float) -> float:
    """The sd of the logit: within a forecaster, and between forecasters (k,) by their weights (k,)."""
    logits = np.log(chances / (1.0 - chances))
    middle = float(by @ logits)
    return float(np.sqrt(within**2 + by @ (logits - middle) ** 2))


def _blend(targets: Targets, chances: Floats, shares: Floats | None = None) -> tuple[Floats, Floats]:
    scores = np.stack([YES_OR_NO.log_scores(one, targets.values) for one in chances])
    first = np.ones(len(chances)) if shares is None else shares
    by = weights(scores, targets.made, targets.due, first, overlap=targets.overlap)
    return mixed(chances, by), by


def _over_a_week(by_day: Targets, half_lives: tuple[float, ...], pseudo: Floats) -> Floats:
    """Forecasts (half-lives, n, 2) for a week from how often it came by day, each day taken alike and apart."""
    nothing = np.zeros(len(by_day.made), np.int64)
    daily = baselines.remembered(YES_OR_NO, by_day, nothing, half_lives, before=pseudo)
    without = daily[..., 0] ** WEEK
    both: Floats = np.stack([without, 1.0 - without], axis=-1)
    return both


def _yesterday(days: Days, label: str) -> np.ndarray:
    """By day (count + 1,): 0 where the day before had none, 1 where it had one, 2 where that can't be told."""
    before = np.concatenate([[np.nan], days.happened(label)])
    return np.where(np.isnan(before), 2, before).astype(np.int64)


def columns(days: Days, label: str, targets: Targets) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """What a regression sees when a day begins, by name (n,): the label's own past, and with the day before besides."""
    came, count = days.happened(label), days.events[label]
    own = _history(came, count)
    if targets.horizon == "day":
        own |= {f"weekday {k}": 0.5 * ((targets.weekday == k) - 1.0 / 7.0) for k in range(7)}
    return own, own | standing_of_days(days, "", label)


def _history(came: Floats, count: Floats) -> dict[str, Floats]:
    """How often it came lately, against ever before, on the logit scale; how many yesterday; how long ago the last."""
    n = len(came) + 1
    out = {name: np.zeros(n) for name in ("level", "fast", "slow", "number", "since")}
    out["level"][:] = 1.0
    ever, known, since = 0.3, 1.0, 0.0
    held, worth = np.zeros(2), np.zeros(2)
    fade = 0.5 ** (1.0 / np.array([FAST_DAYS, SLOW_DAYS]))
    lead = np.array([2.0, 4.0])
    for d in range(n):
        usual = ever / known
        lately = (held + lead * usual) / (worth + lead)
        gap = np.log(lately / (1.0 - lately)) - np.log(usual / (1.0 - usual))
        out["fast"][d], out["slow"][d] = np.clip(gap, -2.0, 2.0)
        out["since"][d] = (np.log1p(min(since, LONGEST_SINCE)) - np.log1p(min(1.0 / usual, LONGEST_SINCE))) / 2.0
        if d == n - 1:
            break
        out["number"][d + 1] = max(np.log2(max(count[d], 1.0)), 0.0)
        held, worth = held * fade, worth * fade
        since += 1.0
        if np.isfinite(came[d]):
            held, worth = held + came[d], worth + 1.0
            ever, known = ever + came[d], known + 1.0
            if came[d] > 0:
                since = 0.0
    return out


def prior_of(names: list[str], prior: Prior, level: float) -> tuple[Floats, Floats]:
    """Means and sds (columns,) of the weights."""
    usual = {"level": WIDE} | {name: TOGETHER for name in names if name.startswith(BEFORE)}
    means = np.array([prior.means.get(name, level if name == "level" else 0.0) for name in names])
    return means, np.array([prior.sds.get(name, usual.get(name, USUAL)) for name in names])


def logistic(
    seen: Mapping[str, Floats], targets: Targets, prior: Prior = WEAK, *, keep: float = 1.0
) -> tuple[Floats, Floats]:
    """Chances (n,) by Bayesian logistic regression, a Newton step as each day becomes known; sds (n,) of their logits.

    The chance told allows for what the weights are not known to (MacKay 1992). `keep` < 1 forgets: what was learned
    loses so much of its weight a day, down to the prior's.
    """
    names = list(seen)
    x = np.stack([seen[name] for name in names], axis=1)
    mean, sds = prior_of(names, prior, USUAL_LEVEL[targets.horizon])
    wide = np.diag(sds**2)
    cov, at, worth = wide.copy(), 0, 1.0 / targets.overlap
    out, spread = np.empty(len(x)), np.empty(len(x))
    for i in range(len(x)):
        while at < i and targets.due[at] <= targets.made[i]:
            y = targets.values[at]
            if np.isfinite(y):
                row = x[at]
                p = 1.0 / (1.0 + np.exp(-float(np.clip(row @ mean, -MOST_LOGIT, MOST_LOGIT))))
                pull = cov @ row
                bend = worth * p * (1.0 - p)
                cov = cov - np.outer(pull, pull) * (bend / (1.0 + bend * float(row @ pull)))
                mean = mean + cov @ row * (worth * (y - p))
                if keep < 1.0:
                    cov = cov + (1.0 - keep) * wide
            at += 1
        variance = float(x[i] @ cov @ x[i])
        logit = float(x[i] @ mean) / np.sqrt(1.0 + np.pi / 8.0 * variance)
        out[i], spread[i] = 1.0 / (1.0 + np.exp(-np.clip(logit, -MOST_LOGIT, MOST_LOGIT))), np.sqrt(variance)
    return out, spread


def _plain(days: Days, label: str, targets: Targets, prior: Prior) -> dict[str, Floats]:
    """The baselines of the tables: the rate alone, the same weekday a week before, the last, EWMA, lags.

    All are held against what came: the last and the week before by what followed, EWMA by a regression on its logit.
    """
    nothing = np.zeros(len(targets.made), np.int64)
    rate = baselines.remembered(YES_OR_NO, targets, nothing, (EVER,), before=np.array(prior.rate))[0][:, 1]

    def calibrated(signal: Floats) -> Floats:
        classes = (signal > 0.5).astype(np.int64)
        told: Floats = baselines.remembered(YES_OR_NO, targets, classes, (EVER,), before=np.array(prior.rate))[0][:, 1]
        return told

    smooth = np.clip(baselines.ewma(YES_OR_NO, targets), 0.02, 0.98)
    recent = {"level": np.ones(len(rate)), "recent": np.log(smooth / (1.0 - smooth))}
    as_it_says = Prior(means={"level": 0.0, "recent": 1.0})
    came = np.concatenate([[np.nan] * 7, days.happened(label)])
    lags = {"level": np.ones(len(rate))} | {
        f"lag {k}": np.nan_to_num(came[7 - k : 7 - k + len(rate)]) for k in range(1, 8)
    }
    return {
        "rate": rate,
        "last value": calibrated(baselines.last_value(YES_OR_NO, targets)),
        "seasonal naive": calibrated(baselines.seasonal_naive(YES_OR_NO, targets)),
        "EWMA": logistic(recent, targets, as_it_says)[0],
        "regression on lags": logistic(lags, targets)[0],
    }
