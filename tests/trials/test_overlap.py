"""Overlap and the Tau family against published values: the packages' own tests and help pages, the papers' examples.

SingleCaseES (Pustejovsky, Chen, Swan): tests/testthat and vignettes. scan (Wilbert, Lueke): tests/testthat and the
examples of its help pages, as printed there. R finds some roots to four digits only; where so, it is said.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials import overlap, overlap_baseline, overlap_sorted, overlap_tau
from trials.known_answers_sets import cases

# Parker, Vannest and Davis (2011), the worked example of nine measures; SingleCaseES test-parker-vannest-davis-2011.R
A, B = [20, 20, 26, 25, 22, 23], [28, 25, 24, 27, 30, 30, 29]
numbers = st.lists(st.integers(0, 12), min_size=3, max_size=12)


def test_the_nine_measures_of_parker_vannest_and_davis():
    assert overlap.pnd(A, B).estimate == pytest.approx(5 / 7)
    assert overlap.pand(A, B).estimate == pytest.approx(1 - 2 / 13)
    assert overlap.pem(A, B).estimate == 1.0
    assert overlap.ird(A, B).estimate == pytest.approx(6 / 7 - 1 / 6)
    assert overlap.nap(A, B).estimate == pytest.approx(38.5 / 42)
    assert overlap.tau(A, B).estimate == pytest.approx((38 - 3) / 42)


def test_tau_and_tau_u_of_the_second_example():
    a, b = [3, 3, 4, 5], [4, 5, 6, 7, 7]
    assert overlap.tau(a, b).estimate == pytest.approx(16 / 20)
    assert overlap_tau.tau_u_simple(a, b).estimate == pytest.approx(11 / 20)


def test_nap_comes_with_the_errors_of_singlecasees():
    # its vignette prints SE 0.06900656 and 0.5973406 to 0.9860176, the ends found by R's uniroot to about 1e-4
    found = overlap.nap(A, B)
    assert found.se == pytest.approx(0.06900656, abs=5e-9)
    assert found.interval.low == pytest.approx(0.5973406, abs=1e-4)
    assert found.interval.high == pytest.approx(0.9860176, abs=1e-4)
    m, n, h, z = 6, 7, 5.5, stats.norm.ppf(0.975)
    for theta in (found.interval.low, found.interval.high):
        inside = 1 / h + (1 - theta) / (2 - theta) + theta / (1 + theta)
        assert (found.estimate - theta) ** 2 == pytest.approx(z * z * h * theta * (1 - theta) / (m * n) * inside)


def test_the_errors_of_nap_by_hanley_and_by_no_effect():
    won = (np.array(B) > np.array(A)[:, None]) + 0.5 * (np.array(B) == np.array(A)[:, None])
    share, m, n = won.mean(), 6, 7
    rows, columns = ((won - share).sum(1) ** 2).sum() / (m * n**2), ((won - share).sum(0) ** 2).sum() / (m**2 * n)
    hanley = math.sqrt((share * (1 - share) + (n - 1) * rows + (m - 1) * columns) / (m * n))
    assert overlap.nap(A, B, se="hanley").se == pytest.approx(hanley)
    assert overlap.nap(A, B, se="null").se == pytest.approx(math.sqrt(14 / (12 * 42)))


def test_complete_non_overlap_keeps_an_error_and_an_interval():
    found = overlap.nap([1, 2, 3], [4, 5, 6, 7])
    assert found.estimate == 1.0
    assert found.se > 0.0
    assert found.interval.high == 1.0
    assert 0.3 < found.interval.low < 1.0


def test_nap_as_scan_prints_it():
    # help page of nap: gretchen; Grosche2011; phases 1 and 3 of exampleABAB
    gretchen = overlap.nap([12, 14, 9, 10], [10, 6, 4, 5, 3, 4], better=-1)
    assert round(100 * gretchen.estimate) == 94
    assert round(gretchen.detail["d"], 1) == 2.2
    printed = {"Eva": (69, 24, 0.10), "Georg": (48, 62, 0.57), "Olaf": (45, 53, 0.66)}
    for name, case in cases("Grosche2011").items():
        found = overlap.nap(*case.pair()[:2])
        got = (round(100 * found.estimate), round(found.detail["w"] + 1e-9), math.floor(100 * found.detail["p"]) / 100)
        assert got == printed[name]
    printed = {"Howard": -13.0, "Sheldon": -26.7, "Leonard": -6.7}
    for name, case in cases("exampleABAB").items():
        found = overlap.nap(*case.pair(0, 2)[:2])
        assert round(200 * found.estimate - 100, 1) == printed[name]


@given(numbers, numbers)
def test_nap_is_the_rank_sum_and_its_p_that_of_scipy(a, b):
    found = overlap.nap(a, b)
    theirs = stats.mannwhitneyu(b, a, alternative="greater", method="asymptotic")
    assert found.estimate == pytest.approx(theirs.statistic / (len(a) * len(b)))
    if len(set(a + b)) > 1:
        assert found.detail["p"] == pytest.approx(theirs.pvalue, abs=1e-12)


@given(numbers, numbers)
def test_turning_the_values_over_turns_the_direction(a, b):
    up, down = [-x for x in a], [-x for x in b]
    for measure in (overlap.nap, overlap.pnd, overlap.pem, overlap.pand, overlap.ird, overlap_tau.tau_u_simple):
        assert measure(a, b, better=-1).estimate == pytest.approx(measure(up, down, better=1).estimate)


@given(numbers, numbers)
def test_pand_takes_out_the_fewest(a, b):
    cuts = [min(a + b) - 1, *a, *b]
    most = max(sum(x <= cut for x in a) + sum(y > cut for y in b) for cut in cuts)
    assert overlap.pand(a, b).estimate == pytest.approx(most / (len(a) + len(b)))


@given(numbers, numbers)
def test_kendalls_tau_b_is_scipys(x, y):
    n = min(len(x), len(y))
    found = overlap_tau.kendall(x[:n], y[:n])
    theirs = stats.kendalltau(x[:n], y[:n], method="asymptotic")
    if math.isfinite(found.tau):
        assert found.tau == pytest.approx(theirs.statistic)
        assert found.p == pytest.approx(theirs.pvalue, abs=1e-10)
    else:
        assert math.isnan(theirs.statistic) or found.s == 0


def test_kendalls_own_example():
    # Kendall (1970), example 3.1, p. 35, as SingleCaseES test-tarlow-2017.R has it
    x = [1, 2.5, 2.5, 4.5, 4.5, 6.5, 6.5, 8, 9.5, 9.5]
    y = [1, 2, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10]
    found = overlap_tau.kendall(x, y)
    assert found.s == 33
    assert found.denominator == pytest.approx(math.sqrt(41 * 36))
    assert round(found.tau, 3) == 0.859


def test_parkers_bob_as_scan_prints_him():
    # help page of tau_u: method "parker", complete = TRUE
    table = overlap_tau.tau_u([2, 3, 5, 3], [4, 5, 5, 7, 6], method="parker")
    printed = {
        "A vs. B": (20, 17, 1, 2, 16, 20, 0.80, 0.29, 0.96, 8.16, 0.40, 2.00),
        "Trend A": (6, 4, 1, 1, 3, 6, 0.50, -0.89, 0.99, 2.94, 0.46, 1.08),
        "Trend B": (10, 8, 1, 1, 7, 10, 0.70, -0.48, 0.98, 4.08, 0.40, 1.77),
        "A vs. B - Trend A": (20, 18, 5, 3, 13, 20, 0.65, -0.02, 0.92, 8.48, 0.42, 1.53),
        "A vs. B + Trend B": (30, 25, 2, 3, 23, 30, 0.77, 0.21, 0.95, 8.91, 0.30, 2.58),
        "A vs. B + Trend B - Trend A": (36, 26, 6, 4, 20, 36, 0.56, -0.17, 0.89, 9.35, 0.26, 2.14),
    }
    for name, row in table.items():
        got = (row.pairs, row.rising, row.falling, row.tied, row.s, row.d, row.tau)
        got += (row.interval.low, row.interval.high, row.s_sd, row.se, row.z)
        assert tuple(round(value, 2) for value in got) == printed[name]


def test_tau_u_of_grosche_as_scan_prints_it():
    # help page of tau_u, and tests/testthat/test-tau.R: the p values sum to 1.44159, all columns to 7.57242
    printed = {
        "Eva": [(0.38, 22.80, 1.32), (0.26, 23.42, 1.41), (0.49, 28.08, 2.85), (0.49, 28.58, 2.90)],
        "Georg": [(-0.04, 31.49, -0.16), (0.06, 32.18, 0.34), (0.14, 39.75, 0.93), (0.19, 40.30, 1.32)],
        "Olaf": [(-0.10, 25.92, -0.39), (-0.06, 29.74, -0.34), (-0.09, 27.15, -0.52), (-0.07, 30.82, -0.45)],
    }
    found = {name: overlap_tau.tau_u(*case.pair()[:2]) for name, case in cases("Grosche2011").items()}
    rows = [overlap_tau.ROWS[k] for k in (0, 3, 4, 5)]
    for name, table in found.items():
        assert [tuple(round(v, 2) for v in (table[r].tau, table[r].s_sd, table[r].z)) for r in rows] == printed[name]
    overall = [overlap_tau.tau_overall([table[row] for table in found.values()]) for row in rows]
    assert sum(round(one.p, 5) for one in overall) == pytest.approx(1.44159)
    columns = [(one.tau, one.se, one.interval.low, one.interval.high, one.z, one.p) for one in overall]
    assert sum(round(value, 5) for row in columns for value in row) == pytest.approx(7.57242)


def test_tau_u_of_huber_weighed_together_as_scans_test_has_it():
    tables = [overlap_tau.tau_u(*case.pair()[:2]) for case in cases("Huber2014").values()]
    rows = [overlap_tau.ROWS[k] for k in (0, 3, 4, 5)]
    overall = [overlap_tau.tau_overall([table[row] for table in tables]) for row in rows]
    columns = [(one.tau, one.se, one.interval.low, one.interval.high, one.z, one.p) for one in overall]
    assert sum(round(value, 5) for row in columns for value in row) == pytest.approx(22.51747, abs=1e-9)


def test_too_few_values_for_fishers_z_say_so():
    rows = [overlap_tau.tau_u([1, 2], [2, 1])["Trend A"]]
    assert rows[0].interval is None
    assert isinstance(overlap_tau.tau_overall(rows), CannotSay)
    with pytest.raises(BadRequest, match="no case"):
        overlap_tau.tau_overall([])


def test_baseline_corrected_tau_as_scan_prints_it():
    # help page of corrected_tau
    found = overlap_baseline.corrected_tau([33, 25, 17, 25, 14, 13, 15], [15, 16, 16, 5, 7, 9, 6, 5, 3, 3, 8, 11, 7])
    for kendall, printed in ((found.baseline, (-0.68, -2.13)), (found.plain, (-0.57, -2.94))):
        assert (round(kendall.tau, 2), round(kendall.z, 2)) == printed
    assert (round(found.without_trend.tau, 2), round(found.without_trend.z, 2)) == (0.70, 3.61)
    assert found.corrected
    assert found.tau == found.without_trend.tau


def test_tarlows_straight_line_has_no_effect_left():
    # SingleCaseES test-tarlow-2017.R: Tau 1, Tau-U .6, Tau-BC 0 on a plain rise
    a, b = [1, 2, 3, 4, 5], [6, 7, 8, 9, 10]
    assert overlap.tau(a, b).estimate == 1.0
    assert overlap_tau.tau_u_simple(a, b).estimate == pytest.approx(0.6)
    assert overlap_baseline.tau_bc(a, b).estimate == 0.0
    assert overlap_baseline.tau_bc(a, b, as_kendall=True).estimate == 0.0


def test_tau_bc_takes_a_trend_off_only_where_it_shows():
    plain = overlap_baseline.tau_bc(A, B, only_if_shown_at=0.05)
    assert plain.estimate == pytest.approx(overlap.tau(A, B).estimate)
    assert plain.se == pytest.approx(overlap.tau(A, B).se)
    assert overlap_baseline.tau_bc(A, B).estimate != plain.estimate
    shown = overlap_baseline.tau_bc([1, 1, 3, 3, 5, 5], [5, 6, 4, 8, 9], only_if_shown_at=0.05)
    assert 0.01 < shown.detail["trend_p"] < 0.05
    up = overlap_baseline.tau_bc([1, 1, 3, 3, 5, 5], [5, 6, 4, 8, 9])
    down = overlap_baseline.tau_bc([1, 1, 3, 3, 5, 5], [5, 6, 4, 8, 9], better=-1)
    assert up.estimate == pytest.approx(-down.estimate)
    assert up.interval.low == pytest.approx(-down.interval.high)


def test_kendalls_form_of_tau_bc_has_tarlows_error():
    a, b = [33, 25, 17, 25, 19, 21, 19, 14, 19, 17], [14, 15, 15, 9, 12, 7, 10, 6, 5, 2, 2, 3, 5, 4]
    found = overlap_baseline.tau_bc(a, b, as_kendall=True)
    start, slope = overlap_tau.theil_sen(np.arange(1, 11), a)
    assert (found.detail["intercept"], found.detail["slope"]) == (start, slope)
    left = np.array(a + b) - start - slope * np.arange(1, 25)
    tau = stats.kendalltau(left, np.repeat([0, 1], [10, 14])).statistic
    assert found.estimate == pytest.approx(tau)
    assert found.se == pytest.approx(math.sqrt(2 / 24 * (1 - tau**2)))


def test_theil_and_sens_line_is_scipys():
    a = [33, 25, 17, 25, 19, 21, 19, 14, 19, 17]
    assert overlap_tau.theil_sen(range(10), a)[1] == pytest.approx(stats.theilslopes(a, range(10)).slope)
    with pytest.raises(BadRequest, match="different times"):
        overlap_tau.theil_sen([1, 1], [2, 3])


def test_pand_of_parker_2007_as_scan_prints_it():
    # help page of pand; the odds ratio is R's, found to three digits (29.007 and 12.230); scipy's is the exact one
    found = overlap_sorted.pand_sorted([case.pair()[:2] for case in cases("Parker2007").values()])
    assert found.table.tolist() == [[11, 2], [2, 13]]
    assert (round(100 * found.share, 1), round(found.phi, 3), round(found.chi2, 3)) == (85.7, 0.713, 14.227)
    assert found.odds_ratio == pytest.approx(29.007, rel=1e-3)
    cubs = overlap_sorted.pand_sorted([([20, 22, 24, 17], [21, 13, 10, 9, 20, 9, 18])], better=-1)
    assert cubs.table.tolist() == [[3, 1], [1, 6]]
    assert (round(cubs.phi, 3), round(cubs.chi2, 3), round(cubs.odds_ratio, 2)) == (0.607, 4.055, 12.23)


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(lambda t: min(t[0] + t[1], t[2] + t[3]) > 0))
def test_fishers_exact_test_is_scipys(cells):
    table = np.array(cells).reshape(2, 2)
    if min(table.sum(axis=0)) == 0:
        return
    odds, p = overlap_sorted.fisher_exact(table)
    assert p == pytest.approx(stats.fisher_exact(table).pvalue, abs=1e-9)
    theirs = stats.contingency.odds_ratio(table).statistic
    assert odds == pytest.approx(theirs, rel=1e-5, abs=1e-9)


def test_the_dual_criterion_as_scan_prints_it():
    # help page of cdc: exampleAB_decreasing by two halves, exampleABAB phases 1 and 4 by three thirds
    printed = {"Peter": (7, 13), "Tony": (11, 12), "Bruce": (14, 14)}
    for name, case in cases("exampleAB_decreasing").items():
        a, b, at_a, at_b = case.pair()
        found = overlap_sorted.dual_criterion(a, b, at_a, at_b, better=-1, trend="bisplit")
        assert (found.beyond, found.n) == printed[name]
    tony = cases("exampleAB_decreasing")["Tony"].pair()
    assert overlap_sorted.dual_criterion(*tony, better=-1, trend="bisplit", shift=0.0).beyond == 12
    printed = {"Howard": (10, 10), "Sheldon": (4, 10), "Leonard": (7, 7)}
    for name, case in cases("exampleABAB").items():
        found = overlap_sorted.dual_criterion(*case.pair(0, 3), trend="trisplit")
        assert (found.beyond, found.n) == printed[name]
        assert found.p == pytest.approx(stats.binomtest(found.beyond, found.n, alternative="greater").pvalue)


def test_pem_and_pet_come_with_their_tests():
    found = overlap.pem([3, 4, 5], [4, 5, 6, 7], ties=0.0)
    assert found.estimate == 0.75
    assert overlap.pem([3, 4, 5], [4, 5, 6, 7]).estimate == 0.875
    assert found.detail["p"] == pytest.approx(stats.binomtest(3, 4, alternative="greater").pvalue)
    case = cases("exampleAB")["Karolina"]
    a, b, at_a, at_b = case.pair()
    pet = overlap.pet(a, b, at_a, at_b)
    fit = stats.linregress(at_a, a)
    assert pet.estimate == np.mean(b > fit.intercept + fit.slope * at_b)
    scale = math.sqrt(np.sum((a - fit.intercept - fit.slope * at_a) ** 2) / (len(a) - 2))
    off = at_b - at_a.mean()
    reach = stats.norm.ppf(0.95) * scale * np.sqrt(1 / len(a) + off**2 / np.sum((at_a - at_a.mean()) ** 2))
    assert pet.detail["beyond_band"] == np.mean(b > fit.intercept + fit.slope * at_b + reach)


def test_missing_values_are_left_out():
    a, b = [20, float("nan"), 20, 26, 25, 22, 23], [28, 25, 24, 27, float("nan"), 30, 30, 29]
    assert overlap.nap(a, b) == overlap.nap(A, B)


@pytest.mark.parametrize("measure", [overlap.nap, overlap.tau, overlap.pnd, overlap.pem, overlap.pand, overlap.ird])
def test_an_empty_phase_is_thin_evidence(measure):
    assert isinstance(measure([], [1, 2]), CannotSay)


def test_what_is_no_list_of_numbers_is_refused():
    with pytest.raises(BadRequest, match="better is 1"):
        overlap.nap(A, B, better=2)
    with pytest.raises(BadRequest, match="infinite"):
        overlap.nap([1, math.inf], B)
    with pytest.raises(BadRequest, match="table"):
        overlap.nap([[1, 2]], B)
    with pytest.raises(BadRequest, match="hanley"):
        overlap.nap(A, B, se="robust")
    with pytest.raises(BadRequest, match="6 values came with 2 times"):
        overlap.pet(A, B, [1, 2], range(7))
