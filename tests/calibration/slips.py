"""Slips whose rate stands still in many ways, and slips that do grow more frequent: how often and how soon it is said.

PYTHONPATH=tests python -m calibration.slips NULLS 400        every null: false alarms against the budget
PYTHONPATH=tests python -m calibration.slips TOGETHER 200     five kinds of slips and all of them: the same
PYTHONPATH=tests python -m calibration.slips POWER 200        delay and share found within a year
PYTHONPATH=tests python -m calibration.slips RATIO 200        how often the interval of the ratio holds the truth
"""

import math
import sys

import numpy as np

from mainstay.notice.budget import SLIPS_MONTHS
from mainstay.notice.slips_counts import Counted
from mainstay.notice.slips_seen import shares_of, since_week, watched
from mainstay.notice.slips_watch import BAR, RATIOS, sums, weeks_of
from mainstay.numerics.exact_rates import gamma_quantile
from mainstay.quantities import DAYS_PER_MONTH

DAYS = 1096
A_DAY = (0.1, 0.5, 3.0)


def constant(rng, days):
    return np.ones(days), np.ones(days)


def bad_days(rng, days):
    """Each day's rate is exponential: the variance of a day's count is its mean and its mean's square."""
    return rng.gamma(1.0, 1.0, days), np.ones(days)


def very_bad_days(rng, days):
    return rng.gamma(0.5, 2.0, days), np.ones(days)


def pareto_days(rng, days):
    """Heavy tails: each day's rate is Pareto with index 2.5."""
    return 1.5 * rng.pareto(2.5, days), np.ones(days)


def weekdays(rng, days):
    return np.array([0.3, 0.3, 0.5, 1.0, 2.0, 2.4, 0.5])[np.arange(days) % 7], np.ones(days)


def season(rng, days):
    """A year's course of ± 30 %."""
    return 1.0 + 0.3 * np.sin(2.0 * np.pi * np.arange(days) / 365.25), np.ones(days)


def autocorrelated(rng, days, phi=0.5, sd=0.4):
    """The rate's logarithm is autoregressive from day to day."""
    z = rng.normal(size=days) * sd
    for i in range(1, days):
        z[i] = phi * z[i - 1] + math.sqrt(1.0 - phi * phi) * z[i]
    return np.exp(z - 0.5 * sd * sd), np.ones(days)


def autocorrelated_longer(rng, days):
    return autocorrelated(rng, days, 0.8, 0.4)


def autocorrelated_strongly(rng, days):
    return autocorrelated(rng, days, 0.8, 0.6)


def logged_ever_more(rng, days):
    """Three in ten are written down at first, all at the end, and the log says so."""
    share = np.linspace(0.3, 1.0, days)
    return np.ones(days), share


def days_missing(rng, days):
    return np.ones(days), (rng.random(days) < 0.7).astype(float)


NULLS = {
    one.__name__: one
    for one in (
        constant, bad_days, very_bad_days, pareto_days, weekdays, season, autocorrelated, autocorrelated_longer,
        autocorrelated_strongly, logged_ever_more, days_missing,
    )
}  # fmt: skip
HARD = ("autocorrelated_strongly",)


def slips(rng, kind, a_day, days=DAYS):
    """Counts and exposure by day."""
    rate, exposure = NULLS[kind](rng, days)
    return rng.poisson(a_day * rate * exposure).astype(float), exposure


def settled_days(days):
    return np.arange(days) >= 7


def first_alarm(counts, exposure):
    """The first day on which a single stream is called more frequent; None where it never is."""
    weeks = weeks_of(counts, exposure, settled_days(len(counts)))
    rise = sums(weeks, np.ones(len(weeks.before)), np.arange(len(counts)))
    over = np.flatnonzero(rise >= BAR)
    return int(over[0]) if len(over) else None


def against_budget(firsts, days=DAYS):
    """Alarms, months watched until the first alarm, alarms per budgeted one with the upper end of its 95 % interval."""
    alarms = sum(one is not None for one in firsts)
    months = sum(days if one is None else one for one in firsts) / DAYS_PER_MONTH
    return alarms, months, alarms * SLIPS_MONTHS / months, gamma_quantile(0.975, alarms + 1.0) * SLIPS_MONTHS / months


def false_alarms(kind, a_day, people, seed=1):
    firsts = [first_alarm(*slips(np.random.default_rng([seed, k]), kind, a_day)) for k in range(people)]
    return against_budget(firsts)


def streams(counts, exposure):
    """Several kinds (kinds, days) and all together, as `notice.slips_counts` has them."""
    ends, days = np.arange(1.0, counts.shape[1] + 1.0), counts.shape[1]

    def one(name, part):
        times = np.repeat(ends - 0.5, part.astype(int))
        return Counted(name, part, exposure, settled_days(days), ends, times, (), 0, True)

    kinds = [one(f"kind {k}", part) for k, part in enumerate(counts) if part.sum()]
    return (*kinds, one("together", counts.sum(axis=0)))


def false_alarms_together(people, kind="bad_days", seed=2):
    """Five kinds of slips of very different frequency."""
    firsts = []
    for k in range(people):
        rng = np.random.default_rng([seed, k])
        rate, exposure = NULLS[kind](rng, DAYS)
        counts = rng.poisson(np.array([0.02, 0.05, 0.1, 0.3, 1.0])[:, None] * rate * exposure).astype(float)
        found = streams(counts, exposure)
        over = np.zeros(DAYS, bool)
        for stream, share in zip(found, shares_of(found), strict=True):
            over |= watched(stream, share).rise >= BAR
        firsts.append(int(np.flatnonzero(over)[0]) if over.any() else None)
    return against_budget(firsts)


def grown(rng, a_day, ratio, kind="constant", at=182, days=548):
    before, exposure = slips(rng, kind, a_day, days)
    after, _ = slips(rng, kind, a_day * ratio, days)
    return np.where(np.arange(days) >= at, after, before), exposure


def power(a_day, ratio, people, kind="constant", seed=3, at=182):
    """Median delay in days (inf where under half are found) and the shares found within 4 weeks, 13, and a year."""
    delays = []
    for k in range(people):
        counts, exposure = grown(np.random.default_rng([seed, k]), a_day, ratio, kind, at)
        weeks = weeks_of(counts, exposure, settled_days(len(counts)))
        rise = sums(weeks, np.ones(len(weeks.before)), np.arange(at, len(counts)))
        over = np.flatnonzero(rise >= BAR)
        delays.append(over[0] + 1 if len(over) else math.inf)
    delays = np.array(delays)
    return float(np.median(delays)), *(float(np.mean(delays <= within)) for within in (28, 91, 365))


def ratio_held(a_day, ratio, people, kind="constant", seed=4, at=182):
    """Of those found half a year after the change: share whose interval holds the ratio, and whose dates hold it."""
    from mainstay.notice.slips import _ratio

    held, dated, found = 0, 0, 0
    for k in range(people):
        counts, exposure = grown(np.random.default_rng([seed, k]), a_day, ratio, kind, at, at + 182)
        (stream,) = streams(counts[None], exposure)[1:]
        seen = watched(stream, shares_of((stream,))[0])
        if seen.rise[-1] < BAR:
            continue
        found += 1
        week, first, last = since_week(seen, RATIOS)
        ends = [_ratio(seen, one)[1:] for one in {week, first, last}]
        held += min(one[0] for one in ends) <= ratio <= max(one[1] for one in ends)
        dated += first * 7 - 7 <= at <= last * 7 + 7
    return found, held / max(found, 1), dated / max(found, 1)


def lately_held(kind, a_day, people, seed=5):
    """Where nothing changed: how often the interval of the last quarter against before holds 1."""
    from mainstay.notice.slips import _lately, _ratio

    held = 0
    for k in range(people):
        counts, exposure = slips(np.random.default_rng([seed, k]), kind, a_day, 365)
        (stream,) = streams(counts[None], exposure)[1:]
        seen = watched(stream, shares_of((stream,))[0])
        _, low, high = _ratio(seen, _lately(stream))
        held += low <= 1.0 <= high
    return held / people


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    if what == "NULLS":
        for kind in sys.argv[3:] or NULLS:
            for a_day in A_DAY:
                print(kind, a_day, *np.round(false_alarms(kind, a_day, people), 2), flush=True)
    elif what == "TOGETHER":
        for kind in ("constant", "bad_days", "autocorrelated"):
            print(kind, *np.round(false_alarms_together(people, kind), 2), flush=True)
    elif what == "POWER":
        for a_day, ratio in ((0.1, 2.0), (0.1, 4.0), (0.3, 2.0), (0.3, 3.0), (1.0, 1.5), (1.0, 2.0), (3.0, 1.5)):
            print(a_day, ratio, *power(a_day, ratio, people), "bad days:", *power(a_day, ratio, people, "bad_days"))
    else:
        for a_day, ratio in ((0.3, 3.0), (1.0, 2.0), (1.0, 3.0)):
            print(a_day, ratio, *(ratio_held(a_day, ratio, people, kind) for kind in ("constant", "bad_days")))
        for kind in ("constant", "bad_days", "autocorrelated", "weekdays"):
            print("lately", kind, *(lately_held(kind, a_day, people) for a_day in A_DAY))
