"""Expectations written before, and how far off the reactions to them were.

Two sources: `Reaction` records, which carry what was expected and what was observed; and expectations kept as
statements, held against what check-ins did around their cue. All in the person's own standard deviations. A written
size is taken to be right to within WIDTH; how exact this person's expectations are, and what a cue does in a role, is
learned from earlier reactions only (t predictive), before a reaction is learned from itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mainstay.notice.reactions_learned import role_at
from mainstay.notice.reactions_like import Usual
from mainstay.numerics.exact_rates import student_tail
from mainstay.numerics.ou_fit import student_quantile
from mainstay.quantities import Span
from mainstay.records.kinds import Reaction
from mainstay.records.statements import Expectation, afterwards_of, expectation_for, expectations_of
from mainstay.strain.judge import Z90
from mainstay.timeline.kinds import Timeline

Source = Literal["reactions", "check-ins"]
WIDTH = 0.5
"""How far off a written size may be, as a standard deviation, in own standard deviations."""
ORDINARY = 0.5
"""How much a reaction that was noted as a number varies by itself, to begin with."""
WORTH, DRAWN = 3.0, 2.0
"""What is held to begin with weighs as much as so many reactions: of their exactness, and of what a cue does."""
OWN_TAILS = 4.5
"""Degrees of freedom of reactions noted as numbers, however many are on record: now and then one surprises."""
FEWEST = 3
"""So many earlier reactions with an expectation are learned from before one is scored."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A reaction for which something was expected before: when (days since the origin), to what, in which role.

    `direction` (-1, 0, 1) and `size` were expected, `observed` came, in own standard deviations; `noise`: how much such
    a reaction varies by itself, `tails`: how heavy its tails are, as degrees of freedom. `item`: the rating it was seen
    on, "" where it was noted as a number.
    """

    id: str
    time: float
    cue: str
    role: str
    direction: int
    size: float
    observed: float
    noise: float
    tails: float
    item: str
    source: Source


@dataclass(frozen=True, slots=True)
class Scored:
    """A foreseen reaction with what it was held against: `low`, `middle`, `high` (90 %), as known before it.

    `chance`: of one so far off or further; None where too few came before. `other_way`: it came out on the other side
    of 0 than expected, by more than ordinary noise.
    """

    foreseen: Foreseen
    low: float
    middle: float
    high: float
    chance: float | None
    other_way: bool
    earlier: int


def foreseen(timeline: Timeline, usual: dict[str, Usual], item: str | None) -> tuple[Foreseen, ...]:
    """Every reaction for which an expectation stood before, in order of time; `item`: where none was named."""
    expectations = expectations_of(timeline)
    found = [*_noted(timeline, afterwards_of(expectations)), *_seen(timeline, expectations, usual, item)]
    return tuple(sorted(found, key=lambda one: (one.time, one.id)))


def items_named(timeline: Timeline) -> tuple[str, ...]:
    """The items that written expectations name and that are on record."""
    named = {one.item for one in expectations_of(timeline) if one.item is not None}
    return tuple(sorted(named & set(timeline.ratings)))


def _noted(timeline: Timeline, afterwards: frozenset[str]) -> list[Foreseen]:
    found = []
    for record in timeline.others:
        body = record.body
        if isinstance(body, Reaction) and record.id not in afterwards:
            when = record.happened.start if isinstance(record.happened, Span) else record.happened
            found.append(
                Foreseen(
                    id=record.id,
                    time=when.days_since(timeline.origin),
                    cue=body.cue,
                    role=body.role,
                    direction=body.expected_direction,
                    size=abs(body.expected_size),
                    observed=body.observed,
                    noise=ORDINARY,
                    tails=OWN_TAILS,
                    item="",
                    source="reactions",
                )
            )
    return found


def _seen(
    timeline: Timeline, expectations: tuple[Expectation, ...], usual: dict[str, Usual], item: str | None
) -> list[Foreseen]:
    """What check-ins did around each cue for which an expectation stood; twice between two of them counts once."""
    found = []
    for cue in sorted({one.cue for one in expectations} & set(timeline.events)):
        events = timeline.events[cue]
        roles = role_at(timeline, events.times)
        for k, which in enumerate(roles):
            role = timeline.roles[which].label if which >= 0 else ""
            stood = _stood(timeline, expectations, cue, role, float(events.times[k]))
            name = (stood.item or item) if stood else None
            if stood is not None and name in usual:
                found.append((name, k, role, stood))
    return [one for name in usual for one in _around(timeline, usual[name], [row for row in found if row[0] == name])]


def _stood(
    timeline: Timeline, expectations: Iterable[Expectation], cue: str, role: str, time: float
) -> Expectation | None:
    """What was expected of a cue at a moment: for this role, or for any, whichever was written last."""
    before = timeline.instant(time)
    both = [expectation_for(expectations, cue, one, before) for one in dict.fromkeys((role, ""))]
    written = [one for one in both if one is not None]
    return max(written, key=lambda one: (one.written, one.id), default=None)


def _around(timeline: Timeline, usual: Usual, rows: list[tuple[str, int, str, Expectation]]) -> Iterator[Foreseen]:
    """The changes from the check-in before to the one after, beyond what like moments without the cue come to."""
    pairs, ratings = usual.pairs, timeline.ratings[usual.pairs.item]
    for cue in sorted({row[3].cue for row in rows}):
        events = timeline.events[cue]
        every, first = np.unique(pairs.around(events.times), return_index=True)
        every, first = every[every >= 0], first[every >= 0]
        effect = pairs.change[every] - usual.without(every)
        noise, tails = usual.scale(every), usual.freedom(every)
        place = {int(event): k for k, event in enumerate(first)}
        for _, event, role, stood in rows:
            k = place.get(event, -1) if stood.cue == cue else -1
            if k < 0 or not usual.ready[pairs.week[every[k]]] or not pairs.may[every[k]]:
                continue
            time = float(events.times[event])
            own = float(ratings.values[: int(np.searchsorted(ratings.times, time, "right"))].std())
            if own > 0.0:
                yield Foreseen(
                    id=events.ids[event],
                    time=time,
                    cue=cue,
                    role=role,
                    direction=stood.direction,
                    size=stood.size,
                    observed=float(effect[k]) / own,
                    noise=float(noise[k]) / own,
                    tails=float(tails[k]),
                    item=pairs.item,
                    source="check-ins",
                )


def scored(reactions: tuple[Foreseen, ...]) -> tuple[Scored, ...]:
    """Each reaction scored from those before it, of its own source, in order of time."""
    told: list[Scored] = []
    squares: dict[str, tuple[int, float]] = {}
    cues: dict[tuple[str, str, str], tuple[int, float]] = {}
    distance, freedom = np.zeros(len(reactions)), np.ones(len(reactions))
    for k, one in enumerate(reactions):
        group = (one.source, one.cue, one.role)
        (seen, square), (same, total) = squares.get(one.source, (0, 0.0)), cues.get(group, (0, 0.0))
        scale = math.hypot(WIDTH, one.noise)
        off, learned = (one.observed - one.direction * one.size) / scale, total / (same + DRAWN)
        exactness = math.sqrt((WORTH + square) / (WORTH + seen))
        reach = exactness * math.sqrt(1.0 + 1.0 / (same + DRAWN)) if same else exactness
        free = min(WORTH + seen, one.tails)
        distance[k], freedom[k] = abs(off - learned) / reach, free
        middle = one.direction * one.size + learned * scale
        span = student_quantile(0.95, free) * reach * scale
        other = one.observed * one.direction < 0.0 and abs(one.observed) > Z90 * exactness * one.noise
        told.append(Scored(one, middle - span, middle, middle + span, None, bool(other), seen))
        squares[one.source] = (seen + 1, square + (off - learned) ** 2)
        cues[group] = (same + 1, total + off)
    chances = np.minimum(2.0 * student_tail(distance, freedom), 1.0)
    return tuple(
        replace(one, chance=float(chance)) if one.earlier >= FEWEST else one
        for one, chance in zip(told, chances, strict=True)
    )
