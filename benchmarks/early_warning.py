"""Slowing with its significance, 1,500 readings: ours beside ewstools, rolling signs with 20 surrogates as it teaches.

Then who is told apart from whom, on one set of simulated people: slowing from a steady process, by area under the
curve; and how often a steady recovery is called slowing where only the noise rises, by 80 %. A likelihood ratio of an
autoregression whose coefficient and whose variance drift, readings taken as exact, stands beside both.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from ewstools import TimeSeries
from ewstools.core import block_bootstrap
from scipy.optimize import minimize_scalar
from timing import machine, race, report

from mainstay.notice.slowing import slowing

READINGS, A_DAY = 1500, 5
SURROGATES = 20
FIRST, LAST = 0.4, 0.6
PEOPLE = 60
NOISY = 12
ONE_SIDED = 1.6448536


def autoregressive(rng: np.random.Generator, phi: np.ndarray) -> np.ndarray:
    """A process of variance 1 whose autocorrelation is phi (n)."""
    x = rng.normal(size=len(phi))
    for i in range(1, len(phi)):
        x[i] = phi[i] * x[i - 1] + math.sqrt(1.0 - phi[i] ** 2) * x[i]
    return x


def taus(values: np.ndarray, surrogates: int = 0) -> tuple[dict[str, float], dict[str, float]]:
    """ewstools' Kendall tau of rolling variance and autocorrelation; with surrogates, the share as high or higher."""
    series = TimeSeries(values)
    series.detrend(method="Gaussian", bandwidth=0.2)
    found = signs(series)
    if not surrogates:
        return found, {}
    drawn = block_bootstrap(series.state["residuals"], surrogates, block_size=40)
    null = [signs(TimeSeries(one.droplevel(0)["x"])) for _, one in drawn.groupby(level="sample")]
    chance = {name: (1 + sum(one[name] >= tau for one in null)) / (1 + surrogates) for name, tau in found.items()}
    return found, chance


def signs(series: TimeSeries) -> dict[str, float]:
    """Kendall's tau of the two rolling signs, windows of half the record."""
    series.compute_var(rolling_window=0.5)
    series.compute_auto(lag=1, rolling_window=0.5)
    series.compute_ktau()
    return {"variance": series.ktau["variance"], "autocorrelation": series.ktau["ac1"]}


def ratio(values: np.ndarray) -> float:
    """Signed root of the likelihood ratio of a drift of the coefficient; that of the shocks' variance is free."""
    n = len(values)
    u = np.linspace(-0.5, 0.5, n)
    columns = np.vander(u, 3)
    rest = values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
    y, x, u = rest[1:], rest[:-1], u[1:]

    def height(design: np.ndarray, drift: float) -> tuple[float, np.ndarray]:
        root = np.exp(-0.5 * drift * u)
        weights, *_ = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)
        squares = float((((y - design @ weights) * root) ** 2).sum())
        return -0.5 * (n * math.log(squares) + drift * u.sum()), weights

    def best(design: np.ndarray) -> tuple[float, np.ndarray]:
        found = minimize_scalar(lambda drift: -height(design, drift)[0], bounds=(-4.0, 4.0), method="bounded")
        return height(design, float(found.x))

    free, weights = best(np.column_stack([x, u * x]))
    held, _ = best(x[:, None])
    return math.copysign(math.sqrt(max(2.0 * (free - held), 0.0)), weights[1])


def area(high: list[float], low: list[float]) -> float:
    """The chance that one of `high` lies above one of `low`."""
    more, less = np.array(high)[:, None], np.array(low)[None]
    return float((more > less).mean() + 0.5 * (more == less).mean())


def told_apart(people: int) -> None:
    """Print the areas under the curve: slowing against a steady process, variance held."""
    times = np.arange(READINGS) / A_DAY
    sides = []
    for side, ends in enumerate(((0.5 * (FIRST + LAST),) * 2, (FIRST, LAST))):
        phi = np.linspace(*ends, READINGS)
        rows = [autoregressive(np.random.default_rng([side, k]), phi) for k in range(people)]
        rolling = [taus(row)[0] for row in rows]
        sides.append(
            {
                "mainstay": [slowing(times, row[:, None]).root for row in rows],
                "likelihood ratio, readings exact": [ratio(row) for row in rows],
                "ewstools, autocorrelation": [one["autocorrelation"] for one in rolling],
                "ewstools, variance": [one["variance"] for one in rolling],
            }
        )
    print(f"\nSlowing against a steady process, autocorrelation {FIRST} to {LAST}, {people} people each: area")
    for name in sides[0]:
        print(f"  {name:<44}{area(sides[1][name], sides[0][name]):>8.3f}")


def called_slowing(people: int) -> None:
    """Print how often each calls it slowing where only the noise of the process rises, readings exact or noisy."""
    times = np.arange(READINGS) / A_DAY
    for noise in (0.0, 0.6):
        called = dict.fromkeys(("mainstay", "likelihood ratio, readings exact", "autocorrelation", "variance"), 0)
        for k in range(people):
            rng = np.random.default_rng([2, k])
            steady = autoregressive(rng, np.full(READINGS, 0.5)) * np.linspace(1.0, 1.8, READINGS)
            row = steady + noise * rng.normal(size=READINGS)
            called["mainstay"] += slowing(times, row[:, None]).root > ONE_SIDED
            called["likelihood ratio, readings exact"] += ratio(row) > ONE_SIDED
            for name, chance in taus(row, SURROGATES)[1].items():
                called[name] += chance <= 0.05
        print(f"\nOnly the noise rises by 80 %, readings' noise {noise}: called slowing at 5 %, of {people} people")
        for name, count in called.items():
            print(f"  {name if ' ' in name or name == 'mainstay' else 'ewstools, ' + name:<44}{count / people:>8.2f}")


def main() -> None:
    people = PEOPLE if "--quick" not in sys.argv else 10
    noisy = NOISY if "--quick" not in sys.argv else 3
    print(machine())
    np.random.seed(1)  # noqa: NPY002  (the surrogates' own generator)
    times = np.arange(READINGS) / A_DAY
    row = autoregressive(np.random.default_rng(0), np.linspace(FIRST, LAST, READINGS))
    figures = race(
        {
            "mainstay": lambda: slowing(times, row[:, None]),
            f"ewstools, {SURROGATES} surrogates": lambda: taus(row, SURROGATES),
        },
        seconds=12.0,
    )
    report(f"slowing with its significance, n = {READINGS:,}", figures)
    told_apart(people)
    called_slowing(noisy)


if __name__ == "__main__":
    main()
