"""Which scenario comes first: against plain loops, by laws, and over the seam between the record and what comes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from futures.made_up import LIMIT, USUAL, WORST, futures, recorded, scenario
from mainstay.errors import BadRequest
from mainstay.futures.scenarios import partition, tie_order
from mainstay.futures.scenarios_days import nothing_before
from mainstay.quantities import CannotSay
from mainstay.records.statements_scenario import OTHER

RULES = {
    "given up": "share_of_time(role:night work) < 0.7 usual for 2 weeks",
    "all in": "share_of_time(role:Night Work) > 0.25 for 10 days",
    "myself": "share_of_time(self) > 1.2 usual for 7 days and strain < 5 for 2 days",
    "too much": "strain > limit for 3 days",
    "high": "strain > 4.5 for 1 day",
    "alarms": "rate(event:alarm) > 1.4 usual for 1 week",
    "slips": "rate(slips) > 4 a week for 1 week and strain > 3 for 2 days",
}


def plain_value(paths, before, row, day, what):
    """A day's value and the share known of it; days below 0 are on record."""
    if day >= 0:
        if what == "strain":
            return paths.at_rest[row] + paths.strain[row, day], 1.0
        streams = {**paths.hours, **paths.events, "slips": paths.slips}
        return float(streams[what][row, day]), 1.0
    at = before.n + day
    if at < 0:
        return None
    if what == "strain":
        return before.rating[at], 1.0
    if what == "slips":
        return before.slips[at], before.slips_exposure[at]
    return (before.events[what][at] if what in before.events else before.hours[what][at]), before.known[at]


def plain_condition(paths, before, limit, condition, row, day):
    what = {"share": {"self": "self"}.get(condition.name, "night work"), "strain": "strain"}.get(
        condition.watched, condition.name
    )
    window = [plain_value(paths, before, row, day - back, what) for back in range(condition.days)]
    if any(one is None for one in window):
        return False
    if what == "strain":
        bound = limit.rating if condition.value is None else condition.value
        if condition.value is not None or limit.own:
            return all((value > bound) if condition.above else (value < bound) for value, _ in window)
        mean = sum(value for value, _ in window) / len(window)
        return mean > bound if condition.above else mean < bound
    known = sum(share for _, share in window)
    if known < 0.8 * condition.days:
        return False
    mean = sum(value for value, _ in window) / known
    if condition.relative:
        usual = {**USUAL.hours, **USUAL.rates, "slips": USUAL.slips}[what]
        bound = condition.value * usual
    else:
        bound = condition.value * (24.0 if condition.watched == "share" else 1 / 7)
    slack = 1e-6 * max(bound, 1.0 / known)
    return mean > bound + slack if condition.above else mean < bound - slack


def plain(paths, scenarios, limit, before):
    """The first to be fulfilled, by loops; ties in the order given."""
    found = []
    for row in range(paths.n):
        hit = (paths.days, OTHER)
        for day in range(paths.days):
            so = [
                one.name
                for one in scenarios
                if all(plain_condition(paths, before, limit, each, row, day) for each in one.conditions)
            ]
            if so:
                hit = (day, so[0])
                break
        found.append(hit)
    return found


@pytest.mark.parametrize("limit", [LIMIT, WORST], ids=["each day", "on average"])
@pytest.mark.parametrize("before", [nothing_before(), recorded(), recorded(unknown=(17, 18)), recorded(5)])
@pytest.mark.parametrize("seed", range(3))
def test_futures_are_split_as_plain_loops_split_them(seed, before, limit):
    paths = futures(seed=seed)
    scenarios = [scenario(name, rule) for name, rule in RULES.items()]
    split = partition(paths, scenarios, limit, before)
    racing = [one for one in scenarios if one.name in split.names]
    assert {one.name for one in scenarios} == {*split.names[:-1], *split.already}
    told = [(int(day), split.names[which]) for which, day in zip(split.which, split.when, strict=True)]
    assert told == plain(paths, racing, limit, before)
    start = replace(paths, days=0)
    so = [
        one.name
        for one in scenarios
        if before.n and all(plain_condition(start, before, limit, each, 0, -1) for each in one.conditions)
    ]
    assert list(split.already) == so


def test_a_rule_for_four_weeks_can_be_met_in_the_first_week():
    steady = replace(futures(), hours={"night work": np.zeros((40, 30), np.float32)})
    away = scenario("given up", "share_of_time(role:night work) < 0.2 usual for 4 weeks")
    back = replace(
        recorded(28), hours={"night work": np.r_[np.full(7, 8.0), np.zeros(21)], "self": np.zeros(28)}, events={}
    )
    split = partition(steady, [away], LIMIT, back)
    assert not split.already
    assert set(split.when) == {4}  # then 22.4 hours are left in the window: a fifth of the usual four a day
    alone = partition(steady, [away], LIMIT)
    assert set(alone.when) == {27}


def test_what_is_so_already_is_no_future_and_leaves_the_race():
    paths = futures()
    low = replace(recorded(), rating=np.full(20, 4.5))
    there, other = scenario("too much", RULES["too much"]), scenario("given up", RULES["given up"])
    split = partition(paths, [there, other], LIMIT, low)
    assert split.already == ("too much",)
    assert split.names == ("given up", OTHER)
    assert partition(paths, [there, other], LIMIT).already == ()


def test_on_one_day_what_must_not_happen_goes_first_then_the_worst_then_the_record():
    rule = "strain > 0 for 1 day"
    high = replace(futures(), strain=np.full((40, 30), 3.0, np.float32))
    plainly = [scenario("a", rule), scenario("b", rule)]
    assert set(partition(high, plainly, LIMIT).which) == {0}
    ranked = [scenario("a", rule, preference=1), scenario("b", rule, preference=3), scenario("c", rule)]
    assert set(partition(high, ranked, LIMIT).which) == {1}
    worst = [*ranked, scenario("d", rule, preference=1, must_not=True)]
    assert set(partition(high, worst, LIMIT).which) == {3}
    assert tie_order(worst).tolist() == [2, 1, 3, 0]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("share_of_time(role:day work) < 0.1 for 1 week", "no role “day work”"),
        ("rate(event:fire) > 1 a week for 1 week", "“fire” is not among"),
        ("strain > limit for 3 days", "no scale"),
    ],
)
def test_what_the_record_does_not_hold_is_left_out_with_its_reason(rule, why):
    limit = CannotSay("no item is rated, so there is no scale to put a limit on")
    split = partition(futures(at_rest=None), [scenario("one", rule), scenario("two", RULES["alarms"])], limit)
    assert why in split.left_out["one"]
    assert split.names == ("two", OTHER)


def test_slips_oneself_and_the_usual_are_refused_where_there_are_none():
    paths = replace(futures(), slips=None, usual=replace(USUAL, oneself="", hours={"night work": 0.0}))
    ask = {
        "slips": "rate(slips) > 1 a week for 1 week",
        "self": "share_of_time(self) > 0.1 for 1 week",
        "times": "share_of_time(role:night work) < 0.5 usual for 1 week",
    }
    split = partition(paths, [scenario(name, rule) for name, rule in ask.items()], LIMIT)
    assert list(split.left_out.values()) == [
        "no slips are on record",
        "no role has been declared as time as oneself",
        "there is no usual for time as “night work”: none is on record",
    ]
    assert split.chances[OTHER].mean == 1.0


def test_two_of_one_name_are_refused():
    with pytest.raises(BadRequest, match="same name"):
        partition(futures(), [scenario("a", RULES["high"]), scenario("A", RULES["high"])], LIMIT)


def test_where_a_higher_answer_is_better_beyond_means_below():
    paths = replace(futures(), slope=-1.0, at_rest=np.full(40, 6.0), strain=np.full((40, 30), 2.5, np.float32))
    beyond, within = scenario("low", "strain > 4 for 2 days"), scenario("deep", "strain > 3 for 2 days")
    split = partition(paths, [within, beyond], LIMIT)
    assert set(split.which) == {1}


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    chosen=st.permutations(list(RULES)).flatmap(lambda names: st.integers(1, len(names)).map(lambda k: names[:k])),
)
def test_chances_sum_to_one_and_one_more_scenario_takes_from_the_others(seed, chosen):
    paths, before = futures(n=25, seed=seed), recorded(seed=seed)
    scenarios = [scenario(name, RULES[name]) for name in chosen]
    whole = partition(paths, scenarios, LIMIT, before)
    assert math.isclose(sum(one.mean for one in whole.chances.values()), 1.0)
    assert set(whole.which) <= set(range(len(whole.names)))
    fewer = partition(paths, scenarios[:-1], LIMIT, before)
    for name in fewer.names:
        assert whole.chances[name].mean <= fewer.chances[name].mean + 1e-12
    for one in whole.chances.values():
        assert 0.0 <= one.low <= one.mean <= one.high <= 1.0


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), shorter=st.integers(1, 29))
def test_a_longer_horizon_never_makes_other_likelier(seed, shorter):
    paths = futures(n=25, seed=seed)
    scenarios = [scenario(name, rule) for name, rule in RULES.items()]
    cut = replace(
        paths,
        days=shorter,
        strain=paths.strain[:, :shorter],
        hours={name: one[:, :shorter] for name, one in paths.hours.items()},
        events={name: one[:, :shorter] for name, one in paths.events.items()},
        slips=paths.slips[:, :shorter],
    )
    early, late = partition(cut, scenarios, LIMIT), partition(paths, scenarios, LIMIT)
    assert early.chances[OTHER].mean >= late.chances[OTHER].mean
    done = early.when < shorter
    assert np.array_equal(early.which[done], late.which[done])
    assert np.array_equal(early.when[done], late.when[done])
