"""Piecewise regression against what R prints: scan's tests and the examples of its help pages; else statistics by hand.

Published intervals of scan are normal; counts have R's profile intervals.
"""

import math

import numpy as np
import polars as pl
import pytest
from scipy import linalg, stats

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials import piecewise as pw
from mainstay.trials.effect_sizes import Case, cases_from
from mainstay.trials.piecewise_cases import hplm
from mainstay.trials.piecewise_counts import plm_counts
from mainstay.trials.piecewise_design import Model, design
from mainstay.trials.piecewise_many import mplm
from trials.known_answers_sets import SCAN, cases, frame, table


def made(values, phase, at=None):
    return Case("x", np.array(values, float), np.arange(1.0, len(values) + 1) if at is None else at, tuple(phase))


def johanna():
    return cases("exampleAB")["Johanna"]


def test_johanna_as_scan_prints_her():
    # help page of plm: print(ci = 0.9, r_squared = c("delta", "partial"))
    found = pw.plm(johanna(), level=0.9, law="normal")
    printed = {
        "Intercept": (54.400, 48.002, 60.798, 3.890, 13.986, 0.000),
        "mt": (0.100, -2.512, 2.712, 1.588, 0.063, 0.951),
        "phaseB": (7.858, -1.709, 17.426, 5.816, 1.351, 0.195),
        "interB": (1.525, -1.133, 4.183, 1.616, 0.944, 0.359),
    }
    for name, shown in printed.items():
        one = found.term(name)
        got = (one.value, one.interval.low, one.interval.high, one.se, one.statistic, one.p)
        assert tuple(round(value, 3) for value in got) == shown
    assert [round(one.own_share, 3) for one in found.terms[1:]] == [0.000, 0.018, 0.009]
    assert (round(found.f, 2), found.freedom) == (28.69, (3, 16))
    assert (round(found.r_squared, 3), round(found.r_squared_adjusted, 3), round(found.aic, 1)) == (0.843, 0.814, 126.8)
    assert [round(one, 2) for one in found.lags] == [-0.32, -0.13, -0.01]
    assert found.ljung_box_p == pytest.approx(stats.chi2.sf(2.84, 3), abs=0.005)


def test_students_intervals_are_wider_than_normal_ones():
    wide, narrow = pw.plm(johanna()), pw.plm(johanna(), law="normal")
    reach = stats.t.ppf(0.975, 16) * wide.term("phaseB").se
    assert wide.term("phaseB").interval.high == pytest.approx(wide.term("phaseB").value + reach)
    assert wide.term("phaseB").interval.high > narrow.term("phaseB").interval.high


@pytest.mark.parametrize("ar", [1, 2, 3])
def test_autocorrelated_errors_are_the_exact_likelihood(ar):
    case = johanna()
    found = pw.plm(case, ar=ar)
    rows = design(case, Model())
    n, k = rows.columns.shape
    # autocorrelations of the process from its coefficients by the Yule-Walker equations
    phi = np.array(found.ar)
    lhs = np.eye(ar)
    for i in range(ar):
        for j in range(ar):
            if abs(i - j) > 0 and abs(i - j) <= ar:
                lhs[i, abs(i - j) - 1] -= phi[j]
    rho = np.linalg.solve(lhs, phi)
    line = [1.0, *rho]
    while len(line) < n:
        line.append(float(phi @ line[-1 : -ar - 1 : -1]))
    v = linalg.toeplitz(line)
    inside = np.linalg.inv(rows.columns.T @ np.linalg.solve(v, rows.columns))
    beta = inside @ rows.columns.T @ np.linalg.solve(v, rows.values)
    left = rows.values - rows.columns @ beta
    misfit = left @ np.linalg.solve(v, left)
    assert [one.value for one in found.terms] == pytest.approx(beta)
    assert [one.se for one in found.terms] == pytest.approx(np.sqrt(np.diag(inside) * misfit / (n - k)))
    height = stats.multivariate_normal.logpdf(left, np.zeros(n), misfit / n * v)
    assert found.log_likelihood == pytest.approx(height)
    assert found.log_likelihood > pw.plm(case).log_likelihood


@pytest.mark.parametrize("coding", ["W", "H-M", "B&L-B", "JW"])
@pytest.mark.parametrize("contrast", ["first", "preceding"])
def test_every_coding_fits_the_same_lines(coding, contrast):
    case = cases("exampleA1B1A2B2")["Moritz"]
    found, plain = pw.plm(case, Model(coding, contrast)), pw.plm(case)
    assert found.r_squared == pytest.approx(plain.r_squared)
    assert found.left == pytest.approx(plain.left, abs=1e-8)


def test_the_columns_of_each_coding():
    case = made([1, 2, 3, 4, 5, 6], "AABBCC")
    w, h, b = (design(case, Model(coding)).columns for coding in ("W", "H-M", "B&L-B"))
    assert w[:, 1].tolist() == [0, 1, 2, 3, 4, 5]
    assert h[:, 1].tolist() == [1, 2, 3, 4, 5, 6]
    assert w[:, 4].tolist() == h[:, 4].tolist() == [0, 0, 0, 1, 0, 0]
    assert b[:, 4].tolist() == [0, 0, 1, 2, 0, 0]
    before = design(case, Model(contrast="preceding")).columns
    assert before[:, 2].tolist() == [0, 0, 1, 1, 1, 1]
    assert before[:, 4].tolist() == [0, 0, 0, 1, 2, 3]
    assert design(case, Model(contrast="preceding")).names == design(case, Model()).names


def test_counts_as_scan_prints_them():
    # help page of plm: example_A24 |> plm(family = "poisson"); R's confint profiles the likelihood
    found = plm_counts(cases("example_A24")["A24"], "poisson")
    printed = {
        "Intercept": (5.556, 5.472, 5.638, 0.042, 131.693),
        "mt": (0.007, -0.016, 0.030, 0.012, 0.604),
        "phaseB": (-0.806, -0.938, -0.674, 0.067, -11.964),
        "interB": (-0.006, -0.031, 0.019, 0.013, -0.472),
    }
    for name, shown in printed.items():
        one = found.term(name)
        got = (one.value, one.interval.low, one.interval.high, one.se, one.statistic)
        assert tuple(round(value, 3) for value in got) == shown
    assert (round(found.chi2, 2), found.freedom, round(found.aic, 1)) == (547.67, 3, 261.3)
    assert found.dispersion > 4.0


def test_shares_as_scan_prints_them():
    # help page of plm, and tests/testthat/test-plm.R: the table of coefficients sums to 3.565
    case = cases("exampleAB_score")["Christiano"]
    found = plm_counts(case, "binomial", trials=20)
    one = found.term("Intercept")
    got = (one.value, one.interval.low, one.interval.high, one.se, one.statistic)
    assert tuple(round(value, 3) for value in got) == (-1.964, -2.793, -1.239, 0.394, -4.991)
    assert (round(found.chi2, 2), round(found.aic, 1)) == (240.66, 120.3)
    assert round(sum(t.value + t.se + t.statistic + t.p for t in found.terms), 3) == 3.565
    trials = frame("exampleAB_score").filter(pl.col("case") == "Christiano")["trials"]
    assert plm_counts(case, "binomial", trials=trials) == found


def test_what_counts_refuse():
    case = made([1, 2, 3, 0, 0, 0], "AAABBB")
    assert isinstance(plm_counts(case, "poisson", Model(trend=False, slope=False)), CannotSay)
    assert isinstance(plm_counts(made([0, 0, 0, 0, 2, 3, 1, 4, 2], "AAAABBBBB"), "poisson"), CannotSay)
    with pytest.raises(BadRequest, match="needs the number of trials"):
        plm_counts(case, "binomial")
    with pytest.raises(BadRequest, match="between 0 and its trials"):
        plm_counts(case, "binomial", trials=2)
    with pytest.raises(BadRequest, match="between 0 and its trials"):
        plm_counts(made([-1, 2, 3, 1], "AABB"), "poisson")


def test_trends_as_scans_test_sums_them():
    # tests/testthat/test-trend.R
    shapes = dict(pw.SHAPES, Cubic=lambda at: at**3, Log=np.log)
    found = pw.trends(cases("exampleA1B1A2B2")["Moritz"], starts_at=1.0, shapes=shapes)
    assert len(found) == 20
    assert round(sum(one.intercept + one.slope + one.standardised for one in found.values()), 3) == 386.582


def test_autocorrelations_as_scans_test_sums_them():
    # tests/testthat/test-autocorr.R
    total = 0.0
    for case in cases("exampleABC").values():
        total += sum(pw.autocorrelation(case.values))
        total += sum(sum(pw.autocorrelation(case.values[case.stretch == k])) for k in range(3))
    assert round(total, 4) == -0.3649


def test_several_outcomes_as_scan_prints_them():
    # help page of mplm, and tests/testthat/test-mplm.R
    rows = frame("Leidig2018").filter(pl.col("case") == "1a1")
    outcomes = ("academic_engagement", "disruptive_behavior")
    both = [cases_from(rows.with_columns(case=pl.lit(name)), values=name)[0] for name in outcomes]
    found = mplm(both)
    assert round(found.beta.sum(), 3) == 4.575
    assert round(found.standardised.sum(), 4) == -0.0102
    printed = {"Intercept": (0.284, 15.475), "mt": (0.032, 1.275), "phaseB": (0.190, 9.176), "interB": (0.031, 1.267)}
    assert {name: (round(one.trace, 3), round(one.f, 3)) for name, one in found.terms.items()} == printed
    assert (round(found.together.trace, 2), round(found.together.f, 2)) == (0.35, 5.57)
    assert found.together.freedom == (6.0, 158.0)
    with pytest.raises(BadRequest, match="two outcomes"):
        mplm(both[:1])


def test_fifty_cases_as_scan_prints_them():
    # help page of hplm: exampleAB_50, REML
    found = hplm(list(cases("exampleAB_50").values()), method="REML")
    printed = {
        "Intercept": (48.398, 1.496, 32.351),
        "mt": (0.579, 0.116, 5.007),
        "phaseB": (14.038, 0.655, 21.442),
        "interB": (0.902, 0.119, 7.589),
    }
    assert {t.name: (round(t.value, 3), round(t.se, 3), round(t.statistic, 3)) for t in found.terms} == printed
    model = found.model
    assert (round(model.aic, 1), round(model.bic, 3)) == (8764.5, 8795.866)
    assert (round(found.icc, 3), round(found.icc_ratio, 1)) == (0.292, 341.2)
    assert (round(math.sqrt(model.tau[0, 0]), 3), round(math.sqrt(model.sigma_squared), 3)) == (10.073, 5.290)
    assert model.freedom.tolist() == [1328] * 4


def test_covariates_of_cases_as_scan_prints_them():
    # help page of hplm: Leidig2018 with its second level
    second = table(SCAN / "Leidig2018_l2.csv")
    names = ("gender", "migration", "ITRF_TOTAL")
    covariates = {name: dict(zip(second["case"], map(float, second[name]), strict=True)) for name in names}
    found = hplm(
        list(cases("Leidig2018").values()), Model(slope=False), covariates=covariates, products=[("phaseB", names[2])]
    )
    printed = {
        "Intercept": (3.751, 0.262, 14.302, 0.000),
        "mt": (0.004, 0.001, 6.019, 0.000),
        "phaseB": (0.667, 0.098, 6.808, 0.000),
        "gender": (-0.020, 0.301, -0.067, 0.947),
        "migration": (-0.300, 0.193, -1.556, 0.130),
        "ITRF_TOTAL": (-0.035, 0.013, -2.674, 0.012),
        "phaseB:ITRF_TOTAL": (-0.001, 0.005, -0.279, 0.780),
    }
    got = {t.name: tuple(round(v, 3) for v in (t.value, t.se, t.statistic, t.p)) for t in found.terms}
    assert got == printed
    assert (round(found.model.aic, 3), round(found.model.bic, 3)) == (5827.167, 5879.268)
    assert (round(found.icc, 3), round(found.icc_ratio, 1)) == (0.344, 875.4)
    assert found.model.freedom.tolist() == [2376, 2376, 2376, 31, 31, 31, 2376]


def test_four_phases_of_three_cases_near_what_scans_test_has():
    # tests/testthat/test-hplm.R: residual squares 3009.384 and 3005.251; nlme stops short of a variance of 0, where
    # the likelihood is highest: ours are larger by less than 1e-4 of them
    found = list(cases("exampleA1B1A2B2").values())
    for contrast, squares in (("first", 3009.384), ("preceding", 3005.251)):
        model = hplm(found, Model(contrast=contrast)).model
        assert float(model.left @ model.left) == pytest.approx(squares, rel=1e-4)


def test_slopes_that_vary_from_case_to_case_fit_no_worse():
    found = list(cases("exampleAB_50").values())
    plain, varied = hplm(found, Model(slope=False)), hplm(found, Model(slope=False), varying=("phaseB",))
    assert varied.model.log_likelihood > plain.model.log_likelihood
    assert varied.model.tau.shape == (2, 2)
    with pytest.raises(BadRequest, match="no column"):
        hplm(found, varying=("phaseC",))


def test_what_piecewise_regression_refuses():
    with pytest.raises(BadRequest, match="single phase"):
        pw.plm(made([1, 2, 3], "AAA"))
    with pytest.raises(BadRequest, match="'W', 'H-M'"):
        Model(coding="X")
    assert isinstance(pw.plm(made([1, 2, 3, 4], "AABB")), CannotSay)
    assert isinstance(pw.plm(made([1, 2, 3, 2, 1, 4], "AAAAAB")), CannotSay)
    assert isinstance(pw.plm(made([2] * 9, "AAAABBBBB")), CannotSay)
    with pytest.raises(BadRequest, match="0 autoregressions or more"):
        pw.plm(johanna(), ar=-1)
    with pytest.raises(BadRequest, match="no term"):
        pw.plm(johanna()).term("phaseC")
