"""The most probable path of a reverting process seen through readings and through the events it makes likelier.

A scalar Ornstein-Uhlenbeck path runs between knots i = 0..n-1. X_i is its value on arriving at knot i, Z_i on leaving
the knot before (Z_0 given). Legend, for interval i of length dt_i that ends at knot i:

    rate = rate_0 exp(own own_i), E = exp(-rate dt), B = U (1 - E) / rate, q = s2 (1 - E^2) / (2 rate)
    X_i ~ N(E Z_i + B, q)
    Z_{i+1} = M_i(X_i) = keep_i ((X_i + lift_i) exp(-g_i(X_i)) - lift_i) + jump_i
    g_i(x) = sum_k G_ki exp(pull_k x + pull_k^2 spread_i / 2)
    reading j at knot i:      y_j ~ N(b0 + b1 (X_i + tone . z_i + o_i), sd^2), o_i ~ N(0, occasion^2) of the knot
    process k of events:      log intensity  a_k + pull_k S(t) + slope_k year(t) + c . z(t), seen with weight r_ki

The compensator (the integral of the intensities) is taken by Gauss-Legendre nodes in every interval. A node sees both
ends of its interval and the bridge between them: mean  Z (e - beta E) + beta X + ..., variance v, which adds
pull^2 v / 2 to the log intensity. Nodes that saw the left end alone would have an unbounded mode at large noise.
The marginal likelihood is Laplace's: f at its maximum over X, less half the log determinant of the Hessian.
What g takes away is nonlinear in X, so it is taken at its mean over the path's posterior (variance `spread`) and not
at the most probable path alone: E[X exp(pull X)] = (X + pull spread) exp(pull X + pull^2 spread / 2), where `lift`
stands for pull spread (statistical linearisation; García-Fernández, Svensson, Morelande and Särkkä 2015).
"""

from __future__ import annotations

import math

from numba import njit

from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.layout import (
    BASE,
    BRIDGE,
    COV,
    DECAY,
    DIAGONAL,
    DRIVE,
    GRAD_X,
    GRAD_Z,
    GRADIENT,
    HALF_NOISE,
    HXX,
    HXZ,
    HZZ,
    JUMP,
    KEEP,
    LAST,
    LEAVE,
    M1,
    M2,
    M3,
    MEAN,
    NODE_DECAY,
    OFF,
    PATH,
    PIVOT,
    PRECISION,
    RATE,
    RESIDUAL,
    SHIFT,
    STEP,
    VAR,
    VARIANCE,
)
from mainstay.numerics.readings import add_readings

_FLAGS = {"contract", "reassoc", "nsz", "arcp", "nnan"}
MAX_ITERATIONS = 40


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _decays(rate, own, problem_own, dt, rates, decay):  # type: ignore[no-untyped-def]
    for i in range(len(dt)):
        rates[i] = rate * fast_exp(own * problem_own[i])
        decay[i] = fast_exp(-rates[i] * dt[i])


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _bridge(rates, x, dt, decay, half_noise, node_decay, bridge, variance):  # type: ignore[no-untyped-def]
    for i in range(len(dt)):
        e = fast_exp(-rates[i] * x * dt[i])
        room = max(1.0 - decay[i] * decay[i], 1e-12)
        beta = decay[i] * (1.0 / e - e) / room
        node_decay[i] = e
        bridge[i] = beta
        variance[i] = half_noise[i] * max((1.0 - e * e) - beta * beta * room, 0.0)


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _exp_all(values):  # type: ignore[no-untyped-def]
    for i in range(len(values)):
        values[i] = fast_exp(values[i])


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _means(leave, rest, residual, e, beta, mean):  # type: ignore[no-untyped-def]
    for i in range(len(mean)):
        mean[i] = leave[i] * e[i] + rest[i] * (1.0 - e[i]) + beta[i] * residual[i]


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _heat(level, pull, slope, weight, dt, seen, year, base, mean, variance, heat):  # type: ignore[no-untyped-def]
    """Fill heat with the integrated intensity of one process at one node; return its sum."""
    half = 0.5 * pull * pull
    total = 0.0
    for i in range(len(dt)):
        h = weight * dt[i] * seen[i] * base[i] * fast_exp(level + slope * year[i] + pull * mean[i] + half * variance[i])
        heat[i] = h
        total += h
    return total


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _collect(pull, heat, decay, e, beta, grad_x, grad_z, hxx, hzz, hxz):  # type: ignore[no-untyped-def]
    for i in range(len(heat)):
        b = beta[i]
        a = e[i] - b * decay[i]
        h1 = pull * heat[i]
        h2 = pull * h1
        grad_x[i] -= h1 * b
        grad_z[i] -= h1 * a
        hxx[i] += h2 * b * b
        hzz[i] += h2 * a * a
        hxz[i] += h2 * a * b


@njit(cache=True, error_model="numpy", nogil=True)
def _prepare(problem, weights, work):  # type: ignore[no-untyped-def]
    """Everything that depends on the parameters but not on the path."""
    row, node = work.row, work.node
    n = len(problem.dt)
    _decays(weights.rate, weights.own, problem.own, problem.dt, row[RATE], row[DECAY])
    for i in range(n):
        row[DRIVE, i] = 0.0
        row[HALF_NOISE, i] = weights.noise * weights.noise
        row[KEEP, i] = 1.0
        row[JUMP, i] = 0.0
    for c in range(len(weights.inputs)):
        w = weights.inputs[c]
        for i in range(n):
            row[DRIVE, i] += w * problem.inputs[c, i]
            row[HALF_NOISE, i] += w * w * problem.extra_noise[c, i]
    for i in range(n):
        inverse = 1.0 / row[RATE, i]
        row[HALF_NOISE, i] *= 0.5 * inverse
        row[DRIVE, i] *= inverse
        room = max(1.0 - row[DECAY, i] * row[DECAY, i], 1e-12)
        row[SHIFT, i] = row[DRIVE, i] * (1.0 - row[DECAY, i])
        row[PRECISION, i] = 1.0 / (row[HALF_NOISE, i] * room)
    for k in range(len(weights.level)):
        for i in range(n):
            logit = weights.share_logit[k] - weights.share_fade[k] * problem.fade_knot[i]
            for b in range(len(weights.share_features)):
                logit -= weights.share_features[b] * problem.fade_features[b, i]
            work.shares[k, i] = 1.0 / (1.0 + fast_exp(-logit))
    for j in range(len(problem.jump_knot)):
        row[JUMP, problem.jump_knot[j]] += weights.inputs[problem.jump_input[j]] * problem.jump_size[j]
    for j in range(len(problem.event_knot)):
        row[KEEP, problem.event_knot[j]] *= 1.0 - work.shares[problem.event_process[j], problem.event_knot[j]]
    if problem.any_unseen:
        for k in range(len(weights.level)):
            for i in range(n):
                logarithm = weights.level[k] + weights.slope[k] * problem.drift_knot[i]
                for f in range(len(weights.features)):
                    logarithm += weights.features[f] * problem.knot_features[f, i]
                work.unseen[k, i] = work.shares[k, i] * problem.unseen_days[k, i] * fast_exp(logarithm)
    for q in range(len(problem.node_x)):
        _bridge(
            row[RATE], problem.node_x[q], problem.dt, row[DECAY], row[HALF_NOISE],
            node[NODE_DECAY, q], node[BRIDGE, q], node[VARIANCE, q],
        )  # fmt: skip
        for i in range(n):
            node[BASE, q, i] = 0.0
        for f in range(len(weights.features)):
            c = weights.features[f]
            for i in range(n):
                node[BASE, q, i] += c * problem.node_features[f, q, i]
        _exp_all(node[BASE, q])


@njit(cache=True, error_model="numpy", nogil=True)
def _leave(problem, weights, work):  # type: ignore[no-untyped-def]
    """M, M', M'' and M''' at every knot, and where the path leaves it."""
    row = work.row
    n = len(problem.dt)
    row[LEAVE, 0] = weights.start
    for i in range(n):
        x, keep = row[PATH, i], row[KEEP, i]
        if problem.any_unseen:
            y = x + problem.lift[i]
            g = g1 = g2 = g3 = 0.0
            for k in range(len(weights.level)):
                pull = weights.pull[k]
                term = work.unseen[k, i] * math.exp(min(pull * (x + 0.5 * pull * problem.spread[i]), 50.0))
                g += term
                g1 += pull * term
                g2 += pull * pull * term
                g3 += pull * pull * pull * term
            left = keep * math.exp(-g)
            bend = -2.0 * g1 - y * g2 + y * g1 * g1
            away = left * y - keep * problem.lift[i] + row[JUMP, i]
            row[M1, i] = left * (1.0 - y * g1)
            row[M2, i] = left * bend
            row[M3, i] = left * (-3.0 * g2 - y * g3 + g1 * g1 + 2.0 * y * g1 * g2 - g1 * bend)
        else:
            away = keep * x + row[JUMP, i]
            row[M1, i] = keep
        if i + 1 < n:
            row[LEAVE, i + 1] = away


@njit(cache=True, error_model="numpy", nogil=True)
def _assemble(problem, weights, work):  # type: ignore[no-untyped-def]
    """The joint log density at the path, with its gradient and the (negated) Hessian as a tridiagonal."""
    row, node = work.row, work.node
    n = len(problem.dt)
    _leave(problem, weights, work)
    f = 0.0
    for i in range(n):
        r = row[PATH, i] - row[DECAY, i] * row[LEAVE, i] - row[SHIFT, i]
        p, e = row[PRECISION, i], row[DECAY, i]
        row[RESIDUAL, i] = r
        f -= 0.5 * r * r * p
        row[GRAD_X, i] = -r * p
        row[GRAD_Z, i] = e * r * p
        row[HXX, i] = p
        row[HZZ, i] = e * e * p
        row[HXZ, i] = -e * p
    for q in range(len(problem.node_x)):
        e, beta = node[NODE_DECAY, q], node[BRIDGE, q]
        _means(row[LEAVE], row[DRIVE], row[RESIDUAL], e, beta, node[MEAN, q])
        for k in range(len(weights.level)):
            f -= _heat(
                weights.level[k], weights.pull[k], weights.slope[k], problem.node_w[q], problem.dt, problem.seen[k],
                problem.drift_node[q], node[BASE, q], node[MEAN, q], node[VARIANCE, q], work.heat[k, q],
            )  # fmt: skip
            _collect(
                weights.pull[k], work.heat[k, q], row[DECAY], e, beta,
                row[GRAD_X], row[GRAD_Z], row[HXX], row[HZZ], row[HXZ],
            )  # fmt: skip
    f += add_readings(problem, weights, row)
    for j in range(len(problem.event_knot)):
        i, k = problem.event_knot[j], problem.event_process[j]
        f += weights.level[k] + weights.pull[k] * row[PATH, i] + weights.slope[k] * problem.drift_knot[i]
        for c in range(len(weights.features)):
            f += weights.features[c] * problem.knot_features[c, i]
        row[GRAD_X, i] += weights.pull[k]
    for i in range(n):
        row[GRADIENT, i] = row[GRAD_X, i]
        row[DIAGONAL, i] = row[HXX, i]
    for i in range(1, n):
        m1 = row[M1, i - 1]
        row[GRADIENT, i - 1] += m1 * row[GRAD_Z, i]
        row[DIAGONAL, i - 1] += m1 * m1 * row[HZZ, i]
        row[OFF, i - 1] = m1 * row[HXZ, i]
    return f


@njit(cache=True, error_model="numpy", nogil=True)
def factorise(problem, work, exact):  # type: ignore[no-untyped-def]
    """Pivots of the tridiagonal Hessian; False where it is not positive definite. `exact` keeps the bend of M."""
    row = work.row
    n = len(problem.dt)
    before = 0.0
    for i in range(n):
        d = row[DIAGONAL, i]
        if exact and problem.any_unseen and i + 1 < n:
            d -= row[M2, i] * row[GRAD_Z, i + 1]
        if i > 0:
            d -= row[OFF, i - 1] * row[OFF, i - 1] / before
        if not d > 0.0:
            return False
        row[PIVOT, i] = d
        before = d
    return True


@njit(cache=True, error_model="numpy", nogil=True)
def solve(work, source, target):  # type: ignore[no-untyped-def]
    """Hessian^-1 times a row, by the pivots of `factorise`."""
    row = work.row
    n = row.shape[1]
    row[target, 0] = row[source, 0]
    for i in range(1, n):
        row[target, i] = row[source, i] - row[OFF, i - 1] / row[PIVOT, i - 1] * row[target, i - 1]
    row[target, n - 1] /= row[PIVOT, n - 1]
    for i in range(n - 2, -1, -1):
        row[target, i] = (row[target, i] - row[OFF, i] * row[target, i + 1]) / row[PIVOT, i]


@njit(cache=True, error_model="numpy", nogil=True)
def find_path(problem, weights, work, warm):  # type: ignore[no-untyped-def]
    """Newton's method to the most probable path. Returns (f at it, iterations); f is -inf where it does not converge.

    With `warm` it starts from the path of the last call. On return the exact Hessian is factorised in `work`.
    """
    row = work.row
    n = len(problem.dt)
    _prepare(problem, weights, work)
    if not warm:
        away = weights.start
        for i in range(n):
            row[PATH, i] = away * row[DECAY, i] + row[SHIFT, i]
            away = row[KEEP, i] * row[PATH, i] + row[JUMP, i]
    best = -math.inf
    scale = 1.0
    last_round = False
    for iteration in range(1, MAX_ITERATIONS + 1):
        f = _assemble(problem, weights, work)
        if not f > best - 1e-8 * (1.0 + abs(best)):
            if iteration == 1 or scale < 1e-4:
                return -math.inf, iteration
            scale *= 0.5
            for i in range(n):
                row[PATH, i] = row[LAST, i] + scale * row[STEP, i]
            last_round = False
            continue
        best = f
        exact = factorise(problem, work, True)
        if not exact and not factorise(problem, work, False):
            return -math.inf, iteration
        if last_round:
            return (best if exact else -math.inf), iteration
        solve(work, GRADIENT, STEP)
        decrement = 0.0
        for i in range(n):
            decrement += row[GRADIENT, i] * row[STEP, i]
        if decrement < 1e-13:
            return (best if exact else -math.inf), iteration
        scale = 1.0
        for i in range(n):
            row[LAST, i] = row[PATH, i]
            row[PATH, i] += row[STEP, i]
        # Newton converges quadratically: after this step the decrement is about 1e-14; assemble once more and stop.
        last_round = decrement < 1e-7 and exact
    return -math.inf, MAX_ITERATIONS


@njit(cache=True, error_model="numpy", nogil=True)
def log_marginal(problem, work, f):  # type: ignore[no-untyped-def]
    """Laplace's log marginal likelihood from f at the mode and the pivots."""
    row = work.row
    total = f
    for i in range(len(problem.dt)):
        total -= 0.5 * math.log(row[PIVOT, i] / row[PRECISION, i])
    return total


@njit(cache=True, error_model="numpy", nogil=True)
def path_covariance(work):  # type: ignore[no-untyped-def]
    """Variances of X_i into VAR and covariances of (X_{i-1}, X_i) into COV[i], by the pivots (selected inverse)."""
    row = work.row
    n = row.shape[1]
    row[VAR, n - 1] = 1.0 / row[PIVOT, n - 1]
    for i in range(n - 2, -1, -1):
        ratio = row[OFF, i] / row[PIVOT, i]
        row[COV, i + 1] = -ratio * row[VAR, i + 1]
        row[VAR, i] = 1.0 / row[PIVOT, i] - ratio * row[COV, i + 1]
    row[COV, 0] = 0.0
