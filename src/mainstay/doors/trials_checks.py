"""What of a trial's plan can't be, by field, and what is worth knowing of it before it begins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mainstay.doors.trials_fields import Known, Refused
from mainstay.quantities import in_words
from mainstay.records.statements_hypothesis import same_name
from mainstay.records.statements_protocol import ProtocolFile
from mainstay.records.typed import close_to, listed
from mainstay.records.words import counted
from mainstay.trials.claims_kinds import not_tested
from mainstay.trials.designs import DesignSpace, how_many
from mainstay.trials.drawing import analysed, draw, many

SHORTEST_TO_CARRY = 3
"""Days of a period below which what carries over can't be told from what an arm does."""
ORDERS_TRIED, RECOVERY_TRIED = 200, 20
MUCH_LEFT_OUT, FEWEST_TO_COMPARE = 0.5, 4


def what_cannot_be(says: ProtocolFile, known: Known) -> tuple[Refused, ...]:
    """Refuses a name that is taken, what nothing on record has, a first day that is over, a better side that is the
    item's worse one, and a difference off its scale."""
    return tuple(_refused(says, known))


def _refused(says: ProtocolFile, known: Known) -> Iterator[Refused]:
    if any(same_name(one, says.name) for one in known.begun):
        yield Refused("name", f"“{says.name}” has begun; what was sealed stays. Give the new one another name")
    yield from _unknown(says, known)
    today = known.now.as_local.date()
    if says.start < today:
        first = in_words(says.start)
        yield Refused("start", f"the first day, {first}, is over; choose one from {in_words(today)} on")
    item = known.item(says.outcome.item or "")
    if item is None:
        return
    if item.better is not None and item.better != says.outcome.better:
        why = f"on record {item.better} is better for {item.name!r}, in the plan {says.outcome.better}"
        yield Refused("better", why)
    if item.low is not None and item.high is not None and says.matters > item.high - item.low:
        scale = f"{item.name!r} goes from {item.low:g} to {item.high:g}"
        yield Refused("matters", f"a difference of {says.matters:g} can't be: {scale}")


def what_it_can_not_test(says: ProtocolFile, allowed: DesignSpace) -> tuple[Refused, ...]:
    """Refuses contacts that leave no days to compare with, and a plan that asks for recovery first with days that in
    two of twenty drawings could not show it."""
    refused = []
    left, _ = _to_compare_with(says, allowed)
    if left < FEWEST_TO_COMPARE:
        washed = counted(allowed.washout, "day")
        why = f"{washed} left out after each “{says.arm[1].name}” leave about {counted(left, 'day')} to compare with"
        refused.append(Refused("design", f"{why}; what would do: fewer days left out, or fewer a week"))
    if says.outcome.claim == "recovery":
        rng = np.random.default_rng(0)
        found = [not_tested(allowed, draw(allowed, rng)) for _ in range(RECOVERY_TRIED)]
        why_not = [one for one in found if one is not None]
        if len(why_not) > 1:
            refused.append(Refused("claim", f"{why_not[0].reason}; what would do: {why_not[0].would_change}"))
    return tuple(refused)


def _to_compare_with(says: ProtocolFile, allowed: DesignSpace) -> tuple[int, int]:
    """Of contacts: how many other days are analysed, in the middle drawing, and how many there are."""
    if says.design.kind != "contacts" or not allowed.washout:
        return allowed.days, allowed.days
    orders = many(allowed, ORDERS_TRIED, np.random.default_rng(0))
    left = (analysed(allowed, orders) == 0).sum(axis=1)
    return int(np.median(left)), int(np.median((orders == 0).sum(axis=1)))


def _unknown(says: ProtocolFile, known: Known) -> Iterator[Refused]:
    """What nothing on record has: a trial of it could only end with nothing to say."""
    on_record = {"item": tuple(one.name for one in known.items), "event": known.events}
    wanted = [("outcome", "item", says.outcome.item), ("outcome", "event", says.outcome.event)]
    wanted += [("harm", "item", one.item) for one in says.harm]
    wanted += [("baselines", "item", one) for one in says.baselines]
    for field, kind, named in wanted:
        if named is not None and named not in on_record[kind]:
            near, there = close_to(named, on_record[kind]), listed(on_record[kind])
            yield Refused(field, f"no {kind} on record is called {named!r}{near}; there: {there}")


def plan_lines(says: ProtocolFile, allowed: DesignSpace, known: Known) -> list[str]:
    """What a plan compares, in how many ways its days can be drawn, and what is worth knowing of it."""
    outcome, arms = says.outcome.item or says.outcome.event, [f"“{one.name}”" for one in says.arm]
    lines = [
        f"From {in_words(says.start)} to {in_words(allowed.end)}, {allowed.days} days: {' or '.join(arms)}.",
        f"Looked at: {outcome}; a difference of {says.matters:g} would matter.",
    ]
    if says.outcome.claim == "recovery":
        lines.append("What counts first is whether it takes more again to tip over; relief is told beside it.")
    if allowed.randomised:
        lines.append(f"The days can be drawn in {how_many(allowed.count)} ways, each as likely.")
    else:
        lines.append("Nothing is drawn by lot, so what else changes over these days can't be told from it: weaker.")
    if says.design.kind in ("alternating", "blocks") and says.design.period < SHORTEST_TO_CARRY:
        lines.append(
            "Days change quickly: of what lasts into the next days part is hidden. Periods of a week show more of it."
        )
    return [*lines, *_left_out(says, allowed), *_never_logged(says, known)]


def _left_out(says: ProtocolFile, allowed: DesignSpace) -> list[str]:
    """Where days left out after a contact take up most of the days that it is compared with."""
    left, other = _to_compare_with(says, allowed)
    if left > MUCH_LEFT_OUT * other:
        return []
    return [
        f"{counted(allowed.washout, 'day')} left out after each “{says.arm[1].name}” leave about {left} of "
        f"{other} other days to compare with. Fewer days left out, or fewer a week, leave more."
    ]


def _never_logged(says: ProtocolFile, known: Known) -> list[str]:
    """Events by which a day would be told, and that nobody has noted so far."""
    missing = [
        (one.name, one.event)
        for one in says.arm
        if one.event is not None and not any(same_name(one.event, other) for other in known.events)
    ]
    return [
        f"“{event}” has never been noted{close_to(event, known.events)}. Until it is, how the days of “{arm}” went is "
        "known only where you say it."
        for arm, event in missing
    ]
