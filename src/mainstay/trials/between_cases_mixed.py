"""Linear mixed models of several cases: fixed effects, effects that vary from case to case, AR(1) errors within one.

    y_i = X_i b + Z_i u_i + e_i,   u_i: covariance σ² D;   e_i: σ² φ^|Δt|

Maximum likelihood or restricted likelihood (Patterson and Thompson 1971), b and σ² taken out; D by its Cholesky
factor, φ by its inverse hyperbolic tangent. The errors are whitened row by row, so that only products over a case of
the few columns remain (Woodbury): a value costs O(n) whatever the number of cases. Conventions of AIC, errors and
degrees of freedom are those of R's nlme (Pinheiro and Bates 2000, ch. 2), from which published values come.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.effect_sizes_kinds import Floats
from mainstay.trials.piecewise_search import peak

Method = Literal["ML", "REML"]
STARTS = (0.5, -0.5, -1.5)
"""Logarithms of the random effects' sd over σ; the search begins from the likeliest."""
EDGE = 0.99999


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows in order of case and time: y (n,), X (n, k), Z (n, q), and where each case begins (m,)."""

    y: Floats
    x: Floats
    z: Floats
    time: Floats
    starts: NDArray[np.int64]

    @property
    def together(self) -> NDArray[np.bool_]:
        """Whether a row is of the same case as the one before it (n,)."""
        same = np.ones(len(self.y), bool)
        same[self.starts] = False
        return same


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """A fitted mixed model. `beta` (k,) with `covariance` (k, k); `tau` (q, q), the random effects'; φ; σ².

    `effects` (m, q): each case's own; `left` (n,): what neither explains. `method`: ML or REML.
    """

    beta: Floats
    covariance: Floats
    tau: Floats
    phi: float | None
    sigma_squared: float
    log_likelihood: float
    method: Method
    effects: Floats
    left: Floats
    rows: Rows

    @property
    def observations(self) -> int:
        """n."""
        return len(self.rows.y)

    @property
    def parameters(self) -> int:
        """Fixed effects, variances and covariances, φ where there is one, σ."""
        q = len(self.tau)
        return len(self.beta) + q * (q + 1) // 2 + (self.phi is not None) + 1

    @property
    def aic(self) -> float:
        """-2 log likelihood + 2 parameters."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """As nlme: rows less fixed effects where the likelihood is restricted."""
        rows = self.observations - (len(self.beta) if self.method == "REML" else 0)
        return self.parameters * math.log(rows) - 2.0 * self.log_likelihood

    @property
    def se(self) -> Floats:
        """Standard errors (k,) as nlme's summary gives them: over n - k rows also under ML."""
        n, k = self.observations, len(self.beta)
        wider = n / (n - k) if self.method == "ML" else 1.0
        return np.sqrt(np.diag(self.covariance) * wider)

    @property
    def freedom(self) -> NDArray[np.int64]:
        """Degrees of freedom (k,) by containment: columns that vary within cases, and those that don't."""
        x, cases = self.rows.x, len(self.rows.starts)
        step = np.diff(x, axis=0, prepend=x[:1])[self.rows.together]
        inner, constant = (step != 0.0).any(axis=0), (x == x[0]).all(axis=0)
        within = len(x) - cases - int(inner.sum())
        between = cases - int((~inner & ~constant).sum()) - int(constant.any())
        return np.where(inner | constant, within, between)


def rows_of(y: Floats, x: Floats, z: Floats, case: Sequence[Hashable], time: Floats) -> Rows:
    """Rows put in order of case (as they first come) and time. Refuses parts of different lengths."""
    if len({len(y), len(x), len(z), len(case), len(time)}) != 1 or len(y) == 0:
        raise BadRequest("outcome, columns, case and time must be as long as each other, and not empty")
    code = {name: k for k, name in enumerate(dict.fromkeys(case))}
    owner = np.array([code[name] for name in case])
    order = np.lexsort((time, owner))
    starts = np.flatnonzero(np.diff(owner[order], prepend=-1))
    return Rows(y[order], x[order], z[order], time[order], starts)


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    beta: Floats
    inverse: Floats
    misfit: float
    height: float
    own: Floats


def fit(rows: Rows, *, method: Method = "REML", autoregressive: bool = False) -> Mixed | CannotSay:
    """The mixed model of these rows. Needs two cases, and more rows than coefficients.

    With AR(1) errors no two rows of a case may be of one time.
    """
    n, k, q = len(rows.y), rows.x.shape[1], rows.z.shape[1]
    if method not in ("ML", "REML"):
        raise BadRequest(f"the method is 'ML' or 'REML', not {method!r}")
    if len(rows.starts) < 2:
        return CannotSay("a model of several cases needs two at least", have=len(rows.starts), need=2, unit="cases")
    if n <= k + q or np.linalg.matrix_rank(rows.x) < k:
        return CannotSay("too few values for so many coefficients", have=n, need=k + q + 1, unit="values", n=n)
    gaps = np.diff(rows.time, prepend=rows.time[0])
    if autoregressive and not (gaps[rows.together] > 0.0).all():
        raise BadRequest("with autocorrelated errors a case may have one value at a time")
    size = np.sqrt((rows.z**2).mean(axis=0))
    columns = np.column_stack((rows.z / np.where(size > 0.0, size, 1.0), rows.x, rows.y))

    def height(at: Floats) -> float:
        return _solve(rows, columns, gaps, at, method=method, autoregressive=autoregressive).height

    start = max((_start(q, log_sd, autoregressive) for log_sd in STARTS), key=height)
    at, _ = peak(height, start)
    solved = _solve(rows, columns, gaps, at, method=method, autoregressive=autoregressive)
    if not math.isfinite(solved.height):
        return CannotSay("the likelihood has no maximum for these values", n=n)
    sigma = solved.misfit / (n - k if method == "REML" else n)
    factor = _cholesky(at, q) / np.where(size > 0.0, size, 1.0)[:, None]
    phi = _phi(rows, gaps, at[-1]) if autoregressive else None
    effects = solved.own @ factor.T
    case = np.cumsum(~rows.together) - 1
    left = rows.y - rows.x @ solved.beta - (rows.z * effects[case]).sum(axis=1)
    return Mixed(
        solved.beta, sigma * solved.inverse, sigma * factor @ factor.T, phi, sigma,
        solved.height, method, effects, left, rows,
    )  # fmt: skip


def _start(q: int, log_sd: float, autoregressive: bool) -> Floats:
    return np.concatenate((np.full(q, log_sd), np.zeros(q * (q - 1) // 2), np.full(int(autoregressive), 0.1)))


def _cholesky(at: Floats, q: int) -> Floats:
    """The factor (q, q): its diagonal by logarithms, then what is below it."""
    factor = np.diag(np.exp(np.clip(at[:q], -30.0, 30.0)))
    factor[np.tril_indices(q, -1)] = at[q : q + q * (q - 1) // 2]
    return factor


def _solve(rows: Rows, columns: Floats, gaps: Floats, at: Floats, *, method: Method, autoregressive: bool) -> _Solved:
    """Generalised least squares for one D and φ, and how likely the values are under it."""
    n, k, q = len(rows.y), rows.x.shape[1], rows.z.shape[1]
    factor, logs, white = _cholesky(at, q), 0.0, columns
    if autoregressive:
        white, logs = _whitened(columns, gaps, rows.together, _phi(rows, gaps, at[-1]))
    products = np.add.reduceat(white[:, :, None] * white[:, None, :], rows.starts)
    zz, rest = products[:, :q, :q], products[:, :q, q:]
    core = np.eye(q) + factor.T @ zz @ factor
    turned = factor.T @ rest
    own = np.linalg.solve(core, turned)
    whole = (products[:, q:, q:] - np.swapaxes(turned, 1, 2) @ own).sum(axis=0)
    logs += float(np.linalg.slogdet(core)[1].sum())
    inside, outcome = whole[:k, :k], whole[:k, k]
    sign, log_inside = np.linalg.slogdet(inside)
    if sign <= 0.0:
        return _Solved(np.zeros(k), np.eye(k), math.inf, -math.inf, np.zeros((len(rows.starts), q)))
    inverse = np.linalg.inv(inside)
    beta = inverse @ outcome
    misfit = max(float(whole[k, k] - outcome @ beta), 1e-300)
    free = n - k if method == "REML" else n
    value = -0.5 * (free * (math.log(2.0 * math.pi * misfit / free) + 1.0) + logs)
    if method == "REML":
        value -= 0.5 * float(log_inside)
    return _Solved(beta, inverse, misfit, value, own[:, :, k] - own[:, :, :k] @ beta)


def _phi(rows: Rows, gaps: Floats, at: float) -> float:
    """φ between -1 and 1 where times are whole numbers apart, else between 0 and 1."""
    whole = np.equal(np.mod(gaps[rows.together], 1.0), 0.0).all()
    return EDGE * (math.tanh(at) if whole else 0.5 * (1.0 + math.tanh(at)))


def _whitened(columns: Floats, gaps: Floats, together: NDArray[np.bool_], phi: float) -> tuple[Floats, float]:
    """Each row less what the one before it says, over its sd; and the log determinant of the correlations."""
    lag = np.where(together, phi ** np.where(together, gaps, 1.0), 0.0)
    spread = 1.0 - lag**2
    before = np.vstack((columns[:1], columns[:-1]))
    return (columns - lag[:, None] * before) / np.sqrt(spread)[:, None], float(np.log(spread).sum())
