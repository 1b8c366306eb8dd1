"""How it would turn out with an option: simulated futures under each explanation, beside leaving things as they are.

All of it runs on the same random numbers, so that a difference is the option's doing and not chance. An option whose
levers are ranges is simulated at both ends; what lies between is taken as a straight line. Of a draw of the parameters
only some paths are seen, which puts noise on what is told of it: the draws are brought closer to their mean, until they
differ by no more than is left once the scatter of paths within draws is taken out (variance components).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.paths import Lever, Paths
from mainstay.futures.scenarios import OnRecord, Partition, limit_of, partition
from mainstay.futures.scenarios_days import days_before
from mainstay.futures.simulating import Settings, ahead, beginning
from mainstay.options.outcomes_levers import Followed, Moved
from mainstay.options.outcomes_wanted import Wanted, wanted
from mainstay.quantities import CannotSay, Instant
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]
Levers = tuple[Lever, ...]
Added = tuple[Floats, Floats, Floats]
"""What one run adds: as the parts of `Outcome`, at one end."""

MOST_PATHS, FEWEST_PATHS, PATHS_IN_ALL = 4_000, 1_000, 20_000
"""Paths of one run: the more options, the fewer, so that all of them together take a few seconds."""

PATHS_A_DRAW = 20
MOST_RUNS = 60
"""More options than that are simulated at the middle of their ranges alone."""

SEED = 820


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Futures in short, by draw of the parameters: chances of the scenarios (k, s) and mean strain (k,).

    `which` (n,): the scenario of each path; `strain_of` (n,): its mean strain; `draw_of` (n,): its draw.
    """

    chances: Floats
    strain: Floats
    which: NDArray[np.int64]
    strain_of: Floats
    draw_of: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What an option changes if it succeeds, under one explanation, at the low end of its levers and at the high one.

    `chances` (2, k, s): added to each scenario's chance, by draw; `strain` (2, k): added to mean strain, in points.
    `raw` (2, k, s): the chances added as simulated, with the scatter of single paths left in.
    """

    chances: Floats
    strain: Floats
    raw: Floats

    def at(self, place: Floats) -> tuple[Floats, Floats]:
        """What is added to the chances (k, s) and to strain (k,) at places (k,) between the ends."""
        chances: Floats = self.chances[0] + place[:, None] * (self.chances[1] - self.chances[0])
        strain: Floats = self.strain[0] + place * (self.strain[1] - self.strain[0])
        return chances, strain


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Scenario names (s), the chances (k, s) and mean strain (k,) with nothing changed, and what each option adds.

    `of`: by option, by explanation. `split`: the futures in which nothing is changed, by scenario. `runs`: how many
    times `paths` futures were simulated, each `days` days from `begins` on.
    """

    scenarios: tuple[str, ...]
    wants: Wanted
    chances: Floats
    strain: Floats
    of: tuple[tuple[Outcome, ...], ...]
    split: Partition
    begins: Instant
    days: int
    runs: int
    paths: int

    @property
    def draws(self) -> int:
        """How many draws of the parameters."""
        return len(self.chances)


@dataclass(frozen=True, slots=True)
class Looking:
    """How far ahead, over how many paths (None: by how many runs there are), and from which seed."""

    days: int = 91
    paths: int | None = None
    seed: int = SEED


A_SEASON = Looking()


def outcomes(
    timeline: Timeline,
    fitted: StrainPosterior,
    options: Sequence[Followed],
    known: OnRecord,
    looking: Looking,
) -> Outcomes | CannotSay:
    """Simulate the options under each explanation. `known`: the scenarios, as `futures.scenarios.looked_up` has them.

    Explanations under which an option moves the same things are simulated once. Passes on a refusal to look ahead.
    """
    ends = _ends(options)
    distinct = dict.fromkeys(one for rows in ends for pair in rows for one in pair)
    n = looking.paths or int(np.clip(PATHS_IN_ALL // (len(distinct) + 1), FEWEST_PATHS, MOST_PATHS))
    settings = Settings(draws=max(n // PATHS_A_DRAW, 2))
    begun = beginning(timeline, fitted, settings)
    if isinstance(begun, CannotSay):
        return begun
    limit, before = limit_of(timeline, fitted, known.preference), days_before(timeline, fitted)

    def simulated(levers: Levers) -> tuple[Paths, Partition] | CannotSay:
        rng = np.random.default_rng(looking.seed)
        paths = ahead(timeline, fitted, days=looking.days, n=n, rng=rng, levers=levers, settings=settings, begun=begun)
        return paths if isinstance(paths, CannotSay) else (paths, partition(paths, known.scenarios, limit, before))

    alone = simulated(())
    if isinstance(alone, CannotSay):
        return alone
    base, split = _run(*alone, alone[1].names), alone[1]
    wants = wanted(split.names, known, np.random.default_rng(looking.seed))
    worth = wants.middle
    added: dict[Levers, Added] = {(): _added(base, base, worth)}
    for levers in distinct:
        if levers not in added:
            found = simulated(levers)
            if isinstance(found, CannotSay):
                return found
            added[levers] = _added(_run(*found, split.names), base, worth)
    of = tuple(tuple(_outcome(added[low], added[high]) for low, high in rows) for rows in ends)
    settled = _closer(base.chances, _kept(worth[base.which], base.draw_of))
    return Outcomes(split.names, wants, settled, base.strain, of, split, alone[0].begins, looking.days, len(added), n)


def _outcome(low: Added, high: Added) -> Outcome:
    chances, strain, raw = (np.array(pair) for pair in zip(low, high, strict=True))
    return Outcome(chances, strain, raw)


def _ends(options: Sequence[Followed]) -> tuple[tuple[tuple[Levers, Levers], ...], ...]:
    """The levers of every option under every explanation at both ends of their ranges; in the middle where too many."""
    middle = [[(_at(moved, 0.5),) * 2 for moved in one.moves] for one in options]
    both = [[(_at(moved, 0.0), _at(moved, 1.0)) for moved in one.moves] for one in options]
    distinct = {levers for rows in both for pair in rows for levers in pair}
    rows = both if len(distinct) <= MOST_RUNS else middle
    return tuple(tuple((pair[0], pair[1]) for pair in one) for one in rows)


def _at(moved: Sequence[Moved], place: float) -> Levers:
    return tuple(one.at(place) for one in moved)


def _run(paths: Paths, split: Partition, names: Sequence[str]) -> Run:
    """Futures in short; `names`: the scenarios in the order in which they are counted."""
    _, draw_of = np.unique(paths.parameters_of, return_inverse=True)
    count = np.bincount(draw_of).astype(float)
    which = np.array([names.index(name) for name in split.names], np.int64)[split.which]
    scenarios = len(names)
    hits = np.bincount(draw_of * scenarios + which, minlength=len(count) * scenarios).reshape(len(count), scenarios)
    strain_of = paths.strain.mean(axis=1, dtype=np.float64)
    strain = np.bincount(draw_of, weights=strain_of) / count
    return Run(hits / count[:, None], strain, which, strain_of, draw_of)


def _added(run: Run, base: Run, worth: Floats) -> Added:
    """What a run adds to the chances (k, s) and to mean strain (k,), the scatter of paths taken out; then with it."""
    value = worth[run.which] - worth[base.which]
    raw = run.chances - base.chances
    strain = _closer(run.strain - base.strain, _kept(run.strain_of - base.strain_of, base.draw_of))
    return _closer(raw, _kept(value, base.draw_of)), strain, raw


def _closer(rows: Floats, kept: float) -> Floats:
    middle = rows.mean(axis=0)
    drawn: Floats = middle + kept * (rows - middle)
    return drawn


def _kept(values: Floats, draw_of: NDArray[np.int64]) -> float:
    """The factor (0 to 1) on the differences between draws: what is not the scatter of their own paths (n,).

    The error of the mean over all of them stays.
    """
    count = np.bincount(draw_of).astype(float)
    mean = np.bincount(draw_of, weights=values) / count
    spread = float(mean.var(ddof=1)) if len(count) > 1 else 0.0
    if spread <= 0.0 or count.min() < 2:
        return 1.0
    within = np.bincount(draw_of, weights=(values - mean[draw_of]) ** 2) / (count - 1.0)
    noise = float((within / count).mean())
    left = max(spread - noise, 0.0) + noise / len(count)
    return float(np.sqrt(min(left / spread, 1.0)))
