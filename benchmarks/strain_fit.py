"""One simulated year: the strain model's value with gradient, and a whole fit with intervals.

Peers in the same run. The same likelihood written plainly in NumPy and handed to SciPy: one search of the path by
L-BFGS with its own gradient, one banded determinant, and no gradient by the parameters (a fit would need some twenty
such values for each step); both must give the same number. And the model written plainly in NumPyro and in PyMC (see
strain_plain.py), on six weeks and a few draws, so that it ends: what is said of a year there is extrapolated by length
alone, and PyMC's figure is its gradient's, with as many gradients as NumPyro's sampler, which is the same.
"""

from __future__ import annotations

import math
import time

import numpy as np
from scipy.linalg import cholesky_banded
from scipy.optimize import minimize

from mainstay.quantities import CannotSay
from mainstay.strain.coordinates import Coordinates, coordinates
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import fit_data, log_posterior
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ordinary_person

DAYS = 42.0
DRAWS = (60, 60)  # warm-up and kept


def plain_laplace(place: Coordinates, v: np.ndarray) -> float:
    """The log marginal likelihood of a fully recorded year, as one would write it in an afternoon."""
    p, (w, _) = place.data.problem, place.weights(v)
    n, rows = len(p.dt), np.arange(len(p.dt))
    decay = np.exp(-w.rate * p.dt)
    shift = (w.inputs @ p.inputs) * (1 - decay) / w.rate
    q = w.noise**2 * (1 - decay**2) / (2 * w.rate)
    share = 1 / (
        1 + np.exp(-(w.share_logit[p.event_process] - w.share_fade[p.event_process] * p.fade_knot[p.event_knot]))
    )
    keep, jump = np.ones(n), np.zeros(n)
    np.multiply.at(keep, p.event_knot, 1 - share)
    np.add.at(jump, p.jump_knot, w.inputs[p.jump_input] * p.jump_size)
    e = np.exp(-w.rate * p.dt * p.node_x[:, None])
    beta = decay * (1 / e - e) / (1 - decay**2)
    alpha = e - beta * decay
    variance = w.noise**2 / (2 * w.rate) * ((1 - e**2) - beta**2 * (1 - decay**2))
    offset = (w.inputs @ p.inputs) * (1 - e) / w.rate - beta * shift
    base = np.tensordot(w.features, p.node_features, 1) + np.log(p.dt * p.node_w[:, None])
    read_p = 1 / w.sd[p.read_item] ** 2
    load = w.loading[p.read_item]
    tone = (w.tone @ p.knot_features[: len(w.tone)])[p.read_knot]

    def parts(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        leave = np.concatenate([[w.start], (keep * x + jump)[:-1]])
        m1 = np.concatenate([[0.0], keep[:-1]])
        r = x - decay * leave - shift
        miss = p.read_value - w.intercept[p.read_item] - load * (x[p.read_knot] + tone)
        value = -0.5 * float((r**2 / q).sum()) - 0.5 * float((miss**2 * read_p).sum())
        value += float((w.level[p.event_process] + w.pull[p.event_process] * x[p.event_knot]).sum())
        gx, gz, hxx, hzz, hxz = -r / q, decay * r / q, 1 / q, decay**2 / q, -decay / q
        mean = alpha * leave + beta * x + offset
        for a, k, d in zip(w.level, w.pull, w.slope, strict=True):
            h = np.exp(base + a + d * p.drift_node + k * mean + 0.5 * k * k * variance)
            value -= float(h.sum())
            gx, gz = gx - k * (h * beta).sum(0), gz - k * (h * alpha).sum(0)
            hxx, hzz = hxx + k * k * (h * beta**2).sum(0), hzz + k * k * (h * alpha**2).sum(0)
            hxz = hxz + k * k * (h * alpha * beta).sum(0)
        np.add.at(gx, p.read_knot, load * miss * read_p)
        np.add.at(gx, p.event_knot, w.pull[p.event_process])
        hxx = hxx.copy()
        np.add.at(hxx, p.read_knot, load**2 * read_p)
        gx[:-1] += (m1 * gz)[1:]
        hxx[:-1] += (m1**2 * hzz)[1:]
        return value, gx, hxx, (m1 * hxz)[1:]

    def negated(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient, _, _ = parts(x)
        return -value, -gradient

    found = minimize(
        negated, np.full(n, w.start), jac=True, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-13}
    )
    value, _, diagonal, off = parts(found.x)
    band = np.zeros((2, n))
    band[1], band[0, 1:] = diagonal, off
    factor = cholesky_banded(band)
    events = float((w.features @ p.knot_features)[p.event_knot].sum())
    events += float((w.slope[p.event_process] * p.drift_knot[p.event_knot]).sum())
    constants = -float(np.log(w.sd[p.read_item] * math.sqrt(2 * math.pi)).sum()) - 0.5 * float(np.log(q).sum())
    return value + events + constants - float(np.log(factor[1, rows]).sum())


def beside_the_plain_likelihood() -> float:
    """Print value with gradient and whole fit of one year; return the processor seconds of the fit."""
    from timing import race, report

    records, items, anchor = ordinary_person(1)
    data = strain_data(from_records(records, items, anchor, as_of=MONDAY.plus_days(400)))
    place = coordinates(data)
    fitted = fit_data(data)
    if isinstance(fitted, CannotSay):
        raise SystemExit(fitted.reason)
    density, rng, sd = log_posterior(place), np.random.default_rng(0), np.sqrt(np.diag(fitted.covariance))
    ours = density(fitted.mean)[0] - place.log_prior(fitted.mean)[0]
    print(f"one simulated year: {len(data.knots):,} knots, {place.size} parameters")
    print(f"log likelihood {ours:.4f}; written plainly {plain_laplace(place, fitted.mean):.4f}")
    figures = race({
        "mainstay, value with gradient": lambda: density(fitted.mean + 0.1 * sd * rng.standard_normal(place.size)),
        "mainstay, whole fit with intervals": lambda: fit_data(data),
        "NumPy and SciPy plainly, value alone": lambda: plain_laplace(place, fitted.mean),
    }, 15.0)  # fmt: skip
    report("one year", figures, "mainstay, value with gradient")
    print(f"  ours: {1e6 * figures['mainstay, value with gradient'].median / len(data.knots):.0f} ns a knot")
    start = time.process_time()
    for _ in range(3):
        fit_data(data)
    seconds = (time.process_time() - start) / 3
    print(f"  ours: {seconds:.2f} s of processor time a fit")
    return seconds


def beside_plain_sampling(fit_seconds: float) -> None:
    """Print what NumPyro and PyMC, written plainly, need for a few weeks, and by length alone for a year."""
    from strain_plain import by_numpyro, grid_of, least_effective, seconds_of_a_gradient_by_pymc

    records, items, anchor = ordinary_person(1, days=DAYS)
    grid = grid_of(strain_data(from_records(records, items, anchor, as_of=MONDAY.plus_days(DAYS + 1))))
    print(
        f"\nNUTS over parameters and path, {DAYS:.0f} days ({len(grid.dt)} knots), processor time, compiling left out"
    )
    values, each, gradients = by_numpyro(grid, *DRAWS)
    effective = least_effective(values)
    print(f"  {DRAWS[0]} + {DRAWS[1]} draws: {gradients:,} gradients, least effective size {effective:.1f}")
    for name, seconds in (("NumPyro", each), ("PyMC", seconds_of_a_gradient_by_pymc(grid))):
        thousand = 1e3 * seconds * gradients / effective
        year = thousand * 365 / DAYS
        print(f"  {name}: {1e3 * seconds:.2f} ms a gradient, {thousand:,.0f} s for 1,000 effective draws;")
        print(
            f"    a year, extrapolated by length alone: {year:,.0f} s, {year / fit_seconds:,.0f} times our fit of one"
        )


def main() -> None:
    """Print the figures."""
    from timing import machine

    print(machine())
    beside_plain_sampling(beside_the_plain_likelihood())


if __name__ == "__main__":
    main()
