"""The backtest on simulated people whom the simulator describes, and on people whom it does not.

PYTHONPATH=tests python -m calibration.backtests WORLD FIRST LAST /tmp/out.pkl     people of one world, kept in a file
PYTHONPATH=tests python -m calibration.backtests told /tmp/a.pkl /tmp/b.pkl ...    how often each was withheld
"""

import pickle
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from calibration.futures import AHEAD_DAYS, Counted, Lived, compare, fewer, in_whole_points, parameters
from calibration.futures import told as told_of
from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.futures.backtest import Backtest, backtest
from mainstay.futures.backtest_judge import WORDS, reasons_of
from mainstay.futures.scores import share_interval
from mainstay.futures.simulating import ahead
from mainstay.quantities import CannotSay
from mainstay.strain.parameters import ItemParameters
from mainstay.strain.simulate import simulate
from mainstay.worlds.ordinary import ROLES, TENSION, ordinary_year, records_of

HIDDEN = "hidden"
DAYS = 400.0
SET_ON = 8
"""Thresholds of the backtest were set on so many people of each world; what is counted is counted on others."""


def _hidden_demand(truth, schedule, times, sizes):
    """A demand that is never recorded."""
    at = np.argsort(times)
    return (
        replace(truth, demands={**truth.demands, HIDDEN: 1.0}),
        replace(
            schedule,
            demands={**schedule.demands, HIDDEN: (times[at], sizes[at])},
            recording={**schedule.recording, HIDDEN: (np.array([0.0, 3650.0]), np.array([0.0]))},
        ),
    )


def ordinary(rng, truth, schedule):
    return truth, schedule


def heavy_tails(rng, truth, schedule):
    """Process noise by t with 2.2 degrees of freedom, in shocks every three hours."""
    times = np.arange(0.0, schedule.days, 0.125) + 0.125 * rng.random(int(np.ceil(schedule.days / 0.125)))
    times = times[times < schedule.days]
    sizes = truth.noise_per_sqrt_day * np.sqrt(0.125) * rng.standard_t(2.2, len(times))
    return _hidden_demand(replace(truth, noise_per_sqrt_day=0.05), schedule, times, sizes)


def hidden_cause(rng, truth, schedule):
    """Something that nobody wrote down raises strain for two to six weeks, and lets it be for as long."""
    starts, ends, at = [], [], float(rng.uniform(0.0, 30.0))
    while at < schedule.days:
        until = min(at + rng.uniform(14.0, 42.0), schedule.days)
        starts.append(at)
        ends.append(until)
        at = until + rng.uniform(14.0, 42.0)
    raised = rng.uniform(1.2, 2.0) * truth.recovery_rate_per_day
    return (
        replace(truth, tolls_per_day={**truth.tolls_per_day, HIDDEN: raised}),
        replace(schedule, roles={**schedule.roles, HIDDEN: (np.array(starts), np.array(ends))}),
    )


def bursts(rng, truth, schedule):
    """Every three weeks or so, five days with four demands each that nobody wrote down."""
    times, at = [], 0.0
    while at < schedule.days - 6.0:
        times += (at + 5.0 * rng.random(20)).tolist()
        at += 6.0 + rng.exponential(15.0)
    return _hidden_demand(truth, schedule, np.array(times), np.full(len(times), 0.8))


WORLDS = {one.__name__: one for one in (ordinary, heavy_tails, hidden_cause, bursts)}
HARMED = {"hidden_cause": 0.6, "bursts": 0.6, "heavy_tails": 0.5}
"""What the simulator does not describe, and the least share of such people who are withheld."""


def lived(world, seed, days=DAYS):
    """The first of this seed's lives that is one: under some parameters acts come without end."""
    for tries in range(50):
        try:
            return _lived(world, np.random.default_rng([11, list(WORLDS).index(world), seed, tries]), days)
        except BadRequest:
            continue
    raise RuntimeError(f"no life of {world} in 50 tries of seed {seed}")


def _lived(world, rng, days):
    """A person whose answers are whole points on a scale of 1 to 7, as a form gives them."""
    truth = parameters(rng)
    truth = replace(
        truth, items={TENSION.name: ItemParameters(float(rng.uniform(1.0, 2.0)), 1.0, float(rng.uniform(0.5, 0.9)))}
    )
    schedule = ordinary_year(
        rng, days=days + AHEAD_DAYS + 2, check_ins_per_day=int(rng.integers(3, 6)),
        demands_per_day=float(rng.uniform(0.5, 1.5)), answered=float(rng.uniform(0.6, 1.0)),
        recording={"": (np.array([0.0, 3650.0]), np.array([float(rng.choice([1.0, 1.0, 0.9]))]))},
    )  # fmt: skip
    roles = {**schedule.roles, ROLES[1]: fewer(rng, schedule.roles[ROLES[1]], float(rng.uniform(0.4, 1.0)))}
    truth, schedule = WORLDS[world](rng, truth, replace(schedule, roles=roles))
    simulated = simulate(truth, schedule, rng)
    shown = replace(schedule, roles={label: part for label, part in schedule.roles.items() if label != HIDDEN})
    return Lived(records_of(shown, in_whole_points(simulated)), simulated, schedule, truth, days)


@dataclass
class Kept:
    """One person: what the backtest tried, and what came of futures at the record's end."""

    seed: int
    backtest: object
    rows: list
    placed: list
    seconds: float
    refused: str = ""


def person(world, seed):
    life = lived(world, seed)
    timeline = life.as_of(life.days)
    fitted = strain.fit(timeline)
    if isinstance(fitted, CannotSay):
        return Kept(seed, None, [], [], 0.0, fitted.reason)
    began = time.process_time()
    found = backtest(timeline, fitted)
    seconds = time.process_time() - began
    counted, rng = Counted([], []), np.random.default_rng([10, seed])
    paths = ahead(timeline, fitted, days=AHEAD_DAYS, n=1000, rng=rng)
    compare(seed, life, timeline.days, paths, rng, counted)
    return Kept(seed, found, counted.rows, counted.placed, seconds)


def told(file, first=SET_ON):
    """How many of one world's people were withheld, by reason, and how scenario chances and ranges fared there.

    Thresholds were set on the people before `first`.
    """
    kept = [one for one in pickle.loads(Path(file).read_bytes()) if one.seed >= first]
    judged = [one for one in kept if isinstance(one.backtest, Backtest)]
    lines = [f"{file}: {len(kept)} people, {len(judged)} judged, {np.mean([one.seconds for one in judged]):.1f} s each"]
    caught = [reasons_of(one.backtest.gains, one.backtest.far_out, one.backtest.one_step) for one in judged]
    for name in WORDS:
        lines.append(f"  {name}: {sum(name in one for one in caught)}")
    count = sum(bool(one) for one in caught)
    low, high = share_interval(count, len(judged), 0.95)
    lines.append(f"  withheld: {count} of {len(judged)} ({count / len(judged):.2f} [{low:.2f}, {high:.2f}])")
    shown = [one for one, why in zip(judged, caught, strict=True) if not why]
    for name, some in (("all", judged), ("shown", shown)):
        rows, placed = (
            np.array([row for one in some for row in one.rows]),
            np.array([row for one in some for row in one.placed]),
        )
        if len(some) > 8:
            lines.append(f"  {name}: {told_of(rows, placed)[0]}")
            for kind, what in ((0, "time to limit"), (1, "mean strain")):
                ranked = placed[placed[:, 1] == kind, 4]
                lines.append(f"    {what} in 90 % {np.mean(np.abs(ranked - 0.5) <= 0.45):.3f}")
    return lines


def main(world, first, last, file):
    held = pickle.loads(Path(file).read_bytes()) if Path(file).exists() else []
    for seed in range(first + len(held), last):
        held.append(person(world, seed))
        Path(file).write_bytes(pickle.dumps(held))
        print(world, seed, round(held[-1].seconds, 1), getattr(held[-1].backtest, "reasons", held[-1]), flush=True)


if __name__ == "__main__":
    from calibration import backtests  # what is kept is then of a module that can be found again

    if sys.argv[1] == "told":
        print("\n".join(line for file in sys.argv[2:] for line in backtests.told(file)))
    else:
        backtests.main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
