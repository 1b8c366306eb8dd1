"""Recovery of the threshold through the whole strain fit: people who live a trial in stretches of two weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from calibration import people, trials
from mainstay.quantities import Answer
from mainstay.records.kinds import Coverage, Episode, Record
from mainstay.strain.fitting import fit
from mainstay.strain.parameters import RefugeParameters, StrainParameters
from mainstay.strain.simulate import Schedule as Lived
from mainstay.strain.simulate import simulate
from mainstay.timeline.reader import from_records
from mainstay.trials.claims import Tried, recovery_answers
from mainstay.trials.claims_kinds import Sought
from mainstay.trials.claims_seeking import seeking
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw
from mainstay.trials.kinds import Floats, Observed
from mainstay.trials.sealing import Protocol, Trial
from mainstay.worlds.ordinary import MONDAY, TENSION, ordinary_parameters, ordinary_year, records_of

LEAD, DAYS = 28, 168
SOUGHT = 0.4
"""How often help is sought at the same strain with the arm on, beside without it, where the threshold recovers."""
CALM, EVENING = "calm", "an evening out"
LIVES = {
    "nothing happens": {},
    "the threshold recovers": {"sought": SOUGHT},
    "relief alone, written down": {"evenings": True},
    "relief alone, unseen": {"calm": -1.0},
    "denser with the arm, unsaid": {"recorded": (0.6, 1.0)},
    "thinner with the arm, unsaid": {"recorded": (1.0, 0.6)},
    "thinner with the arm, said": {"recorded": (1.0, 0.6), "said": True},
}


def told_of(job: tuple[str, int]) -> Answer:
    """What is told of recovery in one simulated trial."""
    life, seed = job
    return told(seed, **LIVES[life])


def told(
    seed: int,
    *,
    sought: float = 1.0,
    evenings: bool = False,
    calm: float = 0.0,
    recorded: tuple[float, float] = (1.0, 1.0),
    said: bool = False,
) -> Answer:
    """A person with a trial of 168 days. With the arm on: help is `sought` so many times as often at the same strain;
    `evenings` that relieve are arranged and written down; `calm`: unseen, strain is moved by so much a day.

    `recorded`: the share that is recorded without and with the arm; `said`: whether the record says so.
    """
    rng = np.random.default_rng(seed)
    of = trials.protocol("alternating", DAYS, period=14)
    of = replace(of, start=MONDAY.as_local.date() + timedelta(days=LEAD))
    if evenings:
        of = replace(of, arm=(of.arm[0], replace(of.arm[1], event=EVENING)))
    allowed = space(of)
    schedule = draw(allowed, rng)
    on = np.concatenate([np.zeros(LEAD, bool), schedule.arm == 1])
    edges = np.arange(len(on) + 1.0)
    lived = ordinary_year(rng, days=float(len(on)))
    parameters = _parameters(calm, evenings=evenings)
    lived = replace(
        lived,
        roles={**lived.roles, **({CALM: (edges[:-1][on], edges[1:][on])} if calm else {})},
        arranged={EVENING: edges[:-1][on] + 0.75} if evenings else {},
        seeking={"": (edges, np.where(on, np.log(sought), 0.0))},
        recording={"": (edges, np.where(on, recorded[1], recorded[0]))},
    )
    records = _kept(lived, parameters, rng, said=said)
    timeline = from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(len(on) + 1.0))
    trial = Trial(Protocol("p", MONDAY, "", of), allowed, None, (schedule,))
    acts = seeking(timeline, trial, fit(timeline))
    none: Floats = np.zeros(0)
    outcome = acts.acts if isinstance(acts, Sought) else Observed(none, none, "points", -1, None, None, none, none)
    tried = Tried(of, allowed, schedule, outcome, DAYS, over=True)
    (found,) = recovery_answers(tried, acts, rng=np.random.default_rng(22))
    return found


def _parameters(calm: float, *, evenings: bool) -> StrainParameters:
    parameters = ordinary_parameters(drift_per_year=0.0)
    if calm:
        parameters = replace(parameters, tolls_per_day={**parameters.tolls_per_day, CALM: calm})
    if evenings:
        arranged = RefugeParameters(-20.0, 0.0, 0.0, 0.0)
        parameters = replace(parameters, refuges={**parameters.refuges, EVENING: arranged})
    return parameters


def _kept(lived: Lived, parameters: StrainParameters, rng: np.random.Generator, *, said: bool) -> tuple[Record, ...]:
    records = records_of(lived, simulate(parameters, lived, rng))

    def stays(record: Record) -> bool:
        if isinstance(record.body, Coverage):
            return said
        return not (isinstance(record.body, Episode) and record.body.label == CALM)

    return tuple(filter(stays, records))


def counts(life: str, n: int, seed: int) -> dict[str, int]:
    """How often each status was told of `n` people; printed."""
    found = people.over(told_of, [(life, seed + i) for i in range(n)])
    statuses = [one.status for one in found]
    told = {status: statuses.count(status) for status in ("recovery", "not_found", "cannot_say")}
    print(f"{life:30s} {told}", flush=True)
    return told
