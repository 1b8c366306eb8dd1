"""Slow, plain random-effects meta-analysis with SciPy: what the package's is compared with."""

import numpy as np
from scipy import optimize, stats


def reml(y, v, x):
    """t² by restricted likelihood with whole matrices, b, Knapp-Hartung covariance (never below the plain one)."""
    y, v, x = (np.asarray(one, float) for one in (y, v, x))
    k, p = x.shape

    def parts(t2):
        inverse = np.linalg.inv(np.diag(v + t2))
        info = x.T @ inverse @ x
        b = np.linalg.solve(info, x.T @ inverse @ y)
        return inverse, info, b, y - x @ b

    def loss(root):
        inverse, info, _, left = parts(root * root)
        return 0.5 * (-np.linalg.slogdet(inverse)[1] + np.linalg.slogdet(info)[1] + left @ inverse @ left)

    starts = np.linspace(0.0, 2.0 * (np.std(y) + 1e-12), 200)
    near = starts[int(np.argmin([loss(one) for one in starts]))]
    step = starts[1]
    found = optimize.minimize_scalar(
        loss, bounds=(max(near - step, 0.0), near + step), method="bounded", options={"xatol": 1e-13}
    )
    t2 = 0.0 if loss(0.0) <= found.fun else float(found.x) ** 2
    inverse, info, b, left = parts(t2)
    spread = max(float(left @ inverse @ left) / (k - p), 1.0)
    return t2, b, np.linalg.inv(info) * spread


def q_profile(y, v, level):
    """Ends for t² of a mean, by SciPy's root finder."""

    def q(t2):
        w = 1.0 / (np.asarray(v) + t2)
        mean = w @ y / w.sum()
        return float(w @ (y - mean) ** 2)

    ends = []
    for p in (0.5 + 0.5 * level, 0.5 - 0.5 * level):
        target = stats.chi2.ppf(p, len(y) - 1)
        found = 0.0 if q(0.0) <= target else optimize.brentq(lambda t2, at=target: q(t2) - at, 0.0, 1e6, xtol=1e-14)
        ends.append(found)
    return ends


def interval(mean, se, freedom, level):
    reach = stats.t.ppf(0.5 + 0.5 * level, freedom) * se
    return mean - reach, mean + reach
