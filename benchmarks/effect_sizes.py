"""Single-case effect sizes, piecewise regression and models of several cases, beside what Python has of them.

No Python package has the whole; the peers do single parts: SciPy the rank sum, Kendall's tau and Theil and Sen's line;
statsmodels least squares, ARIMA errors, Poisson regression and the mixed model. Ours are timed with all that they
give: standard errors, intervals, tests. Values are checked to agree before anything is timed.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
from scipy import stats
from statsmodels import api as sm
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tsa.arima.model import ARIMA
from timing import Job, machine, race, report

from mainstay.trials import effect_sizes, overlap, overlap_baseline, piecewise
from mainstay.trials.between_cases import multiple_baseline
from mainstay.trials.between_cases_reml import restricted
from mainstay.trials.effect_sizes import Case
from mainstay.trials.effect_sizes_means import smd
from mainstay.trials.piecewise_cases import hplm
from mainstay.trials.piecewise_counts import plm_counts
from mainstay.trials.piecewise_design import Model, design


def simulated(rng: np.random.Generator, name: str, days: int, change: int) -> Case:
    """A case of two phases: AR(1) noise, a step of one sd, a slight trend."""
    noise = np.zeros(days)
    for day in range(1, days):
        noise[day] = 0.3 * noise[day - 1] + rng.normal()
    at = np.arange(1.0, days + 1)
    values = 20.0 + rng.normal() + 0.01 * at + (at > change) + noise
    return Case(name, values, at, tuple("B" if day > change else "A" for day in at))


def ordinary(case: Case) -> sm.regression.linear_model.RegressionResults:
    """statsmodels' least squares on the same columns."""
    return sm.OLS(case.values, design(case, Model()).columns).fit()


def with_ar(case: Case) -> object:
    """statsmodels' regression with AR(1) errors by maximum likelihood."""
    return ARIMA(case.values, exog=design(case, Model()).columns, order=(1, 0, 0), trend="n").fit()


def mixed(cases: list[Case]) -> object:
    """statsmodels' mixed model with a level for each case."""
    parts = [design(case, Model()) for case in cases]
    y, x = np.concatenate([part.values for part in parts]), np.vstack([part.columns for part in parts])
    owner = np.repeat(np.arange(len(parts)), [len(part.values) for part in parts])
    return MixedLM(y, x, owner).fit(reml=True)


def close(ours: float, theirs: float, within: float = 1e-4) -> None:
    """Refuse to time what does not agree."""
    assert abs(ours - theirs) <= within * max(abs(theirs), 1.0), (ours, theirs)


def coverage(people: int = 2_000, days: int = 20) -> None:
    """How often 95 % intervals exclude no effect where there is none, under AR(1): .05 if they bore it."""
    rng = np.random.default_rng(2)
    print(f"\n{people} simulated people, {days} days a phase, no effect; shares of 95 % intervals that exclude it")
    print(f"{'autocorrelation':>16}{'NAP':>8}{'SMD pooled':>12}{'step of plm':>13}{'with AR(1)':>12}")
    for alike in (0.0, 0.2, 0.4, 0.6, 0.8):
        out = np.zeros(4)
        for _ in range(people):
            noise = rng.normal(size=2 * days) * np.sqrt(1.0 - alike**2)
            noise[0] /= np.sqrt(1.0 - alike**2)
            for day in range(1, 2 * days):
                noise[day] += alike * noise[day - 1]
            case = Case("x", noise, np.arange(2.0 * days), ("A",) * days + ("B",) * days)
            a, b, _, _ = case.pair()
            level = Model(trend=False, slope=False)
            ends = [
                (overlap.nap(a, b).interval, 0.5),
                (smd(a, b, spread="pooled").interval, 0.0),
                (piecewise.plm(case, level).term("phaseB").interval, 0.0),
                (piecewise.plm(case, level, ar=1).term("phaseB").interval, 0.0),
            ]
            out += [not interval.low <= none <= interval.high for interval, none in ends]
        shares = out / people
        print(f"{alike:>16.1f}{shares[0]:>8.3f}{shares[1]:>12.3f}{shares[2]:>13.3f}{shares[3]:>12.3f}")


def main() -> None:
    """Print the figures; with --coverage, how the errors bear autocorrelation instead."""
    if "--coverage" in sys.argv:
        coverage()
        return
    warnings.simplefilter("ignore")
    print(f"single-case effect sizes; {machine()}")
    rng = np.random.default_rng(1)
    year = simulated(rng, "a year", 365, 150)
    a, b, at_a, at_b = year.pair()
    rank = stats.mannwhitneyu(b, a)
    close(overlap.nap(a, b).estimate, rank.statistic / (len(a) * len(b)))
    tau = overlap_baseline.corrected_tau(a, b)
    phase = np.repeat([0, 1], [len(a), len(b)])
    close(tau.plain.tau, stats.kendalltau(np.concatenate((a, b)), phase).statistic)
    jobs: dict[str, Job] = {
        "mainstay": lambda: overlap.nap(a, b),
        "scipy, the rank sum alone": lambda: stats.mannwhitneyu(b, a),
    }
    report("NAP with error, interval and test, 365 days", race(jobs))

    def scipys_tau() -> float:
        slope = stats.theilslopes(a, at_a)
        left = np.concatenate((a, b)) - slope.intercept - slope.slope * np.concatenate((at_a, at_b))
        return float(stats.kendalltau(left, phase).statistic + stats.kendalltau(a, at_a).statistic)

    jobs = {"mainstay": lambda: overlap_baseline.corrected_tau(a, b), "scipy, its three parts": scipys_tau}
    report("baseline-corrected tau, 365 days", race(jobs))
    report("all effect sizes, 365 days", race({"mainstay": lambda: effect_sizes.of_case(year, better=1)}))
    month = simulated(rng, "a month", 30, 12)
    report("all effect sizes, 30 days", race({"mainstay": lambda: effect_sizes.of_case(month, better=1)}))

    ours, theirs = piecewise.plm(year), ordinary(year)
    close(ours.terms[2].value, theirs.params[2])
    close(ours.terms[2].se, theirs.bse[2])
    jobs = {"mainstay": lambda: piecewise.plm(year), "statsmodels OLS": lambda: ordinary(year).summary2()}
    report("piecewise regression, 365 days", race(jobs))
    ours, theirs = piecewise.plm(year, ar=1), with_ar(year)
    close(ours.log_likelihood, theirs.llf, 1e-3)
    jobs = {"mainstay": lambda: piecewise.plm(year, ar=1), "statsmodels ARIMA": lambda: with_ar(year)}
    report("the same with AR(1) errors", race(jobs))
    counted = Case("counts", rng.poisson(np.exp(0.1 * year.values)).astype(float), year.at, year.phase)
    columns = design(counted, Model()).columns
    poisson = sm.GLM(counted.values, columns, family=sm.families.Poisson()).fit()
    close(plm_counts(counted, "poisson").terms[2].value, poisson.params[2])
    jobs = {
        "mainstay": lambda: plm_counts(counted, "poisson"),
        "statsmodels GLM, Wald intervals": lambda: sm.GLM(
            counted.values, columns, family=sm.families.Poisson()
        ).fit().conf_int(),
    }  # fmt: skip
    report("counts, intervals by profile, 365 days", race(jobs))

    fifty = [simulated(rng, str(k), 30, 8 + k % 10) for k in range(50)]
    ours, theirs = hplm(fifty, method="REML"), mixed(fifty)
    close(ours.model.log_likelihood, theirs.llf, 1e-3)
    close(ours.terms[2].value, theirs.fe_params[2], 1e-3)
    jobs = {"mainstay": lambda: hplm(fifty, method="REML"), "statsmodels MixedLM": lambda: mixed(fifty)}
    report("piecewise model of 50 cases, 1,500 rows", race(jobs))
    eight = [simulated(rng, str(k), 20, 6 + k % 8) for k in range(8)]
    y, at = (np.concatenate([getattr(case, part) for case in eight]) for part in ("values", "at"))
    on = np.concatenate([[name == "B" for name in case.phase] for case in eight])
    owner = [case.name for case in eight for _ in case.values]
    jobs = {
        "mainstay": lambda: multiple_baseline(y, on, owner, at),
        "mainstay, restricted likelihood": lambda: restricted(y, on, owner, at),
    }
    report("design-comparable g, 8 cases of 20", race(jobs))


if __name__ == "__main__":
    main()
