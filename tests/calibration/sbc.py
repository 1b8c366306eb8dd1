"""Simulation-based calibration (Talts et al. 2018): truths from the prior, records from the truth, ranks in posteriors.

A person is drawn from the prior in level coordinates, lives four months of an ordinary schedule, and is fitted under
the same prior. What the simulator does not have (weekends, growth of load, tone, shared moments) is pinned to nothing
by its prior. Worlds that no data could carry are rejected by rules on the record alone: more acts than the simulator
admits, under eight or over six a day of a refuge, or check-ins that never differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mainstay.errors import BadRequest
from mainstay.strain.coordinates import Coordinates, coordinates
from mainstay.strain.data import StrainData, strain_data
from mainstay.strain.parameters import ItemParameters, RefugeParameters, StrainParameters
from mainstay.strain.settings import Settings
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import (
    MONDAY,
    TENSION,
    ordinary_parameters,
    ordinary_year,
    records_of,
)

PINNED = dict.fromkeys(
    ("growth:rest", "growth:roles", "rhythm:weekend", "tone:cos", "tone:sin", "own_recovery"), (0.0, 0.001)
)
MOST_ACTS_A_DAY = 6.0
TRIES = 400
DRAWS = 400


@dataclass(frozen=True)
class Case:
    """One of the four models that are calibrated."""

    name: str
    days: float = 120.0
    check_ins_per_day: int = 4
    noise: bool = True
    ordinal: bool = False

    @property
    def settings(self) -> Settings:
        # priors of people one could meet: the fit's own, but half as wide where a draw would describe nobody
        people = {"gain": (1.0, 1.2), "demand": (0.5, 0.7), "pull": (0.3, 0.7), "log_rate": (np.log(0.3), 0.8)}
        return Settings(noise=self.noise, ordinal=self.ordinal, priors={**PINNED, **people, "efficacy": (-0.5, 1.0)})


CASES = {
    case.name: case
    for case in (
        Case("with_noise"),
        Case("without_noise", noise=False),
        Case("acts_only", days=365.0, check_ins_per_day=0),
        Case("ordinal", ordinal=True),
    )
}


def with_equal_demands(schedule):
    """The schedule with demands of one size, and without the item where nobody checks in."""
    asked = {item: times for item, times in schedule.check_ins.items() if len(times)}
    demands = {label: (times, np.ones(len(times))) for label, (times, _) in schedule.demands.items()}
    return replace(schedule, demands=demands, check_ins=asked)


def in_order(simulated):
    """The person without check-ins in the minute of an act or a demand: the record can't tell which came first."""

    def minute(times):
        return np.round(times * 1440.0)

    busy = np.concatenate(
        [minute(at) for at in simulated.acts.values()] + [minute(at) for at, _ in simulated.demands.values()]
    )
    ratings = {}
    for item, (times, values) in simulated.ratings.items():
        apart = ~np.isin(minute(times), busy)
        ratings[item] = (times[apart], values[apart])
    return replace(simulated, ratings=ratings)


def laid_out(case: Case, schedule, simulated, design: StrainData | None = None) -> StrainData:
    """The record as the fit sees it; the centres of the coordinates are the design's, not this record's own."""
    records = records_of(schedule, simulated)
    item = replace(TENSION, ordinal=case.ordinal)
    timeline = from_records(records, (item,), TENSION.name, as_of=MONDAY.plus_days(case.days))
    data = strain_data(timeline, case.settings)
    if design is None:
        return data
    return replace(
        data,
        act_rate=design.act_rate,
        demand_rate=design.demand_rate,
        occupancy=design.occupancy,
        pull_anchor=design.pull_anchor,
    )


def truth_of(place: Coordinates, v: np.ndarray) -> StrainParameters:
    """The simulator's parameters at v."""
    weights, _ = place.weights(v)
    data = place.data
    drift = v[place.block("drift")]
    items = {}
    for i, item in enumerate(data.items):  # steps and points are the same on a scale of 1 to 7
        cuts = weights.cuts[data.problem.item_cut[i] : data.problem.item_cut[i + 1]]
        items[item] = ItemParameters(
            float(weights.intercept[i]) + 1.0, float(weights.loading[i]), float(weights.sd[i]), tuple(cuts + 1.0)
        )
    return StrainParameters(
        recovery_rate_per_day=weights.rate,
        noise_per_sqrt_day=weights.noise,
        initial_strain=weights.start,
        tolls_per_day=dict(zip(data.roles, weights.inputs[: len(data.roles)], strict=True)),
        demands=dict(zip(data.demands, v[place.block("demand")], strict=True)),
        refuges={
            label: RefugeParameters(
                float(weights.level[k]),
                float(weights.pull[k]),
                float(weights.share_logit[k]),
                float(weights.share_fade[k]),
                float(drift[k]),
            )
            for k, label in enumerate(data.refuges)
        },
        items=items,
        day_rhythm=(float(weights.features[0]), float(weights.features[1])),
    )


def carried(data: StrainData, design: StrainData) -> bool:
    """Whether the record alone can carry the model: rules on the data, not on the truth."""
    if data.refuges != design.refuges or data.demands != design.demands or data.roles != design.roles:
        return False
    if float(data.act_counts.max()) > MOST_ACTS_A_DAY * data.days:
        return False
    return not data.items or float(np.std(data.problem.read_value)) > 0.2


def person(case: Case, seed: int) -> tuple[Coordinates, np.ndarray, StrainData]:
    """A truth from the prior and the record it gave: the first the rules admit among the tries of this seed."""
    from mainstay.strain.simulate import simulate

    rng = np.random.default_rng(seed)
    for _ in range(TRIES):
        schedule = ordinary_year(rng, days=case.days, check_ins_per_day=case.check_ins_per_day)
        schedule = with_equal_demands(schedule)
        design = _design(case)
        place = coordinates(design)
        v = place.draw_prior(rng)
        try:
            simulated = in_order(simulate(truth_of(place, v), schedule, rng))
        except BadRequest:
            continue
        if any(len(times) < 8 for times in simulated.acts.values()):
            continue
        data = laid_out(case, schedule, simulated, design)
        if carried(data, design):
            return place, v, data
    raise RuntimeError(f"no world of {case.name} was admitted in {TRIES} tries of seed {seed}")


_designs: dict[str, StrainData] = {}


def _design(case: Case) -> StrainData:
    """The data of one ordinary person, for the names and the centres of the coordinates."""
    if case.name not in _designs:
        from mainstay.strain.simulate import simulate

        rng = np.random.default_rng(0)
        schedule = ordinary_year(rng, days=case.days, check_ins_per_day=case.check_ins_per_day)
        schedule = with_equal_demands(schedule)
        truth = ordinary_parameters()
        if not case.check_ins_per_day:
            truth = replace(truth, items={})
        if case.ordinal:
            item = replace(truth.items[TENSION.name], cuts=tuple(np.arange(1, 7) + 0.5))
            truth = replace(truth, items={TENSION.name: item})
        _designs[case.name] = laid_out(case, schedule, simulate(truth, schedule, rng))
    return _designs[case.name]


@dataclass(frozen=True)
class Ranked:
    """One person: the posterior's distribution function at the truth (p,), by Laplace's normal and by weighted draws.

    `weighted` is None where the draws failed their own check: a rule on the record, which the truth has no part in.
    """

    laplace: np.ndarray
    weighted: np.ndarray | None


def ranked(work: tuple[str, int]) -> Ranked | str:
    """Fit one person of a case; why, where the fit refused."""
    from mainstay.strain.draws import draw
    from mainstay.strain.fitting import fit_data
    from mainstay.strain.judge import normal_cdf
    from mainstay.strain.posterior import StrainPosterior

    name, seed = work
    case = CASES[name]
    place, v, data = person(case, seed)
    fitted = fit_data(data)
    if not isinstance(fitted, StrainPosterior):
        return fitted.reason
    asked = [i for i, label in enumerate(place.names) if not any(label.startswith(pinned) for pinned in PINNED)]
    z = (v - fitted.mean) / np.sqrt(np.diag(fitted.covariance))
    laplace = np.array([normal_cdf(one) for one in z[asked]])
    draws = draw(fitted, DRAWS, np.random.default_rng(seed), "importance")
    if not draws.trusted:
        return Ranked(laplace, None)
    below = draws.parameters[:, asked] < v[asked]
    return Ranked(laplace, draws.weights @ below)


def names_of(case: Case) -> list[str]:
    """The coordinates that are ranked."""
    names = coordinates(_design(case)).names
    return [name for name in names if not any(name.startswith(pinned) for pinned in PINNED)]
