"""People worn down by something, by nothing on the list, or by nothing at all: which explanation leads, and how often.

PYTHONPATH=tests python -m calibration.explanations NULLS 60      share of records in which any listed cause leads
PYTHONPATH=tests python -m calibration.explanations CAUSES 40     share in which the right one leads, and a wrong one
PYTHONPATH=tests python -m calibration.explanations REPLAY 20     two_roles before the call, after it and after the end
PYTHONPATH=tests python -m calibration.explanations RIDDLES 5     the diaries that invite a wrong explanation
PYTHONPATH=tests python -m calibration.explanations FORESEEN 10   hypotheses written half-way: status of what leads
PYTHONPATH=tests python -m calibration.explanations TOGETHER 8    evidence of one fit, jointly and as if independent

Every number behind these people is invented. What wears them down is a toll that the record does not show as such:
hours of a hidden role, which the record may know by a tag, a signal or a date.
"""

import sys
from dataclasses import replace

import numpy as np

from mainstay import strain
from mainstay.explanations.answering import hypotheses_on_record
from mainstay.explanations.explaining import explain, status_of
from mainstay.explanations.library import starting_library
from mainstay.patterns.shared import shared
from mainstay.quantities import CannotSay, Instant
from mainstay.records.kinds import Attribute, Contact, Event, Record, record_id
from mainstay.records.statements_hypothesis import with_library
from mainstay.strain.simulate import simulate
from mainstay.strain.threshold import threshold_answer
from mainstay.timeline.kinds import Samples
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate as world
from mainstay.worlds.ordinary import MONDAY, TENSION, ordinary_parameters, ordinary_year, records_of
from mainstay.worlds.riddles import RIDDLES

DAYS = 456
FULLY = (np.array([0.0, float(DAYS)]), np.array([1.0]))
END = Instant.parse("2027-01-01T00:00+00:00")
ATTRIBUTES = ("warm", "no_part_to_play", "family", "out_of_town", "partner")
COMPANY = ("role concealment", "too little warm company", "relationship")
"""Causes that rest on what five people have in common."""

LIBRARY = with_library((), starting_library())


def wander(rng, days, half_life_days):
    """A daily process of variance 1."""
    keep = 0.5 ** (1.0 / half_life_days)
    x = rng.normal(size=days)
    for i in range(1, days):
        x[i] = keep * x[i - 1] + np.sqrt(1.0 - keep**2) * x[i]
    return x


def hours(share):
    """A share of each day as stretches from midnight on: what a hidden role is made of."""
    share = np.clip(np.asarray(share, float), 0.0, 1.0)
    day = np.flatnonzero(share > 0.01)
    return day.astype(float), day + share[day]


def runs(rng, days, count, length):
    """Days of some runs."""
    first = np.sort(rng.choice(days - length - 20, count, replace=False)) + 10
    return np.unique(np.concatenate([np.arange(one, one + rng.integers(2, length + 1)) for one in first]))


def record(label, day, is_="other", tags=(), contacts=()):
    at = MONDAY.plus_days(float(day))
    body = Event(label, is_, None, tuple(contacts), tuple(tags))
    return Record(record_id("t", label, f"{day:.5f}"), label, at, at, "t", body)


class Person:
    """An ordinary person of 15 months, with a hidden toll if any, and what else the record shows."""

    def __init__(self, rng, toll=None, per_day=2.5, growth=1.0, drift=0.0, extra=()):
        self.rng = rng
        parameters = ordinary_parameters(drift_per_year=drift, acts_per_week=5.0)
        self.schedule = ordinary_year(
            rng, days=float(DAYS), check_ins_per_day=4, answered=0.8, load_growth=growth,
            recording={"": FULLY},
        )  # fmt: skip
        times, sizes = self.schedule.demands["first demand"]
        order = np.argsort(np.concatenate([times, extra]), kind="stable")
        longer = np.concatenate([times, extra])[order], np.concatenate([sizes, np.ones(len(extra))])[order]
        self.schedule = replace(self.schedule, demands={**self.schedule.demands, "first demand": longer})
        lived = self.schedule
        if toll is not None:
            parameters = replace(parameters, tolls_per_day={**parameters.tolls_per_day, "hidden": per_day})
            lived = replace(lived, roles={**lived.roles, "hidden": hours(toll)})
        self.simulated = simulate(parameters, lived, rng)
        self.more = []
        self.signals = {}

    def tag_days(self, label, days, tag):
        self.more += [record(label, day + self.rng.uniform(0.3, 0.9), tags=(tag,)) for day in days]

    def company(self, attributes_of=None):
        """Five people: two refuges and three idle kinds of company, with attributes by lot or as given."""
        idle = {f"coffee {k}": np.sort(self.rng.uniform(3, DAYS - 3, 25)) for k in range(3)}
        for k, (label, times) in enumerate(idle.items()):
            self.more += [record(label, day, contacts=(f"p{k + 2}",)) for day in times]
        for k in range(5):
            named = attributes_of(k) if attributes_of else [a for a in ATTRIBUTES if self.rng.random() < 0.5]
            contact = Contact(f"p{k}", tuple(Attribute(one, MONDAY) for one in named))
            self.more.append(Record(record_id("t", "contact", str(k)), "contacts", MONDAY, MONDAY, "t", contact))

    def timeline(self):
        records = []
        for one in records_of(self.schedule, self.simulated):
            if isinstance(one.body, Event) and one.body.is_ == "relief":
                who = "p0" if one.body.label == "first refuge" else "p1"
                one = replace(one, body=replace(one.body, contacts=(who,)))
            records.append(one)
        made = from_records((*records, *self.more), (TENSION,), TENSION.name, as_of=END)
        return replace(made, samples={**made.samples, **self.signals})


def signal(name, values):
    return Samples(name, "hours", np.arange(len(values)) + 7.5 / 24.0, np.asarray(values, float))


def about_everything(person):
    """Tags, dates, signals and attributes by lot: nothing of it has to do with strain."""
    rng = person.rng
    person.tag_days("a bad day", runs(rng, DAYS, 8, 5), "ill")
    person.tag_days("the day it happened", [rng.uniform(60, DAYS - 40)], "bereavement")
    person.tag_days("a new start", [rng.uniform(60, DAYS - 40)], "new demand")
    person.tag_days("a letter", [rng.uniform(60, DAYS - 40)], "medication change")
    person.tag_days("some news", rng.choice(DAYS - 20, 12, replace=False) + 5.0, "bad news")
    person.tag_days("an evening", rng.choice(DAYS - 20, 12, replace=False) + 5.0, "relationship")
    person.signals["sleep"] = signal("sleep", 7.0 + wander(rng, DAYS, rng.uniform(0.3, 10.0)))
    person.company()


def null_plain(rng):
    person = Person(rng)
    about_everything(person)
    return person


def null_wandering(rng):
    """What wears down comes and goes for weeks, and is on no list."""
    person = Person(rng, 0.5 + 0.35 * wander(rng, DAYS, 20.0), per_day=2.0)
    about_everything(person)
    return person


def null_growing(rng):
    """Load grows slowly, and so do acts; nobody's tag has to do with it."""
    person = Person(rng, growth=2.0)
    about_everything(person)
    return person


def sleep(rng):
    slept = 7.0 + wander(rng, DAYS, 0.7)
    person = Person(rng, 0.5 - 0.3 * (slept - 7.0), per_day=2.5)
    person.signals["sleep"] = signal("sleep", slept)
    return person


def season(rng):
    days = np.arange(DAYS)
    return Person(rng, 0.5 + 0.5 * np.cos(2.0 * np.pi * (days - 14.0) / 365.25), per_day=2.0)


def bereavement(rng):
    day = int(rng.integers(120, 330))
    person = Person(rng, (np.arange(DAYS) >= day) * 0.95, per_day=1.5)
    person.tag_days("the news", [day], "bereavement")
    return person


def illness(rng):
    days = runs(rng, DAYS, 10, 5)
    toll = np.zeros(DAYS)
    toll[days] = 0.95
    person = Person(rng, toll, per_day=1.5)
    person.tag_days("in bed", days, "ill")
    return person


def new_demand(rng):
    day = int(rng.integers(120, 330))
    extra = np.sort(rng.uniform(day, DAYS, rng.poisson(1.0 * (DAYS - day))))
    person = Person(rng, (np.arange(DAYS) >= day) * 0.95, per_day=0.8, extra=extra)
    person.tag_days("it begins", [day], "new demand")
    return person


def company(name):
    def made(rng):
        person = Person(rng)
        others = [one for one in ATTRIBUTES if one not in {name, "no_part_to_play", "warm"}]
        person.company(lambda k: [name] * (k < 2) + [one for one in others if rng.random() < 0.5])
        return person

    return made


REPLAYED = (
    ("two_roles", "2025-06-10"),
    ("two_roles", "2025-06-13"),
    ("two_roles", "2025-07-08"),
    ("warmth_restores", "2025-07-08"),
    ("nothing_restores", "2025-07-08"),
)
"""Before the call, after it, after the end; and other truths."""

NULLS = {"plain": null_plain, "wandering": null_wandering, "growing": null_growing}
CAUSES = {
    "sleep": sleep,
    "season": season,
    "bereavement": bereavement,
    "illness": illness,
    "new demand": new_demand,
    "role concealment": company("no_part_to_play"),
    "too little warm company": company("warm"),
}


def explained(timeline, hypotheses=LIBRARY):
    fitted = strain.fit(timeline)
    if isinstance(fitted, CannotSay):
        return None
    return explain(timeline, fitted, hypotheses, shared(timeline, fitted), (threshold_answer(timeline, fitted),))


def leaders(kind, people, seed=0):
    """Who leads in each record: names together, None where no fit was found."""
    made = {**NULLS, **CAUSES}[kind]
    found = []
    for k in range(people):
        one = explained(made(np.random.default_rng([seed, k])).timeline())
        found.append(None if one is None else one)
    return found


def replayed(variant, seed, day):
    """two_roles or a variant as of a day: status, and who leads."""
    one = world("riddles", seed)[variant] if variant in RIDDLES else world(variant, seed)[""]
    as_of = Instant.parse(f"{day}T00:00+00:00")
    timeline = from_records(one.records, one.items, one.anchor, as_of=as_of)
    fitted = strain.fit(timeline)
    answers = strain.answers(timeline, fitted)
    hypotheses = hypotheses_on_record(timeline)
    found = explain(timeline, fitted, hypotheses, shared(timeline, fitted), answers)
    return found.status, found.leaders


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    named = [one for one in sys.argv[3:] if not one.startswith("seed=")]
    first = next((int(one.removeprefix("seed=")) for one in sys.argv[3:] if one.startswith("seed=")), 0)
    if what in {"NULLS", "CAUSES"}:
        for kind in named or (NULLS if what == "NULLS" else CAUSES):
            every = [one for one in leaders(kind, people, first) if one is not None]
            right = sum(kind in one.leaders for one in every)
            alone = sum(one.leaders == (kind,) for one in every)
            wrong = [name for one in every for name in one.leaders if name != kind]
            by_lot = sum(any(name in COMPANY and name != kind for name in one.leaders) for one in every)
            other = sum(any(name not in COMPANY and name != kind for name in one.leaders) for one in every)
            told = [status_of(one.of(one.leaders[0]), None)[0] for one in every if one.leaders]
            count = {name: wrong.count(name) for name in dict.fromkeys(wrong)}
            print(
                f"{kind:24s} n {len(every)}  leads {right}, alone {alone};  wrong: company {by_lot}, other {other}",
                end="",
            )
            print(
                f" {count};  suggested {told.count('suggested')}, unconfirmed {told.count('unconfirmed')}", flush=True
            )
    elif what == "FORESEEN":
        half = [replace(one, written=MONDAY.plus_days(DAYS / 2.0)) for one in LIBRARY]
        for kind in ("sleep", "illness", "plain", "wandering"):
            made = [{**NULLS, **CAUSES}[kind](np.random.default_rng([9, k])).timeline() for k in range(people)]
            every = [explained(one, half) for one in made]
            seen = [status_of(one.of(one.leaders[0]), None, one.since)[0] if one.leaders else "" for one in every]
            print(kind, {one: seen.count(one) for one in dict.fromkeys(seen)}, flush=True)
    elif what in {"REPLAY", "RIDDLES"}:
        for variant, day in REPLAYED if what == "REPLAY" else [(one, "2025-07-08") for one in RIDDLES]:
            seen = [replayed(variant, seed, day) for seed in range(people)]
            count = {one: seen.count(one) for one in dict.fromkeys(seen)}
            print(variant, day, count, flush=True)
    elif what == "TOGETHER":
        rows = []
        for kind in ("plain", "sleep", "illness", "new demand"):
            for one in leaders(kind, people, seed=5):
                if one is not None:
                    rows += [
                        (seen.candidate.logs[1], sum(each.logs[1] for each in seen.observed))
                        for seen in one.scored
                        if len(seen.observed) > 1
                    ]
        gap = np.abs(np.subtract(*np.array(rows).T))
        print(f"{len(rows)} hypotheses with several observations: apart by a factor of", end=" ")
        print(f"{np.exp(np.median(gap)):.2f} in the middle, {np.exp(np.quantile(gap, 0.95)):.2f} at most in 95 of 100")
