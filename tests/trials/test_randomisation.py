"""The randomisation test: exact against listing every order by hand, its interval by trying effects one by one."""

from math import comb

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.records.statements_protocol import OutcomeTable
from mainstay.trials import randomisation
from mainstay.trials.designs import all_orders, space
from mainstay.trials.drawing import analysed, draw, draw_each, every
from mainstay.trials.kinds import Observed
from trials.protocols import protocol

AB = ("as usual", "evening")


def observed(values, better=-1, unit="points of tension"):
    values = np.asarray(values, float)
    at = np.flatnonzero(np.isfinite(values)) + 0.8
    none = np.zeros(0)
    return Observed(at, values[np.isfinite(values)], unit, better, 0.0, 10.0, none, none)


def lived(says, effect=-2.0, seed=1, missing=0.0, slope=0.0):
    rng = np.random.default_rng(seed)
    found = all_orders(says)
    schedule = draw(found, rng)
    values = 5.0 + rng.normal(0.0, 1.0, found.days) + effect * (schedule.arm == 1) + slope * np.arange(found.days)
    values[rng.random(found.days) < missing] = np.nan
    return found, schedule, observed(values)


def by_regression(y, labels, trend):
    """The slow twin: least squares, one order at a time; the t-like size of the arm's coefficient, and itself."""
    days = np.flatnonzero(np.isfinite(y) & (labels >= 0))
    d = (labels[days] == 1).astype(float)
    rest = np.stack([np.ones(len(days)), days], axis=1)[:, : 1 + trend]
    if not 0 < d.sum() < len(d):
        return np.nan, np.nan
    left = d - rest @ np.linalg.lstsq(rest, d, rcond=None)[0]
    size = np.sqrt(left @ left)
    return left @ y[days] / size, left @ y[days] / size**2


@pytest.mark.parametrize("trend", [False, True])
@pytest.mark.parametrize(
    "says",
    [
        protocol("blocks", 36, period=3, washout=1, block=4, longest=2),
        protocol("contacts", 14, a_week=2, apart=2, washout=1),
        protocol("start_by_lot", 60, phases=AB, least=8),
        protocol("start_by_lot", 40, phases=AB * 2, least=7),
        protocol("alternating", 10),
    ],
    ids=lambda says: f"{says.design.kind} {len(says.design.phases)}",
)
def test_p_is_the_share_of_all_orders_as_far_out(says, trend) -> None:
    found, schedule, outcome = lived(says, effect=-1.0, missing=0.15, slope=0.05)
    answer = randomisation.test(
        schedule, outcome, found, statistic="trend" if trend else "difference", rng=np.random.default_rng(1)
    )
    y = outcome.by_day(found.days)
    told = np.array([by_regression(y, one, trend)[0] for one in analysed(found, every(found))])
    own, estimate = by_regression(y, schedule.analysed, trend)
    up, down = np.mean(~(told < own - 1e-9)), np.mean(~(told > own + 1e-9))
    assert answer.whole
    assert answer.orders == found.count
    assert answer.p == pytest.approx(min(1.0, 2 * min(up, down)))
    assert answer.estimate == pytest.approx(estimate)
    one_sided = randomisation.test(
        schedule, outcome, found, statistic="trend" if trend else "difference", side="better",
        rng=np.random.default_rng(1),
    )  # fmt: skip
    assert one_sided.p == pytest.approx(down)
    assert one_sided.least_p == pytest.approx(1 / found.count)


@pytest.mark.parametrize("statistic", ["difference", "trend"])
@pytest.mark.parametrize(
    "says",
    [
        protocol("blocks", 24, period=2, washout=1),
        protocol("start_by_lot", 90, phases=AB, least=10),
        protocol("contacts", 21, a_week=2),
    ],
    ids=lambda says: says.design.kind,
)
def test_the_interval_holds_the_effects_that_are_not_rejected(says, statistic) -> None:
    found, schedule, outcome = lived(says, missing=0.1)
    answer = randomisation.test(schedule, outcome, found, statistic=statistic, rng=np.random.default_rng(1))
    low, high = answer.interval.low, answer.interval.high
    assert answer.interval.level == 0.95
    assert low < answer.estimate < high
    day = np.floor(outcome.at).astype(int)

    def p(effect):
        less = observed_at(outcome, outcome.value - effect * (schedule.arm[day] == 1))
        return randomisation.test(schedule, less, found, statistic=statistic, rng=np.random.default_rng(1)).p

    width = high - low
    for inside in (low + 0.01 * width, answer.estimate, high - 0.01 * width):
        assert p(inside) > 0.05
    for outside in (low - 0.01 * width, low - width, high + 0.01 * width, high + width):
        assert p(outside) <= 0.05


def observed_at(outcome, values):
    return Observed(
        outcome.at, values, outcome.unit, outcome.better, None, None, outcome.before, outcome.before_value
    )  # fmt: skip


def test_draws_by_lot_agree_with_all_orders() -> None:
    says = protocol("alternating", 16)
    found, schedule, outcome = lived(says, effect=-0.8)
    whole = randomisation.test(schedule, outcome, found, n=20_000, rng=np.random.default_rng(1))
    drawn = randomisation.test(schedule, outcome, found, n=12_000, rng=np.random.default_rng(1))
    assert whole.whole
    assert whole.orders == comb(16, 8)
    assert not drawn.whole
    assert drawn.p == pytest.approx(whole.p, abs=4 * np.sqrt(whole.p / 12_000))
    assert drawn.interval.low == pytest.approx(whole.interval.low, abs=0.1)
    assert drawn.interval.high == pytest.approx(whole.interval.high, abs=0.1)


def test_an_effect_is_found_and_none_is_not() -> None:
    says = protocol("contacts", 56, a_week=2)
    found, schedule, outcome = lived(says, effect=-2.5)
    answer = randomisation.test(schedule, outcome, found, rng=np.random.default_rng(2))
    assert answer.p == pytest.approx(2 / 10_001)
    assert answer.p == answer.least_p
    assert answer.interval.high < -1.5
    assert answer.days == (40, 16)
    none = lived(says, effect=0.0)
    assert randomisation.test(none[1], none[2], none[0], rng=np.random.default_rng(2)).p > 0.1


def test_a_missing_day_is_missing_under_every_order() -> None:
    says = protocol("blocks", 20)
    found, schedule, outcome = lived(says, effect=0.0)
    y = outcome.by_day(20)
    y[schedule.arm == 1] = np.where(np.arange(10) < 8, np.nan, y[schedule.arm == 1])
    answer = randomisation.test(schedule, observed(y), found, rng=np.random.default_rng(2))
    assert answer.days == (10, 2)
    known = np.isfinite(y)
    told = np.array([by_regression(y, one, False)[0] for one in every(found)])
    assert np.isnan(told).any() == any(not one[known].any() for one in every(found))
    own = by_regression(y, schedule.analysed, False)[0]
    assert answer.p == pytest.approx(min(1, 2 * min(np.mean(~(told < own - 1e-9)), np.mean(~(told > own + 1e-9)))))


def test_with_three_arms_the_third_stays_where_it_is() -> None:
    says = protocol("blocks", 36, arms=("a", "b", "c"), period=2, level=0.1)
    found, schedule, outcome = lived(says, effect=-2.0)
    answer = randomisation.test(schedule, outcome, found, arm=1, rng=np.random.default_rng(2))
    assert answer.whole
    assert answer.orders == 2**6
    assert answer.least_p == pytest.approx(2 / 64)
    shifted = observed_at(outcome, outcome.value + 50.0 * (schedule.arm == 2))
    again = randomisation.test(schedule, shifted, found, arm=1, rng=np.random.default_rng(2))
    assert (again.p, again.estimate) == pytest.approx((answer.p, answer.estimate))


def test_three_phases_by_lot_compare_two_with_the_third_held() -> None:
    says = protocol("start_by_lot", 70, arms=("a", "b", "c"), phases=("a", "b", "c"), least=5)
    found, schedule, outcome = lived(says, effect=-3.0, seed=3)
    before_c = int((schedule.arm < 2).sum())
    answer = randomisation.test(schedule, outcome, found, arm=1, level=0.2, rng=np.random.default_rng(2))
    assert answer.orders == before_c - 2 * 5 + 1


def test_several_baselines_are_told_together_in_their_own_sds() -> None:
    says = protocol("start_by_lot", 30, phases=AB, least=5, baselines=("sleep", "anger"))
    found = space(says)
    rng = np.random.default_rng(5)
    schedules = draw_each(found, rng)
    sizes = [(1.0, -1), (20.0, 1), (0.1, -1)]
    outcomes = [
        observed(scale * (rng.normal(0, 1, 30) + better * 1.5 * (one.arm == 1)), better)
        for one, (scale, better) in zip(schedules, sizes, strict=True)
    ]
    answer = randomisation.test(schedules, outcomes, found, n=4000, rng=rng)
    assert answer.p < 0.01
    assert 0.7 < answer.estimate < 2.0
    assert answer.estimate in answer.interval
    assert "above 0 is better" in answer.unit
    single = randomisation.test(schedules[:1], outcomes[:1], space(protocol(
        "start_by_lot", 30, phases=AB, least=5, level=0.2)), rng=rng)  # fmt: skip
    assert single.orders == 21
    with pytest.raises(BadRequest, match="things that are watched"):
        randomisation.test(schedules[0], outcomes[0], found, rng=rng)


def test_a_ratio_of_events_and_its_interval() -> None:
    says = protocol("blocks", 80, outcome=OutcomeTable(event="quarrel", better="low"))
    found = space(says)
    assert randomisation.statistic_of(says) == "ratio"
    rng = np.random.default_rng(8)
    schedule = draw(found, rng)
    counts = rng.poisson(np.where(schedule.arm == 1, 0.5, 2.0)).astype(float)
    answer = randomisation.test(schedule, observed(counts, unit="a day"), found, statistic="ratio", rng=rng)
    mean = [counts[schedule.arm == one].sum() + 0.5 for one in (0, 1)]
    assert answer.estimate == pytest.approx(mean[1] / mean[0])
    assert answer.interval.low < 0.25 < answer.interval.high < 0.8
    assert answer.p < 0.001
    assert answer.unit == "times as often"
    never = randomisation.test(schedule, observed(np.zeros(80)), found, statistic="ratio", rng=rng)
    assert isinstance(never, CannotSay)


def test_stretches_and_days_beyond_a_limit() -> None:
    says = protocol("start_by_lot", 60, phases=AB, least=5)
    found = space(says)
    schedule = draw(found, np.random.default_rng(4))
    begin = int((schedule.arm == 0).sum())
    hit = (np.arange(60) % np.where(np.arange(60) < begin, 2, 10)) == 0
    outcome = observed(np.where(hit, 8.0, 2.0))
    rng = np.random.default_rng(1)
    longer = randomisation.test(schedule, outcome, found, statistic="stretch", limit=7.0, rng=rng)
    assert longer.estimate > 2.0
    assert longer.unit == "days"
    fewer = randomisation.test(schedule, outcome, found, statistic="beyond", limit=7.0, rng=rng)
    assert fewer.estimate < -0.2
    assert fewer.unit == "of the days"
    with pytest.raises(BadRequest, match="needs a limit"):
        randomisation.test(schedule, outcome, found, statistic="stretch", rng=rng)


def test_what_cannot_be_tested_says_why() -> None:
    rng = np.random.default_rng(1)
    fixed = space(protocol("phases", 20, phases=AB))
    assert "nothing was drawn" in randomisation.test(draw(fixed, rng), observed(np.ones(20)), fixed, rng=rng).reason
    found, schedule, outcome = lived(protocol("blocks", 20))
    empty = observed(np.where(schedule.arm == 1, np.nan, 3.0))
    answer = randomisation.test(schedule, empty, found, rng=rng)
    assert (answer.have, answer.need) == (0, 2)
    assert isinstance(randomisation.test(schedule, observed(np.full(20, 3.0)), found, rng=rng), CannotSay)
    few = randomisation.test(schedule, outcome, found, level=0.001, rng=rng)
    assert (few.have, few.need) == (1024, 2000)
    with pytest.raises(BadRequest, match="the arms are"):
        randomisation.test(schedule, outcome, found, arm=2, rng=rng)


def test_size_under_autocorrelation_stays_at_the_level() -> None:
    says = protocol("contacts", 42, a_week=2)
    found = space(says)
    rng = np.random.default_rng(12)
    rejected = 0
    for _ in range(300):
        noise = rng.normal(0, 1, 42)
        for day in range(1, 42):
            noise[day] += 0.7 * noise[day - 1]
        schedule = draw(found, rng)
        outcome = observed(np.where(rng.random(42) < 0.2, np.nan, noise))
        rejected += randomisation.test(schedule, outcome, found, n=199, rng=rng).p <= 0.05
    assert rejected / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_what_a_third_arm_does_never_makes_the_second_look_as_if_it_did() -> None:
    says = protocol("blocks", 36, arms=("a", "b", "c"), period=2, level=0.1)
    found = space(says)
    rng = np.random.default_rng(21)
    rejected = 0
    for _ in range(300):
        schedule = draw(found, rng)
        outcome = observed(rng.normal(0, 1, 36) + 6.0 * (schedule.arm == 2))
        rejected += randomisation.test(schedule, outcome, found, arm=1, rng=rng).p <= 0.05
    assert rejected / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
