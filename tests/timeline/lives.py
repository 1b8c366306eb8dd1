"""Lives in two roles of which some days were never declared, with what a phone saw around them. All of it is invented.

The phone is at home on one day in ten whatever the person does (its errors last all day, as real ones do), one work day
in five is worked from home, and app use tells work from leisure only roughly.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mainstay.quantities import Span
from mainstay.records.kinds import Coverage, Episode, Record, Signal, record_id
from mainstay.strain.simulate import simulate
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ROLES, TENSION, ordinary_parameters, ordinary_year, records_of

CELL = 1 / 48


@dataclass(frozen=True, eq=False)
class Life:
    """`full`: everything declared; `timeline`: with days undeclared; `truth` (cells): 0 none, 1 and 2 the roles."""

    full: object
    timeline: object
    records: tuple
    truth: np.ndarray
    hidden: np.ndarray


def record(stream, happened, body, key=""):
    known = happened.end if isinstance(happened, Span) else happened
    return Record(record_id("test", stream, f"{happened}{key}{body}"), stream, happened, known, "test", body)


def role_at(schedule, days):
    middles = (np.arange(round(days / CELL)) + 0.5) * CELL
    truth = np.zeros(len(middles), int)
    for j, label in enumerate(ROLES):
        starts, ends = schedule.roles[label]
        truth[np.searchsorted(starts, middles, "right") > np.searchsorted(ends, middles, "right")] = j + 1
    return truth


def around(rng, truth, days, *, told=True, clear=1.0):
    """Place by the phone, app use, and steps; with `told` False they have nothing to do with the roles.

    `clear`: the share of days on which places and apps were recorded; steps always are.
    """
    seen = truth if told else rng.permutation(truth.reshape(days, 48)).ravel()
    day = np.arange(len(truth)) // 48
    left, from_home = rng.random(days) < 0.1, rng.random(days) < 0.2
    place = np.full(len(truth), "home", dtype=object)
    place[(seen == 1) & ~from_home[day]] = "office"
    place[(seen == 2) & (rng.random(days) < 0.8)[day]] = "hall"
    out = (rng.random(len(truth)) < 0.05) & (seen == 0)
    place[out] = "shop"
    place[left[day]] = "home"
    recorded = np.repeat(rng.random(days) < clear, 48)
    place[~recorded] = ""
    records = []
    edges = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1], [True])))
    for a, b in pairwise(edges):
        span = Span(MONDAY.plus_days(a * CELL), MONDAY.plus_days(b * CELL))
        if place[a]:
            records.append(record("places", span, Episode(str(place[a]), "place")))
    hour = (np.arange(len(truth)) % 48) / 2
    writing = rng.random(len(truth)) < np.where(seen == 1, 0.6, np.where((hour > 8) & (hour < 23), 0.15, 0.01))
    for i in np.flatnonzero(writing & recorded):
        span = Span(MONDAY.plus_days(i * CELL), MONDAY.plus_days((i + 1) * CELL))
        records.append(record("apps", span, Episode("writing", "activity")))
    awake = (hour >= 7) & (hour < 23)
    steps = rng.gamma(0.7, 200, len(truth)) * awake * np.where(seen == 2, 2.5, 1.0)
    times = np.array([MONDAY.plus_days((i + 0.5) * CELL).utc_us for i in range(len(truth))])
    records.append(record("watch", MONDAY, Signal("steps", "steps", times, np.round(steps))))
    return records


def life(seed, days=126, *, undeclared=0.4, run=2, told=True, noise=0.5, stated=False, clear=1.0):
    """One person. `undeclared`: share of the days in runs of `run` days on which no role was declared.

    `stated`: coverage says which days were declared, so that a declared day in no role is known as one.
    """
    rng = np.random.default_rng(seed)
    schedule = ordinary_year(rng, days=float(days))
    simulated = simulate(ordinary_parameters(noise=noise), schedule, rng)
    truth = role_at(schedule, days)
    records = [*records_of(schedule, simulated), *around(rng, truth, days, told=told, clear=clear)]
    hidden = np.repeat(rng.random(days // run + 1) < undeclared, run)[:days]
    for day in np.arange(days) if stated else ():
        span = Span(MONDAY.plus_days(int(day)), MONDAY.plus_days(int(day) + 1))
        records.append(record("coverage", span, Coverage(ROLES, float(not hidden[day]))))

    def kept(one):
        is_role = isinstance(one.body, Episode) and one.body.is_ == "role"
        return not (is_role and hidden[min(int(one.happened.start.days_since(MONDAY)), days - 1)])

    def timeline(some):
        return from_records(some, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(days + 1))

    some = tuple(one for one in records if kept(one))
    return Life(timeline(records), timeline(some), some, truth, hidden)
