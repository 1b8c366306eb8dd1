"""The person of two_roles before the evening, with whatever options and preferences: the fit and what explains.

The options and wishes are the world's own, but for the limit, which is put where it is often near.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from mainstay import strain
from mainstay.explanations.answering import hypotheses_on_record
from mainstay.explanations.explaining import Explained, explain
from mainstay.options.answering import answers
from mainstay.options.outcomes import Looking
from mainstay.patterns.shared import Shared, shared
from mainstay.quantities import Answer, CannotSay, Instant
from mainstay.records.kinds import Record, Statement, StatementForm, record_id
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate
from mainstay.worlds.two_roles_deciding import (
    BRING_AN_OLD_FRIEND,
    TELL_A_COLLEAGUE,
    THE_BAIT,
    THE_INVITATION,
    THE_MOTHER_MOVES,
)
from mainstay.worlds.two_roles_deciding import PREFERENCE as AS_WRITTEN

OPTIONS = (THE_MOTHER_MOVES, TELL_A_COLLEAGUE, BRING_AN_OLD_FRIEND, THE_BAIT, THE_INVITATION)
PREFERENCE = re.sub(r"\[limit\]\nrating = [\d.]+\ndays = \d+", "[limit]\nrating = 3.5\ndays = 5", AS_WRITTEN)
WRITTEN = Instant.parse("2025-06-18T20:00+02:00")
AS_OF = Instant.parse("2025-06-20T00:00+02:00")
QUICK = Looking(paths=600)
DECIDING = {"option", "preference", "leaning", "decision", "scenario"}


def statement(form: StatementForm, toml: str, moment: Instant) -> Record:
    """A statement as a record, written at a moment."""
    return Record(record_id("test", form, toml), "statements", moment, moment, "test", Statement(form, toml))


@dataclass(frozen=True)
class Person:
    """One person without anything written about deciding, the fit, and what explains."""

    records: tuple[Any, ...]
    world: Any
    timeline: Timeline
    fitted: StrainPosterior
    about_strain: tuple[Answer, ...]
    company: Shared | CannotSay
    explained: Explained

    def with_written(self, options: tuple[str, ...] = OPTIONS, preference: str = PREFERENCE) -> Timeline:
        """The same with these options and preferences on record."""
        said = [statement("option", one, WRITTEN.plus_days(i / 1440)) for i, one in enumerate(options)]
        said += [statement("preference", preference, WRITTEN)] if preference else []
        return from_records((*self.records, *said), self.world.items, self.world.anchor, as_of=AS_OF)

    def told(self, options: tuple[str, ...] = OPTIONS, preference: str = PREFERENCE, **more: Any) -> dict[str, Answer]:
        """The answers by what they are about."""
        return {one.about: one for one in self.given(self.with_written(options, preference), **more)}

    def given(self, timeline: Timeline, **more: Any) -> tuple[Answer, ...]:
        """The answers for a timeline of this person."""
        args: dict[str, Any] = {"looking": QUICK, **more}
        fitted = args.pop("fitted", self.fitted)
        return answers(timeline, fitted, self.about_strain, self.explained, self.company, **args)


@cache
def person(world: str = "two_roles", seed: int = 1) -> Person:
    """One simulated person as of the eve of the evening."""
    (life,) = simulate(world, seed).values()
    records = tuple(one for one in life.records if not (isinstance(one.body, Statement) and one.body.form in DECIDING))
    timeline = from_records(records, life.items, life.anchor, as_of=AS_OF)
    fitted = strain.fit(timeline)
    assert isinstance(fitted, StrainPosterior)
    company = shared(timeline, fitted)
    about = strain.answers(timeline, fitted)
    explained = explain(timeline, fitted, hypotheses_on_record(timeline), company, about)
    return Person(records, life, timeline, fitted, about, company, explained)
