"""Slow, obvious twins of the path kernels: the joint density written out, and integrals of it by brute force."""

import math

import numpy as np

from mainstay.numerics.layout import Weights


def flat(weights):
    """All weights one after another, as their gradient is laid out."""
    return np.concatenate([np.atleast_1d(np.asarray(part, float)) for part in weights])


def unflat(vector, like):
    """The weights again, shaped as those they are like."""
    out, at = [], 0
    for part in like:
        piece = vector[at : at + np.size(part)]
        out.append(float(piece[0]) if np.ndim(part) == 0 else np.array(piece))
        at += np.size(part)
    return Weights(*out)


def log_joint(problem, weights, path):
    """log p(path, data) of the model of `ou_path`, one interval at a time, from its docstring."""
    n = len(problem.dt)
    total, leave = 0.0, weights.start
    for i in range(n):
        dt, rate = problem.dt[i], weights.rate * math.exp(weights.own * problem.own[i])
        drive = sum(weights.inputs[c] * problem.inputs[c, i] for c in range(len(weights.inputs)))
        noise2 = weights.noise**2 + sum(
            weights.inputs[c] ** 2 * problem.extra_noise[c, i] for c in range(len(weights.inputs))
        )
        decay = math.exp(-rate * dt)
        mean = leave * decay + drive * (1 - decay) / rate
        variance = noise2 * (1 - decay**2) / (2 * rate)
        total += -0.5 * (path[i] - mean) ** 2 / variance - 0.5 * math.log(2 * math.pi * variance)
        for q, x in enumerate(problem.node_x):
            first, second = x * dt, (1 - x) * dt
            # the bridge: condition a Gaussian pair on its right end
            before = leave * math.exp(-rate * first) + drive * (1 - math.exp(-rate * first)) / rate
            spread = noise2 * (1 - math.exp(-2 * rate * first)) / (2 * rate)
            slope = spread * math.exp(-rate * second) / variance
            at = before + slope * (path[i] - mean)
            left = spread - slope * math.exp(-rate * second) * spread
            for k in range(len(weights.level)):
                log_rate = weights.level[k] + weights.pull[k] * at + 0.5 * weights.pull[k] ** 2 * left
                log_rate += weights.slope[k] * problem.drift_node[q, i]
                log_rate += sum(
                    weights.features[f] * problem.node_features[f, q, i] for f in range(len(weights.features))
                )
                total -= problem.node_w[q] * dt * problem.seen[k, i] * math.exp(log_rate)
        at_knot = problem.read_knot == i
        if at_knot.any():
            items = problem.read_item[at_knot]
            loading = weights.loading[items]
            miss = (
                problem.read_value[at_knot]
                - weights.intercept[items]
                - loading * (path[i] + weights.tone @ problem.knot_features[: len(weights.tone), i])
            )
            covariance = np.diag(weights.sd[items] ** 2) + weights.occasion**2 * np.outer(loading, loading)
            _, log_determinant = np.linalg.slogdet(2 * math.pi * covariance)
            total += -0.5 * float(miss @ np.linalg.solve(covariance, miss)) - 0.5 * float(log_determinant)
        keep, lost = 1.0, 0.0
        for j in np.flatnonzero(problem.event_knot == i):
            k = problem.event_process[j]
            total += weights.level[k] + weights.pull[k] * path[i] + weights.slope[k] * problem.drift_knot[i]
            total += sum(weights.features[f] * problem.knot_features[f, i] for f in range(len(weights.features)))
        for k in range(len(weights.level)):
            logit = weights.share_logit[k] - weights.share_fade[k] * problem.fade_knot[i]
            logit -= float(weights.share_features @ problem.fade_features[:, i])
            share = 1 / (1 + math.exp(-logit))
            keep *= (1 - share) ** np.count_nonzero((problem.event_knot == i) & (problem.event_process == k))
            log_rate = weights.level[k] + weights.pull[k] * path[i] + weights.slope[k] * problem.drift_knot[i]
            log_rate += sum(weights.features[f] * problem.knot_features[f, i] for f in range(len(weights.features)))
            log_rate += 0.5 * weights.pull[k] ** 2 * problem.spread[i]
            lost += share * problem.unseen_days[k, i] * math.exp(log_rate)
        jump = sum(
            weights.inputs[problem.jump_input[j]] * problem.jump_size[j] for j in np.flatnonzero(problem.jump_knot == i)
        )
        leave = keep * ((path[i] + problem.lift[i]) * math.exp(-lost) - problem.lift[i]) + jump
    return total


def log_still(problem, weights):
    """log p(data) without noise, knot by knot from the docstring of `decay_path`; and the path."""
    total, leave, path = 0.0, weights.start, np.zeros(len(problem.dt))
    for i, dt in enumerate(problem.dt):
        rate = weights.rate * math.exp(weights.own * problem.own[i])
        rest = float(weights.inputs @ problem.inputs[:, i]) / rate
        for q, x in enumerate(problem.node_x):
            at = rest + math.exp(-rate * x * dt) * (leave - rest)
            for k in range(len(weights.level)):
                log_rate = weights.level[k] + weights.pull[k] * at + weights.slope[k] * problem.drift_node[q, i]
                log_rate += float(weights.features @ problem.node_features[:, q, i])
                total -= problem.node_w[q] * dt * problem.seen[k, i] * math.exp(log_rate)
        x = path[i] = rest + math.exp(-rate * dt) * (leave - rest)
        at_knot = problem.read_knot == i
        if at_knot.any():
            items = problem.read_item[at_knot]
            loading = weights.loading[items]
            tone = float(weights.tone @ problem.knot_features[: len(weights.tone), i])
            miss = problem.read_value[at_knot] - weights.intercept[items] - loading * (x + tone)
            covariance = np.diag(weights.sd[items] ** 2) + weights.occasion**2 * np.outer(loading, loading)
            _, log_determinant = np.linalg.slogdet(2 * math.pi * covariance)
            total += -0.5 * float(miss @ np.linalg.solve(covariance, miss)) - 0.5 * float(log_determinant)
        keep, lost = 1.0, 0.0
        for k in range(len(weights.level)):
            logit = weights.share_logit[k] - weights.share_fade[k] * problem.fade_knot[i]
            share = 1 / (1 + math.exp(float(weights.share_features @ problem.fade_features[:, i]) - logit))
            log_rate = weights.level[k] + weights.pull[k] * x + weights.slope[k] * problem.drift_knot[i]
            log_rate += float(weights.features @ problem.knot_features[:, i])
            acts = np.count_nonzero((problem.event_knot == i) & (problem.event_process == k))
            total += acts * log_rate
            keep *= (1 - share) ** acts
            lost += (
                share * problem.unseen_days[k, i] * math.exp(log_rate + 0.5 * weights.pull[k] ** 2 * problem.spread[i])
            )
        at_jump = problem.jump_knot == i
        jump = float(weights.inputs[problem.jump_input[at_jump]] @ problem.jump_size[at_jump])
        leave = keep * ((x + problem.lift[i]) * math.exp(-lost) - problem.lift[i]) + jump
    return total, path


def brute_force_log_marginal(problem, weights, low, high, points):
    """log of the integral of the joint density over a path of two or three knots, on a grid."""
    axis = np.linspace(low, high, points)
    grids = np.meshgrid(*[axis] * len(problem.dt), indexing="ij")
    values = np.array([log_joint(problem, weights, path) for path in np.stack([g.ravel() for g in grids], 1)])
    top = values.max()
    return top + math.log(np.exp(values - top).sum()) + len(problem.dt) * math.log(axis[1] - axis[0])


def gaussian_log_marginal(problem, weights):
    """The exact marginal likelihood where there are readings only: one multivariate normal, written out."""
    n = len(problem.dt)
    mean, factor = np.zeros(n), np.zeros((n, n))
    leave_mean, leave_factor = weights.start, np.zeros(n)
    for i in range(n):
        drive = float(weights.inputs @ problem.inputs[:, i])
        noise2 = weights.noise**2 + float(weights.inputs**2 @ problem.extra_noise[:, i])
        rate = weights.rate * math.exp(weights.own * problem.own[i])
        decay = math.exp(-rate * problem.dt[i])
        mean[i] = leave_mean * decay + drive * (1 - decay) / rate
        factor[i] = leave_factor * decay
        factor[i, i] = math.sqrt(noise2 * (1 - decay**2) / (2 * rate))
        jump = sum(
            weights.inputs[problem.jump_input[j]] * problem.jump_size[j] for j in np.flatnonzero(problem.jump_knot == i)
        )
        leave_mean, leave_factor = mean[i] + jump, factor[i]
    select, loading = problem.read_knot, weights.loading[problem.read_item]
    tone = weights.tone @ problem.knot_features[: len(weights.tone)]
    expected = weights.intercept[problem.read_item] + loading * (mean + tone)[select]
    covariance = loading[:, None] * (factor @ factor.T)[np.ix_(select, select)] * loading
    covariance += np.diag(weights.sd[problem.read_item] ** 2)
    covariance += weights.occasion**2 * np.outer(loading, loading) * (select[:, None] == select)
    miss = problem.read_value - expected
    _, log_determinant = np.linalg.slogdet(covariance)
    return -0.5 * float(miss @ np.linalg.solve(covariance, miss)) - 0.5 * float(
        log_determinant + len(miss) * math.log(2 * math.pi)
    )
