"""What a protocol's design allows: which orders of the arms may be drawn, how many, and whether a test can use them.

| design | unit | what is drawn |
|---|---|---|
| `phases` | phase | nothing: the phases follow as they are named, of equal length as far as the days allow |
| `start_by_lot` | phase | on which day each phase begins, each phase of at least `least` days |
| `alternating` | period | the arm of each period; every arm equally often, or once more |
| `blocks` | period | the arm of each period; every arm equally often in each block |
| `contacts` | day | which `a_week` days of each week have the second arm, at least `apart` days from one to the next |

`longest` limits how often in a row an arm may come (in periods; in days for contacts). With `baselines` each item
watched has its own draw, independent of the others (Marascuilo and Busk 1988). A test on both sides at the level
that is left for the end can only say something where 2 / count <= level: each tail holds at least the order drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from math import ceil

import numpy as np

from mainstay.quantities import CannotSay
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_protocol import MOST_DAYS, DesignKind, DesignTable, ProtocolFile
from mainstay.records.words import counted
from mainstay.trials.designs_lots import Changes, Fixed, Lot, Shuffled, TooManyStates, Walk, dealing, visiting
from mainstay.trials.designs_pairs import for_two
from mainstay.trials.kinds import Arms

SHARE_OF_LOOKS = 0.2
"""The part of the level that is spent on looks before the end, where the protocol lets the trial stop for benefit."""
MOST_NAMED = 10**12
"""Beyond it a count is told as a power of ten."""
WALKS_TRIED = 12
"""Longer designs that are looked at for one with enough orders, where counting takes a walk."""
FURTHER = 14
"""Days by which they differ, where phases of several arms are drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class DesignSpace:
    """The orders a design allows. `unit`, `block` (days,): of each day, where they don't depend on what is drawn.

    `unit` is None for phases, which do. `series`: what is watched, each with its own draw; "" stands for the outcome.
    `length`: days of a unit (1 for phases, whose units are days until they are drawn). `lot`: the orders of one series.
    """

    kind: DesignKind
    start: date
    days: int
    arms: tuple[str, ...]
    series: tuple[str, ...]
    unit: Arms | None
    block: Arms
    length: int
    washout: int
    level: float
    lot: Lot = field(repr=False)

    @property
    def count(self) -> int:
        """How many orders there are, of all series together: an exact whole number."""
        return int(self.lot.count ** len(self.series))

    @property
    def count_for_two(self) -> int:
        """How many there are for a comparison of two arms, the others held where they are, in 19 of 20 drawings."""
        return int(for_two(self.lot, len(self.arms)) ** len(self.series))

    @property
    def randomised(self) -> bool:
        """Whether anything is drawn by lot."""
        return self.kind != "phases"

    @property
    def least_p(self) -> float:
        """The smallest p on both sides that any record could reach."""
        return min(1.0, 2.0 / self.count)

    @property
    def level_of_one(self) -> float:
        """The level of the test of one arm against the first: several arms share it."""
        return self.level / (len(self.arms) - 1)

    @property
    def end(self) -> date:
        """The last day."""
        return self.start + timedelta(days=self.days - 1)


def space(protocol: ProtocolFile) -> DesignSpace | CannotSay:
    """The orders of a protocol's design, or why there are none or too few, and what would have to change.

    A design without a lot (`phases`) is given too: it can be lived and analysed, not tested by its lot.
    """
    found = all_orders(protocol)
    if isinstance(found, CannotSay) or not found.randomised:
        return found
    need = ceil(2.0 / found.level_of_one - 1e-9)
    have = found.count_for_two
    if have >= need:
        return found
    change = _change(protocol, _long_enough(protocol))
    possible = "no order" if found.count == 0 else f"only {counted(have, 'order')}"
    two = " for two of the arms" if have < found.count else ""
    reason = (
        f"{possible} of the days can be drawn like this{two}; a test at {found.level_of_one:g} needs at least {need}"
    )
    return _no(reason, have=float(have), need=float(need), unit="possible orders", change=change)


def level_at_the_end(protocol: ProtocolFile) -> float:
    """The level that is left for the end where looks before it may stop the trial for benefit."""
    looked_at = protocol.stopping.benefit and protocol.design.kind != "phases"
    return protocol.analysis.level * (1.0 - SHARE_OF_LOOKS if looked_at else 1.0)


def how_many(count: int) -> str:
    """A count of orders in words: exact as long as that can be read, else as a power of ten."""
    return f"{count:,}" if count < MOST_NAMED else f"about 10 to the power of {len(str(count)) - 1}"


def _no(
    reason: str, *, have: float | None = None, need: float | None = None, unit: str = "", change: str = ""
) -> CannotSay:
    return CannotSay(
        reason, have, need, unit, row="S21", about="trial", quantity="possible orders",
        claim=f"This design can't be drawn as it is written: {reason}.", method="count of the admissible orders",
        would_change=change,
    )  # fmt: skip


def _change(protocol: ProtocolFile, longer: int | None) -> str:
    """What would give enough orders: the fewest days that do, or fewer limits."""
    if longer is not None:
        return f"{longer} days instead of {protocol.design.days} would be enough with everything else as it is"
    fewer = {
        "start_by_lot": "shorter phases at the least, or more changes between them",
        "contacts": "other numbers of days a week, or fewer days apart",
    }.get(protocol.design.kind, "shorter periods, larger blocks, or longer runs allowed")
    return f"more days alone won't do: {fewer}"


def _long_enough(protocol: ProtocolFile) -> int | None:
    """The fewest days, beyond those written, at which enough orders can be drawn."""
    design = protocol.design
    step = {"contacts": 7, "start_by_lot": 1, "alternating": design.period}.get(
        design.kind, design.period * (design.block or len(protocol.arm))
    )
    days = (design.days // step + 1) * step
    several = design.kind == "start_by_lot" and len(protocol.arm) > 2
    slow = several or design.kind == "contacts" or design.longest is not None
    if several:
        step, days = FURTHER, design.days + FURTHER
    for _ in range(WALKS_TRIED if slow else MOST_DAYS):
        if days > MOST_DAYS:
            return None
        tried = all_orders(replace(protocol, design=replace(design, days=days)))
        if isinstance(tried, DesignSpace) and tried.count_for_two * tried.level_of_one >= 2.0 - 1e-9:
            return days
        days += step
    return None


def all_orders(protocol: ProtocolFile) -> DesignSpace | CannotSay:
    """The orders of a protocol's design as `space` gives them, but however few; or why there are none."""
    design = protocol.design
    trouble = _trouble(protocol)
    if trouble is not None:
        return trouble
    length = design.period if design.kind in ("alternating", "blocks") else 1
    try:
        lot = _lot(protocol)
    except TooManyStates:
        return _no(
            "with so many arms and units and a limit on runs the orders can't be counted",
            change="longer periods, the design “blocks”, or no limit on runs (longest)",
        )
    day = np.arange(design.days)
    phases = design.kind in ("phases", "start_by_lot")
    per_block = (
        7 if design.kind == "contacts" else length * (design.block or len(protocol.arm))
    ) if design.kind in ("contacts", "blocks") else design.days  # fmt: skip
    return DesignSpace(
        kind=design.kind,
        start=protocol.start,
        days=design.days,
        arms=tuple(one.name for one in protocol.arm),
        series=_series(protocol),
        unit=None if phases else day // length,
        block=day // per_block,
        length=length,
        washout=design.washout,
        level=level_at_the_end(protocol),
        lot=lot,
    )


def _series(protocol: ProtocolFile) -> tuple[str, ...]:
    """What is watched, the outcome first; it need not be repeated among the baselines."""
    own = folded(protocol.outcome.item or protocol.outcome.event or "")
    return ("", *(one for one in dict.fromkeys(protocol.baselines) if folded(one) != own))


def _lot(protocol: ProtocolFile) -> Lot:
    design, arms = protocol.design, len(protocol.arm)
    if design.kind in ("phases", "start_by_lot"):
        names = [folded(one.name) for one in protocol.arm]
        order = tuple(names.index(folded(one)) for one in design.phases)
        if design.kind == "start_by_lot":
            return Changes(order, design.least, design.days)
        return Fixed(np.array(order, np.int8)[_equal_phases(design.days, len(order))])
    if design.kind == "contacts":
        return Walk(*visiting(design.days // 7, design.a_week or 1, design.apart, longest=design.longest))
    units = design.days // design.period
    block = units if design.kind == "alternating" else design.block or arms
    if design.longest is None or design.longest >= 2 * -(-block // arms):
        return Shuffled(arms, block, units // block)
    return Walk(*dealing(arms, block, units // block, longest=design.longest))


def _equal_phases(days: int, phases: int) -> Arms:
    """The phase of each day; where the days don't divide, the earlier phases are a day longer."""
    lengths = [days // phases + (i < days % phases) for i in range(phases)]
    return np.repeat(np.arange(phases), lengths)


def _trouble(protocol: ProtocolFile) -> CannotSay | None:
    """What of a design contradicts itself, with what would have to change."""
    design = protocol.design
    checks = {
        "phases": _trouble_of_phases,
        "start_by_lot": _trouble_of_phases,
        "contacts": _trouble_of_contacts,
        "alternating": _trouble_of_periods,
        "blocks": _trouble_of_periods,
    }
    if protocol.baselines and design.kind != "start_by_lot":
        return _no(
            f"several baselines go with a start drawn by lot for each, not with the design “{design.kind}”",
            change="kind = \"start_by_lot\", or without baselines",
        )  # fmt: skip
    return checks[design.kind](design, len(protocol.arm))


def _trouble_of_phases(design: DesignTable, arms: int) -> CannotSay | None:
    phases = len(design.phases)
    if design.days < phases * design.least:
        need = phases * design.least
        return _no(
            f"{phases} phases of at least {counted(design.least, 'day')} don't fit into {design.days} days",
            have=float(design.days), need=float(need), unit="days", change=f"at least {need} days, or shorter phases",
        )  # fmt: skip
    shortest = design.least if design.kind == "start_by_lot" else design.days // phases
    if design.washout >= shortest:
        return _no(
            f"{counted(design.washout, 'day')} of washout leave nothing of a phase of {counted(shortest, 'day')}",
            change=f"phases of at least {design.washout + 1} days, or a shorter washout",
        )
    folds = [folded(one) for one in design.phases]
    if any(one == other for one, other in pairwise(folds)):
        return _no("two phases in a row have the same arm", change="one phase of it, or another between them")
    return None


def _trouble_of_contacts(design: DesignTable, arms: int) -> CannotSay | None:
    if design.days % 7:
        below, above = design.days // 7 * 7, -(-design.days // 7) * 7
        near = f"{below} or {above} days" if below else f"{above} days"
        return _no(f"{design.days} days are no whole number of weeks", change=near)
    if design.period > 1:
        return _no("contacts are drawn day by day, not in periods", change="period = 1")
    if design.a_week == 7:
        return _no("with seven days a week there is no other day to compare with", change="a_week = 6 or fewer")
    return None


def _trouble_of_periods(design: DesignTable, arms: int) -> CannotSay | None:
    units, left = divmod(design.days, design.period)
    if left or not units:
        below, above = units * design.period, (units + 1) * design.period
        near = f"{below} or {above} days" if below else f"{above} days"
        return _no(f"{design.days} days are no whole number of periods of {design.period}", change=near)
    if design.washout >= design.period:
        return _no(
            f"{counted(design.washout, 'day')} of washout leave nothing of a period of {counted(design.period, 'day')}",
            change=f"periods of at least {design.washout + 1} days, or a shorter washout",
        )
    if units < arms:
        return _no(
            f"{counted(units, 'period')} are fewer than the {arms} arms", have=float(units), need=float(arms),
            unit="periods", change=f"at least {arms * design.period} days, or shorter periods",
        )  # fmt: skip
    return _trouble_of_blocks(design, arms, units) if design.kind == "blocks" else None


def _trouble_of_blocks(design: DesignTable, arms: int, units: int) -> CannotSay | None:
    block = design.block or arms
    if block % arms:
        near = max(block // arms, 1) * arms
        return _no(f"a block of {block} periods can't hold {arms} arms equally often", change=f"block = {near}")
    if units % block:
        few, lot = units // block * block * design.period, -(-units // block) * block * design.period
        change = f"{few} or {lot} days" if few else f"{lot} days"
        return _no(f"{counted(units, 'period')} are no whole number of blocks of {block}", change=change)
    return None
