"""How long a swing takes to fade (S4), over the record: the time until half of it has gone, on a scale of ratios."""

from __future__ import annotations

import math

import numpy as np

from mainstay.notice.settling import settled
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.report.figure import Spec
from mainstay.report.notice_data import number_in
from mainstay.report.notice_lanes import Words, axis, refusal, told_lane
from mainstay.report.picture_lanes import Sheet, heading
from mainstay.report.picture_strain import Pane
from mainstay.report.words import number, percent
from mainstay.strain.wording import hours_in_words
from mainstay.timeline.kinds import Timeline

HOURS = tuple(1.5 * 2.0**k for k in range(-4, 11))
"""Each twice the one before, so that they come out as 3, 6 and 12 hours, a day, two days."""
SHORT = {1.5: "1½h", 0.75: "¾h"}
MOST_TICKS = 5
HEIGHT, PHONE_HEIGHT = 110.0, 96.0
FACTOR_SHOWN = 4.0
"""At least so many times from the foot of the panel to its top: a small change does not look like a large one."""
TITLE = "How long a swing takes to fade"


def recovery_panels(page: Sheet, answers: list[Answer]) -> list[Spec]:
    """The straight line the answer rests on, with what the interval of its slope leaves open; refusals in words."""
    panels: list[Spec] = []
    for answer in answers:
        if isinstance(answer, CannotSay):
            panels += [heading(page, TITLE), refusal(page, answer)]
        else:
            drawn = _pane(page, answer)
            panels += [heading(page, TITLE), *drawn] if drawn else []
    return panels


def recovery_words(page: Sheet, answers: list[Answer]) -> list[str]:
    """What the band leaves open; nothing where none is drawn."""
    if not any(isinstance(answer, Finding) and _pane(page, answer) for answer in answers):
        return []
    told = "Swings: the band is how much it may have changed either way, with the middle of the record held fast"
    dashed = any(answer.status == "not_found" for answer in answers)
    return [f"{told}; dashed: a doubling was looked for and not found." if dashed else f"{told}."]


def _pane(page: Sheet, answer: Finding) -> list[Spec]:
    start, end = (number_in(answer.detail, f"half_life_hours_at_{place}") for place in ("start", "end"))
    span = _span(page.timeline, answer.about)
    if start is None or end is None or span is None or min(start, end, answer.interval.low) <= 0.0:
        return []
    middle = math.log(start * end) / 2
    ends = [math.log(one) for one in (answer.interval.low, answer.interval.high)]
    days = np.array([span[0], sum(span) / 2, span[1]])
    low = np.array([middle - max(ends) / 2, middle, middle + min(ends) / 2])
    high = np.array([middle - min(ends) / 2, middle, middle + max(ends) / 2])
    pane = _surface(page, float(low.min()), float(high.max()))
    palette = page.palette
    line = np.log([start, math.sqrt(start * end), end])
    found = answer.status == "found"
    layers = [*axis(pane, _ticks(pane)), pane.band(days, low, high, {"color": palette.strain_band, "opacity": 0.9})]
    if found:
        layers.append(pane.line(days, line, {"color": palette.strain, "strokeWidth": 2.4}))
        ends_look = {"size": 46, "color": palette.strain, "opacity": 1, "clip": False}
        layers.append(pane.dots(days[[0, 2]], line[[0, 2]], ends_look))
    else:
        # a slope that was not found is not drawn as one that was
        layers.append(pane.line(days, line, {"color": palette.strain, "strokeWidth": 1.2, "strokeDash": [4, 4]}))
    sure = f"{percent(answer.interval.level)} sure: {number(answer.interval.low)} to {number(answer.interval.high)}"
    told = (
        *(() if found else ("not twice as long as it was",)),
        f"{hours_in_words(end)} at the end, {hours_in_words(start)} at the start",
        f"{number(answer.estimate)} times as long; {sure}",
    )
    return told_lane(page, pane.height, Words("until half of it has gone", told), layers)


def _surface(page: Sheet, low: float, high: float) -> Pane:
    missing = max(math.log(FACTOR_SHOWN) - (high - low), 0.0)
    low, high = low - missing / 2, high + missing / 2
    margin = 0.1 * (high - low)
    return Pane(page, low - margin, high + margin, PHONE_HEIGHT if page.layout.narrow else HEIGHT)


def _ticks(pane: Pane) -> list[tuple[float, str]]:
    inside = [hours for hours in HOURS if pane.low <= math.log(hours) <= pane.high]
    every = math.ceil(len(inside) / MOST_TICKS) or 1
    return [(math.log(hours), _tick(hours, pane.page.layout.narrow)) for hours in inside[::every]]


def _tick(hours: float, narrow: bool) -> str:
    if narrow and hours in SHORT:
        return SHORT[hours]
    size, unit = (60 * hours, "min") if hours < 3 else (hours, "h") if hours < 24 else (hours / 24, "d")
    return f"{size:.0f}{unit[:1]}" if narrow else f"{size:.0f} {unit}"


def _span(timeline: Timeline, about: str) -> tuple[float, float] | None:
    """From the first to the last answer that is judged: of the item named, the anchor, or the one answered most."""
    ratings = timeline.ratings
    named = ratings.get(about) or ratings.get(timeline.anchor or "")
    chosen = named or max(ratings.values(), key=lambda one: len(one.times), default=None)
    if chosen is None:
        return None
    times = chosen.times[settled(chosen.times)]
    return (float(times[0]), float(times[-1])) if len(times) > 1 else None
