"""Futures of simulated people set against what truly came: one long life is simulated, and its record cut at dates.

What is counted is strain itself, on the scale of its item, and not ratings of it: what is calibrated is the forecast
and not the measuring. The future is the truth gone on, demands, roles and all.

PYTHONPATH=tests python -m calibration.futures 0 300 /tmp/out.npz     people 0 to 299; goes on where a file is there
PYTHONPATH=tests python -m calibration.futures told /tmp/out.npz      slope, diagram and coverage of what is in the file
"""

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mainstay import strain
from mainstay.futures.reliability import calibration, reliability
from mainstay.futures.scenarios import partition
from mainstay.futures.scenarios_days import days_before
from mainstay.futures.scenarios_rules import OwnLimit
from mainstay.futures.scores import ranks
from mainstay.futures.simulating import ahead
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Coverage
from mainstay.records.statements_scenario import OTHER, Scenario, ScenarioFile
from mainstay.strain.parameters import ItemParameters, RefugeParameters
from mainstay.strain.simulate import simulate
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, REFUGES, ROLES, TENSION, ordinary_parameters, ordinary_year, records_of

AHEAD_DAYS = 91
PATHS = 2000
SHARES = (0.7, 0.9, 0.97)
"""Limits of strain: what the person's own days so far stayed under in so many of them."""
IN_A_ROW = (1, 3)
WITHIN = (7, 28, 91)
"""Strain above a limit, the daily mean, on so many days in a row, within so many days."""
RULES = {
    "over the limit": "strain > limit for 3 days",
    "second role given up": "share_of_time(role:second role) < 0.5 usual for 2 weeks",
    "second role grown": "share_of_time(role:second role) > 1.3 usual for 3 weeks",
    "sought oftener": "rate(event:first refuge) > 1.8 usual for 4 weeks",
    "sought less, and strained": "rate(event:second refuge) < 0.7 usual for 4 weeks and strain > limit for 1 day",
}
SCENARIOS = tuple(Scenario("", None, ScenarioFile(name=name, rule=rule)) for name, rule in RULES.items())
SCENARIO_NAMES = (*RULES, OTHER)
SUMS = (7, 28, 91)
"""Horizons of mean strain, hours in roles and acts of relief."""


@dataclass(frozen=True, eq=False)
class Lived:
    """A simulated life: its record, and its truth hour by hour on the item's scale."""

    records: tuple
    simulated: object
    schedule: object
    truth: object
    days: float

    def daily(self, begins, days):
        """True strain as daily means on the item's scale (days,), from a time on."""
        hours = self.simulated.path_times - begins
        level = self.truth.items[TENSION.name].intercept
        return np.array(
            [level + self.simulated.path_strain[(hours >= d) & (hours < d + 1)].mean() for d in range(days)]
        )

    def hours(self, label, begins, days):
        """Hours in a role, day by day (days,)."""
        starts, ends = (edges[:, None] for edges in self.schedule.roles[label])
        edges = begins + np.arange(days + 1.0)
        return 24.0 * np.maximum(np.minimum(ends, edges[1:]) - np.maximum(starts, edges[:-1]), 0.0).sum(axis=0)

    def acts(self, label, begins, days):
        """Acts of relief, recorded or not, day by day (days,)."""
        return np.histogram(self.simulated.true_acts[label], begins + np.arange(days + 1.0))[0]

    def asked(self, label, begins, days):
        """Demands of one label, recorded or not, day by day (days,)."""
        return np.histogram(self.schedule.demands[label][0], begins + np.arange(days + 1.0))[0]

    def as_paths(self, found, begins):
        """What came, in the form of simulated futures, one of them."""
        acts = [label for label in REFUGES if label in found.events]
        demands = [label for label in self.schedule.demands if label in found.events]
        rating = self.daily(begins, found.days)
        return replace(
            found,
            strain=(rating[None, :] - rating[0]).astype(np.float32),
            at_rest=rating[:1],
            hours={label: self.hours(label, begins, found.days)[None, :].astype(np.float32) for label in ROLES},
            events={
                **{label: self.acts(label, begins, found.days)[None, :].astype(np.uint8) for label in acts},
                **{label: self.asked(label, begins, found.days)[None, :].astype(np.uint8) for label in demands},
            },
            parameters_of=np.zeros(1, np.int64),
        )

    def as_of(self, days):
        moment = MONDAY.plus_days(days)
        records = tuple(
            replace(one, happened=replace(one.happened, end=moment), known=moment)
            if isinstance(one.body, Coverage) and one.happened.start < moment < one.happened.end
            else one
            for one in self.records
        )
        return from_records(records, (TENSION,), TENSION.name, as_of=moment)


def parameters(rng):
    """A person one could meet: half-lives of half a day to four days, tolls, demands and pulls of either size."""
    usual = ordinary_parameters(float(rng.uniform(2.0, 8.0)), float(rng.normal(0.0, 0.4)))

    def times(sd):
        return float(np.exp(rng.normal(0.0, sd)))

    log_rate = usual.refuges[REFUGES[0]].log_rate
    refuges = {
        label: RefugeParameters(
            log_rate + float(rng.normal(0.0, 0.3)), float(rng.uniform(0.3, 1.2)), float(rng.normal(-0.5, 0.7)),
            float(rng.normal(0.0, 0.3)),
        )
        for label in REFUGES
    }  # fmt: skip
    return replace(
        usual,
        recovery_rate_per_day=float(np.clip(0.5 * times(0.5), 0.17, 1.4)),
        noise_per_sqrt_day=0.6 * times(0.35),
        tolls_per_day={label: toll * times(0.4) for label, toll in usual.tolls_per_day.items()},
        demands={label: size * times(0.4) for label, size in usual.demands.items()},
        refuges=refuges,
        items={TENSION.name: ItemParameters(float(rng.uniform(0.5, 2.0)), 1.0, float(rng.uniform(0.6, 1.2)))},
    )


def lived(seed, changed=None, whole=False):
    """A life of four to thirteen months of record and three more; `changed(rng, truth, schedule)` may bend it.

    `whole`: answers are whole points on a scale of 1 to 7, as a form gives them; else they have no ends.
    """
    rng = np.random.default_rng([8, seed])
    days = float(rng.integers(126, 400))
    truth = parameters(rng)
    schedule = ordinary_year(
        rng, days=days + AHEAD_DAYS + 2, check_ins_per_day=int(rng.integers(3, 6)),
        demands_per_day=float(rng.uniform(0.5, 2.0)), answered=float(rng.uniform(0.6, 1.0)),
        recording={"": (np.array([0.0, 3650.0]), np.array([float(rng.choice([1.0, 1.0, 0.8]))]))},
    )  # fmt: skip
    habit = {ROLES[1]: float(rng.uniform(0.4, 1.0))}
    schedule = replace(
        schedule, roles={label: fewer(rng, part, habit.get(label, 1.0)) for label, part in schedule.roles.items()}
    )
    if changed is not None:
        truth, schedule = changed(rng, truth, schedule)
    simulated = simulate(truth, schedule, rng)
    records = records_of(schedule, in_whole_points(simulated) if whole else simulated)
    return Lived(records, simulated, schedule, truth, days)


def in_whole_points(simulated):
    """The same with answers as a form gives them: whole points, from one end of the scale to the other."""
    rated = {
        name: (times, np.clip(np.round(values), TENSION.low, TENSION.high))
        for name, (times, values) in simulated.ratings.items()
    }
    return replace(simulated, ratings=rated)


def fewer(rng, part, share):
    kept = rng.random(len(part[0])) < share
    return part[0][kept], part[1][kept]


def runs(above):
    """How many days in a row so far, at each day: (..., days) of bool."""
    count = np.zeros(above.shape, np.int64)
    so_far = np.zeros(above.shape[:-1], np.int64)
    for d in range(above.shape[-1]):
        so_far = np.where(above[..., d], so_far + 1, 0)
        count[..., d] = so_far
    return count


def first_day(level, limit, days_in_a_row):
    """The first day, from 1, by which it was above for so many days in a row; days + 1 where it never was: (...)."""
    reached = runs(level > limit) >= days_in_a_row
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1) + 1, level.shape[-1] + 1)


@dataclass
class Counted:
    """Everything that was foreseen of some people, a row a forecast."""

    rows: list
    placed: list
    refused: int = 0
    seconds: float = 0.0


def foresee(seed, counted, dates=2, paths=PATHS):
    """Foresees the futures of one person at some dates and sets them against what came."""
    life = lived(seed)
    rng = np.random.default_rng([9, seed])
    for k in range(dates):
        timeline = life.as_of(life.days - 45.0 * k)
        fitted = strain.fit(timeline)
        if isinstance(fitted, CannotSay):
            counted.refused += 1
            continue
        began = time.process_time()
        found = ahead(timeline, fitted, days=AHEAD_DAYS, n=paths, rng=rng)
        counted.seconds += time.process_time() - began
        if isinstance(found, CannotSay):
            counted.refused += 1
            continue
        begins = found.begins.days_since(timeline.origin) + timeline.origin.days_since(MONDAY)
        compare(seed, life, begins, found, rng, counted)
        told_apart(seed, life, begins, found, days_before(timeline, fitted), counted)


def told_apart(seed, life, begins, found, before, counted):
    """Scenarios that exclude each other, of which the first to come is what happens: each of them, and *other*."""
    worst = np.nanquantile(before.rating, 0.9)
    limit = OwnLimit(float(worst), 1 + seed % 3, True, "")
    of_paths = partition(found, SCENARIOS, limit, before)
    came = partition(life.as_paths(found, begins), of_paths.scenarios, limit, before)
    for days in WITHIN[1:]:
        foreseen = np.where(of_paths.when < days, of_paths.which, len(of_paths.names) - 1)
        true = int(came.which[0]) if came.when[0] < days else len(came.names) - 1
        for k, name in enumerate(of_paths.names):
            place = SCENARIO_NAMES.index(name)
            counted.rows.append((seed, len(SHARES) + place, 0, days, float(np.mean(foreseen == k)), true == k))


def compare(seed, life, begins, found, rng, counted):
    """One set of futures against the one that came."""
    level = found.at_rest[:, None] + found.slope * found.strain
    came = life.daily(begins, AHEAD_DAYS)
    past = life.daily(0.0, int(begins))[-120:]
    for s, share in enumerate(SHARES):
        limit = np.quantile(past, share)
        for row in IN_A_ROW:
            when, true = first_day(level, limit, row), int(first_day(came, limit, row))
            counted.placed.append((seed, 0, s, row, float(ranks(when, np.array(true), rng))))
            for within in WITHIN:
                chance = float(np.mean(when <= within))
                counted.rows.append((seed, s, row, within, chance, true <= within))
    for within in SUMS:
        mean = level[:, :within].mean(axis=1)
        counted.placed.append((seed, 1, 0, within, float(ranks(mean, np.array(came[:within].mean()), rng))))
        for k, label in enumerate(ROLES):
            hours = found.hours[label][:, :within].sum(axis=1)
            true = life.hours(label, begins, within).sum()
            counted.placed.append((seed, 2, k, within, float(ranks(hours, np.array(true), rng))))
        for k, label in enumerate(REFUGES):
            if label in found.events:
                acts = found.events[label][:, :within].sum(axis=1, dtype=np.int64)
                true = life.acts(label, begins, within).sum()
                counted.placed.append((seed, 3, k, within, float(ranks(acts, np.array(true), rng))))


def told(rows, placed, rng=None):
    """The figures: slope and intercept, by horizon too, the diagram's parts, and coverage of 90 and 50 %."""
    rows, placed = np.array(rows, float), np.array(placed, float)
    lines = []
    for name, at in [
        ("all", np.ones(len(rows), bool)),
        *((f"within {w} days", rows[:, 3] == w) for w in WITHIN),
        *((f"limit {share}", rows[:, 1] == s) for s, share in enumerate(SHARES)),
        *((f"{row} in a row", rows[:, 2] == row) for row in IN_A_ROW),
        ("scenarios that exclude each other", rows[:, 1] >= len(SHARES)),
        *((name, rows[:, 1] == len(SHARES) + k) for k, name in enumerate(SCENARIO_NAMES)),
    ]:
        some = rows[at]
        line = calibration(some[:, 4], some[:, 5] > 0.5, some[:, 0])
        if isinstance(line, CannotSay):
            lines.append(f"{name}: {line.reason}")
            continue
        lines.append(
            f"{name}: {line.n} forecasts, {line.clusters} people; slope {line.slope:.3f} "
            f"[{line.slope_interval.low:.3f}, {line.slope_interval.high:.3f}], intercept {line.intercept:+.3f} "
            f"[{line.intercept_interval.low:+.3f}, {line.intercept_interval.high:+.3f}]; "
            f"said {some[:, 4].mean():.3f}, came {some[:, 5].mean():.3f}"
        )
    drawn = reliability(rows[:, 4], rows[:, 5], rng or np.random.default_rng(0))
    lines.append(
        f"Brier {drawn.miscalibration - drawn.discrimination + drawn.uncertainty:.4f}: miscalibration "
        f"{drawn.miscalibration:.4f}, discrimination {drawn.discrimination:.4f}, uncertainty {drawn.uncertainty:.4f}"
    )
    kinds = {0: "time to limit", 1: "mean strain", 2: "hours in role", 3: "acts"}
    for kind, a, b in sorted({tuple(one) for one in placed[:, 1:4].astype(int)}):
        at = (placed[:, 1] == kind) & (placed[:, 2] == a) & (placed[:, 3] == b)
        ranked = placed[at, 4]
        lines.append(
            f"{kinds[kind]} {a} {b}: n {at.sum()}, in 90 % {np.mean(np.abs(ranked - 0.5) <= 0.45):.3f}, in 50 % "
            f"{np.mean(np.abs(ranked - 0.5) <= 0.25):.3f}, mean rank {ranked.mean():.3f}"
        )
    return lines


def main(first, last, file):
    counted, done = Counted([], []), first
    if Path(file).exists():
        held = np.load(file)
        counted = Counted(held["rows"].tolist(), held["placed"].tolist(), int(held["refused"]))
        done = int(held["done"])
    for seed in range(done, last):
        foresee(seed, counted)
        if seed % 10 == 9 or seed == last - 1:
            np.savez(
                file, rows=np.array(counted.rows), placed=np.array(counted.placed), done=seed + 1,
                refused=counted.refused,
            )  # fmt: skip
            print(seed + 1, len(counted.rows), counted.refused, round(counted.seconds, 1), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "told":
        held = np.load(sys.argv[2])
        print("\n".join(told(held["rows"], held["placed"])))
    else:
        main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
