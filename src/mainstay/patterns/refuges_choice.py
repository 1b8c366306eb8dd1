"""Which refuge is sought when strain is high: of all acts then, the share that goes to each.

Refuges compete: an act is of one of them. Shares are of acts at which strain, as foreseen before them, stood in the
highest third of the person's time, each counted by how fully its refuge was recorded then; the interval is that of
sums by week. Whether the choice tips as strain rises is the difference of the refuges' pulls, which answer to the same
strain in the same weeks, so that their scores are summed by week together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from mainstay.patterns.refuges_moments import Ratios, Scene, beside, ratios, why_no_pull
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain.judge import LEVEL, Z90
from mainstay.strain.wording import number, place_of
from mainstay.timeline.kinds import Floats

HIGH = 2.0 / 3.0
"""Strain is called high in the highest third of the time that is on record."""

FEWEST_AT_HIGH_STRAIN = 20
LEAST_RECORDED = 0.1
SHARE = "share of acts at high strain"
METHOD = (
    "acts at which strain, foreseen from earlier check-ins, roles and demands, stood in the highest third of the time; "
    "intervals by week; the tipping from cause-specific hazards beside the same hours of other weeks"
)


@dataclass(frozen=True, slots=True)
class Share:
    """Of the acts at high strain, the share that goes to one refuge, with its 90 % ends, and how many they are."""

    label: str
    n: int
    share: float
    low: float
    high: float


def competing(scene: Scene) -> tuple[str, ...]:
    """The refuges whose time of day is known, the one sought most first."""
    data = scene.fitted.data
    order = np.argsort(-data.act_counts, kind="stable")
    return tuple(data.refuges[k] for k in order if data.refuges[k] not in data.vague)


def shares_at_high_strain(scene: Scene) -> tuple[Share, ...]:
    """The shares of the competing refuges, the commonest first; without an act at high strain a share is 0."""
    line = high_strain(scene)
    times, kinds, weights = [], [], []
    for k, label in enumerate(competing(scene)):
        acts = scene.acts(label)
        at = scene.interval(acts.times)
        high = scene.strain_at(acts.times, at) >= line
        times.append(acts.times[high])
        kinds.append(np.full(int(high.sum()), k))
        weights.append(1.0 / np.maximum(scene.seen(acts)[at[high]], LEAST_RECORDED))
    week = np.floor(np.concatenate(times) / 7.0).astype(np.int64)
    kind, weight = np.concatenate(kinds), np.concatenate(weights)
    found = [_share(label, kind == k, weight, week) for k, label in enumerate(competing(scene))]
    return tuple(sorted(found, key=lambda one: -one.share))


def high_strain(scene: Scene) -> float:
    """The strain (steps from the mean) above which the highest third of the time on record lies."""
    weight = scene.fitted.data.problem.node_w[:, None] * np.where(scene.grid.unknown, 0.0, scene.grid.dt)
    order = np.argsort(scene.strain.ravel())
    below = np.cumsum(weight.ravel()[order])
    at = int(np.searchsorted(below, HIGH * below[-1]))
    return float(scene.strain.ravel()[order][min(at, len(order) - 1)])


def _share(label: str, mine: np.ndarray, weight: Floats, week: np.ndarray) -> Share:
    """A share with its interval on the logit scale; half an act either way keeps it off the ends."""
    n, total = int(mine.sum()), float(weight.sum())
    if not len(mine):
        return Share(label, 0, 0.0, 0.0, 1.0)
    half = 0.5 * float(weight.mean())
    share = (float(weight[mine].sum()) + half) / (total + 2.0 * half)
    left = np.bincount(week, weight * (mine - share))
    weeks = max(len(np.unique(week)), 2)
    by_week = math.sqrt(float(left @ left) * weeks / (weeks - 1)) / total
    plain = math.sqrt(share * (1.0 - share) * float((weight**2).sum())) / total
    sd = max(by_week, plain) / (share * (1.0 - share))
    logit = math.log(share / (1.0 - share))
    low, high = (1.0 / (1.0 + math.exp(-logit - z * sd)) for z in (-Z90, Z90))
    found = float(weight[mine].sum()) / total
    return Share(label, n, found, min(low, found), max(high, found))


def tipping(scene: Scene) -> tuple[tuple[str, float, float], ...]:
    """Of each refuge beside the one sought most: by how much more its log rate rises a step of strain, with the sd."""
    found: dict[str, Ratios] = {}
    for label in competing(scene):
        one = beside(scene, scene.acts(label))
        if len(one.own):
            found[label] = ratios(one, np.concatenate([one.strain[None], one.roles]))
    first = competing(scene)[0]
    if first not in found:
        return ()
    rows = []
    for label, other in found.items():
        if label == first:
            continue
        base = found[first]
        weeks = max(other.pulled.shape[1], base.pulled.shape[1])
        apart = _padded(other.pulled[0], weeks) - _padded(base.pulled[0], weeks)
        plain = float(other.plain[0, 0] + base.plain[0, 0])
        sd = math.sqrt(max(float(apart @ apart) * weeks / max(weeks - 1, 1), plain))
        rows.append((label, float(other.mean[0] - base.mean[0]), sd))
    return tuple(rows)


def _padded(row: Floats, length: int) -> Floats:
    return np.pad(row, (0, length - len(row)))


def choice_answer(scene: Scene) -> Answer | None:
    """S10: which refuge is sought when strain is high, and whether that tips as it rises.

    None where fewer than two compete, or none of them is shown to go with strain.
    """
    if len(competing(scene)) < 2 or all(why_no_pull(scene.fitted, label) for label in competing(scene)):
        return None
    shares = shares_at_high_strain(scene)
    n = sum(one.n for one in shares)
    if n < FEWEST_AT_HIGH_STRAIN:
        return CannotSay(
            "relief was sought too seldom at high strain to say which kind of it is then",
            have=n,
            need=FEWEST_AT_HIGH_STRAIN,
            unit="occasions at high strain",
            row="S10",
            about="which refuge",
            quantity=SHARE,
            n=n,
            method=METHOD,
        )
    first, *others = shares
    *most, last = (f"“{one.label}” in {round(100 * one.share)} %" for one in others)
    rest = f"{', '.join(most)} and {last}" if most else last
    claim = (
        f"When strain is high and relief is sought, it is “{first.label}” in {round(100 * first.share)} % of times "
        f"({round(100 * first.low)} to {round(100 * first.high)} %), {rest}"
    )
    tips = tipping(scene)
    line = NormalDist().inv_cdf(1.0 - 0.025 / max(len(tips), 1))
    clear = [one for one in tips if abs(one[1]) > line * one[2]]
    if clear:
        label, mean, _ = max(clear, key=lambda one: abs(one[1]) / one[2])
        usual = competing(scene)[0]
        up, down = (label, usual) if mean > 0.0 else (usual, label)
        claim += f"; the higher strain is, the more it is “{up}” and not “{down}”"
    return Finding(
        row="S10",
        about="which refuge",
        status="found",
        claim=claim + ".",
        quantity=SHARE,
        estimate=100.0 * first.share,
        interval=Interval(100.0 * first.low, 100.0 * first.high, LEVEL),
        unit="% of the times",
        n=n,
        method=METHOD,
        evidence=(place_of(scene.timeline), f"{n} occasions at high strain"),
        assumptions=("what was not recorded was chosen as what was",),
        would_change="more occasions at high strain",
        detail={
            "shares": [
                {"refuge": one.label, "n": one.n, "share": one.share, "low": one.low, "high": one.high}
                for one in shares
            ],
            "tipping": [
                {"refuge": label, "odds_ratio": float(number(math.exp(mean))), "log": mean, "sd": sd}
                for label, mean, sd in tips
            ],
        },
    )
