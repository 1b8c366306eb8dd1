"""The slow, obvious watch over one stream of readings: every day's evidence from every possible beginning, written out.

Nothing is carried along but what the model says must be: what was drawn in, rhythm, and each reading's unit response.
Predictions are conditional Gaussians from the covariance of all readings so far; sums are sums over beginnings.
"""

import math

import numpy as np

from mainstay.numerics.sequential import LEVEL_SHARE, READY_DAYS
from mainstay.numerics.sequential_readings import CHANGES, DELTAS, EXPERTS, FARTHEST, READY, WARM
from mainstay.numerics.sequential_surprise import CAP, KEPT, normal_score


def rhythm_row(n, hours, weekdays):
    """The columns of reading n - 1, each less its mean so far."""
    turn = 2.0 * np.pi * hours / 24.0
    clock = [np.cos(turn), np.sin(turn), np.cos(2.0 * turn), np.sin(2.0 * turn)]
    days = [(weekdays == k).astype(float) for k in range(7)]
    columns = np.column_stack([*clock, *days])[:n]
    return np.concatenate([[1.0], columns[-1] - columns.mean(axis=0)])


def kept_of(half_life, gaps):
    return np.exp(-math.log(2.0) * gaps / half_life)


class Expert:
    """One expert: covariance of everything it has read, written out anew for each reading."""

    def __init__(self, row):
        self.vf, self.hf, self.vs, self.hs, self.log_weight = row
        self.squares, self.noise = 4.0, 1.0 - row[0] - row[2]
        self.times, self.values, self.blurs = [], [], []

    def covariance(self, first, second):
        gaps = np.abs(np.subtract.outer(first, second))
        # swings are at rest when the warming up ends, whatever happened before
        return 0.3 + self.vf * kept_of(self.hf, gaps) + self.vs * kept_of(self.hs, gaps)

    def predict(self, time, blur):
        """Mean and variance (units of the total variance), and the weights of all that was read before."""
        alone = 0.3 + self.vf + self.vs + self.noise + blur
        if not self.times:
            return 0.0, alone, np.zeros(0)
        times = np.array(self.times)
        whole = self.covariance(times, times) + np.diag(self.noise + np.array(self.blurs))
        with_it = self.covariance(np.array([time]), times)[0]
        weights = np.linalg.solve(whole, with_it)
        return float(weights @ self.values), float(alone - weights @ with_it), weights

    def read(self, time, value, blur):
        self.times.append(time)
        self.values.append(value)
        self.blurs.append(blur)


def plain_watch(times, hours, weekdays, values, floor):
    """The sum laid on changes of level, by day (days,), for a stream of readings that is watched alone."""
    days = np.floor(times).astype(int)
    first = values[:WARM]
    scale = max(float(first.std()), floor)
    experts = [Expert(row) for row in EXPERTS]
    J = len(experts)
    design, drawn, nu = [], [], 4.0
    begun = []  # one a day: the day, what was laid on each expert, log ratios since (J, CHANGES)
    past, bets, judged_days, waiting = np.zeros(CHANGES), 0, 0, 0.0
    sums = np.zeros(days[-1] + 1)
    told, weights_then, today = np.zeros((J, CHANGES)), None, None
    effect = []  # of each reading, how much of a unit change is in it (J, CHANGES), averaged over beginnings

    def close(day, day_after):
        nonlocal bets, judged_days, waiting, told, weights_then, begun, past
        if weights_then is not None:
            worth = (weights_then[:, None] * np.exp(told)).sum(axis=0)
            usual = np.maximum((KEPT + past) / (KEPT + bets), 1.0)
            past = past + np.minimum(worth, CAP)
            bets += 1
            begun = [(start, laid, ratio + told - np.log(usual)) for start, laid, ratio in begun]
            judged_days += 1
        sums[day] = sum(float((laid[:, None] * np.exp(ratio)).sum()) for _, laid, ratio in begun)
        told, weights_then = np.zeros((J, CHANGES)), None
        if judged_days >= READY_DAYS and len(drawn) + WARM >= READY:
            # the spread joins once it has been read on so many days
            share = LEVEL_SHARE if judged_days >= READY else 1.0
            waiting += share * (day_after - day) / CHANGES

    for i in range(len(times)):
        if today is not None and days[i] > today:
            close(today, days[i])
        today = days[i]
        if i < WARM:
            continue
        y = (values[i] - first.mean()) / scale
        row = rhythm_row(i + 1, hours, weekdays)
        prior = np.diag(1.0 / np.array([0.5, *[0.25] * 4, *[0.1] * 7]))
        X = np.array(design).reshape(-1, 12)
        cover = np.linalg.inv(prior + X.T @ X)
        coefficients = cover @ (X.T @ np.array(drawn)) if drawn else np.zeros(12)
        part = float(row[1:] @ coefficients[1:])
        blur = max(float(row @ cover @ row) - cover[0, 0], 0.0)
        told_by = [expert.predict(times[i], blur) for expert in experts]
        logs = np.array([expert.log_weight for expert in experts])
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        means = np.array([one[0] for one in told_by])
        variances = np.array([one[1] for one in told_by])
        scales = np.array([expert.squares for expert in experts]) / nu
        mean = weights @ means
        spread = math.sqrt(weights @ (means**2 + scales * variances) - mean**2)
        t = (y - part - mean) / spread
        if i + 1 > READY:
            t = min(max(t, -FARTHEST), FARTHEST)
        r = mean + spread * t
        if weights_then is None:
            weights_then = weights
            fresh = waiting * weights
            # each expert looks at one response, averaged over the beginnings by what is laid on them
            old = sum((laid[:, None] * np.exp(ratio) for _, laid, ratio in begun), np.zeros((J, CHANGES)))
            whole = old + fresh[:, None]
            share = np.divide(old, whole, out=np.zeros_like(old), where=whole > 0.0)
            effect = [one * share for one in effect]
            begun.append((today, fresh, np.zeros((J, CHANGES))))
            waiting = 0.0
        squares = np.array([expert.squares for expert in experts])
        heights = -0.5 * np.log(squares * variances) - 0.5 * (nu + 1.0) * np.log1p(
            (r - means) ** 2 / (squares * variances)
        )
        mixed = math.log(weights @ np.exp(heights - heights.max())) + heights.max()
        for j, expert in enumerate(experts):
            score = normal_score((r - means[j]) / math.sqrt(scales[j] * variances[j]), nu)
            for d in range(CHANGES):
                before = np.array([one[j, d] for one in effect])
                left = 1.0 - float(told_by[j][2] @ before)
                moved = DELTAS[d] * left / math.sqrt(variances[j])
                told[j, d] += heights[j] - mixed + moved * score - 0.5 * moved * moved
            expert.log_weight += heights[j] - mixed
            expert.squares += (r - means[j]) ** 2 / variances[j]
            expert.read(times[i], r, blur)
        effect.append(np.ones((J, CHANGES)))
        nu += 1.0
        design.append(row)
        drawn.append(r + part)
    close(today, today + 1)
    return sums
