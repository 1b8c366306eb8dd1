"""Design-comparable effect sizes: the papers' examples in full, the restricted likelihood against nlme's printed fits.

Hedges, Pustejovsky and Shadish (2012, 2013) by scdhlm's tests/testthat/test_HPS_examples.R; its vignette "Estimating
effect sizes" and README for lme and g_mlm. nlme stops its search at a tolerance, so its last digit or two may differ.
"""

import math

import numpy as np
import pytest
from scipy import stats

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.between_cases import multiple_baseline, phases_repeated
from mainstay.trials.between_cases_mixed import fit, rows_of
from mainstay.trials.between_cases_reml import between_smd, comparable, restricted
from mainstay.trials.between_cases_trends import Trends, default_times, restricted_trends
from mainstay.trials.piecewise_cases import hplm
from mainstay.trials.piecewise_design import Model
from trials.known_answers_sets import cases
from trials.known_answers_sets import comparable as published


def lambert(**given):
    rows = published("Lambert", measure="disruptive behavior")
    return phases_repeated(
        rows["outcome"], rows["treatment"] == "RC", rows["case"], rows["phase"], rows["time"], **given
    )


def baseline(name, **where):
    rows = published(name, **where)
    return rows["outcome"], rows["treatment"] == "treatment", rows["case"], rows["time"]


def whole(found):
    names = ("points", "difference", "s_squared", "unadjusted", "phi", "sigma_squared", "rho", "theta", "nu", "g")
    return [round(getattr(found, name), 6) for name in names] + [round(found.variance, 8)]


def test_the_first_example_of_2012_in_full():
    assert whole(lambert()) == [
        23, -5.457995, 4.673913, -2.524601, 0.224680, 4.534312, 0.029868, 0.144926, 164.492271, -2.513073, 0.04054616,
    ]  # fmt: skip


def test_the_second_example_of_2012_in_full():
    rows = published("Anglesea")
    found = phases_repeated(
        rows["outcome"], rows["condition"] == "treatment", rows["case"], rows["phase"], rows["session"]
    )
    assert whole(found) == [
        13, 86.870476, 2347.845708, 1.792823, 0.175859, 198.369968, 0.915510, 0.091347, 2.340135, 1.149507, 2.43956417,
    ]  # fmt: skip


def test_the_first_example_of_2013_in_full():
    found = multiple_baseline(*baseline("Saddler", measure="writing quality"))
    assert found.observations == 41
    assert whole(found) == [
        13, 2.097222, 0.952381, 2.149013, 0.099650, 0.349322, 0.633212, 0.200641, 8.918146, 1.963073, 0.33491289,
    ]  # fmt: skip
    for measure, g, variance in (
        ("T-unit length", 0.785400, 0.08023320),
        ("number of constructions", 0.747554, 0.07847359),
    ):
        other = multiple_baseline(*baseline("Saddler", measure=measure))
        assert (round(other.g, 6), round(other.variance, 8)) == (g, variance)


def test_the_second_example_of_2013_in_full():
    found = multiple_baseline(*baseline("Laski"))
    assert whole(found) == [
        27, 31.822475, 465.815861, 1.474439, 0.016526, 142.555268, 0.693966, 0.102497, 13.100415, 1.388385, 0.10050132,
    ]  # fmt: skip


def test_the_order_of_rows_does_not_matter():
    rows = published("Saddler", measure="writing quality").sample(fraction=1.0, shuffle=True, seed=7)
    found = multiple_baseline(rows["outcome"], rows["treatment"] == "treatment", rows["case"], rows["time"])
    assert found.g == pytest.approx(multiple_baseline(*baseline("Saddler", measure="writing quality")).g)


def test_a_given_autocorrelation_is_used():
    # the vignette: its choice has only a trivial effect on the estimate
    found = lambert(phi=0.35)
    assert found.phi == 0.35
    assert found.g == pytest.approx(lambert().g, abs=0.02)
    assert found.variance > lambert(phi=0.10).variance


def test_thin_evidence_between_cases_is_an_answer():
    alone = multiple_baseline([1, 2, 5, 6], [0, 0, 1, 1], ["x"] * 4, [1, 2, 3, 4])
    assert isinstance(alone, CannotSay)
    assert alone.need == 2
    both = multiple_baseline([1, 2, 5, 6], [0, 0, 1, 0], ["x", "x", "x", "y"], [1, 2, 3, 4])
    assert isinstance(both, CannotSay)
    alike = multiple_baseline(
        [1, 2, 1, 2, 3, 1, 2, 1, 2, 3], [0, 0, 1, 1, 1] * 2, ["x"] * 5 + ["y"] * 5, [1, 2, 3, 4, 5] * 2
    )
    assert isinstance(alike, CannotSay)
    steady = multiple_baseline([1, 1, 4, 4, 2, 2, 6, 6], [0, 0, 1, 1] * 2, ["x"] * 4 + ["y"] * 4, [1, 2, 3, 4] * 2)
    assert isinstance(steady, CannotSay)
    pair = phases_repeated([1, 2, 5, 7], [0, 1] * 2, ["x", "x", "y", "y"], [1] * 4, [1, 2] * 2)
    assert isinstance(pair, CannotSay)
    with pytest.raises(BadRequest, match="as long as"):
        multiple_baseline([1, 2], [0], ["x", "y"], [1, 2])


def laski(vary=False):
    return restricted(*baseline("Laski"), effects_vary=vary)


def test_laski_by_restricted_likelihood():
    # vignette and README: g 1.4048872, SE .2863249, nu 18.5524061, phi .2527690, logLik -519.1424
    found = laski()
    assert found.g == pytest.approx(1.4048872, abs=1e-6)
    assert found.se == pytest.approx(0.2863249, abs=1e-6)
    assert found.nu == pytest.approx(18.5524061, abs=2e-5)
    model = found.model
    assert model.phi == pytest.approx(0.252769, abs=1e-6)
    assert (round(model.log_likelihood, 4), round(model.aic, 3), round(model.bic, 3)) == (-519.1424, 1048.285, 1062.466)
    assert model.beta == pytest.approx([39.07612, 30.68366], abs=2e-5)
    assert model.se == pytest.approx([5.989138, 2.995972], abs=5e-6)
    assert model.freedom.tolist() == [119, 119]
    assert math.sqrt(model.tau[0, 0]) == pytest.approx(15.68278, abs=2e-5)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.8046224, 2.0051521), abs=2e-6)
    ends = found.asymmetric()
    assert (ends.low, ends.high) == pytest.approx((0.9143684, 2.0046719), abs=2e-6)


def test_laski_with_effects_that_vary():
    found = laski(vary=True)
    assert (round(found.unadjusted, 3), round(found.g, 3), round(found.se, 3), round(found.nu, 3)) == (
        1.271, 1.181, 0.358, 10.776,
    )  # fmt: skip
    assert found.model.log_likelihood == pytest.approx(-511.0069, abs=5e-5)
    assert np.sqrt(np.diag(found.model.tau)) == pytest.approx([21.79581, 13.24108], abs=2e-5)


def test_saddler_by_restricted_likelihood():
    found = restricted(*baseline("Saddler", measure="writing quality"))
    assert (round(found.g, 3), round(found.se, 3), round(found.nu, 3)) == (2.174, 0.557, 11.963)
    assert found.model.phi == pytest.approx(0.3819756, abs=1e-6)
    assert (round(found.kappa, 3), round(found.model.log_likelihood, 3)) == (0.249, -43.657)


def schutte(**trends):
    rows = published("Schutte")
    return restricted_trends(
        rows["fatigue"], rows["treatment"] == "treatment", rows["case"], rows["week"],
        Trends(**trends), start=2, follow=9,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("varying", "height", "printed"),
    [
        ({}, -435.0872, (-1.337, 0.627, 29.152)),
        ({"base_varies": (0, 1)}, -428.9763, (-1.013, 0.469, 14.302)),
    ],
)
def test_schutte_as_the_vignette_prints_it(varying, height, printed):
    found = schutte(**varying)
    assert found.model.log_likelihood == pytest.approx(height, abs=5e-5)
    assert (round(found.g, 3), round(found.se, 3), round(found.nu, 3)) == printed


def test_where_nlme_did_not_converge_ours_is_no_lower():
    # the vignette's third model stops at -424.5123 with a correlation of .999, and says that it did not converge
    found = schutte(base_varies=(0, 1), effect_varies=(1,))
    assert found.model.log_likelihood >= -424.5123
    assert (found.g, found.se, found.nu) == pytest.approx((-1.326, 0.827, 6.848), abs=0.01)


def test_laski_does_not_depend_on_the_centre():
    outcome, treated, case, time = baseline("Laski")
    assert default_times(case.to_list(), treated, time) == (4.0, 13.0)
    model = Trends(base_varies=(0, 1))
    late = restricted_trends(outcome, treated, case, time, model)
    early = restricted_trends(outcome, treated, case, time, model, center=4)
    assert early.g == pytest.approx(late.g, abs=1e-5)
    assert (early.se, early.nu) == pytest.approx((late.se, late.nu), rel=1e-4)


def test_without_trends_it_is_the_plain_model():
    plain = restricted_trends(*baseline("Laski"), Trends(base=(0,), effect=(0,)))
    assert plain.g == pytest.approx(laski().g)
    with pytest.raises(BadRequest, match="after the start"):
        restricted_trends(*baseline("Laski"), start=9, follow=9)
    with pytest.raises(BadRequest, match="must be in the model"):
        Trends(base_varies=(0, 2))


def test_the_model_is_the_likelihood_written_out_densely():
    rng = np.random.default_rng(3)
    case, time = np.repeat(np.arange(4), 9), np.tile(np.cumsum(rng.integers(1, 4, 9)), 4).astype(float)
    x = np.column_stack((np.ones(36), np.tile(np.arange(9) > 3, 4)))
    y = x @ [3.0, 2.0] + rng.normal(size=4)[case] + rng.normal(size=36)
    for method in ("ML", "REML"):
        found = fit(rows_of(y, x, x[:, :1], case.tolist(), time), method=method, autoregressive=True)
        same = case[:, None] == case
        alike = np.where(
            same,
            np.sign(found.phi) ** np.abs(time[:, None] - time) * np.abs(found.phi) ** np.abs(time[:, None] - time),
            0.0,
        )
        v = found.tau[0, 0] * same + found.sigma_squared * alike
        height = stats.multivariate_normal.logpdf(y, x @ found.beta, v)
        if method == "REML":
            inside = x.T @ np.linalg.solve(v, x)
            height += math.log(2 * math.pi) - 0.5 * np.linalg.slogdet(inside)[1]
        assert found.log_likelihood == pytest.approx(height)
        assert found.covariance == pytest.approx(np.linalg.inv(x.T @ np.linalg.solve(v, x)), rel=1e-6)


def test_what_a_mixed_model_refuses():
    one = np.ones((4, 1))
    assert isinstance(fit(rows_of(np.arange(4.0), one, one, ["x"] * 4, np.arange(4.0))), CannotSay)
    rows = rows_of(np.arange(4.0), one, one, ["x", "x", "y", "y"], np.zeros(4))
    with pytest.raises(BadRequest, match="one value at a time"):
        fit(rows, autoregressive=True)
    found = fit(rows_of(np.array([1.0, 2.0, 5.0, 7.0]), one, one, ["x", "x", "y", "y"], np.arange(4.0)), method="ML")
    with pytest.raises(BadRequest, match="restricted"):
        comparable(found, [1.0])


def test_between_case_differences_as_scans_test_sums_them():
    # tests/testthat/test-between_smd.R: two models of exampleAB at 90 %, all numbers and the level sum to 15.3268;
    # nlme leaves a variance a little above the 0 where the likelihood is highest
    total = 0.9
    for model in (Model(slope=False, trend=False), Model()):
        found = hplm(list(cases("exampleAB").values()), model, method="REML")
        place = [term.name for term in found.terms].index("phaseB")
        size = between_smd(found.model, place, level=0.9)
        total += size.estimate + size.se + size.interval.low + size.interval.high
        assert isinstance(between_smd(found.model, place, within=False), CannotSay)
    assert total == pytest.approx(15.3268, abs=0.002)
