"""One simulated year: the strain model's value with gradient, and a whole fit with intervals.

The peer in the same run is the same likelihood written plainly in NumPy and handed to SciPy: one search of the path by
L-BFGS with its own gradient, one banded determinant, and no gradient by the parameters (a fit would need some twenty
such values for each step). Both must give the same number. Prints medians and ratios.
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

REPEATS = 5


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


def median_ms(action: object, repeats: int) -> float:
    """Median milliseconds of a call, after one to warm up."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        action()  # type: ignore[operator]
        times.append(1e3 * (time.perf_counter() - start))
    return float(np.median(times[1:]))


def main() -> None:
    """Print the figures."""
    records, items, anchor = ordinary_person(1)
    data = strain_data(from_records(records, items, anchor, as_of=MONDAY.plus_days(400)))
    place = coordinates(data)
    fitted = fit_data(data)
    if isinstance(fitted, CannotSay):
        raise SystemExit(fitted.reason)
    density, rng, sd = log_posterior(place), np.random.default_rng(0), np.sqrt(np.diag(fitted.covariance))
    ours = density(fitted.mean)[0] - place.log_prior(fitted.mean)[0]
    plain = plain_laplace(place, fitted.mean)
    print(f"one simulated year: {len(data.knots):,} knots, {place.size} parameters")
    print(f"log likelihood {ours:.4f}; written plainly {plain:.4f}")
    value = median_ms(lambda: density(fitted.mean + 0.1 * sd * rng.standard_normal(place.size)), 40)
    peer = median_ms(lambda: plain_laplace(place, fitted.mean), REPEATS)
    whole = median_ms(lambda: fit_data(data), REPEATS)
    print(f"value with gradient   {value:8.2f} ms   {1e6 * value / len(data.knots):.0f} ns a knot")
    print(f"plain value alone     {peer:8.2f} ms   ratio {peer / value:.0f}")
    print(f"fit with intervals    {whole:8.1f} ms   the time of {whole / value:.0f} values with gradient")


if __name__ == "__main__":
    main()
