"""An Ornstein-Uhlenbeck process through 2,000 irregular noisy readings: value with gradient, and a whole fit.

Peers in the same run: celerite2 and tinygp (JAX), dynamax (JAX), statsmodels, and a filter with forward derivatives in
C, written by hand and compiled on the spot where gcc is found: what the machine can do. All must give the same number.
The peers' fits are L-BFGS on the logs of the parameters from the same start, without intervals; ours has intervals.
"""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from timing import machine, race, report

READINGS = 2_000
TRUTH = np.array([2.0, 0.7, 1.0, 0.5])  # mean, rate, sigma, sd of a reading
Valued = Callable[[np.ndarray], tuple[float, np.ndarray]]

C_SOURCE = r"""
#include <math.h>
/* Kalman's filter with the derivatives of its mean and variance by (mean, rate, sigma, s) carried forward. */
double value_gradient(long n, const double *gap, const double *y, const double *par, double *grad) {
  const double mean = par[0], rate = par[1], sigma = par[2], s = par[3];
  const double V = sigma * sigma / (2 * rate), R = s * s;
  const double V_rate = -V / rate, V_sigma = sigma / rate;
  double m = 0, m_mean = 0, m_rate = 0, m_sigma = 0, m_s = 0;  /* distances from the mean */
  double P = V, P_rate = V_rate, P_sigma = V_sigma, P_s = 0, f = 0, product = 1;
  double g0 = 0, g1 = 0, g2 = 0, g3 = 0;
  for (long i = 0; i < n; i++) {
    if (i) {
      const double E = exp(-rate * gap[i]), D = E * E, E_rate = -gap[i] * E, D_rate = 2 * E * E_rate;
      m_mean *= E; m_rate = E * m_rate + E_rate * m; m_sigma *= E; m_s *= E; m *= E;
      P_rate = D * P_rate + D_rate * (P - V) + (1 - D) * V_rate;
      P_sigma = D * P_sigma + (1 - D) * V_sigma;
      P_s *= D;
      P = V + D * (P - V);
    }
    const double F = P + R, iF = 1 / F, K = P * iF, e = y[i] - mean - m, w = e * iF, F_s = P_s + 2 * s;
    product *= F;
    if ((i & 15) == 15) { f -= 0.5 * log(product); product = 1; }
    f -= 0.5 * e * w;
    const double h = 0.5 * (w * w - iF), e_mean = -1 - m_mean;
    g0 -= w * e_mean; g1 += w * m_rate + h * P_rate; g2 += w * m_sigma + h * P_sigma; g3 += w * m_s + h * F_s;
    const double keep = R * iF, k = keep * iF;
    const double K_rate = P_rate * k, K_sigma = P_sigma * k, K_s = (P_s - K * F_s) * iF;
    m_mean += K * e_mean;
    m_rate = keep * m_rate + K_rate * e; m_sigma = keep * m_sigma + K_sigma * e; m_s = keep * m_s + K_s * e;
    m += K * e;
    P_rate *= keep * keep; P_sigma *= keep * keep; P_s = keep * keep * P_s + 2 * s * K * K;
    P *= keep;
  }
  grad[0] = g0; grad[1] = g1; grad[2] = g2; grad[3] = g3;
  return f - 0.5 * log(product) - 0.5 * n * log(2 * M_PI);
}
"""


def simulated(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    mean, rate, sigma, s = TRUTH
    times = np.cumsum(rng.exponential(0.2, READINGS))
    sd, path = sigma / math.sqrt(2 * rate), np.empty(READINGS)
    path[0] = sd * rng.standard_normal()
    for i in range(1, READINGS):
        decay = math.exp(-rate * (times[i] - times[i - 1]))
        path[i] = decay * path[i - 1] + sd * math.sqrt(1 - decay**2) * rng.standard_normal()
    return times, mean + path + s * rng.standard_normal(READINGS)


def by_celerite2(times: np.ndarray, values: np.ndarray) -> Valued:
    import celerite2.jax
    import jax
    import jax.numpy as jnp
    from celerite2.jax import terms

    def value(p: jax.Array) -> jax.Array:
        kernel = terms.RealTerm(a=p[2] ** 2 / (2 * p[1]), c=p[1])
        gp = celerite2.jax.GaussianProcess(kernel, mean=p[0])
        gp.compute(times, diag=p[3] ** 2 * jnp.ones(len(times)), check_sorted=False)
        return gp.log_likelihood(values)

    return jax.jit(jax.value_and_grad(value))


def by_tinygp(times: np.ndarray, values: np.ndarray) -> Valued:
    import jax
    import tinygp

    def value(p: jax.Array) -> jax.Array:
        kernel = tinygp.kernels.quasisep.Exp(scale=1 / p[1], sigma=p[2] / (2 * p[1]) ** 0.5)
        return tinygp.GaussianProcess(kernel, times, diag=p[3] ** 2, mean=p[0]).log_probability(values)

    return jax.jit(jax.value_and_grad(value))


def by_dynamax(times: np.ndarray, values: np.ndarray) -> Valued:
    import jax
    import jax.numpy as jnp
    from dynamax.linear_gaussian_ssm import lgssm_filter
    from dynamax.linear_gaussian_ssm.inference import make_lgssm_params

    before = jnp.diff(times, prepend=times[0])  # step i leads to reading i; the first is not used

    def value(p: jax.Array) -> jax.Array:
        decay, variance = jnp.exp(-p[1] * before), p[2] ** 2 / (2 * p[1])
        params = make_lgssm_params(
            jnp.zeros(1), variance * jnp.eye(1),
            decay[:, None, None], (variance * (1 - decay**2))[:, None, None],
            jnp.ones((1, 1)), p[3] ** 2 * jnp.eye(1), emissions_bias=p[:1],
        )  # fmt: skip
        return lgssm_filter(params, jnp.asarray(values)[:, None]).marginal_loglik

    return jax.jit(jax.value_and_grad(value))


def by_statsmodels(times: np.ndarray, values: np.ndarray) -> Valued:
    from statsmodels.tsa.statespace.mlemodel import MLEModel

    class Ou(MLEModel):
        start_params = np.array([2.0, 0.5, 0.8, 0.8])
        param_names = ("mean", "rate", "sigma", "s")

        def __init__(self) -> None:
            super().__init__(values, k_states=1)
            self["design", 0, 0] = self["selection", 0, 0] = 1.0
            self.after = np.append(np.diff(times), 1.0)  # step i leads from reading i

        def update(self, params: np.ndarray, **kwargs: object) -> None:
            mean, rate, sigma, s = super().update(params, **kwargs)
            decay, variance = np.exp(-rate * self.after), sigma**2 / (2 * rate)
            self["obs_intercept"] = np.array([[mean]])
            self["transition"] = decay[None, None]
            self["state_cov"] = (variance * (1 - decay**2))[None, None]
            self["obs_cov", 0, 0] = s**2
            self.ssm.initialize_known(np.zeros(1), np.array([[variance]]))

    model = Ou()
    return lambda p: (model.loglike(p), model.score(p))


def by_c(times: np.ndarray, values: np.ndarray) -> Valued | None:
    if shutil.which("gcc") is None:
        return None
    folder = Path(tempfile.mkdtemp())
    (folder / "ou.c").write_text(C_SOURCE)
    flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "-o", str(folder / "ou.so"), str(folder / "ou.c"), "-lm"], check=True)
    kernel = ctypes.CDLL(str(folder / "ou.so")).value_gradient
    shutil.rmtree(folder)
    kernel.restype = ctypes.c_double
    doubles = np.ctypeslib.ndpointer(np.float64, flags="C")
    kernel.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p, doubles, ctypes.c_void_p]
    kept = (np.diff(times, prepend=times[0]), values.copy(), np.empty(4))
    gaps, read, slope = (array.ctypes.data for array in kept)
    return lambda p, kept=kept: (kernel(len(kept[0]), gaps, read, p, slope), kept[2])


def by_mainstay(times: np.ndarray, values: np.ndarray) -> Valued:
    from mainstay.numerics.ou_filter import log_likelihood, make_work, series

    readings, work = series(times, values), make_work(len(times))
    return lambda p: log_likelihood(readings, p, work)


def fitted_by_scipy(valued: Valued) -> np.ndarray:
    """Parameters at the maximum: L-BFGS over the mean and the logs of the others."""
    from scipy.optimize import minimize

    def negated(v: np.ndarray) -> tuple[float, np.ndarray]:
        p = np.concatenate([v[:1], np.exp(v[1:])])
        value, gradient = valued(p)
        return -float(value), -np.asarray(gradient) * np.concatenate([[1.0], p[1:]])

    found = minimize(negated, np.array([2.0, math.log(0.5), math.log(0.8), math.log(0.8)]), jac=True, method="L-BFGS-B")
    return np.concatenate([found.x[:1], np.exp(found.x[1:])])


def main() -> None:
    """Print the figures."""
    from mainstay.numerics.ou_filter import make_work, series
    from mainstay.numerics.ou_fit import fit

    times, values = simulated(np.random.default_rng(0))
    print(f"{READINGS:,} irregular noisy readings of one Ornstein-Uhlenbeck process; {machine()}")
    found = {
        "mainstay": by_mainstay(times, values),
        "celerite2 (JAX)": by_celerite2(times, values),
        "tinygp (JAX)": by_tinygp(times, values),
        "dynamax (JAX)": by_dynamax(times, values),
        "statsmodels": by_statsmodels(times, values),
        "C by hand (gcc -O3 -march=native)": by_c(times, values),
    }
    peers = {name: valued for name, valued in found.items() if valued is not None}
    at = np.array([1.8, 0.6, 1.1, 0.6])
    value, gradient = peers["mainstay"](at)
    for name, valued in peers.items():
        theirs, slope = valued(at)
        assert abs(float(theirs) - value) < 1e-6 * abs(value), (name, float(theirs), value)
        assert np.allclose(slope, gradient, rtol=1e-4, atol=1e-3), (name, slope, gradient)

    def job(valued: Valued) -> Callable[[], object]:
        return lambda: [np.asarray(part) for part in valued(at)]

    figures = race({name: job(valued) for name, valued in peers.items()})
    report("value with gradient (ratio: time of ours)", figures)
    print(f"  ours: {1e6 * figures['mainstay'].median / READINGS:.1f} ns a reading")

    readings, work = series(times, values), make_work(READINGS)
    fits: dict[str, Callable[[], object]] = {"mainstay, with intervals": lambda: fit(readings, work)}
    for name, valued in peers.items():
        if name not in ("mainstay", "C by hand (gcc -O3 -march=native)"):
            fits[name] = lambda valued=valued: fitted_by_scipy(valued)
    ours, theirs = fit(readings, work), fitted_by_scipy(peers["celerite2 (JAX)"])
    print(
        f"\nours {[round(ours.value(q), 4) for q in ('mean', 'rate', 'sigma', 'reading_sd')]}, restricted likelihood;"
    )
    print(f"theirs {[round(float(x), 4) for x in theirs]}, plain likelihood")
    report("a whole fit", race(fits, 8.0), "mainstay, with intervals")


if __name__ == "__main__":
    main()
