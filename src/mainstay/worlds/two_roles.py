"""The acceptance case: a reporter by day who is a rescuer by night. Simulated; every number and person is invented.

Visits to the mother and quarrels with the rival relieve, because both know both lives and no part has to be played.
It takes less and less to send the person there, and quarrels help less and less. A friend's phone call, late, shows
what the refuges share; an evening with the rival, at the end, tries it out. In `warmth_restores` and
`nothing_restores` the same life is lived with another truth behind it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mainstay.records.kinds import Attribute, Contact, Item, Reaction, Statement
from mainstay.strain.parameters import ItemParameters, RefugeParameters, StrainParameters
from mainstay.strain.simulate import Schedule, simulate
from mainstay.worlds.calendar import Calendar
from mainstay.worlds.kinds import Truth, World, Written
from mainstay.worlds.life import (
    MEAN_SIZE,
    SIZES,
    Diary,
    Kept,
    Prompts,
    Stretches,
    demands_in,
    habit,
    inside,
    joined,
    prompts,
    steps,
    stretches,
    without,
)
from mainstay.worlds.two_roles_deciding import DECIDING

Floats = NDArray[np.float64]
ZONE = "Europe/Amsterdam"
CALENDAR = Calendar(date(2024, 1, 8), 78 * 7, ZoneInfo(ZONE))
SMIRK = date(2025, 3, 12)
CALL = date(2025, 6, 11)
EVENING = date(2025, 7, 2)
HARD_DAY = 12.0, (15.5, 17.5)
"""From what hour of that day on there is no getting away, and the hours of two big deadlines."""
WATCHED = (-0.4, 0.5, 1.5, 2.6, 3.4)
"""Hours about the beginning of the evening at which a check-in is asked for by hand: it is watched as it goes."""
HOLIDAYS = ((date(2024, 8, 5), 14), (date(2024, 12, 24), 9))
OFF = (date(2025, 2, 3), 9)
"""Nine days with the phone at the repair shop: life went on, nothing was written down."""

MINUTES_PER_DAY = 1440
DILIGENCE = (0.9,) * 9 + (0.85,) * 5 + (0.9,) * 4 + (0.95,) * 4 + (0.9,) * 4
"""Share of what happened that is written down, in stretches of three weeks."""

TENSION = Item("tension", "How tense are you right now?", 1, 7, "low", "not at all", "very", ordinal=True)
AS_MYSELF = Item(
    "as_myself", "How much are you yourself right now?", 1, 7, "high", "not at all", "wholly", ordinal=True
)
TIRED = Item("tired", "How worn out do you feel?", 1, 7, "low", "not at all", "very", ordinal=True)
ITEMS = (TENSION, AS_MYSELF, TIRED)

VISIT, QUARREL = "visit to mother", "quarrel with the rival"
DRINK, PHONE, OUT = "drink with a colleague", "call with an old friend", "evening with the rival"
DEADLINE, EMERGENCY = "deadline", "emergency"

KNOWN_FROM_THE_START = {
    "mother": ("family", "warm", "out_of_town", "knows_both_lives"),
    "rival": ("in_town", "hostile", "knows_both_lives"),
    "colleague A": ("in_town", "warm"),
    "colleague B": ("in_town", "warm"),
    "old friend": ("warm", "out_of_town", "knows_both_lives"),
}
KNOWN_WITH_THE_CALL = ("mother", "rival", "old friend"), "no_part_to_play"

REACTIONS = (
    # when, cue, role, what was expected (direction, size in sd), what came (sd; above 0 is tenser)
    (date(2024, 3, 14), "a correction printed on page two", "reporter", 1, 0.8, 0.9),
    (date(2024, 6, 20), "the rival takes the credit", "rescuer", 1, 1.0, 1.3),
    (date(2024, 10, 9), "praise from the editor", "reporter", -1, 0.5, -0.3),
    (date(2025, 1, 15), "the rival laughs at a slip", "reporter", 1, 1.0, 0.7),
    (SMIRK, "a smirk from the rival", "reporter", 1, 1.0, -1.2),
)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _arranged(share: float) -> RefugeParameters:
    """An act that is never sought by itself: it only comes at its set time, and relieves by this share."""
    return RefugeParameters(-math.inf, 0.0, _logit(share), 0.0)


TRUTH = StrainParameters(
    recovery_rate_per_day=0.6,
    noise_per_sqrt_day=0.45,
    initial_strain=1.5,
    tolls_per_day={"reporter": 2.0, "rescuer": 4.0, "self": -0.6},
    demands={DEADLINE: 0.6, EMERGENCY: 0.8},
    refuges={
        VISIT: RefugeParameters(math.log(0.042), 0.9, _logit(0.55), 0.1),
        QUARREL: RefugeParameters(math.log(0.04), 1.0, _logit(0.35), 1.0),
        DRINK: _arranged(0.02),
        PHONE: _arranged(0.5),
        OUT: _arranged(0.75),
    },
    items={
        TENSION.name: ItemParameters(1.9, 1.0, 0.8),
        AS_MYSELF.name: ItemParameters(5.2, -0.6, 0.8),
        TIRED.name: ItemParameters(2.2, 0.6, 0.8),
    },
    seeking_drift_per_year=0.9,
    day_rhythm=(-0.4, -1.4),
)


@dataclass(frozen=True, slots=True)
class Variant:
    """The same life with another truth behind it, or with other things known and written down about it.

    `shares`: the share of strain that acts take away, where it is another and does not fade. `quieter`: by how much
    less is sought, as a log rate. `known`: attributes of people from the start; `told`: people and what is learned of
    them with the call. `written`: what the person wrote down, in order.
    """

    title: str
    note: str
    shares: Mapping[str, float] = field(default_factory=dict)
    quieter: float = 0.0
    drift_per_year: float = TRUTH.seeking_drift_per_year
    known: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: KNOWN_FROM_THE_START)
    told: tuple[tuple[str, ...], str] = KNOWN_WITH_THE_CALL
    written: tuple[Written, ...] = ()


def truth_of(variant: Variant) -> StrainParameters:
    """The parameters behind a variant."""
    refuges = {
        label: replace(refuge, efficacy_logit=_logit(variant.shares[label]), fading_per_year=0.0)
        if label in variant.shares
        else refuge
        for label, refuge in TRUTH.refuges.items()
    }
    refuges = {label: replace(refuge, log_rate=refuge.log_rate - variant.quieter) for label, refuge in refuges.items()}
    return replace(TRUTH, refuges=refuges, seeking_drift_per_year=variant.drift_per_year)


def two_roles(seed: int, name: str = "two_roles") -> World:
    """Eighteen months of check-ins, roles, demands, refuges, contacts and reactions. `name`: one of `VARIANTS`."""
    return lived(VARIANTS[name], name, seed)


def lived(variant: Variant, name: str, seed: int) -> World:
    """One person of a variant."""
    rng = np.random.default_rng(seed)
    parameters = truth_of(variant)
    off = _days(*OFF)
    offered = prompts(rng, CALENDAR, 5, 0.78, off)
    schedule = _schedule(rng, offered, off)
    simulated = simulate(parameters, schedule, rng)
    diary = Diary(CALENDAR)
    diary.check_ins(ITEMS, simulated.ratings)
    diary.recorded(simulated, _kept(schedule))
    slips = _slips(rng, simulated.path_times, simulated.path_strain)
    diary.noted(rng, "something missed", slips, Kept("slip"), schedule.recording[""])
    errands = habit(rng, CALENDAR, weekdays=0.3, weekends=0.5, hour=18.5, hours=0.7, spread=0.8)[0]
    diary.noted(rng, "groceries", errands, Kept("control"), schedule.recording[""])
    for label, part in schedule.roles.items():
        diary.episodes(label, without(part, off), is_self=label == "self")
    diary.episodes("phone at the repair shop", off, "recording-off")
    diary.coverage(schedule.recording[""])
    diary.prompts(offered, ITEMS)
    _people(diary, variant)
    for minute, one in enumerate(variant.written):
        when = CALENDAR.origin if one.on is None else diary.at(_at(one.on, 21.0) + minute / MINUTES_PER_DAY)
        diary.write(one.form, when, Statement(one.form, one.toml))
    truth = Truth(
        parameters,
        CALENDAR.origin,
        CALENDAR.days,
        _notes(variant),
        simulated.true_acts,
        simulated.path_times,
        simulated.path_strain,
    )
    return World(name, variant.title, seed, ZONE, diary.records, ITEMS, TENSION.name, truth)


def _days(first: date, count: int) -> Stretches:
    day = CALENDAR.day_of(first)
    return stretches([(CALENDAR.elapsed(day, 0), CALENDAR.elapsed(day + count, 0))], CALENDAR.days)


def _schedule(rng: np.random.Generator, offered: Prompts, off: Stretches) -> Schedule:
    days = CALENDAR.days
    free = [range(CALENDAR.day_of(first), CALENDAR.day_of(first) + count) for first, count in HOLIDAYS]
    reporter = habit(rng, CALENDAR, weekdays=0.94, weekends=0.0, hour=9, hours=8, spread=0.3, free=free)
    evenings = habit(rng, CALENDAR, weekdays=0.45, weekends=0.35, hour=19.5, hours=2.8)
    nights = habit(rng, CALENDAR, weekdays=0.10, weekends=0.18, hour=23.6, hours=3.2)
    weekends = habit(rng, CALENDAR, weekdays=0.0, weekends=0.6, hour=11, hours=4.5, spread=1.0)
    arranged = stretches([(_at(EVENING, 18.0), _at(EVENING, 24.0))], days)
    rescuer = without(joined(evenings, nights, weekends, days=days), reporter, arranged)
    mornings = habit(rng, CALENDAR, weekdays=0.0, weekends=0.55, hour=8.5, hours=1.6)
    between = habit(rng, CALENDAR, weekdays=0.3, weekends=0.25, hour=17.9, hours=1.2, spread=0.2)
    itself = without(joined(mornings, between, days=days), reporter, rescuer)
    drinks = habit(rng, CALENDAR, weekdays=0.16, weekends=0.0, hour=17.7, hours=1.0, spread=0.3, free=free)[0]
    edges, hours = CALENDAR.offsets
    weeks = [CALENDAR.elapsed(day, 0) for day in range(0, CALENDAR.count + 1, 21)]
    asked = np.sort(np.append(offered.answers, [_at(EVENING, 20.5 + after) for after in WATCHED]))
    return Schedule(
        days=days,
        roles={"reporter": reporter, "rescuer": rescuer, "self": itself},
        demands={
            DEADLINE: _with_the_hard_day(demands_in(rng, reporter, 0.11)),
            EMERGENCY: demands_in(rng, rescuer, 0.27),
        },
        check_ins=dict.fromkeys((item.name for item in ITEMS), asked),
        arranged={DRINK: drinks, PHONE: np.array([_at(CALL, 21.2)]), OUT: np.array([_at(EVENING, 20.5)])},
        recording={
            "": steps(weeks, DILIGENCE, off),
            PHONE: (np.array([0.0, days]), np.array([1.0])),
            OUT: (np.array([0.0, days]), np.array([1.0])),
        },
        seeking={"": (np.array([_at(EVENING, HARD_DAY[0]), _at(EVENING, 24.0)]), np.array([-math.inf]))},
        offset_edges=edges,
        offset_hours=hours,
    )


def _with_the_hard_day(demands: Stretches) -> Stretches:
    """The evening is chosen for a hard day: big deadlines fall on its afternoon."""
    hard = [_at(EVENING, hour) for hour in HARD_DAY[1]]
    times, sizes = np.append(demands[0], hard), np.append(demands[1], [SIZES[-1] / MEAN_SIZE] * len(hard))
    order = np.argsort(times)
    return times[order], sizes[order]


def _at(when: date, hour: float) -> float:
    return CALENDAR.elapsed(CALENDAR.day_of(when), hour)


def _kept(schedule: Schedule) -> Mapping[str, Kept]:
    def as_work(time: float) -> tuple[str, ...]:
        at_the_paper = bool(inside(np.array([time]), schedule.roles["reporter"])[0])
        return ("work", "as reporter" if at_the_paper else "as rescuer")

    def with_one(name: str) -> Callable[[float], tuple[str, ...]]:
        return lambda _: (name,)

    return {
        DEADLINE: Kept("demand"),
        EMERGENCY: Kept("demand"),
        VISIT: Kept("relief", with_one("mother")),
        QUARREL: Kept("relief", with_one("rival"), as_work),
        DRINK: Kept("other", lambda time: (f"colleague {'AB'[int(time) % 2]}",)),
        PHONE: Kept("other", with_one("old friend")),
        OUT: Kept("other", with_one("rival"), lambda _: ("arranged", "nothing recalls either role")),
    }


def _slips(rng: np.random.Generator, times: Floats, strain: Floats) -> Floats:
    """Things missed: about one in ten days at ordinary strain, more with strain, in waking hours."""
    hourly = 0.05 * np.exp(0.5 * strain) / 24
    awake = (np.mod(times, 1.0) > 8 / 24) & (np.mod(times, 1.0) < 23.5 / 24)
    hit = awake & (rng.random(len(times)) < -np.expm1(-hourly))
    return np.minimum(times[hit] + rng.random(int(hit.sum())) / 24, CALENDAR.days)


def _people(diary: Diary, variant: Variant) -> None:
    """Who there is and what is true of them, when each became known; and the reactions that were foreseen and came."""
    for person, attributes in variant.known.items():
        for attribute in attributes:
            known = CALENDAR.origin
            diary.write("contacts", known, Contact(person, (Attribute(attribute, known),)))
    told = diary.at(_at(CALL, 22.0))
    people, attribute = variant.told
    for person in people:
        diary.write("contacts", told, Contact(person, (Attribute(attribute, told),)))
    for when, cue, role, direction, size, observed in REACTIONS:
        diary.write("reactions", diary.at(_at(when, 16.0)), Reaction(cue, role, direction, size, observed))


def _notes(variant: Variant) -> tuple[str, ...]:
    people, attribute = variant.told
    learned = f"only then is it known of whom it is true: {attribute}." if people else "nothing is learned by it."
    return (
        variant.note,
        f"The friend calls on {CALL}; {learned}",
        f"The smirk that relaxes comes on {SMIRK}; the evening with the rival on {EVENING}, once.",
        "The evening ends a hard day from which there was no getting away, and is watched with check-ins of its own.",
        f"From {OFF[0]} on nothing is written down for {OFF[1]} days, while life goes on.",
        "The call, the evening and the drinks are never sought: they come at set times, whatever the strain.",
        "Things missed come more often with strain; groceries have nothing to do with it.",
    )


NOTHING = dict.fromkeys((VISIT, QUARREL, DRINK, PHONE, OUT), 0.02)
WHERE_NOTHING_RELIEVES = 1.1
"""Where nothing relieves, strain is higher and would send the person there too often."""

VARIANTS = {
    "two_roles": Variant(
        "A reporter who is also a rescuer",
        "What restores is company with whom no part has to be played; quarrels do so less and less.",
        written=DECIDING,
    ),
    "warmth_restores": Variant(
        "A reporter who is also a rescuer, where warmth restores",
        "What restores is warmth: the mother, the colleagues, the friend; the rival does not.",
        {VISIT: 0.55, QUARREL: 0.02, DRINK: 0.45, PHONE: 0.5, OUT: 0.02},
        written=DECIDING,
    ),
    "nothing_restores": Variant(
        "A reporter who is also a rescuer, where nothing restores",
        "Nothing restores: what is sought when it is too much leaves strain as it was.",
        NOTHING,
        WHERE_NOTHING_RELIEVES,
        written=DECIDING,
    ),
}
