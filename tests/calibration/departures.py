"""Ordinary people with one thing in their lives that the model does not have: what the checks of the fit must see."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.strain.parameters import StrainParameters
from mainstay.strain.simulate import Schedule, Simulated
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, TENSION, ordinary_parameters, ordinary_year, records_of

STEP = 1.0 / 288.0
LOAD_A_DAY = 1.4
"""Steps of strain a day that roles and demands add on average."""


@njit
def _live(rng, inputs, set_acts, clock, possible, own, slow, memory, step):  # type: ignore[no-untyped-def]
    """Strain on the grid (m,) and the acts (m, k) of one life, five minutes a step."""
    rate, noise, start, log_rate, pull, logit, fade, drift = own
    slow_share, slow_rate = slow
    extra, memory_days = memory
    steps, kinds = set_acts.shape
    strain = np.zeros(steps)
    acts = np.zeros((steps, kinds), np.int64)
    fast, lag, heat = start, 0.0, np.zeros(kinds)
    keep, keep_slow, cool = math.exp(-rate * step), math.exp(-slow_rate * step), math.exp(-step / memory_days)
    roam = noise * math.sqrt((1.0 - keep * keep) / (2.0 * rate))
    for i in range(steps):
        fast = fast * keep + (1.0 - slow_share) * inputs[i] + roam * rng.standard_normal()
        lag = lag * keep_slow + slow_share * inputs[i]
        year = (i - 0.5 * steps) * step / 365.25
        for k in range(kinds):
            heat[k] *= cool
            hazard = math.exp(log_rate[k] + pull[k] * (fast + lag) + drift * year + clock[i]) * (1.0 + extra * heat[k])
            count = set_acts[i, k]
            if possible[i, k] and rng.random() < 1.0 - math.exp(-hazard * step):
                count += 1
            for _ in range(count):
                left = 1.0 - 1.0 / (1.0 + math.exp(fade[k] * year - logit[k]))
                fast *= left
                heat[k] += 1.0
            acts[i, k] = count
        strain[i] = fast + lag
    return strain, acts


def _autocorrelated(rng, times, sd, half_life_hours):
    """A stationary OU process at the times: the mood that colours ratings and has nothing to do with strain."""
    rate = math.log(2.0) * 24.0 / half_life_hours
    noise = np.empty(len(times))
    noise[0] = rng.normal(0.0, sd)
    for i, gap in enumerate(np.diff(times), 1):
        keep = math.exp(-rate * gap)
        noise[i] = keep * noise[i - 1] + sd * math.sqrt(1.0 - keep * keep) * rng.standard_normal()
    return noise


def departed(
    seed: int,
    *,
    days: float = 365.0,
    drift: float = 0.8,
    moods: tuple[float, float] = (0.0, 4.0),
    weekly: float = 0.0,
    closed_hours: tuple[float, float] | None = None,
    memory: tuple[float, float] = (0.0, 0.5),
    slow: tuple[float, float] = (0.0, 14.0),
    acts_per_week: float = 4.0,
    **year: float,
) -> Timeline:
    """One person. `moods`: sd (of a noise sd of 1 in all) and half-life in hours of autocorrelated rating noise.

    `weekly`: chance of an appointment with the first refuge each Friday evening. `closed_hours`: local hours at which
    the first refuge is impossible, unlogged. `memory`: by how many times its usual hazard an act raises the next of its
    kind, and for how long (days). `slow`: share of all load that fades with a half-life of so many days
    instead, and that no refuge eases.
    """
    rng = np.random.default_rng(seed)
    truth = ordinary_parameters(acts_per_week, drift, 0.5)
    year.setdefault("recording", {"": (np.array([0.0, days]), np.array([1.0]))})
    schedule = ordinary_year(rng, days=days, **year)
    strain, acts = _lived(rng, truth, schedule, weekly, closed_hours, memory, slow)
    times = (np.arange(len(strain)) + 0.5) * STEP
    asked = schedule.check_ins[TENSION.name]
    sd, half_life = moods
    noise = _autocorrelated(rng, asked, sd, half_life) + math.sqrt(1.0 - sd * sd) * rng.standard_normal(len(asked))
    ratings = 1.0 + strain[np.clip((asked / STEP).astype(int) - 1, 0, len(strain) - 1)] + noise
    found = {
        label: np.repeat(times, acts[:, k]) + rng.uniform(-0.4, 0.4, acts[:, k].sum()) * STEP
        for k, label in enumerate(truth.refuges)
    }
    lived = Simulated(
        acts={label: np.sort(one) for label, one in found.items()},
        demands=dict(schedule.demands),
        ratings={TENSION.name: (asked, ratings)},
        true_acts=found,
        path_times=times,
        path_strain=strain,
    )
    records = records_of(schedule, lived)
    return from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(days + 1))


def _lived(rng, truth: StrainParameters, schedule: Schedule, weekly, closed_hours, memory, slow):  # type: ignore[no-untyped-def]
    steps = round(schedule.days / STEP)
    times = (np.arange(steps) + 0.5) * STEP
    inputs = np.zeros(steps)
    for label, toll in truth.tolls_per_day.items():
        starts, ends = schedule.roles[label]
        inputs += toll * STEP * (np.searchsorted(starts, times, "right") > np.searchsorted(ends, times, "right"))
    for label, (when, sizes) in schedule.demands.items():
        np.add.at(inputs, np.minimum((when / STEP).astype(int), steps - 1), truth.demands[label] * sizes)
    refuges = list(truth.refuges.values())
    set_acts = np.zeros((steps, len(refuges)), np.int64)
    fridays = np.arange(4.0, schedule.days - 1.0, 7.0)
    fridays = fridays[rng.random(len(fridays)) < weekly]
    set_acts[((fridays + (20.0 + rng.normal(0.0, 0.5, len(fridays))) / 24.0) / STEP).astype(int), 0] = 1
    possible = np.ones((steps, len(refuges)), np.bool_)
    if closed_hours is not None:
        hour = np.mod(times, 1.0) * 24.0
        possible[(hour >= closed_hours[0]) & (hour < closed_hours[1]), 0] = False
    angle = 2.0 * np.pi * times
    clock = truth.day_rhythm[0] * np.cos(angle) + truth.day_rhythm[1] * np.sin(angle)
    share, half_life_days = slow
    own = (
        truth.recovery_rate_per_day,
        truth.noise_per_sqrt_day,
        truth.initial_strain,
        # what fades slowly raises mean strain: the refuges stay as often sought at it as they were
        np.array([one.log_rate for one in refuges]) - LOAD_A_DAY * share * (half_life_days / math.log(2.0) - 1.4),
        np.array([one.pull for one in refuges]),
        np.array([one.efficacy_logit for one in refuges]),
        np.array([one.fading_per_year for one in refuges]),
        truth.seeking_drift_per_year,
    )
    return _live(rng, inputs, set_acts, clock, possible, own, (share, math.log(2.0) / half_life_days), memory, STEP)
