"""How often support can be kept up: inside the hours set for it, and below the supporter's own limit of strain.

By hours it is arithmetic: the hours a week that were set over what one time takes, with the doubt about the latter. By
strain, the supporter's own futures are simulated with more and with less of what they give, on the same random numbers.
A future passes the limit where strain is beyond it for as many days as the limit says, or on average over all thirteen
weeks. Kept up is how often it can be given with no higher a chance of that than `must_not_chance` in the preferences,
or one in ten; the interval is read off the chance's own interval at each frequency.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.paths import Lever, Paths
from mainstay.futures.scenarios import Partition, limit_of, partition
from mainstay.futures.scenarios_chances import chance_of
from mainstay.futures.scenarios_days import days_before
from mainstay.futures.scenarios_rules import OwnLimit
from mainstay.futures.simulating import Settings, ahead, beginning
from mainstay.options.supporter_given import Given, noted, student_half
from mainstay.quantities import CannotSay
from mainstay.records.statements_preference import Preference
from mainstay.records.statements_scenario import Scenario, ScenarioFile
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]
DAYS, PATHS, DRAWS = 91, 1200, 200
SEED = 2300
USUAL_CHANCE = 0.1
"""How likely passing the own limit may be made where the supporter has not said (`must_not_chance`)."""

MULTIPLES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""How many times as often as it was so far is looked at."""

FEWEST_TIMES = 6
OVER = "own limit"


@dataclass(frozen=True, slots=True)
class Often:
    """Times a week that can be kept up, with the interval; `open_above`: as far as was looked at, there is no end.

    `table`: frequency, and the chance of passing the limit with its ends, for each that was looked at; empty by hours.
    """

    times: float
    low: float
    high: float
    n: int
    open_above: bool = False
    table: tuple[tuple[float, float, float, float], ...] = ()
    allowed: float = 0.0
    limit: str = ""


def by_hours(given: Sequence[Given], hours_a_week: float) -> Often | CannotSay:
    """How many times a week fit into the hours that were set. Refuses with hours noted of fewer than six times."""
    hours = noted(given, "hours")
    if len(hours) < FEWEST_TIMES:
        return CannotSay(
            "how long support takes was noted too seldom to say how often it fits into the hours set for it",
            have=len(hours),
            need=FEWEST_TIMES,
            unit="times with their hours",
            would_change="the hours of each time, as its size: mainstay log CASE event … --tag support --size HOURS",
        )
    mean = float(hours.mean())
    if mean <= 0.0:
        return CannotSay("the hours noted are none, so any number of times would fit into what was set")
    # on the scale of logarithms: a few long times among short ones are more often missed than met
    doubt = math.exp(student_half(len(hours) - 1) * float(hours.std(ddof=1)) / math.sqrt(len(hours)) / mean)
    times = hours_a_week / mean
    return Often(times, times / doubt, times * doubt, len(hours))


def by_strain(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, preference: Preference | None, label: str
) -> Often | CannotSay:
    """How often what is asked under this label can be given below the own limit of strain.

    Refuses where no futures can be simulated, without a limit, where strain stands beyond it already, and where it
    would be passed too likely even without any of it: then it is not this that decides.
    """
    limit = limit_of(timeline, fitted, preference)
    if isinstance(limit, CannotSay):
        return limit
    begun = beginning(timeline, fitted, Settings(draws=DRAWS))
    if isinstance(begun, CannotSay):
        return begun
    stated = None if preference is None else preference.says.must_not_chance
    allowed = USUAL_CHANCE if stated is None else stated
    over = Scenario("", None, ScenarioFile(name=OVER, rule=f"strain > limit for {limit.days} days"))
    before = days_before(timeline, begun.fitted)
    usual = 7.0 * begun.known.demands[label]
    table = []
    for times in MULTIPLES:
        levers = () if times == 1.0 else (Lever("demands", label, times=times),)
        rng = np.random.default_rng(SEED)
        paths = ahead(
            timeline, fitted, days=DAYS, n=PATHS, rng=rng, levers=levers, settings=Settings(DRAWS), begun=begun
        )
        if isinstance(paths, CannotSay):
            return paths
        split = partition(paths, (over,), limit, before)
        if OVER in split.already:
            return CannotSay(
                "strain is beyond the own limit as it is, so how often support could be given below it can't be told "
                "from here",
                would_change="check-ins once strain is below it again",
            )
        if OVER in split.left_out:
            return CannotSay(split.left_out[OVER])
        chance = chance_of(_passed(paths, split, limit), paths.parameters_of)
        table.append((times * usual, chance.mean, chance.low, chance.high))
    return _read_off(np.array(table), allowed, limit.words, len(timeline.events[label].times))


def _passed(paths: Paths, split: Partition, limit: OwnLimit) -> NDArray[np.bool_]:
    """Whether each future (n,) passes the limit, in a run of days or on average over all of it."""
    runs: NDArray[np.bool_] = split.which == split.names.index(OVER)
    if paths.at_rest is None:
        return runs
    mean = paths.at_rest + paths.slope * paths.strain.mean(axis=1, dtype=np.float64)
    return np.asarray(runs | (paths.slope * (mean - limit.rating) > 0.0))


def _read_off(table: Floats, allowed: float, limit: str, n: int) -> Often | CannotSay:
    """Where the chance, and each end of its interval, passes what is allowed; more of it never makes it less likely."""
    often = table[:, 0]
    chance = np.maximum.accumulate(table[:, 1:], axis=0)
    rows = tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in table)
    if chance[0, 0] > allowed:
        return CannotSay(
            f"the own limit of strain would be passed within {DAYS // 7} weeks with a chance of "
            f"{100.0 * chance[0, 0]:.0f} % even without any of it, so how often support is given is not what decides "
            "that",
            detail={"chances": [list(row) for row in rows], "allowed": allowed, "limit": limit},
            would_change="a time when strain is lower, or another limit in the preferences",
        )
    times, high, low = (_crossing(often, chance[:, k], allowed) for k in range(3))
    return Often(times, low, high, n, bool(chance[-1, 0] <= allowed), rows, allowed, limit)


def _crossing(often: Floats, chance: Floats, allowed: float) -> float:
    """The frequency up to which a rising chance stays at what is allowed, straight between those looked at."""
    above = np.flatnonzero(chance > allowed)
    if not len(above):
        return float(often[-1])
    k = int(above[0])
    if k == 0:
        return 0.0
    share = (allowed - chance[k - 1]) / (chance[k] - chance[k - 1])
    return float(often[k - 1] + share * (often[k] - often[k - 1]))
