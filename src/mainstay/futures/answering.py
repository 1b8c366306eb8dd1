"""How it could turn out (S19) for one person: scenarios over simulated futures, and how urgent it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

import numpy as np

from mainstay.futures.backtest_judge import borne_out
from mainstay.futures.backtest_streams import Stream, told_from
from mainstay.futures.paths import Paths
from mainstay.futures.scenario_answers import (
    LIMIT,
    ROW,
    TESTED,
    UNTESTED,
    WHOLE,
    Told,
    of_each,
    of_the_limit,
    of_what_cannot_be_told,
    of_what_is_so,
    on_the_whole,
)
from mainstay.futures.scenarios import limit_of, looked_up, partition
from mainstay.futures.scenarios_days import days_before
from mainstay.futures.scenarios_fan import fan_of
from mainstay.futures.urgency import time_to_limit
from mainstay.quantities import SECONDS_PER_DAY, Answer, CannotSay, Finding
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import place_of
from mainstay.timeline.kinds import Timeline

SEED = 19
"""Futures are drawn at random: the same records must tell the same story."""

A_SEASON = 91
FUTURES = 10_000


class Tested(Protocol):
    """A backtest, as far as it decides whether forecasts are shown."""

    @property
    def withheld(self) -> str:
        """Why forecasts are not shown; "" where they are."""


@runtime_checkable
class TestedByHorizon(Tested, Protocol):
    """A backtest that also says how far ahead it bears forecasts out, and which streams it does not."""

    @property
    def reach(self) -> int:
        """How many days ahead forecasts were better than what is usual."""

    @property
    def missed(self) -> Mapping[Stream, str]:
        """Which streams were not foreseen, and why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the backtest behind some answers came to (`verdict_of`): as `TestedByHorizon` says it."""

    withheld: str
    reach: int = 0
    missed: Mapping[Stream, str] = field(default_factory=dict)


def verdict_of(told: Sequence[Answer]) -> Verdict | None:
    """The verdict behind answers of row S19, so that it holds for another horizon too; None where they are untested."""
    whole = next((one for one in told if isinstance(one, Finding) and one.about == WHOLE), None)
    if whole is None or not (whole.status == "withheld" or TESTED in whole.assumptions):
        return None
    missed = {(watched, name): why for watched, name, why in whole.detail.get("not_foreseen", [])}
    return Verdict(whole.reason or "", whole.detail.get("better_than_usual_days", 0), missed)


def answers(
    timeline: Timeline,
    fitted: StrainPosterior | CannotSay,
    *,
    paths: Paths | CannotSay | None = None,
    backtest: Tested | CannotSay | None = None,
    days: int = A_SEASON,
    rng: np.random.Generator | None = None,
) -> tuple[Answer, ...]:
    """Row S19: on the whole, each scenario and *other*, how urgent it is, what is so already, what can't be told.

    `paths`: futures of this record and fit, else they are simulated for `days` days. `backtest`: of the same; where it
    says so, forecasts are withheld, with its reason and without a number; a scenario told from a stream that was not
    foreseen is left out; without one each says that it is untested, and why if that could not be.
    """
    known = looked_up(timeline)
    if paths is None:
        paths = _simulated(timeline, fitted, days, rng)
    if isinstance(paths, CannotSay):
        return (replace(paths, row=ROW, about=WHOLE), *of_what_cannot_be_told(known, None))
    if isinstance(fitted, CannotSay):
        return (replace(fitted, row=ROW, about=WHOLE), *of_what_cannot_be_told(known, None))
    if timeline.as_of.days_since(paths.begins) >= paths.days:
        return (_over(paths), *of_what_cannot_be_told(known, None))
    before = days_before(timeline, fitted)
    limit = limit_of(timeline, fitted, known.preference)
    by_horizon = backtest if isinstance(backtest, TestedByHorizon) and not backtest.withheld else None
    if by_horizon is not None:
        missed = told_from(known.scenarios, by_horizon.missed, paths.usual.oneself)
        kept = tuple(one for one in known.scenarios if one.name not in missed)
        known = replace(known, scenarios=kept, left_out={**known.left_out, **missed})
    split = partition(paths, known.scenarios, limit, before)
    told = Told(
        paths=paths,
        split=split,
        known=known,
        place=place_of(timeline),
        n=fitted.data.readings + int(fitted.data.act_counts.sum()),
        withheld="" if backtest is None or isinstance(backtest, CannotSay) else backtest.withheld,
        tested=_tested(backtest),
    )
    rated = timeline.ratings.get(timeline.anchor or "")
    fan = fan_of(paths, split, limit, before, None if rated is None else rated.item)
    urgency = replace(limit, about=LIMIT) if isinstance(limit, CannotSay) else time_to_limit(paths, limit, before)
    whole = on_the_whole(told, fan)
    if by_horizon is not None:
        whole = replace(
            whole,
            claim=f"{whole.claim} {borne_out(by_horizon.reach)}",
            detail={
                **whole.detail,
                "better_than_usual_days": by_horizon.reach,
                "not_foreseen": [[*stream, why] for stream, why in by_horizon.missed.items()],
            },
        )
    return (
        whole,
        *of_each(told),
        of_the_limit(told, urgency),
        *of_what_is_so(told),
        *of_what_cannot_be_told(known, split, urgency.reason if isinstance(urgency, CannotSay) else ""),
    )


def _tested(backtest: Tested | CannotSay | None) -> str:
    if isinstance(backtest, CannotSay):
        return f"{UNTESTED}, as {backtest.reason}"
    return UNTESTED if backtest is None else TESTED


def _over(paths: Paths) -> CannotSay:
    last = paths.begins.plus_days(-1.0 / SECONDS_PER_DAY).day_in_words
    return CannotSay(
        f"nothing is on record since {last}, and the time looked ahead from there is over",
        row=ROW,
        about=WHOLE,
        quantity="futures",
        would_change="records of these weeks; or a date closer to the last of them",
    )


def _simulated(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, days: int, rng: np.random.Generator | None
) -> Paths | CannotSay:
    from mainstay.futures.simulating import ahead

    return ahead(timeline, fitted, days=days, n=FUTURES, rng=np.random.default_rng(SEED) if rng is None else rng)
