"""Forecasts written down on the day they are made, and how those written down before have fared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstay.futures.ledger import from_which, ledger_of, write_down
from mainstay.futures.ledger_tally import fared

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.futures.answering import Verdict
    from mainstay.futures.ledger_tally import Fared
    from mainstay.futures.paths import Forecast
    from mainstay.quantities import Instant
    from mainstay.timeline.kinds import Timeline

DAYS_A_WEEK, A_SEASON = 7, 91


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is told of how it could turn out: for how many days, and what the story's backtest said, if it could."""

    days: int
    tested: Verdict | None

    @property
    def withheld(self) -> bool:
        """Whether it is withheld."""
        return self.tested is not None and bool(self.tested.withheld)


def fared_by(casebook: Casebook, timeline: Timeline, at: Instant, *, replay: bool) -> Fared:
    """How the forecasts in the ledger fared; of a replay only what was written down by its date."""
    held = ledger_of(casebook, now=at).forecasts
    return fared([one for one in held if not replay or one.made_as_of <= timeline.as_of], timeline)


def written_today(casebook: Casebook, at: Instant) -> tuple[Forecast, ...]:
    """The forecasts that were written down today."""
    today = at.as_local.date()
    held = ledger_of(casebook, now=at).forecasts
    return tuple(one for one in held if one.made_as_of.as_local.date() == today)


def made_now(casebook: Casebook, timeline: Timeline, foreseen: Foreseen, at: Instant) -> tuple[Forecast, ...]:
    """What is foreseen now and not written down yet today: tomorrow, next week, and how it could turn out.

    Once a day is enough: what was written first that day stands. It takes some seconds.
    """
    return not_yet(written_today(casebook, at), timeline, foreseen)


def not_yet(today: Sequence[Forecast], timeline: Timeline, foreseen: Foreseen) -> tuple[Forecast, ...]:
    """`made_now`, where what was written down `today` is known."""
    from mainstay.futures.ledger_rules import rule_of
    from mainstay.futures.next_answers import forecasts

    rules = [rule_of(one.rule) for one in today]
    near = () if any(one.quantity != "first" for one in rules) else forecasts(timeline)
    far = any(one.quantity == "first" and one.days == foreseen.days for one in rules)
    return (*near, *(() if far else _turns(timeline, foreseen)))


def write_down_now(casebook: Casebook, timeline: Timeline, made: Sequence[Forecast], at: Instant) -> None:
    """Write forecasts down, each with the streams it was made from. Refuses what the casebook can't take."""
    for some, streams in from_which(made, casebook.streams(), timeline):
        write_down(casebook, some, streams, now=at)


def _turns(timeline: Timeline, foreseen: Foreseen) -> tuple[Forecast, ...]:
    """The chances of the ways it could turn out, drawn as those that are told; nothing where none can be."""
    import numpy as np

    from mainstay.futures.answering import FUTURES, SEED
    from mainstay.futures.backtest_streams import told_from
    from mainstay.futures.ledger_scenarios import scenario_forecasts
    from mainstay.futures.scenarios import limit_of, looked_up, partition
    from mainstay.futures.scenarios_days import days_before
    from mainstay.futures.simulating import ahead
    from mainstay.quantities import CannotSay
    from mainstay.strain.fitting import fit

    fitted = fit(timeline)
    if isinstance(fitted, CannotSay):
        return ()
    paths = ahead(timeline, fitted, days=foreseen.days, n=FUTURES, rng=np.random.default_rng(SEED))
    if isinstance(paths, CannotSay):
        return ()
    known = looked_up(timeline)
    limit, tested = limit_of(timeline, fitted, known.preference), foreseen.tested
    missed = {} if tested is None else told_from(known.scenarios, tested.missed, paths.usual.oneself)
    told = tuple(one for one in known.scenarios if one.name not in missed)
    split = partition(paths, told, limit, days_before(timeline, fitted))
    return scenario_forecasts(
        split, limit, paths.usual, made_as_of=timeline.as_of, begins=paths.begins, withheld=foreseen.withheld
    )
