"""Looking at a trial before its end, on any day and as often as one likes, and when it stops early.

Where days were drawn by lot, the evidence is a stake bet on the drawing (`monitoring_bets`), and a part of the test's
level, `SHARE_OF_LOOKS`, is set aside for it; the rest is left for the end (`designs.level_at_the_end`). Both
together keep the level. Effects not yet rejected are a confidence sequence: it too holds on all days at once.

- benefit: the stake passed its mark, and the arm is better;
- futility: the confidence sequence has left all effects that would matter behind;
- harm: a limit stated before was passed, or the outcome is likely worse than with the first arm by as much as stated.

Limits of harm need no proof: they stop on what is likely. Where nothing was drawn by lot, only they can stop a trial.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.records.statements_protocol import HarmLimit, ProtocolFile
from mainstay.trials.designs import SHARE_OF_LOOKS, DesignSpace
from mainstay.trials.effect_model import fit
from mainstay.trials.kinds import Floats, Observed, Schedule
from mainstay.trials.monitoring_bets import Lot, bets
from mainstay.trials.monitoring_lots import lots

LIKELY_HARM = 0.8
"""How likely it must be that the outcome is worse by the stated amount."""
SHIFTS, WIDENINGS = 41, 4
Stop = Literal["benefit", "futility", "harm"]
METHOD = "betting on the drawing by lot (test martingale), with its confidence sequence; looks on any day"


@dataclass(frozen=True, slots=True)
class Watched:
    """What the drawing shows of one arm after so many days.

    `stake`: what 1 has grown to; `most`: the most it ever was; `mark`: what it must pass. `interval`: effects not yet
    rejected at the level, in the outcome's units, None while anything is possible. `lots`: drawings that counted.
    """

    arm: str
    days: int
    lots: int
    stake: float
    most: float
    mark: float
    interval: Interval | None

    @property
    def p(self) -> float:
        """Valid on all days at once."""
        return min(1.0, 1.0 / self.most)


@dataclass(frozen=True, slots=True)
class Look:
    """A look after so many days: whether the trial stops and why, in a sentence; and what it rests on, by arm."""

    days: int
    stop: Stop | None
    arm: str
    said: str
    watched: tuple[Watched, ...]


def watch(
    space: DesignSpace, schedule: Schedule, observed: Observed, protocol: ProtocolFile, *, days: int
) -> tuple[Watched, ...]:
    """What the drawing shows of each arm but the first after `days` days; nothing where nothing was drawn by lot.

    Several arms share the level.
    """
    if not 0 <= days <= schedule.days:
        raise BadRequest(f"a look after {days} days; the trial has {schedule.days}")
    drawn = [lot for lot in lots(space, schedule) if lot.days[-1] < days]
    if not space.randomised:
        return ()
    by_day = observed.by_day(schedule.days)
    by_day[days:] = np.nan
    return tuple(
        _watched(schedule, by_day, drawn, protocol, arm=arm, days=days) for arm in range(1, len(schedule.arms))
    )


def look(
    space: DesignSpace,
    schedule: Schedule,
    observed: Observed,
    protocol: ProtocolFile,
    *,
    days: int,
    limited: Mapping[str, Observed],
) -> Look:
    """A look after `days` days. `limited`: what was observed of the items that limits of harm name.

    Refuses a limit whose item is not given.
    """
    watched = watch(space, schedule, observed, protocol, days=days)
    stops = protocol.stopping
    for limit in protocol.harm:
        if limit.item not in limited:
            raise BadRequest(f"the limit of harm on {limit.item!r} needs what was observed of it")
        if passed(limit, limited[limit.item], days):
            said = f"“{limit.item}” was at its limit of {limit.limit:g} for {_days(limit.days)}: stop the trial."
            return Look(days, "harm", "", said, watched)
    if stops.harm is not None and (arm := _likely_worse(schedule, observed, protocol, days)) is not None:
        said = f"With “{arm}” it is likely worse by {stops.harm:g} or more {observed.unit}: stop the trial."
        return Look(days, "harm", arm, said, watched)
    for one in watched:
        if one.interval is None:
            continue
        low, high = sorted((observed.better * one.interval.low, observed.better * one.interval.high))
        if one.most >= one.mark and high < 0.0:
            said = f"With “{one.arm}” it is worse; that can be said already, and the trial stops."
            return Look(days, "harm", one.arm, said, watched)
        if stops.benefit and one.most >= one.mark and low > 0.0:
            said = f"With “{one.arm}” it is better; that can be said already, and the trial may end here."
            return Look(days, "benefit", one.arm, said, watched)
        if stops.futility and high < protocol.matters:
            said = (
                f"With “{one.arm}” it is not better by {protocol.matters:g} {observed.unit}, "
                "the least that would matter; the trial may end here."
            )
            return Look(days, "futility", one.arm, said, watched)
    return Look(days, None, "", "Nothing that ends the trial has been seen so far: go on as planned.", watched)


def passed(limit: HarmLimit, observed: Observed, days: int) -> bool:
    """Whether the item was at or beyond its limit, on its worse side, on so many days in a row that have answers."""
    by_day = observed.by_day(days) if days else np.zeros(0)
    told = by_day[~np.isnan(by_day)]
    beyond = told >= limit.limit if observed.better < 0 else told <= limit.limit
    run = 0
    for one in beyond.tolist():
        run = run + 1 if one else 0
        if run >= limit.days:
            return True
    return False


def _likely_worse(schedule: Schedule, observed: Observed, protocol: ProtocolFile, days: int) -> str | None:
    """The first arm that is likely worse than the one compared with, by the stated amount."""
    assert protocol.stopping.harm is not None
    found = fit(schedule, until(observed, days), trend=protocol.analysis.trend, carryover=False)
    if isinstance(found, CannotSay):
        return None
    for one in found.effects:
        if 1.0 - one.chance_better(observed.better, by=-protocol.stopping.harm) >= LIKELY_HARM:
            return one.arm
    return None


def until(observed: Observed, days: int) -> Observed:
    """What was observed in the first `days` days."""
    kept = observed.at < days
    return Observed(
        observed.at[kept], observed.value[kept], observed.unit, observed.better, observed.low, observed.high,
        observed.before, observed.before_value,
    )  # fmt: skip


def _watched(
    schedule: Schedule, by_day: Floats, drawn: list[Lot], protocol: ProtocolFile, *, arm: int, days: int
) -> Watched:
    arms = len(schedule.arms) - 1
    mark = arms / (protocol.analysis.level * SHARE_OF_LOOKS)
    none = bets(schedule, by_day, drawn, arm=arm, matters=protocol.matters, shifts=np.zeros(1)).log_wealth[:, 0]
    stake = math.exp(min(float(none[-1]), 700.0)) if len(none) else 1.0
    most = max(1.0, math.exp(min(float(none.max()), 700.0))) if len(none) else 1.0
    return Watched(
        schedule.arms[arm],
        days,
        len(drawn),
        stake,
        most,
        mark,
        _sequence(schedule, by_day, drawn, protocol, arm=arm) if drawn else None,
    )


def _sequence(
    schedule: Schedule, by_day: Floats, drawn: list[Lot], protocol: ProtocolFile, *, arm: int
) -> Interval | None:
    """The effects that no day so far has rejected, from the lowest to the highest; None where a side has no end."""
    level = protocol.analysis.level / (len(schedule.arms) - 1)
    on = schedule.arm == arm
    there = ~np.isnan(by_day)
    if not (there & on).any() or not (there & (schedule.arm == 0)).any():
        return None
    middle = float(by_day[there & on].mean() - by_day[there & (schedule.arm == 0)].mean())
    reach = 2.0 * max(float(by_day[there].std()), protocol.matters)
    for _ in range(WIDENINGS):
        shifts = np.linspace(middle - reach, middle + reach, SHIFTS)
        grown = bets(schedule, by_day, drawn, arm=arm, matters=protocol.matters, shifts=shifts).log_wealth
        kept = np.flatnonzero(grown.max(axis=0) < -math.log(level))
        if len(kept) and kept[0] > 0 and kept[-1] < SHIFTS - 1:
            # an end lies between the last effect that is rejected and the first that is not
            return Interval(float(shifts[kept[0] - 1]), float(shifts[kept[-1] + 1]), 1.0 - protocol.analysis.level)
        reach *= 2.0
    return None


def _days(count: int) -> str:
    return "a day" if count == 1 else f"{count} days in a row"
