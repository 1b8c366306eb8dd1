"""Records without a change, and with one: how often changes are told, how well they are placed, and with what power.

PYTHONPATH=tests python -m calibration.segmenting NULLS 400 [kind…]      share of series in which any change is told
PYTHONPATH=tests python -m calibration.segmenting POWER 1000             one shift of 0.3 sd: AUC beside OLS-CUSUM's
PYTHONPATH=tests python -m calibration.segmenting WHEN 400               how often the 90 % interval holds the change
PYTHONPATH=tests python -m calibration.segmenting COUNTS 400             rates: false changes, found, 90 % intervals
PYTHONPATH=tests python -m calibration.segmenting SPREAD 400             share of series with any change of spread told
"""

import math
import sys
import time

import numpy as np
from scipy.signal import lfilter

from mainstay.notice.segmenting import segments

A_DAY = 5


def autoregressive(rng, n, keep, freedom=None):
    """x_i = keep x_{i-1} + e_i with variance 1; Student's t with `freedom` degrees, or Gaussian."""
    many = n + 200
    shocks = (
        rng.normal(size=many) if freedom is None else rng.standard_t(freedom, many) / math.sqrt(freedom / (freedom - 2))
    )
    return lfilter([math.sqrt(1.0 - keep * keep)], [1.0, -keep], shocks)[200:]


def process(rng, times, correlation_time):
    """An Ornstein-Uhlenbeck process with variance 1 at these times."""
    keep = np.exp(-np.diff(times) / correlation_time)
    x = rng.normal(size=len(times))
    for i, k in enumerate(keep, start=1):
        x[i] = k * x[i - 1] + math.sqrt(1.0 - k * k) * x[i]
    return x


def days(n):
    return np.arange(n, dtype=float)


def prompts(rng, n, missing=0.2):
    """Times in days: five a day from 8 to 22 o'clock at random moments; some missing, and one stretch of a tenth."""
    slots = np.arange(math.ceil(n / (1.0 - missing) * 1.15))
    times = slots // A_DAY + (8.0 + 14.0 * (slots % A_DAY + rng.uniform(size=len(slots))) / A_DAY) / 24.0
    at = int(rng.uniform(0.2, 0.7) * len(slots))
    left = np.delete(slots, np.arange(at, at + len(slots) // 10))
    return times[np.sort(rng.choice(left, n, replace=False))]


def rhythm_columns(times):
    turn = 2.0 * np.pi * times
    days_of_week = np.floor(times).astype(int) % 7
    columns = [np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)]
    return np.column_stack([*columns, *((days_of_week == d).astype(float) for d in range(1, 7))])


def even(keep, freedom=None):
    return lambda rng, n: (days(n), autoregressive(rng, n, keep, freedom), None)


def swings(rng, n):
    """Slow swings, correlated over a fiftieth of the record, under twice as much white noise."""
    return days(n), process(rng, days(n), n / 50.0) + math.sqrt(2.0) * rng.normal(size=n), None


def rhythmic(rng, n):
    times = prompts(rng, n)
    columns = rhythm_columns(times)
    weights = np.concatenate([rng.normal(size=4), rng.normal(size=6)])
    return times, process(rng, times, 0.4) + 0.6 * rng.normal(size=n) + columns @ weights, columns


def trending(rng, n):
    return days(n), autoregressive(rng, n, 0.4) + rng.uniform(0.5, 6.0) * np.linspace(-0.5, 0.5, n), None


def trending_much(rng, n):
    return days(n), autoregressive(rng, n, 0.7) + rng.choice([-15.0, 15.0]) * np.linspace(-0.5, 0.5, n), None


def faint_trend(rng, n):
    """A trend about as strong as can be told at all: twice its log likelihood ratio is 5 to 45 on average."""
    total = math.sqrt(12.0 * rng.uniform(5.0, 45.0) * (1.0 + 0.4) / (1.0 - 0.4) / n)
    return days(n), autoregressive(rng, n, 0.4) + total * np.linspace(-0.5, 0.5, n), None


def missing(rng, n):
    times = prompts(rng, n, 0.4)
    return times, process(rng, times, 0.5) + 0.6 * rng.normal(size=n), None


def wild(rng, n):
    """A few readings that are plainly wrong."""
    x = autoregressive(rng, n, 0.4)
    at = rng.choice(n, max(2, n // 100), replace=False)
    x[at] += rng.choice([-8.0, 8.0], len(at))
    return days(n), x, None


def ordinal(rng, n):
    times = prompts(rng, n)
    return times, np.clip(np.round(2.0 + 1.2 * (process(rng, times, 0.4) + 0.6 * rng.normal(size=n))), 1, 7), None


def two_together(rng, n):
    return days(n), np.column_stack([autoregressive(rng, n, 0.4), autoregressive(rng, n, 0.7)]), None


NULLS = {
    "white": even(0.0),
    "autocorrelation .4": even(0.4),
    "autocorrelation .8": even(0.8),
    "heavy tails": even(0.0, 3),
    "heavy tails, autocorrelation .6": even(0.6, 3),
    "slow swings": swings,
    "rhythm": rhythmic,
    "trend": trending,
    "faint trend": faint_trend,
    "strong trend": trending_much,
    "missing": missing,
    "wild readings": wild,
    "skewed ratings": ordinal,
    "two series": two_together,
}
SIZES = (100, 365, 1000, 3650)
WHENS = (
    (100, 2.0, 0.0, False),
    (365, 1.0, 0.0, False),
    (365, 1.5, 0.4, False),
    (365, 1.5, 0.4, True),
    (365, 3.0, 0.8, False),
    (1000, 0.7, 0.4, False),
    (1000, 1.5, 0.6, True),
    (3650, 0.5, 0.3, False),
)
COUNTS = (
    (365, 0.3, 0.3, 0.0),
    (365, 2.0, 2.0, 0.5),
    (730, 0.05, 0.05, 0.0),
    (365, 0.3, 0.9, 0.0),
    (365, 2.0, 3.5, 0.3),
    (730, 0.05, 0.2, 0.0),
)
"""Days, rates before and after, and how much more than chance the counts vary."""


def false_changes(kind, n, series, seed=1):
    """Share of series in which any change is told."""
    told = 0
    for s in range(series):
        rng = np.random.default_rng([seed, n, s])
        times, values, columns = NULLS[kind](rng, n)
        told += len(segments(times, values, rhythm=columns).changes) > 0
    return told / series


def false_spreads(kind, n, series, seed=1):
    """Share of series in which any change of spread is told."""
    told = 0
    for s in range(series):
        rng = np.random.default_rng([seed, n, s])
        times, values, columns = NULLS[kind](rng, n)
        told += len(segments(times, values, rhythm=columns, spread=True).spread_changes) > 0
    return told / series


SHIFT_AT, SHIFT_READINGS, SHIFT = (0.2, 0.8), 1400, 0.3
"""The design of the published figures (OLS-CUSUM .958, a split by least squares .937, bound .962): these give them."""


def shifted(rng, n, size, keep, at=SHIFT_AT):
    x = autoregressive(rng, n, keep)
    place = int(rng.uniform(*at) * n)
    x[place:] += size
    return place, x


def ols_cusum(x):
    """The largest departure of the cumulated sum of what is left by the mean (Ploberger & Kramer 1992)."""
    return float(np.abs(np.cumsum(x - x.mean())).max() / (x.std() * math.sqrt(len(x))))


def least_squares_split(x, least=5):
    """The most a single split lowers the sum of squares, over the variance: what a search with an l2 cost finds."""
    n, k = len(x), np.arange(1, len(x))
    sums = np.cumsum(x - x.mean())[:-1]
    return float((sums**2 * n / (k * (n - k)))[least:-least].max() / x.var())


def auc(shifts, nulls):
    below = np.searchsorted(np.sort(nulls), shifts, "left") + np.searchsorted(np.sort(nulls), shifts, "right")
    return float(below.sum() / (2.0 * len(shifts) * len(nulls)))


def power(series, n=SHIFT_READINGS, seed=1):
    """AUC of ours, of OLS-CUSUM and of a least-squares split, and how often a change is told."""
    scores, told = np.empty((2, 3, series)), 0
    for s in range(series):
        rng = np.random.default_rng([seed, n, s])
        for shift, x in ((0, autoregressive(rng, n, 0.4)), (1, shifted(rng, n, SHIFT, 0.4)[1])):
            found = segments(days(n), x)
            scores[shift, :, s] = found.log_evidence, ols_cusum(x), least_squares_split(x)
            told += shift * (len(found.changes) > 0)
    return tuple(auc(scores[1, k], scores[0, k]) for k in range(3)), told / series


def held(n, size, keep, series, seed=1, irregular=False):
    """Of series with one change found: share whose interval holds it; median length in days; share with one change."""
    inside, lengths, ones = 0, [], 0
    for s in range(series):
        rng = np.random.default_rng([seed, n, s])
        place, x = shifted(rng, n, size, keep)
        times = np.sort(rng.uniform(0, n, n)) if irregular else days(n)
        changes = segments(times, x).changes
        if len(changes) == 1:
            ones += 1
            inside += changes[0].low <= times[place - 1] and times[place] <= changes[0].high
            lengths.append(changes[0].high - changes[0].low)
    return inside / max(ones, 1), float(np.median(lengths)) if lengths else math.nan, ones / series


def counted(n, before, after, series, excess=0.0, seed=1):
    """Counts a day at a Gamma-mixed Poisson rate: share with a change told, with one, and of these with it inside."""
    told, ones, inside = 0, 0, 0
    for s in range(series):
        rng = np.random.default_rng([seed, n, s])
        exposure = rng.choice([0.0, 0.5, 1.0], n, p=[0.1, 0.2, 0.7])
        place = int(rng.uniform(*SHIFT_AT) * n)
        rate = np.where(np.arange(n) < place, before, after) * exposure
        if excess > 0.0:
            rate = rate * rng.gamma(1.0 / excess, excess, n)
        changes = segments(days(n), rng.poisson(rate), kind="count", exposure=exposure).changes
        told += len(changes) > 0
        if len(changes) == 1:
            ones += 1
            inside += changes[0].low <= place - 1 and place <= changes[0].high
    return told / series, ones / series, inside / max(ones, 1)


def steady_counts(kind, rng, n):
    """Counts a day whose rate is steady, mixed, autocorrelated, or rises and falls no more than can just be told."""
    if kind == "steady":
        rate = np.full(n, 0.4)
    elif kind == "mixed":
        rate = 0.8 * rng.gamma(2.0, 0.5, n)
    elif kind == "autocorrelated":
        rate = 0.6 * np.exp(0.5 * autoregressive(rng, n, 0.8) - 0.125)
    else:
        total = math.sqrt(12.0 * rng.uniform(5.0, 45.0) / (0.6 * n))
        rate = 0.6 * np.exp(total * np.linspace(-0.5, 0.5, n))
    return rng.poisson(rate)


STEADY_COUNTS = ("steady", "mixed", "autocorrelated", "faint trend")


def false_rates(kind, n, series, seed=5):
    """Share of series of counts in which any change of rate is told."""
    told = 0
    for s in range(series):
        counts = steady_counts(kind, np.random.default_rng([seed, n, s]), n)
        told += len(segments(days(n), counts, kind="count").changes) > 0
    return told / series


def main(argv):
    what, series = argv[0], int(argv[1])
    if what == "NULLS":
        for kind in argv[2:] or NULLS:
            for n in SIZES:
                begun = time.perf_counter()
                rate = false_changes(kind, n, series)
                each = 1e3 * (time.perf_counter() - begun) / series
                print(f"{kind:<34}{n:>6}{rate:>8.3f}{each:>8.1f} ms each", flush=True)
    elif what == "POWER":
        (ours, cusum, split), told = power(series)
        print(f"AUC: ours {ours:.3f}, OLS-CUSUM {cusum:.3f}, least-squares split {split:.3f}; told {told:.3f}")
    elif what == "WHEN":
        for n, size, keep, irregular in WHENS:
            inside, length, one = held(n, size, keep, series, irregular=irregular)
            print(
                f"{n:>6} {size:.1f} sd, {keep:.1f}: held {inside:.3f}, length {length:.0f}, one found {one:.3f}",
                flush=True,
            )
    elif what == "SPREAD":
        for kind in ("white", "autocorrelation .8", "heavy tails", "heavy tails, autocorrelation .6", "missing"):
            rates = [false_spreads(kind, n, series) for n in (100, 365)]
            print(f"{kind:<34}{rates[0]:>8.3f}{rates[1]:>8.3f}", flush=True)
    elif what == "COUNTS":
        for kind in STEADY_COUNTS:
            print(f"{kind:<34}{false_rates(kind, 365, series):>8.3f}", flush=True)
        for n, before, after, excess in COUNTS:
            told, one, inside = counted(n, before, after, series, excess)
            print(
                f"{n:>6} {before} to {after}, {excess}: told {told:.3f}, one {one:.3f}, held {inside:.3f}", flush=True
            )


if __name__ == "__main__":
    main(sys.argv[1:])
