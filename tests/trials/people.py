"""A person with a trial on record: the plan, its beginning, answers and events day by day."""

from datetime import datetime, timedelta

import numpy as np

from mainstay.quantities import Instant
from mainstay.records import logged
from mainstay.records.statements import as_toml, parsed
from mainstay.records.statements_protocol import Protocol, ProtocolFile, TrialFile
from mainstay.timeline.reader import from_records
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw_each
from mainstay.trials.sealing import begun_note, trials_of
from trials.protocols import START, written

ZONE = "Europe/Amsterdam"
TENSION = logged.described("tension", 0.0, 10.0, "low")
SLEEP = logged.described("sleep", 0.0, 10.0, "high")


def at(day, clock="20:00"):
    """A moment on a day of the trial, counted from its first."""
    hour, minute = map(int, clock.split(":"))
    date = START + timedelta(days=day)
    return Instant.local(datetime(date.year, date.month, date.day, hour, minute), ZONE)


def plan(says, day=-3, replaces=None):
    return logged.statement("protocol", written(says), now=at(day, "09:00"), replaces=replaces)


def begin(record, day=-2, seed=5, **changes):
    """The note with which the trial of a plan on record begins."""
    says = parsed(record.body.toml, ProtocolFile, "protocol")
    schedules = draw_each(space(says), np.random.default_rng(seed))
    told = begun_note(Protocol(record.id, record.known, record.body.toml, says), schedules, seed, day=changes.pop(
        "said", START + timedelta(days=day)))  # fmt: skip
    return note(at(day, "10:00"), **{**vars_of(told), **changes})


def vars_of(told):
    return {name: getattr(told, name) for name in ("trial", "kind", "day", "digest", "seed", "drawn")}


def note(moment, **says):
    says.setdefault("trial", "evenings")
    return logged.statement("trial", as_toml(TrialFile(**says)), now=moment)


def done(day, kept, written_on=None, **more):
    moment = at(day if written_on is None else written_on, "21:30")
    return note(moment, kind="done", day=START + timedelta(days=day), kept=kept, **more)


def answer(day, value, item=TENSION, clock="20:00"):
    moment = at(day, clock)
    return logged.check_in(item, value, moment, now=moment)


def happened(label, day, clock="18:00", is_="other"):
    moment = at(day, clock)
    return logged.event(label, is_, moment, now=moment)


def timeline(*records, as_of=200):
    return from_records(records, (TENSION, SLEEP), "tension", as_of=at(as_of, "23:00"))


def trial_of(*records, as_of=200):
    return trials_of(timeline(*records, as_of=as_of))[0]
