"""The chapter for one person: the simulator is tried on their own past first, then it is told what could come (S19)."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.futures.answering import A_SEASON, answers
from mainstay.futures.backtest import Backtest, backtest
from mainstay.futures.next_answers import answers as next_answers
from mainstay.quantities import Answer, CannotSay
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

A_DAY = 1.5
"""A record that ended longer ago than this says nothing of tomorrow: it was a day that is over."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """The answers of row S19, and why futures are withheld, for what builds on them; "" where they are not."""

    answers: tuple[Answer, ...]
    withheld: str = ""


def foretold(timeline: Timeline, fitted: StrainPosterior | CannotSay) -> Foretold:
    """How it could turn out, how urgent it is, tomorrow and next week. `fitted`: of the same timeline."""
    since = timeline.as_of.days_since(timeline.instant(timeline.days))
    if since >= A_SEASON:  # the season that would be looked at is over, and so are tomorrow and next week
        told = answers(timeline, fitted)
        return Foretold(told, next((one.reason for one in told if isinstance(one, CannotSay)), ""))
    tested: Backtest | None = None
    if not isinstance(fitted, CannotSay):
        found = backtest(timeline, fitted)
        tested = None if isinstance(found, CannotSay) else found
    soon = next_answers(timeline) if since < A_DAY else ()
    return Foretold((*answers(timeline, fitted, backtest=tested), *soon), "" if tested is None else tested.withheld)
