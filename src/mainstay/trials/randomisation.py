"""The randomisation test of a trial: how often an order that might as well have been drawn would look like this.

Nothing is assumed of the record but that the days were drawn by lot as the design says: whatever would have happened
on a day anyway stays with that day, its being missing as well. The statistic is worked out for the order that was
drawn and for many that could have been (or for all, where they are few). On each side p = (1 + as far out) / (1 + n),
or the share among all; two-sided twice the smaller. The interval holds the effects that the test, on both sides
together, does not reject when they are taken out of the days on which the arm was lived (Edgington and Onghena 2007).
With more than two arms the days of the others stay where they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.records.statements_protocol import ProtocolFile
from mainstay.trials.designs import DesignSpace
from mainstay.trials.designs_lots import Lot, Orders, given
from mainstay.trials.drawing import analysed
from mainstay.trials.kinds import Floats, Observed, Schedule
from mainstay.trials.randomisation_statistics import Statistic, Sums, made_of, sums

Side = Literal["two", "better", "worse"]
DRAWS = 10_000
FEWEST_DAYS = 2
"""Days with an answer that each arm needs."""
NOTHING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """What the lot says. `estimate` in `unit` (of a ratio: times as often); `interval` None where it has no end.

    `p`: on the side(s) asked for; `least_p`: the smallest it could have been. `orders`: compared with; `whole`: these
    were all there are. `days`: days analysed of the first arm and of the other. `null` (n,): the estimates under them.
    """

    statistic: Statistic
    arm: str
    against: str
    estimate: float
    interval: Interval | None
    p: float
    side: Side
    least_p: float
    orders: int
    whole: bool
    days: tuple[int, int]
    unit: str
    null: Floats


def statistic_of(protocol: ProtocolFile) -> Statistic:
    """The statistic a protocol stands for: a ratio for how often something happens, else a difference of means."""
    if protocol.outcome.event is not None:
        return "ratio"
    return "trend" if protocol.analysis.trend else "difference"


def test(
    schedule: Schedule | Sequence[Schedule],
    observed: Observed | Sequence[Observed],
    space: DesignSpace,
    *,
    statistic: Statistic = "difference",
    arm: int = 1,
    side: Side = "two",
    n: int = DRAWS,
    rng: np.random.Generator,
    limit: float | None = None,
    level: float | None = None,
) -> Tested | CannotSay:
    """The test of an arm against the first one, and the interval at 1 - `level` (without it: the space's).

    Of several baselines: their schedules and outcomes in the space's order; each is then told in its own sds, turned so
    that above 0 is better. `limit`: for the statistics `stretch` and `beyond`. Refuses an arm that is not there and
    numbers of schedules and outcomes that differ from the space's.
    """
    schedules = [schedule] if isinstance(schedule, Schedule) else list(schedule)
    outcomes = [observed] if isinstance(observed, Observed) else list(observed)
    _refuse(schedules, outcomes, space, arm, n)
    if not space.randomised:
        return _cannot("nothing was drawn by lot, so there is no lot to test by")
    alpha = space.level if level is None else level
    values = [made_of(o.by_day(space.days), statistic, o.better, limit) for o in outcomes]
    counts = [_days_of(s, v, arm) for s, v in zip(schedules, values, strict=True)]
    fewest = min(min(one) for one in counts)
    if fewest < FEWEST_DAYS:
        return _cannot("an arm has too few days with an answer", fewest, FEWEST_DAYS, "days with an answer")
    lots = [_lot(space, one, arm) for one in schedules]
    count = math.prod(one.count for one in lots)
    if count * alpha < (2.0 if side == "two" else 1.0) - NOTHING:
        need = int(np.ceil((2.0 if side == "two" else 1.0) / alpha))
        return _cannot("too few orders could have been drawn for a test", count, need, "possible orders")
    whole = len(lots) == 1 and count <= n
    labels = [_labels(space, one, s, n if not whole else None, rng) for one, s in zip(lots, schedules, strict=True)]
    if statistic == "ratio" and len(lots) == 1:
        if not np.nansum(values[0]) > 0.0:
            return _cannot("it never happened on the days analysed", 0, 1, "times")
        found = _ratio(labels[0], schedules[0], values[0], arm, whole=whole, alpha=alpha)
    else:
        found = _linear(labels, schedules, outcomes, values, arm, trend=statistic == "trend", whole=whole, alpha=alpha)
    if found is None:
        return _cannot("the days can't be told from the trend, or the outcome never changes")
    estimate, ends, up, down, null = found
    better = outcomes[0].better if len(outcomes) == 1 else 1
    over, under = (up, down) if better > 0 else (down, up)
    return Tested(
        statistic=statistic,
        arm=space.arms[arm],
        against=space.arms[0],
        estimate=estimate,
        interval=None if ends is None else Interval(*ends, level=1.0 - alpha),
        p=min(1.0, 2.0 * min(up, down)) if side == "two" else over if side == "better" else under,
        side=side,
        least_p=(2.0 if side == "two" else 1.0) / (count if whole else min(count, n + 1)),
        orders=count if whole else n,
        whole=whole,
        days=(sum(one[0] for one in counts), sum(one[1] for one in counts)),
        unit=_unit(statistic, outcomes),
        null=null[np.isfinite(null)],
    )


def _refuse(schedules: Sequence[Schedule], outcomes: Sequence[Observed], space: DesignSpace, arm: int, n: int) -> None:
    if not 1 <= arm < len(space.arms):
        raise BadRequest(f"arm {arm} can't be compared with the first; the arms are {', '.join(space.arms)}")
    if not len(schedules) == len(outcomes) == len(space.series):
        raise BadRequest(
            f"{len(schedules)} schedules and {len(outcomes)} outcomes for {len(space.series)} things that are watched"
        )
    if any(one.days != space.days for one in schedules):
        raise BadRequest(f"a schedule has another length than the design's {space.days} days")
    if n < 1:
        raise BadRequest(f"{n} draws can't be compared with; 10,000 are usual")


def _cannot(reason: str, have: float | None = None, need: float | None = None, unit: str = "") -> CannotSay:
    return CannotSay(
        reason, None if have is None else float(have), None if need is None else float(need), unit,
        row="S22", about="trial", quantity="difference", method="randomisation test",
    )  # fmt: skip


def _unit(statistic: Statistic, outcomes: Sequence[Observed]) -> str:
    if len(outcomes) > 1:
        return "standard deviations, above 0 is better"
    return {"ratio": "times as often", "stretch": "days", "beyond": "of the days"}.get(statistic, outcomes[0].unit)


def _days_of(schedule: Schedule, values: Floats, arm: int) -> tuple[int, int]:
    known = np.isfinite(values)
    return int((known & (schedule.analysed == 0)).sum()), int((known & (schedule.analysed == arm)).sum())


def _lot(space: DesignSpace, schedule: Schedule, arm: int) -> Lot:
    """The orders to compare with: all, or with more arms those in which the others stay where they are."""
    if len(space.arms) == 2:
        return space.lot
    return given(space.lot, schedule.arm.astype(np.int8)[:: space.length], (0, arm))


def _labels(space: DesignSpace, lot: Lot, schedule: Schedule, n: int | None, rng: np.random.Generator) -> Orders:
    """How orders label the days, that of the trial first: (1 + n, days); without n all there are, (1 + count, days)."""
    orders = lot.every() if n is None else lot.many(n, rng)
    if space.length > 1:
        orders = np.repeat(orders, space.length, axis=1)
    own = schedule.analysed.astype(np.int8)[None, :]
    return np.concatenate([own, analysed(space, orders)])


_Result = tuple[float, tuple[float, float] | None, float, float, Floats]
"""The estimate, the interval's ends, p upwards, p downwards, and the estimates under the orders compared with."""


def _linear(
    labels: Sequence[Orders],
    schedules: Sequence[Schedule],
    outcomes: Sequence[Observed],
    values: Sequence[Floats],
    arm: int,
    *,
    trend: bool,
    whole: bool,
    alpha: float,
) -> _Result | None:
    parts: list[Sums] = []
    for one, s, o, v in zip(labels, schedules, outcomes, values, strict=True):
        known = np.isfinite(v)
        scale = 1.0 if len(outcomes) == 1 else o.better / max(float(np.std(v[known])), NOTHING)
        columns = np.stack([np.where(known, v, 0.0) * scale, (s.arm == arm).astype(float)], axis=1)
        parts.append(sums(one, arm, columns, known, trend=trend))
    told = np.sum([one.scaled for one in parts], axis=0)
    length = np.sum([one.length for one in parts], axis=0)
    if not np.isfinite(told[0]).all() or float(np.ptp(np.concatenate([v[np.isfinite(v)] for v in values]))) == 0.0:
        return None
    lived = _ends(told[:, 0], told[:, 1], whole=whole, alpha=alpha)
    up, down = _sides(told[:, 0], whole=whole)
    return float(told[0, 0] / length[0]), lived, up, down, told[1:, 0] / length[1:]


def _sides(told: Floats, *, whole: bool) -> tuple[float, float]:
    """p upwards and downwards; the first is that of the order drawn. What can't be told counts as far out."""
    slack = NOTHING * (1.0 + abs(float(told[0])))
    n = len(told) - 1
    up = int((~(told[1:] < told[0] - slack)).sum())
    down = int((~(told[1:] > told[0] + slack)).sum())
    return (up / n, down / n) if whole else ((1 + up) / (1 + n), (1 + down) / (1 + n))


def _ends(told: Floats, lived: Floats, *, whole: bool, alpha: float) -> tuple[float, float] | None:
    """The effects that are not rejected, from their lowest to their highest; None where there is no end.

    `lived` (1 + n,): the statistic of the days on which the arm was lived, of which an effect adds so many times. An
    order is as far out upwards where told - effect * lived is no less than that of the order drawn: on one side of
    `bound`.
    """
    n = len(told) - 1
    gap, rise = told[0] - told[1:], lived[0] - lived[1:]
    unknown = ~np.isfinite(gap)
    same = ~unknown & (np.abs(rise) <= NOTHING)
    below, above = ~unknown & (rise > NOTHING), ~unknown & (rise < -NOTHING)
    slack = NOTHING * (1.0 + abs(float(told[0])))
    always_up = int(unknown.sum() + (same & (gap <= slack)).sum())
    always_down = int(unknown.sum() + (same & (gap >= -slack)).sum())
    under, over = np.sort(gap[below] / rise[below]), np.sort(gap[above] / rise[above])
    at = np.concatenate([under, over])
    if not len(at):
        return None
    tried = np.concatenate([[-np.inf], at, [np.inf]])
    up = np.searchsorted(under, tried, "right") + len(over) - np.searchsorted(over, tried, "left") + always_up
    down = len(under) - np.searchsorted(under, tried, "left") + np.searchsorted(over, tried, "right") + always_down
    p = np.minimum(up, down) / n if whole else (1 + np.minimum(up, down)) / (1 + n)
    kept = p > alpha / 2.0
    if kept[0] or kept[-1] or not kept.any():
        return None
    return float(tried[kept].min()), float(tried[kept].max())


HALF = 0.5
"""Added to each count, so that an arm without any event has a ratio too."""
FURTHEST_LOG, STEPS = 12.0, 50


def _ratio(
    labels: Orders, schedule: Schedule, values: Floats, arm: int, *, whole: bool, alpha: float
) -> _Result | None:
    """The ratio of means; an effect is taken out by dividing the days on which the arm was lived by it."""
    known = np.isfinite(values)
    y, lived = np.where(known, values, 0.0), schedule.arm == arm
    weights = np.stack([known.astype(float), np.where(lived, 0.0, y), np.where(lived, y, 0.0)], axis=1)
    ours, usual = (labels == arm).astype(float) @ weights, (labels == 0).astype(float) @ weights

    def told(effect: float) -> Floats:
        out = np.exp(-effect)
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Floats = np.log((ours[:, 1] + ours[:, 2] * out + HALF) / ours[:, 0]) - np.log(
                (usual[:, 1] + usual[:, 2] * out + HALF) / usual[:, 0]
            )
        return np.where((ours[:, 0] > 0) & (usual[:, 0] > 0), found, np.nan)

    plain = told(0.0)
    up, down = _sides(plain, whole=whole)
    low, high = (_end(told, float(plain[0]), way, whole=whole, alpha=alpha) for way in (-1.0, 1.0))
    both = None if low is None or high is None else (float(np.exp(low)), float(np.exp(high)))
    return float(np.exp(plain[0])), both, up, down, np.exp(plain[1:])


def _end(told: Callable[[float], Floats], estimate: float, way: float, *, whole: bool, alpha: float) -> float | None:
    """How far an effect may lie from the estimate on one side and still not be rejected; None: as far as is looked."""

    def kept(effect: float) -> bool:
        return min(_sides(told(effect), whole=whole)) > alpha / 2.0

    inside, outside = estimate, estimate + way * FURTHEST_LOG
    if kept(outside):
        return None
    for _ in range(STEPS):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if kept(middle) else (inside, middle)
        if abs(outside - inside) < 1e-4:
            break
    return outside
