"""An ordinary simulated person: two roles, two kinds of demand, two refuges, one item. Every number is invented."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Body, CheckIn, Coverage, Episode, Event, Item, Record, record_id
from mainstay.strain.parameters import ItemParameters, RefugeParameters, StrainParameters

if TYPE_CHECKING:
    from mainstay.strain.simulate import Schedule, Simulated

Floats = NDArray[np.float64]
SOURCE = "simulated"
ROLES = ("first role", "second role")
DEMANDS = ("first demand", "second demand")
REFUGES = ("first refuge", "second refuge")
TENSION = Item("tension", "How tense are you?", 1, 7, "low", "not at all", "very", ordinal=False)
MONDAY = Instant.of(datetime.fromisoformat("2024-01-01T00:00:00+00:00"))


def ordinary_parameters(
    acts_per_week: float = 4.0, drift_per_year: float = 0.8, noise: float = 0.5
) -> StrainParameters:
    """The invented truth of the ordinary person; log rates are set so that about `acts_per_week` are seen in all."""
    log_rate = math.log(acts_per_week / 7 / 2) - 2.05
    return StrainParameters(
        recovery_rate_per_day=0.5,
        noise_per_sqrt_day=noise,
        initial_strain=1.5,
        tolls_per_day=dict(zip(ROLES, (1.5, 2.0), strict=True)),
        demands=dict(zip(DEMANDS, (1.0, 0.5), strict=True)),
        refuges={
            REFUGES[0]: RefugeParameters(log_rate, 1.0, _logit(0.5), 0.4),
            REFUGES[1]: RefugeParameters(log_rate, 1.0, _logit(0.3), 0.8),
        },
        items={TENSION.name: ItemParameters(intercept=1.0, slope=1.0, noise_sd=1.0)},
        seeking_drift_per_year=drift_per_year,
        day_rhythm=(-0.8, -0.5),
    )


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def ordinary_year(
    rng: np.random.Generator,
    *,
    days: float = 365.0,
    check_ins_per_day: int = 5,
    demands_per_day: float = 1.0,
    answered: float = 1.0,
    load_growth: float = 1.0,
    recording: Mapping[str, tuple[Floats, Floats]] | None = None,
) -> Schedule:
    """What happens to an ordinary person: a day job, evenings and weekends in a second role, demands, prompts.

    `answered`: share of prompts answered. `load_growth`: demands a day at the end over those at the start (their mean
    stays `demands_per_day`). Day 0 is a Monday. Demand sizes are gamma with mean 1.
    """
    from mainstay.strain.simulate import Schedule

    return Schedule(
        days=days,
        roles=dict(zip(ROLES, (_day_job(rng, days), _second_role(rng, days)), strict=True)),
        demands={label: _demands(rng, days, demands_per_day / len(DEMANDS), load_growth) for label in DEMANDS},
        check_ins={TENSION.name: _prompts(rng, days, check_ins_per_day, answered)},
        recording=dict(recording or {}),
    )


def _episodes(rows: list[tuple[float, float]], days: float) -> tuple[Floats, Floats]:
    kept = sorted((max(0.0, start), min(end, days)) for start, end in rows if start < days and end > 0)
    return np.array([start for start, _ in kept]), np.array([end for _, end in kept])


def _day_job(rng: np.random.Generator, days: float) -> tuple[Floats, Floats]:
    rows = []
    for day in range(math.ceil(days)):
        if day % 7 < 5 and rng.random() < 0.92:
            start = day + (9 + rng.normal(0, 0.5)) / 24
            rows.append((start, start + (8 + rng.normal(0, 0.7)) / 24))
    return _episodes(rows, days)


def _second_role(rng: np.random.Generator, days: float) -> tuple[Floats, Floats]:
    rows = []
    for day in range(math.ceil(days)):
        if day % 7 < 5 and rng.random() < 0.6:
            start = day + (18 + rng.normal(0, 0.5)) / 24
            rows.append((start, start + rng.uniform(1, 4) / 24))
        elif day % 7 >= 5 and rng.random() < 0.7:
            start = day + (10 + rng.normal(0, 1)) / 24
            rows.append((start, start + rng.uniform(2, 7) / 24))
    return _episodes(rows, days)


def _demands(rng: np.random.Generator, days: float, per_day: float, growth: float) -> tuple[Floats, Floats]:
    times = np.sort(rng.uniform(0, days, rng.poisson(per_day * days * 2 * max(growth, 1.0) / (growth + 1.0))))
    rate = 1 + (growth - 1) * times / days
    times = times[rng.random(len(times)) < rate / max(growth, 1.0)]
    return times, rng.gamma(2.0, 0.5, len(times))


def _prompts(rng: np.random.Generator, days: float, per_day: int, answered: float) -> Floats:
    """One random moment in each of `per_day` equal blocks between 8 and 22 hours."""
    if per_day == 0:
        return np.empty(0)
    block = 14.0 / 24.0 / per_day
    slots = np.arange(math.ceil(days))[:, None] + 8.0 / 24.0 + block * np.arange(per_day)
    times = (slots + block * rng.random(slots.shape)).ravel()
    return times[(times < days) & (rng.random(len(times)) < answered)]


def ordinary_person(
    seed: int,
    parameters: StrainParameters | None = None,
    schedule: Schedule | None = None,
    **year: float,
) -> tuple[tuple[Record, ...], tuple[Item, ...], str]:
    """Records, items and the anchor of an ordinary person; `year` as in `ordinary_year`. Ratings are not rounded."""
    from mainstay.strain.simulate import simulate

    rng = np.random.default_rng(seed)
    chosen = schedule if schedule is not None else ordinary_year(rng, **year)  # type: ignore[arg-type]
    simulated = simulate(parameters if parameters is not None else ordinary_parameters(), chosen, rng)
    return records_of(chosen, simulated), (TENSION,), TENSION.name


def records_of(schedule: Schedule, simulated: Simulated, origin: Instant = MONDAY) -> tuple[Record, ...]:
    """What was recorded, as records from the origin on (24-hour days, the origin's offset): nothing that was missed."""

    def at(day: float) -> Instant:
        return origin.plus_days(float(day))

    def rows() -> list[tuple[str, Instant | Span, Body]]:
        found: list[tuple[str, Instant | Span, Body]] = []
        for label, (starts, ends) in schedule.roles.items():
            found += [
                ("roles", Span(at(start), at(end)), Episode(label, "role"))
                for start, end in zip(starts, ends, strict=True)
            ]
        for label, (times, sizes) in simulated.demands.items():
            found += [
                ("demands", at(time), Event(label, "demand", float(size)))
                for time, size in zip(times, sizes, strict=True)
            ]
        for label, acts in simulated.acts.items():
            found += [("refuges", at(time), Event(label, "relief")) for time in acts]
        for item, (times, values) in simulated.ratings.items():
            found += [
                ("check_ins", at(time), CheckIn(item, float(value))) for time, value in zip(times, values, strict=True)
            ]
        for label, (edges, intensity) in schedule.recording.items():
            found += [
                ("coverage", Span(at(edges[i]), at(edges[i + 1])), Coverage((label,) if label else (), float(share)))
                for i, share in enumerate(intensity)
            ]
        return found

    return tuple(_record(stream, happened, body) for stream, happened, body in rows())


def _record(stream: str, happened: Instant | Span, body: Body) -> Record:
    known = happened.end if isinstance(happened, Span) else happened
    key = f"{happened.start.utc_us}-{happened.end.utc_us}" if isinstance(happened, Span) else str(happened.utc_us)
    return Record(record_id(SOURCE, stream, f"{key} {body}"), stream, happened, known, SOURCE, body)
