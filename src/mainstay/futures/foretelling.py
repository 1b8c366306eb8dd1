"""The chapter for one person: the simulator is tried on their own past first, then it is told what could come (S19)."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.futures.answering import answers
from mainstay.futures.backtest import Backtest, backtest
from mainstay.futures.next_answers import answers as next_answers
from mainstay.quantities import Answer, CannotSay
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline


@dataclass(frozen=True, slots=True)
class Foretold:
    """The answers of row S19, and why futures are withheld, for what builds on them; "" where they are not."""

    answers: tuple[Answer, ...]
    withheld: str = ""


def foretold(timeline: Timeline, fitted: StrainPosterior | CannotSay) -> Foretold:
    """How it could turn out, how urgent it is, tomorrow and next week. `fitted`: of the same timeline."""
    tested: Backtest | None = None
    if not isinstance(fitted, CannotSay):
        found = backtest(timeline, fitted)
        tested = None if isinstance(found, CannotSay) else found
    told = (*answers(timeline, fitted, backtest=tested), *next_answers(timeline))
    return Foretold(told, "" if tested is None else tested.withheld)
