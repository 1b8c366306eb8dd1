"""The stress release process: a likelihood with gradient, and a whole fit with intervals, at 65 and at 2,000 events.

The peer in the same run is the same likelihood written plainly in NumPy, each intensity from all events before it
(O(n^2), as R's PtProcess computes it), handed to SciPy's BFGS. R's own figures, measured on another quiet two-core
machine, are cited: R PtProcess 0.18 ms a likelihood and 22-42 ms a fit at 65 events, 179 ms a likelihood at 2,000;
a likelihood in C 0.00098 ms, a fit 0.023 ms.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import OptimizeResult, minimize
from timing import Job, machine, race, report

from mainstay.numerics.self_correcting import derivatives, fit_stress_release, stress_release

GROWTH, RELIEF = 0.0113, 0.851


def simulated(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Times and releases of this many events: between events the integral of the intensity is inverted."""
    now, released, times, releases = 0.0, 0.0, [], []
    while len(times) < count:
        now += math.log1p(GROWTH * rng.exponential() * math.exp(2.46 - GROWTH * (now - RELIEF * released))) / GROWTH
        times.append(now)
        releases.append(10 ** (0.75 * rng.exponential(0.45)))
        released += releases[-1]
    return np.array(times), np.array(releases)


def plain(theta: np.ndarray, times: np.ndarray, releases: np.ndarray, end: float) -> float:
    """The log likelihood as one would write it in an afternoon."""
    a, b, c = theta
    stress = (releases * (times < times[:, None])).sum(1)
    starts, ends = np.concatenate([[0.0], times]), np.concatenate([times, [end]])
    after = np.concatenate([[0.0], (releases * (times <= times[:, None])).sum(1)])
    integral = np.exp(a - b * c * after) * (np.exp(b * ends) - np.exp(b * starts)) / b
    return float((a + b * (times - c * stress)).sum() - integral.sum())


def compare(count: int) -> None:
    """Print the figures at this many events."""
    times, releases = simulated(np.random.default_rng(0), count)
    end = times[-1] + 1.0
    found = fit_stress_release(times, releases, 0.0, end)
    at = np.array([found.value(name) for name in "abc"])
    theta, process = found.theta.estimate, stress_release(times, releases, 0.0, end)
    assert abs(plain(at, times, releases, end) - found.log_likelihood) < 1e-6 * abs(found.log_likelihood)
    values: dict[str, Job] = {
        "mainstay, with gradient and Hessian": lambda: derivatives(process, theta),
        "NumPy, value alone": lambda: plain(at, times, releases, end),
    }
    report(f"a likelihood, {count:,} events", race(values), "mainstay, with gradient and Hessian")

    scale = np.abs(at)  # SciPy is helped: it searches in units of the answer
    start = np.array([math.log(count / end), 1e-3, 0.5]) / scale
    fits: dict[str, Job] = {"mainstay, with intervals": lambda: fit_stress_release(times, releases, 0.0, end)}
    if count < 1_000:

        def by_scipy() -> OptimizeResult:
            return minimize(lambda x: -plain(x * scale, times, releases, end), start, method="BFGS")

        fits["NumPy and SciPy's BFGS"] = by_scipy
        print(f"\nlog likelihood at the maximum: ours {found.log_likelihood:.4f}, SciPy's {-by_scipy().fun:.4f}")
    report(f"a whole fit, {count:,} events", race(fits), "mainstay, with intervals")


def main() -> None:
    """Print the figures."""
    print(f"stress release process; {machine()}")
    for count in (65, 2_000):
        compare(count)


if __name__ == "__main__":
    main()
