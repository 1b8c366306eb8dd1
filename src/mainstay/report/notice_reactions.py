"""Reactions against what was expected of them (S5): for each a range, a stem, and a mark whose shape says which way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.notice.reactions import FORESEEN_METHOD
from mainstay.quantities import Answer, CannotSay
from mainstay.report.figure import SHAPE_AREA, Spec, nice_ticks, rule_at
from mainstay.report.notice_data import date_words, day_in, number_in
from mainstay.report.notice_lanes import Words, bare_heading, scale_panel, sentence, tick_words, told_lane
from mainstay.report.picture_lanes import Sheet
from mainstay.report.words import claim_of, clean, number
from mainstay.timeline.kinds import Timeline

TITLE = "Reactions, against what was expected"
FEW = 8
"""So many reactions that were foreseen are all drawn; of more, the latest that were unlike what was expected."""
ROOM = 12
HEIGHT = 34.0
HARDLY = 0.05


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction: when (days), to what, in which role; expected (low, middle, high) and observed, in one unit."""

    when: float
    cue: str
    role: str
    unit: str
    low: float
    middle: float
    high: float
    observed: float
    unlike: bool
    other_way: bool


def reaction_panels(page: Sheet, answers: Sequence[Answer]) -> list[Spec]:
    """A row for each reaction, under its unit; where there are none to draw, the answers' words."""
    panels: list[Spec] = []
    units: dict[str, list[Reaction]] = {}
    for answer in answers:
        for one in _chosen(answer, reactions_of(page.timeline, answer)):
            units.setdefault(one.unit, []).append(one)
    for unit, found in units.items():
        reach = max(max(abs(end) for end in (one.low, one.high, one.observed)) for one in found) * 1.08 or 1.0
        end = nice_ticks(0.0, reach, 4)[-1]
        ticks = [(_share(value, reach), f"{sign}{tick_words(end)}") for value, sign in ((-end, "−"), (end, "+"))]
        panels += [
            sentence(page, f"In {clean(unit)}", dated=False),
            scale_panel(page, [ticks[0], (0.5, "no change"), ticks[1]]),
            *(part for one in found for part in _row(page, one, reach)),
        ]
    if not panels:
        panels = [sentence(page, claim_of(answer), dated=False) for answer in answers if answer.status != "found"]
    return [bare_heading(page, TITLE), *panels] if panels else []


def reaction_words(page: Sheet, answers: Sequence[Answer]) -> list[str]:
    """What the rows mean, and how many are not drawn; nothing where none is."""
    every = [(answer, reactions_of(page.timeline, answer)) for answer in answers]
    drawn = sum(len(_chosen(answer, found)) for answer, found in every)
    if not drawn:
        return []
    told = [
        "Reactions: the band and the ring in it are what was expected; the stem runs to what was observed: a disc "
        "where it was about that, a diamond where it was unlike it, a triangle where it came out the other way."
    ]
    whole = sum(len(found) for _, found in every)
    return [*told, *([f"{drawn} of {whole:,} reactions are drawn."] if whole > drawn else [])]


def reactions_of(timeline: Timeline, answer: Answer) -> list[Reaction]:
    """The reactions of an answer's detail that were scored, in the order of time; those that lack a field are not."""
    table = answer.detail.get("reactions")
    if isinstance(answer, CannotSay) or not isinstance(table, list | tuple):
        return []
    found = [_reaction(timeline, one) for one in table if isinstance(one, Mapping)]
    return sorted((one for one in found if one is not None), key=lambda one: one.when)


def _reaction(timeline: Timeline, detail: Mapping[str, Any]) -> Reaction | None:
    expected, when = detail.get("expected"), day_in(timeline, detail, "when")
    observed, chance = number_in(detail, "observed"), number_in(detail, "chance")
    if not isinstance(expected, Mapping) or when is None or observed is None or chance is None:
        return None
    ends = [number_in(expected, name) for name in ("low", "middle", "high")]
    words = [detail.get(name) for name in ("cue", "role", "unit")]
    if any(one is None for one in ends) or not all(isinstance(one, str) for one in words):
        return None
    low, middle, high = (float(one) for one in ends if one is not None)
    cue, role, unit = (str(one) for one in words)
    other = detail.get("other_way") is True
    return Reaction(when, cue, role, unit, low, middle, high, observed, other or detail.get("unlike") is True, other)


def _chosen(answer: Answer, found: Sequence[Reaction]) -> list[Reaction]:
    """All of a few that were foreseen; else the latest of those that were unlike what was expected, as time went."""
    if len(found) <= FEW and answer.method == FORESEEN_METHOD:
        return list(found)
    return [one for one in found if one.unlike][-FEW:]


def _share(value: float, reach: float) -> float:
    """Where a value stands across the plot, from 0 to 1."""
    return float(np.clip((value + reach) / (2 * reach), 0.0, 1.0))


def _row(page: Sheet, one: Reaction, reach: float) -> list[Spec]:
    palette, y = page.palette, HEIGHT / 2

    def at(mark: Spec) -> Spec:
        return {"data": {"values": [{}]}, "mark": {"opacity": 1, **mark}}

    def x(value: float) -> float:
        return _share(value, reach) * page.layout.plot

    shape = "circle" if not one.unlike else "diamond"
    if one.other_way:
        shape = "triangle-right" if one.observed > 0 else "triangle-left"
    size = {"circle": 8.0, "diamond": 9.5}.get(shape, 11.0) ** 2 * SHAPE_AREA.get(shape, 0.75)
    band = {"type": "rect", "color": palette.strain_band, "x": x(one.low), "x2": x(one.high), "y": y - 5, "y2": y + 5}
    zero = {"type": "rect", "color": palette.quiet, "x": x(0.0) - 0.5, "x2": x(0.0) + 0.5, "y": 2, "y2": HEIGHT - 2}
    ring = {"type": "point", "shape": "circle", "filled": True, "color": palette.paper, "stroke": palette.strain,
            "strokeWidth": 1.5, "size": 44, "x": x(one.middle), "y": y}  # fmt: skip
    seen = {"type": "point", "shape": shape, "filled": True, "color": palette.ink if one.unlike else palette.strain,
            "size": size, "x": x(one.observed), "y": y}  # fmt: skip
    stem = rule_at(x(one.middle), x(one.observed), y, colour=palette.strain_fine, width=1.6)
    layers = [at(zero), rule_at(0, page.layout.plot, y, colour=palette.hair), at(band), stem, at(ring), at(seen)]
    where = _where(page.timeline, one)
    told = (where, *_told(one)) if page.layout.narrow else _told(one)
    return told_lane(page, HEIGHT, Words(one.cue, told, where, ROOM), layers, dated=False)


def _where(timeline: Timeline, one: Reaction) -> str:
    day = date_words(timeline, one.when)
    return f"{day}, as “{clean(one.role)}”" if one.role else day


def _told(one: Reaction) -> tuple[str, ...]:
    how = "the other way" if one.other_way else "unlike what was expected" if one.unlike else "about as expected"
    return how, f"{_signed(one.observed)}; expected {_signed(one.middle)}"


def _signed(value: float) -> str:
    if abs(value) < HARDLY:
        return "no change"
    return f"{number(abs(value), 1 if abs(value) >= 1.0 else 2)} {'more' if value > 0 else 'less'}"
