"""A nurse who cares for her father at home: the plainer life behind the twins and the nulls. All of it is invented."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mainstay.records.kinds import Item
from mainstay.strain.parameters import ItemParameters, RefugeParameters, StrainParameters
from mainstay.strain.simulate import Schedule, simulate
from mainstay.worlds.calendar import Calendar
from mainstay.worlds.kinds import Truth, World
from mainstay.worlds.life import Diary, Kept, demands_in, habit, joined, prompts, steps, stretches, without

Floats = NDArray[np.float64]
ZONE = "Europe/Lisbon"
FIRST_DAY = date(2023, 1, 2)
VISIT, SWIM = "visit to a sister", "swim"
RUSH, FALL = "rush on the ward", "bad turn at home"
TENSION = Item("tension", "How tense are you right now?", 1, 7, "low", "not at all", "very", ordinal=True)
RESTED = Item("rested", "How rested do you feel?", 1, 7, "high", "not at all", "wholly", ordinal=True)
ITEMS = (TENSION, RESTED)


@dataclass(frozen=True, slots=True)
class Case:
    """What differs between the worlds of the carer. Rates of seeking are acts a week at zero strain, mid-record.

    `recording`: shares over equal stretches of the record. `load_growth`: demands at the end over those at the start;
    their number halfway stays the same. `pulls`, `efficacies`, `fadings_per_year`: of the visits and of the swims.
    """

    title: str
    note: str
    weeks: int = 78
    drift_per_year: float = 0.0
    recording: Sequence[float] = (0.9,)
    load_growth: float = 1.0
    seeking_per_week: tuple[float, float] = (0.36, 0.36)
    pulls: tuple[float, float] = (0.9, 0.9)
    efficacies: tuple[float, float] = (0.5, 0.35)
    fadings_per_year: tuple[float, float] = (0.0, 0.0)


def truth_of(case: Case) -> StrainParameters:
    """The parameters behind a case."""
    refuges = {
        label: RefugeParameters(math.log(rate / 7), pull, math.log(share / (1 - share)), fading)
        for label, rate, pull, share, fading in zip(
            (VISIT, SWIM), case.seeking_per_week, case.pulls, case.efficacies, case.fadings_per_year, strict=True
        )
    }
    return StrainParameters(
        recovery_rate_per_day=0.55,
        noise_per_sqrt_day=0.45,
        initial_strain=1.5,
        tolls_per_day={"nurse": 2.2, "carer": 3.4},
        demands={RUSH: 0.7, FALL: 0.9},
        refuges=refuges,
        items={TENSION.name: ItemParameters(2.0, 1.0, 0.8), RESTED.name: ItemParameters(5.3, -0.6, 0.8)},
        seeking_drift_per_year=case.drift_per_year,
        day_rhythm=(-0.4, -1.4),
    )


def carer(name: str, case: Case, seed: int) -> World:
    """One simulated carer. The same seed gives the same roles and prompts in every case of the same length."""
    rng = np.random.default_rng(seed)
    calendar = Calendar(FIRST_DAY, case.weeks * 7, ZoneInfo(ZONE))
    off = stretches([], calendar.days)
    nurse = habit(rng, calendar, weekdays=0.85, weekends=0.15, hour=8, hours=7.5, spread=0.3)
    evenings = habit(rng, calendar, weekdays=0.6, weekends=0.5, hour=18.3, hours=2.5)
    weekends = habit(rng, calendar, weekdays=0.0, weekends=0.7, hour=10.5, hours=4.0)
    at_home = without(joined(evenings, weekends, days=calendar.days), nurse)
    offered = prompts(rng, calendar, 5, 0.78, off)
    errands = habit(rng, calendar, weekdays=0.3, weekends=0.5, hour=17.5, hours=0.7, spread=0.8)[0]
    edges, hours = calendar.offsets
    top, half = max(case.load_growth, 1.0), (1.0 + case.load_growth) / 2

    def growth(times: Floats) -> Floats:
        return (1.0 + (case.load_growth - 1.0) * times / calendar.days) / top

    recording = steps(np.linspace(0, calendar.days, len(case.recording) + 1).tolist(), case.recording, off)
    schedule = Schedule(
        days=calendar.days,
        roles={"nurse": nurse, "carer": at_home},
        demands={
            RUSH: demands_in(rng, nurse, 0.11 * top / half, growth),
            FALL: demands_in(rng, at_home, 0.20 * top / half, growth),
        },
        check_ins={item.name: offered.answers for item in ITEMS},
        recording={"": recording},
        offset_edges=edges,
        offset_hours=hours,
    )
    parameters = truth_of(case)
    simulated = simulate(parameters, schedule, rng)
    diary = Diary(calendar)
    diary.check_ins(ITEMS, simulated.ratings)
    diary.recorded(simulated, {RUSH: Kept("demand"), FALL: Kept("demand"), VISIT: Kept("relief"), SWIM: Kept("relief")})
    diary.noted(rng, "groceries", errands, Kept("control"), recording)
    for label, part in schedule.roles.items():
        diary.episodes(label, part)
    diary.coverage(recording)
    diary.prompts(offered, ITEMS)
    truth = Truth(
        parameters,
        calendar.origin,
        calendar.days,
        (case.note, "Groceries have nothing to do with strain; they are written down as carefully as the rest."),
        simulated.true_acts,
        simulated.path_times,
        simulated.path_strain,
    )
    return World(name, case.title, seed, ZONE, diary.records, ITEMS, TENSION.name, truth)
