"""What a person is shown of how it could turn out, after the backtest withheld what it withholds, against what came.

Scenarios that exclude each other, the first to come within 7, 28 and 91 days; people whom the simulator describes, hard
ones, and ones whom it does not describe. Each life is another one in every stratum.

PYTHONPATH=tests python -m calibration.shown STRATUM FIRST LAST /tmp/out.pkl   people of one stratum, kept in a file
PYTHONPATH=tests python -m calibration.shown told /tmp/a.pkl /tmp/b.pkl ...    slopes of what was shown, by stratum
"""

import pickle
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from calibration import backtests, futures
from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.futures.backtest import Backtest, backtest
from mainstay.futures.backtest_streams import told_from
from mainstay.futures.reliability import calibration
from mainstay.futures.scenarios import partition
from mainstay.futures.scenarios_days import days_before
from mainstay.futures.scenarios_rules import OwnLimit
from mainstay.futures.scores import share_interval
from mainstay.futures.simulating import ahead
from mainstay.quantities import CannotSay
from mainstay.records.statements_scenario import Scenario, ScenarioFile
from mainstay.strain.parameters import ItemParameters
from mainstay.worlds.ordinary import ROLES, TENSION

PATHS = 1000
APART, DATES = 45.0, 3
"""How many days lie between the dates at which one person is asked about. The first verdict is carried on to the later

dates: a backtest is what costs most, and no later record goes into it."""
RULES = {
    **futures.RULES,
    "first role given up": "share_of_time(role:first role) < 0.5 usual for 3 weeks",
    "first role grown": "share_of_time(role:first role) > 1.15 usual for 2 weeks",
    "second sought oftener": "rate(event:second refuge) > 1.8 usual for 4 weeks",
    "more asked": "rate(event:first demand) > 1.5 usual for 4 weeks",
    "calm": "strain < 2.2 for 10 days",
}
SCENARIOS = tuple(Scenario("", None, ScenarioFile(name=name, rule=rule)) for name, rule in RULES.items())


def slow_and_noisy(rng, truth, schedule):
    """Strain that keeps for a week and moves twice as much by itself."""
    return replace(truth, noise_per_sqrt_day=2.0 * truth.noise_per_sqrt_day, recovery_rate_per_day=0.1), schedule


def role_stops(rng, truth, schedule):
    """In six of ten the second role ends for good: up to six weeks before the last date, or in the ten weeks after."""
    starts, ends = schedule.roles[ROLES[1]]
    last = schedule.days - futures.AHEAD_DAYS - 2.0
    keep = starts < (last + rng.uniform(-42.0, 70.0) if rng.random() < 0.6 else np.inf)
    return truth, replace(schedule, roles={**schedule.roles, ROLES[1]: (starts[keep], ends[keep])})


def _as_answered(changed):
    """What changes a life, and answers that seldom stand at an end of their scale."""

    def both(rng, truth, schedule):
        item = ItemParameters(float(rng.uniform(1.0, 2.0)), 1.0, float(rng.uniform(0.5, 0.9)))
        return changed(rng, replace(truth, items={TENSION.name: item}), schedule)

    return both


def _dates(life, stratum):
    if stratum == "short":
        first = float(np.random.default_rng([13, int(life.days)]).integers(63, 98))
        return [first + 14.0 * k for k in range(DATES)]
    last = life.days
    return [last - APART * k for k in reversed(range(DATES)) if last - APART * k >= 63.0]


def lived(stratum, seed):
    """The first of this seed's lives that is one: under some parameters acts come without end."""
    changed = {"slow and noisy": slow_and_noisy, "role stops": role_stops}.get(stratum, backtests.ordinary)
    for tries in range(50):
        try:
            if stratum in backtests.WORLDS and stratum != "ordinary":
                return backtests.lived(stratum, 1000 * tries + seed)
            return futures.lived(1_000_000 * tries + seed, _as_answered(changed), whole=True)
        except BadRequest:
            continue
    raise RuntimeError(f"no life of {stratum} in 50 tries of seed {seed}")


STRATA = ("ordinary", "short", "slow and noisy", "role stops", *backtests.HARMED)


@dataclass
class Asked:
    """One person at one date: the backtest, and rows of what was said and came: (scenario, days, chance, came)."""

    stratum: str
    seed: int
    days: float
    backtest: object = None
    rows: list = field(default_factory=list)
    left_out: tuple = ()
    seconds: float = 0.0
    refused: str = ""

    @property
    def withheld(self):
        return isinstance(self.backtest, Backtest) and bool(self.backtest.withheld)


def asked_about(stratum, seed):
    """What one person is told at some dates, and what came."""
    life = lived(stratum, seed)
    found, verdict = [], None
    for date in _dates(life, stratum):
        found.append(_asked(life, stratum, seed, date, verdict))
        verdict = found[-1].backtest if isinstance(found[-1].backtest, Backtest) else None
    return found


def _asked(life, stratum, seed, date, verdict):
    here = Asked(stratum, seed, date)
    timeline = life.as_of(date)
    fitted = strain.fit(timeline)
    if isinstance(fitted, CannotSay):
        here.refused = fitted.reason
        return here
    began = time.process_time()
    here.backtest = backtest(timeline, fitted) if verdict is None else verdict
    here.seconds = time.process_time() - began
    found = ahead(timeline, fitted, days=futures.AHEAD_DAYS, n=PATHS, rng=np.random.default_rng([12, seed]))
    if isinstance(found, CannotSay):
        here.refused = found.reason
        return here
    scenarios = SCENARIOS
    if isinstance(here.backtest, Backtest):
        here.left_out = tuple(told_from(scenarios, here.backtest.missed))
        scenarios = tuple(one for one in scenarios if one.name not in here.left_out)
    before = days_before(timeline, fitted)
    limit = OwnLimit(float(np.nanquantile(before.rating, 0.9)), 1 + seed % 3, True, "")
    begins = found.begins.days_since(futures.MONDAY)
    of_paths = partition(found, scenarios, limit, before)
    came = partition(life.as_paths(found, begins), of_paths.scenarios, limit, before)
    for days in futures.WITHIN:
        foreseen = np.where(of_paths.when < days, of_paths.which, len(of_paths.names) - 1)
        true = int(came.which[0]) if came.when[0] < days else len(came.names) - 1
        here.rows += [(name, days, float(np.mean(foreseen == k)), true == k) for k, name in enumerate(of_paths.names)]
    return here


def line_of(some, days=futures.WITHIN):
    """The line of recalibration of what these were told, a person a cluster; "" where none fits."""
    rows = [(f"{one.stratum} {one.seed}", *row[2:]) for one in some for row in one.rows if row[1] in days]
    if not rows:
        return "nothing"
    people, said, came = zip(*rows, strict=True)
    line = calibration(np.array(said), np.array(came), np.array(people))
    if isinstance(line, CannotSay):
        return f"{len(rows)} forecasts: {line.reason}"
    return (
        f"{line.n} forecasts, {line.clusters} people, slope {line.slope:.3f} [{line.slope_interval.low:.3f}, "
        f"{line.slope_interval.high:.3f}], intercept {line.intercept:+.3f}; said {np.mean(said):.3f}"
    )


def told(asked):
    """The figures: how many were withheld, the slopes of what was shown and of all, by stratum and horizon."""
    lines = []
    described = [one for one in asked if one.stratum not in backtests.HARMED]
    groups = [(name, [one for one in asked if one.stratum == name]) for name in STRATA]
    for name, some in [("all whom the simulator describes, and hard ones", described), *groups]:
        judged = [one for one in some if isinstance(one.backtest, Backtest)]
        if not some:
            continue
        count = sum(one.withheld for one in judged)
        share = share_interval(count, len(judged), 0.95) if judged else (0.0, 1.0)
        why = {reason: sum(reason in one.backtest.reasons for one in judged) for reason in backtests.WORDS}
        lines.append(
            f"{name}: {len(some)} dates, {sum(bool(one.refused) for one in some)} refused; withheld {count} of "
            f"{len(judged)} [{share[0]:.2f}, {share[1]:.2f}] {why}; "
            f"scenarios left out {sum(len(one.left_out) for one in judged)}; reach "
            f"{dict(zip(*np.unique([one.backtest.reach for one in judged], return_counts=True), strict=True))}"
        )
        shown = [one for one in some if not one.withheld and not one.refused]
        lines += [f"    all    {line_of(some)}", f"    shown  {line_of(shown)}"]
        lines += [f"    shown, {days} days  {line_of(shown, (days,))}" for days in futures.WITHIN]
    return lines


def main(stratum, first, last, file):
    held = pickle.loads(Path(file).read_bytes()) if Path(file).exists() else []
    done = max((one.seed + 1 for one in held), default=first)
    for seed in range(done, last):
        held += asked_about(stratum, seed)
        Path(file).write_bytes(pickle.dumps(held))
        why = [one.refused or getattr(one.backtest, "reasons", "untested") for one in held[-DATES:]]
        print(stratum, seed, why, [one.left_out for one in held[-DATES:]], round(held[-1].seconds, 1), flush=True)


if __name__ == "__main__":
    from calibration import shown  # what is kept is then of a module that can be found again

    if sys.argv[1] == "told":
        print("\n".join(shown.told([one for file in sys.argv[2:] for one in pickle.loads(Path(file).read_bytes())])))
    else:
        shown.main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
