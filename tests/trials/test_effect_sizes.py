"""Effect sizes from means and from whole cases: published values where there are any, else the formulas written anew.

Sources as in test_overlap.py. SingleCaseES computes its own tests from the formulas of Pustejovsky (2015, 2018), Bonett
and Price (2020), Ferron et al. (2020); so do these.
"""

import math
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials import effect_sizes as es
from mainstay.trials import effect_sizes_kinds as kinds
from mainstay.trials import effect_sizes_means as means
from mainstay.trials.effect_sizes_lot import lot_of_starts
from mainstay.trials.kinds import WASHOUT, Observed, Schedule
from trials.known_answers_sets import cases

A, B = [20, 20, 26, 25, 22, 23], [28, 25, 24, 27, 30, 30, 29]
m, n = len(A), len(B)
mean_a, mean_b, var_a, var_b = np.mean(A), np.mean(B), np.var(A, ddof=1), np.var(B, ddof=1)


def test_the_standardised_difference_by_the_first_phases_sd():
    factor = 1 - 3 / (4 * m - 5)
    d = factor * (mean_b - mean_a) / math.sqrt(var_a)
    found = means.smd(A, B)
    assert found.estimate == pytest.approx(d)
    assert found.se == pytest.approx(factor * math.sqrt(1 / m + var_b / (n * var_a) + d**2 / (2 * (m - 1))))
    assert found.interval.low == pytest.approx(d - stats.norm.ppf(0.975) * found.se)


def test_the_standardised_difference_by_the_pooled_sd():
    # SingleCaseES test-Pustejovsky-2015.R: plain difference over the pooled sd, with its error
    pooled = math.sqrt(((m - 1) * var_a + (n - 1) * var_b) / (m + n - 2))
    d = (mean_b - mean_a) / pooled
    found = means.smd(A, B, spread="pooled", corrected=False)
    assert found.estimate == pytest.approx(d)
    assert found.se == pytest.approx(math.sqrt(1 / m + 1 / n + d**2 / (2 * (m + n - 2))))
    assert means.smd(A, B, better=-1).estimate == pytest.approx(-means.smd(A, B).estimate)


def test_differences_as_scan_prints_them():
    # help page of smd, exampleAB; tests/testthat/test-smd.R sums every number of Leidig2018
    printed = {
        "Johanna": (54.60, 74.13, 2.41, 8.94, 6.55, 7.97, 8.11, 2.45, 2.35, 2.23, 2.98),
        "Karolina": (51.80, 73.47, 6.83, 9.76, 8.43, 9.19, 3.17, 2.36, 2.26, 2.14, 2.57),
        "Anja": (53.60, 74.07, 3.05, 7.57, 5.77, 6.83, 6.71, 3.00, 2.87, 2.72, 3.54),
    }

    def parts(case):
        found = means.differences(*case.pair()[:2])
        return [getattr(found, name) for name in means.Differences.__dataclass_fields__]

    for name, case in cases("exampleAB").items():
        assert parts(case) == pytest.approx(printed[name], abs=0.0055)
    total = sum(value for case in cases("Leidig2018").values() for value in parts(case))
    assert round(total, 4) == 558.2741


def test_overlap_as_scan_prints_it():
    # help page and tests/testthat/test-overlap.R: all columns but the last sum to 1829.948 with IRD, 1834.823 without
    [huitema] = cases("Huitema2000").values()
    line = es.overview(huitema, better=-1)
    printed = {"PND": 40, "PEM": 70, "PET": 100, "NAP": 70, "NAP rescaled": 40, "PAND": 60}
    assert {name: round(line[name]) for name in printed} == printed
    printed = {"IRD": 0.4, "Tau_U(A)": -0.51, "Tau_U(BA)": -0.69, "Diff_mean": -20.4, "Diff_trend": -17.87}
    printed |= {"Base_Tau": -0.73, "SMD": -0.9, "Hedges_g": -0.71}
    assert {name: line[name] for name in printed} == pytest.approx(printed, abs=0.0051)
    lines = [es.overview(case) for case in cases("exampleAB").values()]
    assert round(sum(v for one in lines for k, v in one.items() if k != "Hedges_g"), 3) == 1829.948
    assert round(sum(v for one in lines for k, v in one.items() if k != "IRD"), 3) == 1834.823


def test_overlap_of_four_phases_put_together_as_scan_prints_it():
    printed = {
        "Pawel": (55, 94, 85, 0.75, 0.54, 0.45, 0.65, 12.25, -0.05, 2.68, 2.07),
        "Moritz": (78, 97, 85, 0.80, 0.44, 0.46, 0.68, 13.58, 0.00, 3.27, 2.72),
        "Jannis": (71, 98, 90, 0.89, 0.43, 0.38, 0.68, 15.27, -0.54, 3.62, 2.98),
    }
    names = ("PND", "NAP", "PAND", "IRD", "Tau_U(A)", "Tau_U(BA)", "Base_Tau", "Diff_mean", "Diff_trend", "SMD")
    for name, case in cases("exampleA1B1A2B2").items():
        line = es.overview(case, a=("A1", "A2"), b=("B1", "B2"))
        got = [line[one] for one in (*names, "Hedges_g")]
        whole = [
            abs(value - shown) <= (0.51 if k < 3 else 0.0051)
            for k, (value, shown) in enumerate(zip(got, printed[name], strict=True))
        ]
        assert all(whole), (name, got)


def log_ratio(a, b, d):
    parts = []
    for values in (a, b):
        size = len(values)
        mean = max(np.mean(values), 1 / (2 * d * size))
        variance = max(np.var(values, ddof=1), 1 / (d**2 * size**3))
        parts.append((math.log(mean) + variance / (2 * size * mean**2), variance / (size * mean**2)))
    return parts[1][0] - parts[0][0], math.sqrt(parts[0][1] + parts[1][1])


def test_log_ratios_of_counts():
    value, error = log_ratio(A, B, 1)
    rising, falling = means.lrr(A, B, toward=1), means.lrr(A, B, toward=-1)
    assert (rising.estimate, rising.se) == pytest.approx((value, error))
    assert (falling.estimate, falling.se) == pytest.approx((-value, error))
    assert rising.detail["percent"] == pytest.approx(100 * math.expm1(value))
    worse = means.lrr(A, B, toward=1, better=-1)
    assert worse.estimate == pytest.approx(-value)


def test_log_ratios_of_percentages_are_turned_over():
    # SingleCaseES test-Pustejovsky-2018-LRR.R: LRRd of an outcome that should rise is that of 100 less it
    value, error = log_ratio([100 - x for x in A], [100 - x for x in B], math.inf)
    found = means.lrr(A, B, toward=-1, scale="percentage")
    assert (found.estimate, found.se) == pytest.approx((value, error))
    same, _ = log_ratio(A, B, math.inf)
    assert means.lrr(A, B, toward=1, scale="percentage").estimate == pytest.approx(same)


def test_a_phase_of_zeros_is_truncated_where_the_counting_is_known():
    found = means.lrr([2, 3, 4], [0, 0, 0, 0], toward=-1, better=-1, scale="count")
    value, error = log_ratio([2, 3, 4], [0, 0, 0, 0], 1)
    assert (found.estimate, found.se) == pytest.approx((value, error))
    assert isinstance(means.lrr([2, 3, 4], [0, 0, 0, 0], scale="other"), CannotSay)
    assert isinstance(means.lrr([-2, 3, 4], [1, 2, 3]), CannotSay)


@pytest.mark.parametrize(
    ("scale", "length", "intervals", "d"),
    [
        ("count", None, None, 1.0),
        ("rate", 20.0, None, 20.0),
        ("proportion", None, 40.0, 40.0),
        ("percentage", None, 40.0, 0.4),
    ],
)
def test_the_truncation_constant(scale, length, intervals, d):
    assert means.truncation(scale, length, intervals) == pytest.approx(d)
    assert means.truncation("other") == math.inf


def test_log_odds():
    a, b = [20, 20, 25, 25, 20, 25], [30, 25, 25, 25, 35, 30, 25]
    parts = []
    for values in (a, b):
        p, v, size = np.mean(values) / 100, np.var(values, ddof=1) / 1e4, len(values)
        bias = (2 * p - 1) * v / (2 * size * p**2 * (1 - p) ** 2)
        parts.append((math.log(p) - math.log(1 - p) - bias, v / (size * p**2 * (1 - p) ** 2)))
    found = means.lor(a, b)
    assert found.estimate == pytest.approx(parts[1][0] - parts[0][0])
    assert found.se == pytest.approx(math.sqrt(parts[0][1] + parts[1][1]))
    share = means.lor([x / 100 for x in a], [x / 100 for x in b], scale="proportion")
    assert share.estimate == pytest.approx(found.estimate)
    assert means.lor(a, b, better=-1).estimate == pytest.approx(-found.estimate)
    with pytest.raises(BadRequest, match="between 0 and 1"):
        means.lor(a, b, scale="proportion")
    with pytest.raises(BadRequest, match="not of a count"):
        means.lor(a, b, scale="count")
    assert isinstance(means.lor([0, 0, 0], b), CannotSay)
    assert math.isfinite(means.lor([0, 0, 0], b, intervals=20).se)


def test_the_ratio_of_medians():
    # Bonett and Price (2020), example 1, by their own function as SingleCaseES test-Bonett-Price-2020.R has it
    a, b = [21, 14, 11, 27, 19, 32, 21, 23, 18, 26, 24, 23], [34, 19, 26, 31, 39, 42, 27, 14, 25, 29, 33, 36]
    variance = 0.0
    for values in (a, b):
        low = max(round(len(values) / 2 - math.sqrt(len(values))), 1)
        z = stats.norm.ppf(1 - stats.binom.cdf(low - 1, len(values), 0.5))
        ordered = np.log(np.sort(values))
        variance += ((ordered[len(values) - low] - ordered[low - 1]) / (2 * z)) ** 2
    found = means.lrm(a, b)
    assert found.estimate == pytest.approx(math.log(np.median(b) / np.median(a)))
    assert found.se == pytest.approx(math.sqrt(variance), rel=1e-6)
    assert isinstance(means.lrm([0, 0, 1], [1, 2, 3]), CannotSay)
    assert math.isfinite(means.lrm([9, 5, 5, 6, 0], [2, 3, 0, 4], by_delta=True).se)


def test_the_percent_of_the_goal():
    # SingleCaseES test-PoGO.R
    found = means.pogo(A, B, 25)
    assert found.estimate == pytest.approx(100 * (mean_b - mean_a) / (25 - mean_a))
    share = found.estimate / 100
    variance = (var_a / m + var_b / n + share**2 * var_a / m) / (25 - mean_a) ** 2
    assert found.se == pytest.approx(100 * math.sqrt(variance))
    assert isinstance(means.pogo([5, 5], [6, 7], 5), CannotSay)


def test_reliable_change_as_scan_prints_it():
    # help page of rci: the first case of byHeart2011 with a reliability of .8
    case = next(iter(cases("byHeart2011").values()))
    found = means.reliable_change(*case.pair()[:2], 0.8)
    assert (round(found.jacobson_truax, 3), round(found.christensen_mendoza, 3)) == (50.623, 35.796)
    ends = [round(value, 3) for one in found.intervals for value in (one.low, one.high)]
    assert ends == [-0.080, 0.880, 7.862, 17.738]
    with pytest.raises(BadRequest, match="reliability"):
        means.reliable_change(A, B, 1.2)


def test_the_lot_of_starts_as_scan_prints_it():
    # tests/testthat/test-rand_test.R, and the help page of rand_test
    found = lot_of_starts([case.pair()[:2] for case in cases("exampleAB").values()])
    whole = found.p + found.observed + found.z + found.z_p + found.every.mean()
    assert round(whole, 8) == 40.97299008
    first = lot_of_starts([next(iter(cases("byHeart2011").values())).pair()[:2]], statistic="median")
    assert (len(first.every), first.observed, round(first.p, 7)) == (11, 15.0, 0.6363636)
    grosche = [case.pair()[:2] for case in cases("Grosche2011").values()]
    found = lot_of_starts(grosche, statistic="median", least=(4, 4))
    assert len(found.every) == 2652
    assert (round(found.p, 7), round(found.every.mean(), 6)) == (0.8435143, 1.004859)
    assert (round(found.z, 4), round(found.z_p, 4)) == (-0.8198, 0.7938)


def test_the_lot_refuses_what_it_cannot_go_through():
    long = (list(range(150)), list(range(150)))
    with pytest.raises(BadRequest, match="too many"):
        lot_of_starts([long, long, long])
    with pytest.raises(BadRequest, match="statistic"):
        lot_of_starts([(A, B)], statistic="slope")
    assert isinstance(lot_of_starts([([1, 2], [3])]), CannotSay)


def test_everything_about_two_lists_comes_by_name():
    found = es.of(A, B, better=1, goal=30, scale="percentage", at_a=range(6), at_b=range(6, 13))
    assert set(found) == {
        "NAP", "Tau", "Tau-U", "Tau-BC", "PND", "PEM", "PAND", "IRD", "SMD", "SMD pooled", "PET", "LRRi", "LRRd",
        "LRM", "LOR", "PoGO",
    }  # fmt: skip
    for size in found.values():
        assert not isinstance(size, CannotSay)
        assert (size.se is None) == (size.interval is None)
        assert size.se is not None or size.note


values = st.lists(st.floats(-50, 50, allow_nan=False), min_size=0, max_size=9)


@given(values, values, st.sampled_from([1, -1]))
def test_no_two_lists_make_it_fall_over(a, b, better):
    for name, size in es.of(a, b, better=better, goal=3.0).items():
        if not isinstance(size, CannotSay):
            assert math.isfinite(size.estimate), name
            assert size.se is None or math.isfinite(size.se), name


def three():
    return {
        "case": ["x"] * 6 + ["y"] * 4,
        "phase": ["A", "A", "B", "B", "A", "B", "A", "A", "B", "B"],
        "values": [1.0, 2.0, 5.0, None, 2.0, 6.0, 4.0, 3.0, 7.0, 8.0],
        "mt": [1, 2, 3, 4, 5, 6, 1, 2, 3, 4],
    }


@pytest.mark.parametrize("made", [dict, pd.DataFrame, pl.DataFrame])
def test_cases_are_read_from_any_dataframe(made):
    x, y = es.cases_from(made(three()))
    assert (x.name, y.name) == ("x", "y")
    assert x.stretches == ("A", "B", "A", "B")
    assert x.pair(0, 1)[1].tolist() == [5.0]
    assert x.pair("A", "B")[0].tolist() == [1.0, 2.0, 2.0]
    assert x.pair((0, 2), 3)[3].tolist() == [6.0]


def test_a_tables_faults_are_named():
    table = three()
    with pytest.raises(BadRequest, match="no column 'outcome'"):
        es.cases_from(table, values="outcome")
    with pytest.raises(BadRequest, match="row 3 of 'values' holds 'high'"):
        es.cases_from(table | {"values": ["1", "2", "high", *map(str, range(7))]})
    with pytest.raises(BadRequest, match="no mt"):
        es.cases_from(table | {"mt": [None, *range(9)]})
    [one] = es.cases_from(table | {"mt": range(10)}, case=None)
    with pytest.raises(BadRequest, match="no phase 'C'"):
        one.pair("A", "C")
    with pytest.raises(BadRequest, match="with itself"):
        one.pair("A", (0, 1))


def test_several_cases_together():
    found = es.of_cases(es.cases_from(three()), better=1, a="A", b="B")
    assert set(found.cases) == {"x", "y"}
    assert found.pand.share == 1.0
    assert found.ird == 1.0
    assert isinstance(found.tau_u["A vs. B"], CannotSay), "a tau of 1 can't be weighed in Fisher's z"
    with pytest.raises(BadRequest, match="at least one case"):
        es.of_cases((), better=1)


def a_trial(values, days=12):
    arm = np.arange(days) // 3 % 2
    analysed = np.where(np.arange(days) % 3 == 0, WASHOUT, arm)
    schedule = Schedule(
        date(2024, 1, 1), ("as usual", "a walk"), arm, analysed, np.arange(days) // 3, np.zeros(days, int)
    )
    at = np.arange(len(values)) * 0.5
    return schedule, Observed(at, np.array(values, float), "points", -1, 0.0, 10.0, np.zeros(0), np.zeros(0))


def test_a_trial_is_a_case_of_its_days():
    schedule, observed = a_trial(np.arange(24.0) % 7)
    case = es.case_of(schedule, observed)
    assert case.at.tolist() == [1, 2, 4, 5, 7, 8, 10, 11]
    assert case.phase == ("as usual", "as usual", "a walk", "a walk") * 2
    assert case.values.tolist() == [observed.by_day(12)[int(day)] for day in case.at]
    a, b = case.values[[0, 1, 4, 5]], case.values[[2, 3, 6, 7]]
    assert es.of_trial(schedule, observed)["NAP"] == es.of(a, b, better=-1)["NAP"]


def test_a_trial_of_few_days_says_how_many_it_needs():
    schedule, observed = a_trial([1.0, 2.0, 3.0])
    thin = es.of_trial(schedule, observed)
    assert isinstance(thin, CannotSay)
    assert (thin.have, thin.need) == (0, 3)
    with pytest.raises(BadRequest, match="arm 2"):
        es.of_trial(schedule, observed, arm=2)


def test_the_laws_are_scipys():
    for freedom in (1, 2, 3, 7, 10):
        for value in (0.01, 0.7, 3.0, 25.0):
            assert kinds.chi_squared_tail(value, freedom) == pytest.approx(stats.chi2.sf(value, freedom), rel=1e-9)
    assert kinds.f_tail(2.3, 3, 16) == pytest.approx(stats.f.sf(2.3, 3, 16))
    assert kinds.student_two_sided(-1.7, 9) == pytest.approx(2 * stats.t.sf(1.7, 9))
    assert kinds.binomial_tail(3, 7) == pytest.approx(stats.binom.sf(2, 7, 0.5))
    assert kinds.binomial_tail(0, 7) == 1.0
    with pytest.raises(BadRequest, match="level"):
        kinds.normal_half(1.0)
