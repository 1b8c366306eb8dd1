"""Ratings whose recovery slows, and the many ways in which it does not: how often which of the two is said.

PYTHONPATH=tests python -m calibration.resilience NULLS 200 400        every null: alarms at one look, at 5 %
PYTHONPATH=tests python -m calibration.resilience POWER 200 400        slowing against a steady process: AUC
PYTHONPATH=tests python -m calibration.resilience FOLD 200 400         the same, shocks held: variance rises besides
PYTHONPATH=tests python -m calibration.resilience LOOKS 600 200        a null looked at ten times: ever an alarm
PYTHONPATH=tests python -m calibration.resilience FOUND 600 40         how much slowing it takes to be found
"""

import math
import sys

import numpy as np

from mainstay.notice.resilience import BUDGET
from mainstay.notice.rolling import _taus
from mainstay.notice.slowing import slowing

A_DAY = 5


def autoregressive(rng, phi, sd):
    """x_i = phi_i x_{i-1} + sd_i e_i, begun in its stationary law; phi and sd (n)."""
    x, shocks = np.empty(len(phi)), rng.normal(size=len(phi)) * sd
    x[0] = shocks[0] / math.sqrt(1.0 - phi[0] ** 2)
    for i in range(1, len(phi)):
        x[i] = phi[i] * x[i - 1] + shocks[i]
    return x


def prompts(rng, n, missing=0.0):
    """Times in days: five a day between 8 and 22 o'clock at random moments in equal slots; some go missing."""
    slots = np.arange(math.ceil(n / (1.0 - missing)))
    times = slots // A_DAY + (8.0 + 14.0 * (slots % A_DAY + rng.uniform(size=len(slots))) / A_DAY) / 24.0
    return times[np.sort(rng.choice(len(slots), n, replace=False))]


def process(rng, times, half_life_hours=8.0, scale=1.0):
    """An Ornstein-Uhlenbeck process at these times, with standard deviation `scale` (a number, or one per time)."""
    keep = np.exp(-math.log(2.0) * 24.0 / half_life_hours * np.diff(times))
    x = rng.normal(size=len(times))
    for i, k in enumerate(keep, start=1):
        x[i] = k * x[i - 1] + math.sqrt(1.0 - k * k) * x[i]
    return x * scale


def steady(rng, n):
    times = prompts(rng, n)
    return times, process(rng, times) + rng.normal(size=n) * 0.6


def noise_of_the_process_rises(rng, n):
    times = prompts(rng, n)
    return times, process(rng, times, scale=np.linspace(1.0, 1.8, n)) + rng.normal(size=n) * 0.6


def all_noise_rises(rng, n):
    times, values = steady(rng, n)
    return times, values * np.linspace(1.0, 1.8, n)


def noise_of_readings_rises(rng, n):
    times = prompts(rng, n)
    return times, process(rng, times) + rng.normal(size=n) * np.linspace(0.5, 0.9, n)


def readings_become_exact(rng, n):
    times = prompts(rng, n)
    return times, process(rng, times) + rng.normal(size=n) * np.linspace(0.9, 0.5, n)


def more_and_more_go_missing(rng, n):
    slots = int(1.6 * n)
    times = prompts(rng, slots)
    chance = np.linspace(1.0, 0.25, slots)
    kept = np.sort(rng.choice(slots, n, replace=False, p=chance / chance.sum()))
    return times[kept], (process(rng, times) + rng.normal(size=slots) * 0.6)[kept]


def missing_when_high(rng, n):
    slots = 2 * n
    times = prompts(rng, slots)
    x = process(rng, times)
    kept = np.flatnonzero(rng.uniform(size=slots) < 1.0 / (1.0 + np.exp(x)))[:n]
    return times[kept], (x + rng.normal(size=slots) * 0.6)[kept]


def mean_drifts(rng, n):
    times, values = steady(rng, n)
    return times, values + np.linspace(0.0, 2.0, n)


def mean_moves_late(rng, n):
    times, values = steady(rng, n)
    return times, values + 1.5 / (1.0 + np.exp(-(np.linspace(0.0, 1.0, n) - 0.75) / 0.05))


def mean_moves_at_once(rng, n):
    times, values = steady(rng, n)
    return times, values + 1.5 * (np.linspace(0.0, 1.0, n) > 0.75)


def noise_of_the_process_falls(rng, n):
    times = prompts(rng, n)
    return times, process(rng, times, scale=np.linspace(1.8, 1.0, n)) + rng.normal(size=n) * 0.6


def all_noise_falls(rng, n):
    times, values = steady(rng, n)
    return times, values * np.linspace(1.8, 1.0, n)


def rhythm(rng, n):
    times, values = steady(rng, n)
    return times, values + np.cos(2.0 * np.pi * times) + 0.7 * (times % 7.0 > 5.0)


def heavy_tails(rng, n):
    times = prompts(rng, n)
    return times, process(rng, times) + 0.4 * rng.standard_t(3, n)


def rounded_to_seven(rng, n):
    times, values = steady(rng, n)
    return times, np.clip(np.round(3.0 + 1.2 * values), 1.0, 7.0)


def four_items_noise_rises(rng, n):
    times = prompts(rng, n)
    common = process(rng, times, scale=np.linspace(1.0, 1.8, n))
    own = [process(rng, times, half_life_hours=h) for h in (3.0, 6.0, 12.0, 24.0)]
    return times, np.column_stack([common + 0.6 * part + 0.5 * rng.normal(size=n) for part in own])


NULLS = {
    one.__name__: one
    for one in (
        steady, noise_of_the_process_rises, noise_of_the_process_falls, all_noise_rises, all_noise_falls,
        noise_of_readings_rises, readings_become_exact, more_and_more_go_missing, missing_when_high, mean_drifts,
        mean_moves_late, mean_moves_at_once, rhythm, heavy_tails, rounded_to_seven, four_items_noise_rises,
    )
}  # fmt: skip


def slower(rng, n, first=2.0, last=24.0):
    """Half-life from `first` to `last` hours over the record, evenly in its logarithm."""
    times = prompts(rng, n)
    half_lives = first * (last / first) ** ((times[1:] + times[:-1]) / (2.0 * times[-1]))
    keep = np.exp(-math.log(2.0) * 24.0 / half_lives * np.diff(times))
    x = rng.normal(size=n)
    for i, k in enumerate(keep, start=1):
        x[i] = k * x[i - 1] + math.sqrt(1.0 - k * k) * x[i]
    return times, x + 0.3 * rng.normal(size=n)


def columns_of(times):
    """The rhythm a record is freed of: as `notice.resilience.rhythm_columns` for a clock that is never put forward."""
    turn, days = 2.0 * np.pi * times, np.floor(times).astype(int) % 7
    hours = [np.sin(turn), np.cos(turn), np.sin(2.0 * turn), np.cos(2.0 * turn)]
    return np.column_stack(hours + [(days == day).astype(float) for day in range(1, 7)])


def looked_at(times, values):
    """The test on one simulated record."""
    return slowing(times, values.reshape(len(times), -1), columns_of(times))


def alarms(kind, n, people, seed=1):
    """Of so many people of this null with n answers: the share called slower at one look and 5 %, and by e-value."""
    found = [looked_at(*NULLS[kind](np.random.default_rng([seed, k]), n)) for k in range(people)]
    covered = np.mean([one.low <= 0.0 <= one.high for one in found])
    by_e = np.mean([one.e_slower >= 1.0 / BUDGET for one in found])
    return np.mean([one.p_slower <= 0.05 for one in found]), by_e, covered


DESIGNS = {200: (0.25, 0.72), 1500: (0.4, 0.6)}
"""Autocorrelation from start to end, evenly spaced, variance held: where Kendall's tau of it has an AUC near .85."""


def area(high, low):
    """The chance that one of `high` lies above one of `low`."""
    high, low = np.asarray(high)[:, None], np.asarray(low)[None]
    return float((high > low).mean() + 0.5 * (high == low).mean())


def held(rng, phi):
    """Swings as large throughout: only the autocorrelation rises."""
    return autoregressive(rng, phi, np.sqrt(1.0 - phi**2))


def folding(rng, phi):
    """Shocks as strong throughout, on the way to a fold: the variance goes as one over the recovery rate."""
    return held(rng, phi) / np.sqrt(-np.log(phi))


def power(n, people, design=held, seed=2):
    """AUC of slowing against a steady process: ours, and Kendall's tau of rolling autocorrelation, of variance; ours,
    the share called slower at one look and 5 %, of the slowing and of the steady.
    """
    first, last = DESIGNS[n]
    sides = []
    for side, ends in enumerate(((0.5 * (first + last),) * 2, (first, last))):
        phi = np.linspace(*ends, n)
        rows = [design(np.random.default_rng([seed, side, k]), phi) for k in range(people)]
        times = np.arange(n) / A_DAY
        roots = [slowing(times, row[:, None]).root for row in rows]
        sides.append((roots, *_taus(times, np.array(rows))))
    called = [float(np.mean(np.array(side[0]) > 1.645)) for side in sides]
    return [area(sides[1][k], sides[0][k]) for k in (0, 2, 1)], called[1], called[0]


def ever_alarmed(n, people, looks=10, seed=3):
    """Of steady people, the share ever called slower by e-value, and by p <= .05, when looked at again and again."""
    by_e, by_p = 0, 0
    for k in range(people):
        times, values = steady(np.random.default_rng([seed, k]), n)
        found = [looked_at(times[:m], values[:m]) for m in np.linspace(n // looks, n, looks).astype(int) if m >= 60]
        by_e += any(one.e_slower >= 1.0 / BUDGET for one in found)
        by_p += any(one.p_slower <= 0.05 for one in found)
    return by_e / people, by_p / people


def found(n, people, times_as_long, seed=4):
    """Of people whose half-life grows from 4 hours to so many times that: found at one look and 5 %, and by e-value."""
    told = [looked_at(*slower(np.random.default_rng([seed, k]), n, 4.0, 4.0 * times_as_long)) for k in range(people)]
    return np.mean([one.p_slower <= 0.05 for one in told]), np.mean([one.e_slower >= 1.0 / BUDGET for one in told])


if __name__ == "__main__":
    what, n, people = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if what in ("POWER", "FOLD"):
        told = power(n, people, folding if what == "FOLD" else held)
        print(
            what, n, people, "AUC ours, tau of autocorrelation, tau of variance; called slower: slowing, steady:", *told
        )
    elif what == "LOOKS":
        print(n, people, "ever by e-value, by p:", *ever_alarmed(n, people))
    elif what == "FOUND":
        for times_as_long in (2.0, 4.0):
            print(n, people, times_as_long, "at one look, by e-value:", *found(n, people, times_as_long))
    else:
        for kind in sys.argv[4:] or NULLS:
            print(n, people, kind, *np.round(alarms(kind, n, people), 4), flush=True)
