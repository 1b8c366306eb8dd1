"""Worries (S1): each from the day it was written to its review, with its age; and what each course would cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.records.statements_concern import COURSES
from mainstay.report.figure import Spec, across, panel, rows, rule_at
from mainstay.report.notice_data import date_words, day_in, pair_in
from mainstay.report.notice_lanes import Words, bare_heading, nothing, refusal, scale_panel, told_lane
from mainstay.report.picture_lanes import Sheet, heading
from mainstay.report.words import clean, counted, number
from mainstay.timeline.kinds import Timeline

TITLE = "Worries written down"
MOST = 6
HEIGHT = 28.0
ROOM = 12
AHEAD_OF_SPAN, AHEAD_DAYS = 0.15, 21.0
"""The time axis runs on towards reviews to come by so much of the record, or so many days, at the most."""


@dataclass(frozen=True, slots=True)
class Worry:
    """One worry: its name, when it was written and is to be reviewed (days), its age in days, and days overdue."""

    name: str
    begun: float
    review: float
    age: int
    overdue: int
    loss: dict[str, tuple[float, float]]
    least: tuple[str, ...]


def worries_of(timeline: Timeline, answers: Sequence[Answer]) -> list[Worry]:
    """The open worries whose detail says when they were written and are to be reviewed, the oldest first."""
    found = [_worry(timeline, answer) for answer in answers if isinstance(answer, Finding)]
    return [one for one in found if one is not None]


def _worry(timeline: Timeline, answer: Finding) -> Worry | None:
    detail = answer.detail
    begun, review = day_in(timeline, detail, "begun"), day_in(timeline, detail, "review")
    overdue = detail.get("review_overdue_days")
    if begun is None or review is None or not isinstance(overdue, int) or not isinstance(detail.get("review"), str):
        return None
    losses = detail.get("loss")
    loss = {course: pair_in(losses, course) for course in COURSES} if isinstance(losses, dict) else {}
    told = {course: pair for course, pair in loss.items() if pair is not None}
    could = detail.get("could_be_least")
    least = tuple(one for one in could if one in COURSES) if isinstance(could, list | tuple) else ()
    return Worry(
        answer.about, begun, review, math.floor(answer.estimate), overdue,
        told if len(told) == len(COURSES) else {}, least,
    )  # fmt: skip


def days_ahead(timeline: Timeline, worries: Sequence[Worry]) -> float:
    """How far the time axis has to run to hold these worries up to the day told for, and reviews that are near."""
    now = timeline.as_of.days_since(timeline.origin)
    if not worries:
        return 0.0
    # a date long after the last record would squeeze the record itself
    now = min(now, 1.5 * timeline.days + AHEAD_DAYS)
    most = max(timeline.days, now) + max(AHEAD_OF_SPAN * timeline.days, AHEAD_DAYS)
    return float(math.ceil(max([now, *(one.review + 1.0 for one in worries if one.review < most)])))


def concern_panels(page: Sheet, answers: Sequence[Answer]) -> list[Spec]:
    """A bar for each worry, what is overdue of it hollow; worries that can't be read in words."""
    worries = worries_of(page.timeline, answers)[:MOST]
    panels: list[Spec] = []
    for worry in worries:
        panels += told_lane(page, HEIGHT, Words(worry.name, _age(page.timeline, worry), room=ROOM), _bar(page, worry))
    panels += [refusal(page, answer) for answer in answers if isinstance(answer, CannotSay)]
    return [heading(page, TITLE), *panels] if panels else []


def concern_words(page: Sheet, answers: Sequence[Answer]) -> list[str]:
    """What the bars mean; nothing where none is drawn."""
    worries = worries_of(page.timeline, answers)
    if not worries:
        return []
    told = ["Worries: from the day each was written to its review."]
    if any(one.overdue > 0 for one in worries):
        told.append("Hollow: since the review was due.")
    if any(one.review > page.days for one in worries):
        told.append("Arrow: the review lies beyond the sheet.")
    left = [f"“{clean(one.name)}”" for one in worries[MOST:]]
    return [*told, *([f"Further worries: {', '.join(left)}."] if left else [])]


def _age(timeline: Timeline, worry: Worry) -> tuple[str, str]:
    old = "written today" if worry.age == 0 else f"{counted(worry.age, 'day')} old"
    due = "today" if worry.overdue == 0 else date_words(timeline, worry.review)
    return old, f"was due {due}" if worry.overdue > 0 else f"review {due}"


def _bar(page: Sheet, worry: Worry) -> list[Spec]:
    colour = page.palette.demand
    now = page.timeline.as_of.days_since(page.timeline.origin)
    start, review = max(worry.begun, 0.0), min(max(worry.review, worry.begun), page.days)
    layers: list[Spec] = []
    least = 2 * page.days_a_pixel

    def box(first: float, last: float, look: Spec) -> Spec:
        table = rows(day=[min(first, page.days - least)], end=[min(max(last, first + least), page.days)])
        return {"data": table, "mark": {"type": "rect", "y": 7, "y2": 17, **look},
                "encoding": {"x": across(page.days), "x2": {"field": "end"}}}  # fmt: skip

    layers.append(box(start, review, {"color": colour, "opacity": 0.75}))
    if worry.overdue > 0:
        hollow = {"color": colour, "fillOpacity": 0, "stroke": colour, "strokeWidth": 1.2, "strokeDash": [3, 2]}
        layers.append(box(review, min(now, page.days), hollow))
    mark: Spec = {"type": "point", "filled": True, "opacity": 1, "color": page.palette.ink, "y": 12}
    if worry.review > page.days:
        look = {**mark, "shape": "triangle-right", "size": 60, "xOffset": 3}
        layers.append({"data": rows(day=[page.days]), "mark": look, "encoding": {"x": across(page.days)}})
    else:
        look = {**mark, "type": "rule", "strokeWidth": 1.5, "y": 4, "y2": 20}
        layers.append({"data": rows(day=[review]), "mark": look, "encoding": {"x": across(page.days)}})
    return layers


def loss_panels(page: Sheet, answers: Sequence[Answer]) -> list[Spec]:
    """What waiting, looking and acting would cost on average, as ranges; filled where it may be the least."""
    worries = [one for one in worries_of(page.timeline, answers)[:MOST] if one.loss]
    if not worries:
        return []
    top = max(high for worry in worries for _, high in worry.loss.values()) or 1.0
    panels = []
    for worry in worries:
        panels.append(bare_heading(page, f"What each course would cost: {worry.name}"))
        panels.append(scale_panel(page, [(0.0, "0"), (1.0, f"{number(top)} points")]))
        panels += [one for course in COURSES for one in _loss_lane(page, worry, course, top)]
    return [*panels, panel(nothing(page), page.layout, 8)]


def _loss_lane(page: Sheet, worry: Worry, course: str, top: float) -> list[Spec]:
    """A range over the width of the plot: 0 at its left, `top` points at its right."""
    low, high = worry.loss[course]
    width = page.layout.plot
    x, x2 = low / top * width, max(high / top * width, low / top * width + 3)
    colour = page.palette.demand
    may = course in worry.least
    look = (
        {"color": colour, "opacity": 0.75}
        if may
        else {"color": colour, "fillOpacity": 0, "stroke": colour, "strokeWidth": 1.2}
    )
    box = {"data": {"values": [{}]}, "mark": {"type": "rect", "x": x, "x2": x2, "y": 6, "y2": 16, **look}}
    said = "" if not may else "; costs least" if worry.least == (course,) else "; may cost least"
    told = f"{number(low)} to {number(high)}{said}"
    layers = [rule_at(0, width, 11, colour=page.palette.hair), box]
    return told_lane(page, 22, Words(course, (told,), room=ROOM), layers, dated=False)
