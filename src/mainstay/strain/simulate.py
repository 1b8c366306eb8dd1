"""The strain-and-threshold model run forward: one person's strain, relief acts and ratings, given what happens to them.

The equations are those of `mainstay.strain.parameters`. Demands, role episodes and check-in times are given; strain,
relief acts and ratings follow. What is not recorded still strains and still relieves; it is only absent from the
record.

Without process noise the acts are exact (thinning under a bound that holds for a pull of either sign: Lewis & Shedler
1979, Ogata 1981). With noise, strain moves by exact Ornstein-Uhlenbeck transitions over short steps, and acts are drawn
from the hazard averaged over each step's two ends, which is right to second order in the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.ordinal import LOGISTIC
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.strain.parameters import StrainParameters

Floats = NDArray[np.float64]
MOST_ACTS_A_DAY = 200
"""Above this many acts a day on average the parameters describe no person, and the simulation is refused."""


def _nothing() -> Floats:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """All that truly happens to the person, in days since local midnight of the first day.

    `roles`: starts and ends of the episodes, each (n,); overlapping episodes of a role count once. `oneself`: which of
    them is oneself, if any.
    `demands`: times (n,) and sizes (n,). `check_ins`: the times (n,) at which each item is answered.
    `arranged`: acts of a refuge that come at set times (n,), whatever the strain: an invitation, a call, a trial's arm.
    `recording`: edges (m+1,) and intensity (m,), per label of a refuge or demand; "" for labels without their own;
    outside its edges the nearest step holds; where there is neither, everything is recorded.
    `seeking`: edges (m+1,) and what is added to the log hazard (m,), per refuge or "" for all: a threshold that moved
    on a day, hours at which a refuge is impossible (-inf); nothing outside its edges.
    `offset_edges` (m+1,) or empty, `offset_hours` (m,): the local clock's offset from UTC, for the day rhythm.
    """

    days: float
    roles: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    oneself: str = ""
    demands: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    check_ins: Mapping[str, Floats] = field(default_factory=dict)
    arranged: Mapping[str, Floats] = field(default_factory=dict)
    recording: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    seeking: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    offset_edges: Floats = field(default_factory=_nothing)
    offset_hours: Floats = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.days) and self.days > 0):
            raise BadRequest(f"a schedule needs a positive number of days, not {self.days}")
        for label, (starts, ends) in self.roles.items():
            if len(starts) != len(ends) or np.any(ends < starts):
                raise BadRequest(f"role {label!r}: every episode needs a start and an end that is not before it")
        for label, (times, sizes) in self.demands.items():
            if len(times) != len(sizes):
                raise BadRequest(f"demand {label!r}: {len(times)} times but {len(sizes)} sizes")
        for label, (edges, values) in self.recording.items():
            if len(edges) != len(values) + 1 or np.any((values < 0) | (values > 1)):
                raise BadRequest(f"recording of {label!r}: needs one intensity between 0 and 1 for each step")

    def recorded_chance(self, label: str, times: Floats) -> Floats:
        """The chance that what happened at these times under this label was recorded."""
        steps = self.recording.get(label, self.recording.get(""))
        if steps is None:
            return np.ones(len(times))
        edges, intensity = steps
        chance: Floats = intensity[np.clip(np.searchsorted(edges, times, "right") - 1, 0, len(intensity) - 1)]
        return chance

    def added_to_seeking(self, label: str, times: Floats) -> Floats:
        """What is added to the log hazard of a refuge at these times (n,)."""
        total = np.zeros(len(times))
        for name in ("", label):
            if name not in self.seeking:
                continue
            edges, added = self.seeking[name]
            at = np.searchsorted(edges, times, "right") - 1
            inside = (at >= 0) & (at < len(added))
            total[inside] += added[at[inside]]
        return total

    def clock_shift_days(self, times: Floats) -> Floats:
        """How far the local clock has moved against that of the first moment, in days, at each time."""
        if not len(self.offset_hours):
            return np.zeros(len(times))
        index = np.clip(np.searchsorted(self.offset_edges, times, "right") - 1, 0, len(self.offset_hours) - 1)
        shift: Floats = (self.offset_hours[index] - self.offset_hours[0]) / 24.0
        return shift


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """One simulated person. `acts`, `demands`, `ratings`: what was recorded; the rest is the truth behind it.

    `acts` per refuge: times (n,); `demands`: times and sizes; `ratings` per item: times and values, continuous.
    `true_acts`: recorded or not. `path_times`, `path_strain` (m,): strain on a regular grid, after any jump there.
    """

    acts: dict[str, Floats]
    demands: dict[str, tuple[Floats, Floats]]
    ratings: dict[str, tuple[Floats, Floats]]
    true_acts: dict[str, Floats]
    path_times: Floats
    path_strain: Floats


def simulate(
    parameters: StrainParameters,
    schedule: Schedule,
    rng: np.random.Generator,
    *,
    step_minutes: float = 5.0,
    grid_hours: float = 1.0,
) -> Simulated:
    """Run the model over the schedule. `step_minutes` bounds the step where there is process noise.

    Refuses parameters that name a role, demand or item the schedule lacks, a recovery rate that is not positive, and
    parameters under which acts come without end.
    """
    _refuse_mismatch(parameters, schedule)
    grid = np.arange(0.0, schedule.days, grid_hours / 24.0)
    given = _knots(parameters, schedule, grid)
    middles = 0.5 * (np.concatenate([[0.0], given.times[:-1]]) + given.times)
    strain, act_times, act_kinds, endless = _run(
        rng,
        (
            given.times,
            given.jumps,
            given.acts,
            _gains(parameters, schedule, middles),
            schedule.clock_shift_days(middles),
            np.array([schedule.added_to_seeking(name, middles) for name in parameters.refuges]).reshape(
                -1, len(middles)
            ),
        ),
        (
            parameters.recovery_rate_per_day * np.exp(parameters.own_recovery * _as_oneself(schedule, middles)),
            parameters.noise_per_sqrt_day,
            parameters.initial_strain,
        ),
        _seeking(parameters, schedule.days / 2.0),
        _relief(parameters),
        step_minutes / 1440.0,
        int(MOST_ACTS_A_DAY * max(1.0, schedule.days)),
    )
    if endless:
        raise BadRequest(
            f"these parameters give more than {MOST_ACTS_A_DAY} relief acts a day; lower a log_rate or a pull"
        )
    true_acts = {name: act_times[act_kinds == kind] for kind, name in enumerate(parameters.refuges)}
    return Simulated(
        acts={name: times[_kept(schedule, name, times, rng)] for name, times in true_acts.items()},
        demands=_recorded_demands(schedule, rng),
        ratings={
            name: (schedule.check_ins[name], _ratings(parameters, name, strain[where], rng))
            for name, where in given.of_items.items()
        },
        true_acts=true_acts,
        path_times=grid,
        path_strain=strain[given.of_grid],
    )


def _refuse_mismatch(parameters: StrainParameters, schedule: Schedule) -> None:
    if not parameters.recovery_rate_per_day > 0:
        raise BadRequest(f"the recovery rate must be positive, not {parameters.recovery_rate_per_day} a day")
    if not parameters.noise_per_sqrt_day >= 0:
        raise BadRequest(f"the process noise can't be {parameters.noise_per_sqrt_day}; give 0 or more")
    for what, named, given in (
        ("role", parameters.tolls_per_day, schedule.roles),
        ("demand", schedule.demands, parameters.demands),
        ("item", schedule.check_ins, parameters.items),
        ("refuge", schedule.arranged, parameters.refuges),
    ):
        for label in sorted(set(named) - set(given)):
            raise BadRequest(f"{what} {label!r} is in one of parameters and schedule but not in the other")


@dataclass(frozen=True, slots=True, eq=False)
class _Knots:
    """All times at which something is given or asked (n,), the jump of strain and the refuge visited (-1: none) there,
    and where the check-ins of each item and the grid lie among them.
    """

    times: Floats
    jumps: Floats
    acts: NDArray[np.int64]
    of_items: dict[str, NDArray[np.intp]]
    of_grid: NDArray[np.intp]


def _knots(parameters: StrainParameters, schedule: Schedule, grid: Floats) -> _Knots:
    asked = [grid, *schedule.check_ins.values()]
    edges = [edge for pair in schedule.roles.values() for edge in pair]
    edges += [steps for steps, _ in schedule.seeking.values()]
    edges = [edge[(edge > 0) & (edge <= schedule.days)] for edge in (*edges, schedule.offset_edges)]
    blocks: list[tuple[Floats, Floats | float, int]] = [(times, 0.0, -1) for times in asked]
    for label, (times, sizes) in schedule.demands.items():
        blocks.append((times, parameters.demands[label] * sizes, -1))
    refuges = list(parameters.refuges)
    blocks += [(times, 0.0, refuges.index(label)) for label, times in schedule.arranged.items()]
    blocks += [(times, 0.0, -1) for times in (*edges, np.array([schedule.days]))]
    times = np.concatenate([block[0] for block in blocks])
    if times.min() < 0 or times.max() > schedule.days:
        raise BadRequest(f"the schedule has check-ins, demands or acts outside its {schedule.days:g} days")
    order = np.argsort(times, kind="stable")
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    bounds = np.cumsum([0, *(len(block) for block in asked)])
    places = [place[bounds[i] : bounds[i + 1]] for i in range(len(asked))]
    return _Knots(
        times=times[order],
        jumps=np.concatenate([np.broadcast_to(jump, when.shape) for when, jump, _ in blocks])[order],
        acts=np.concatenate([np.full(len(when), act, dtype=np.int64) for when, _, act in blocks])[order],
        of_items=dict(zip(schedule.check_ins, places[1:], strict=True)),
        of_grid=places[0],
    )


def _gains(parameters: StrainParameters, schedule: Schedule, times: Floats) -> Floats:
    """Toll a day of all roles together at each time."""
    total = np.zeros(len(times))
    for label, toll in parameters.tolls_per_day.items():
        starts, ends = schedule.roles[label]
        begun = np.searchsorted(np.sort(starts), times, "right")
        total += toll * (begun > np.searchsorted(np.sort(ends), times, "right"))
    return total


def _as_oneself(schedule: Schedule, times: Floats) -> Floats:
    """1 where the person is in the role that is oneself (n,)."""
    if not schedule.oneself:
        return np.zeros(len(times))
    starts, ends = (np.sort(edges) for edges in schedule.roles[schedule.oneself])
    inside = np.searchsorted(starts, times, "right") > np.searchsorted(ends, times, "right")
    return inside.astype(np.float64)


def _kept(schedule: Schedule, label: str, times: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    kept: NDArray[np.bool_] = rng.random(len(times)) < schedule.recorded_chance(label, times)
    return kept


def _recorded_demands(schedule: Schedule, rng: np.random.Generator) -> dict[str, tuple[Floats, Floats]]:
    recorded = {}
    for label, (times, sizes) in schedule.demands.items():
        kept = _kept(schedule, label, times, rng)
        recorded[label] = (times[kept], sizes[kept])
    return recorded


def _ratings(parameters: StrainParameters, name: str, strain: Floats, rng: np.random.Generator) -> Floats:
    item = parameters.items[name]
    latent = item.intercept + item.slope * strain
    if not item.cuts:
        return latent + item.noise_sd * rng.standard_normal(len(strain))
    latent = latent + item.noise_sd * LOGISTIC * rng.logistic(size=len(strain))
    return np.asarray(item.lowest + np.searchsorted(np.array(item.cuts), latent), np.float64)


_Seeking = tuple[Floats, Floats, Floats, float, float, float]
"""a, κ, drift a day per refuge; c₁, c₂; the middle of the record in days."""


def _seeking(parameters: StrainParameters, middle: float) -> _Seeking:
    refuges = parameters.refuges.values()
    return (
        np.array([refuge.log_rate for refuge in refuges], dtype=np.float64),
        np.array([refuge.pull for refuge in refuges], dtype=np.float64),
        np.array([parameters.seeking_drift_per_year + refuge.own_drift_per_year for refuge in refuges]) / DAYS_PER_YEAR,
        float(parameters.day_rhythm[0]),
        float(parameters.day_rhythm[1]),
        middle,
    )


def _relief(parameters: StrainParameters) -> tuple[Floats, Floats]:
    """η per refuge; fading a day."""
    refuges = parameters.refuges.values()
    return (
        np.array([refuge.efficacy_logit for refuge in refuges], dtype=np.float64),
        np.array([refuge.fading_per_year for refuge in refuges], dtype=np.float64) / DAYS_PER_YEAR,
    )


@njit(cache=True)
def _next_exact(rng, strain, now, until, gain, lam, shift, seeking):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Without noise: (strain, time, refuge or -1) at the next proposed act, or at the end of the window if none."""
    a, kappa, drift, c1, c2, middle = seeking
    window = min(until - now, 0.25)
    ahead = gain + (strain - gain) * np.exp(-lam * window)
    top = np.sqrt(c1 * c1 + c2 * c2)
    bound = 0.0
    for k in range(len(a)):
        drifted = max(drift[k] * (now - middle), drift[k] * (now + window - middle))
        bound += np.exp(a[k] + max(kappa[k] * strain, kappa[k] * ahead) + drifted + top)
    if not bound < 1e9:  # also where it is not a number: no such person
        return strain, now, -2
    wait = rng.standard_exponential() / bound if bound > 0.0 else np.inf
    if wait >= window:
        return ahead, (until if window == until - now else now + window), -1
    strain = gain + (strain - gain) * np.exp(-lam * wait)
    now += wait
    angle = 2.0 * np.pi * (now + shift)
    level = c1 * np.cos(angle) + c2 * np.sin(angle)
    mark = rng.random() * bound
    for k in range(len(a)):
        mark -= np.exp(a[k] + kappa[k] * strain + drift[k] * (now - middle) + level)
        if mark < 0.0:
            return strain, now, k
    return strain, now, -1


@njit(cache=True)
def _next_noisy(rng, strain, now, until, gain, lam, sigma, shift, seeking, step):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """With noise: (strain, time, refuge or -1) at the next act, or at `until` if none comes before."""
    a, kappa, drift, c1, c2, middle = seeking
    pieces = int(np.ceil((until - now) / step))
    width = (until - now) / pieces
    decay = np.exp(-lam * width)
    spread = sigma * np.sqrt(-np.expm1(-2.0 * lam * width) / (2.0 * lam))
    hazards = np.zeros(len(a))
    for piece in range(pieces):
        begun = now + piece * width
        ahead = gain + (strain - gain) * decay + spread * rng.standard_normal()
        angle = 2.0 * np.pi * (begun + 0.5 * width + shift)
        elapsed = begun + 0.5 * width - middle
        rhythm = c1 * np.cos(angle) + c2 * np.sin(angle)
        for k in range(len(a)):
            hazards[k] = (
                0.5
                * np.exp(drift[k] * elapsed + rhythm)
                * (np.exp(a[k] + kappa[k] * strain) + np.exp(a[k] + kappa[k] * ahead))
            )
        total = hazards.sum()
        if not total < 1e9:
            return strain, now, -2
        if rng.random() < -np.expm1(-total * width):
            mark = rng.random() * total
            act = 0
            while act < len(a) - 1 and mark >= hazards[act]:
                mark -= hazards[act]
                act += 1
            share = rng.random()  # strain at the act lies on the bridge between the step's two ends
            bridge = sigma * np.sqrt(width * share * (1.0 - share))
            return strain + share * (ahead - strain) + bridge * rng.standard_normal(), begun + share * width, act
        strain = ahead
    return strain, until, -1


@njit(cache=True)
def _run(rng, given, motion, seeking, relief, step, most):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Strain after each knot (n,), times and refuges of the acts, and whether they came without end."""
    knots, jumps, set_acts, gains, shifts, added = given
    rates, sigma, strain = motion
    eta, fading = relief
    level, kappa, drift, c1, c2, middle = seeking
    level_now = level.copy()
    seeking = (level_now, kappa, drift, c1, c2, middle)
    at_knots = np.empty(len(knots))
    times = np.empty(most)
    which = np.empty(most, np.int64)
    acts = 0
    now = 0.0
    for i in range(len(knots)):
        lam = rates[i]
        gain = gains[i] / lam
        for k in range(len(level)):
            level_now[k] = level[k] + added[k, i]
        arrived = False
        while not arrived:
            act = -1
            if now >= knots[i]:
                act = set_acts[i]
                arrived = True
            elif sigma == 0.0:
                strain, now, act = _next_exact(rng, strain, now, knots[i], gain, lam, shifts[i], seeking)
            else:
                strain, now, act = _next_noisy(rng, strain, now, knots[i], gain, lam, sigma, shifts[i], seeking, step)
            if act == -2 or acts == most:
                return at_knots, times[:0].copy(), which[:0].copy(), True
            if act >= 0:
                strain *= 1.0 - 1.0 / (1.0 + np.exp(fading[act] * (now - middle) - eta[act]))
                times[acts] = now
                which[acts] = act
                acts += 1
        strain += jumps[i]
        at_knots[i] = strain
    return at_knots, times[:acts].copy(), which[:acts].copy(), False
