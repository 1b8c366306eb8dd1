"""A picture of the record: which prompts were answered, how fully things were written down, and what came from where.

One sheet over one time axis, as the other picture: a calendar of answers, the answer rate by week, check-ins and
recording intensity, and a lane for each stream by its source. Stretches without records are shaded through every panel
and named.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.report import picture_data
from mainstay.report.figure import (
    DARK,
    LIGHT,
    NARROWEST,
    WIDEST,
    Spec,
    across,
    date_ticks,
    layout_for,
    panel,
    rows,
    sheet,
    words_at,
)  # fmt: skip
from mainstay.report.picture import caption_panel, dates_panel, title_panel
from mainstay.report.picture_lanes import Sheet, bars, ground, heading, lane, record_panels, spans, track
from mainstay.report.picture_strain import gap_words
from mainstay.report.record_data import Asked, StreamLane, asked_by_day, asked_by_week, stream_lanes
from mainstay.report.words import between_dates, counted, percent
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.streams import StreamDays

TITLE = "What is on record, and when"
MOST_STREAMS = 14
NARROWEST_WEEK, WIDEST_WEEK = 3.0, 40.0
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHADES = ((0.01, 0.25, 0.22), (0.25, 0.5, 0.42), (0.5, 0.75, 0.66), (0.75, 1.01, 1.0))
"""Shares answered from and up to, and how dark they are drawn."""


def record_spec(
    timeline: Timeline, streams: tuple[StreamDays, ...], *, width: int = 1200, title: str = "", dark: bool = False
) -> Spec:
    """The picture as a Vega-Lite specification with its data inside. `width` in pixels; below 640 a phone's layout."""
    if not NARROWEST <= width <= WIDEST:
        raise BadRequest(f"a picture {width} pixels wide can't be drawn; ask for {NARROWEST} to {WIDEST}")
    layout = layout_for(width)
    days = picture_data.shown_days(timeline)
    ticks = date_ticks(timeline.origin.as_local.date(), days, layout.plot)
    page = Sheet(timeline, layout, DARK if dark else LIGHT, days, tuple(ticks))
    told = _told(page)
    panels = [
        title_panel(page, title or TITLE),
        *_gap_panel(page),
        *_answer_panels(page),
        *record_panels(page),
        *_stream_panels(page, streams),
        dates_panel(page),
        caption_panel(page, told),
    ]
    return sheet(panels, page.palette, layout, f"{title or TITLE}. {told}")


def _told(page: Sheet) -> str:
    """What the marks of this sheet mean, with dates."""
    told = [record_caption(page.timeline)]
    if _has_calendar(page) and len(page.timeline.prompts_sent):
        told.append("Each square is a day: the stronger its colour, the more of its prompts were answered.")
        told.append("Hollow: none of them. No square: nothing was asked.")
    elif _has_calendar(page) and page.timeline.ratings:
        told.append("Each square is a day: the stronger its colour, the nearer to this person's fullest days.")
    if page.timeline.gaps:
        told.append("Shaded: no check-in or event.")
    return " ".join(told)


def record_caption(timeline: Timeline) -> str:
    """What the picture is of, with dates, and what is not on record."""
    when = between_dates(timeline.origin, timeline.instant(max(timeline.days - 1e-6, 0.0)))
    told = [f"One person's records {when}."]
    if not len(timeline.prompts_sent) and timeline.ratings:
        told.append("No prompts are on record, so how many were missed is not known.")
    if not timeline.recording:
        told.append("How fully things were written down was never stated.")
    return " ".join(told)


def _gap_panel(page: Sheet) -> list[Spec]:
    return [panel([*ground(page, 20), *gap_words(page)], page.layout, 20)] if page.timeline.gaps else []


def _answer_panels(page: Sheet) -> list[Spec]:
    daily = asked_by_day(page.timeline, int(page.days))
    if daily is None:
        return []
    title = "Prompts answered" if daily.what == "prompts" else "Check-ins"
    note = "faint: few; strong: all" if _has_calendar(page) else ""
    panels = [heading(page, title, note), *([_calendar(page, daily)] if note else [])]
    if daily.what == "prompts":
        each = 1.0 / page.days_a_pixel >= WIDEST_WEEK / 7.0
        weekly = asked_by_week(daily, page.timeline.origin.as_local.weekday())
        panels += _shares(page, "by day" if each else "by week", daily if each else weekly)
    return panels


def _has_calendar(page: Sheet) -> bool:
    """Whether a week is neither too narrow nor so wide that its days would not look like days."""
    return NARROWEST_WEEK <= 7.0 / page.days_a_pixel <= WIDEST_WEEK


def _calendar(page: Sheet, daily: Asked) -> Spec:
    """A column for each week and a row for each weekday, on the time axis of all the other panels."""
    first = page.timeline.origin.as_local.weekday()
    weekday = (daily.starts + first) % 7
    pitch = 11.0 if page.layout.narrow else 13.0
    column = 7.0 / page.days_a_pixel
    begin = np.maximum(daily.starts - weekday, 0).astype(np.float64)
    end = np.minimum(daily.starts - weekday + 7, page.days)
    inset = np.minimum(min(1.0, column / 8) * page.days_a_pixel, (end - begin) / 8)
    begin, end = begin + inset, end - inset
    top = 3.0 + weekday * pitch
    height = 7 * pitch + 6
    layers = ground(page, height)
    share, colour = daily.share, page.palette.answered
    # paper first, or the lines behind would shine through
    looks: list[tuple[Spec, NDArray[np.bool_]]] = [({"color": page.palette.paper}, share >= 0.0)]
    looks += [({"color": colour, "opacity": dark}, (share >= low) & (share < high)) for low, high, dark in SHADES]
    hollow = {"fillOpacity": 0, "stroke": colour, "strokeWidth": 0.8, "strokeOpacity": 0.8}
    looks.append((hollow, share == 0.0))
    for look, chosen in looks:
        if chosen.any():
            # the stroke of a hollow cell lies inside it, so that it is as large as the others
            inner = 0.4 if look is hollow else 0.0
            table = rows(day=begin[chosen].tolist(), end=end[chosen].tolist(), y=(top[chosen] + inner).tolist(),
                         y2=(top[chosen] + pitch - 1.5 - inner).tolist())  # fmt: skip
            encoding = {
                "x": across(page.days),
                "x2": {"field": "end"},
                "y": _pixels("y", height),
                "y2": {"field": "y2"},
            }
            layers.append({"data": table, "mark": {"type": "rect", **look}, "encoding": encoding})
    for j, name in enumerate(WEEKDAYS):
        if j % 2 == 0:
            shown = name[0] if page.layout.narrow else name
            layers += words_at(shown, -page.layout.left, 3 + (j + 0.45) * pitch,
                               colour=page.palette.quiet, size=page.layout.small)  # fmt: skip
    return panel(layers, page.layout, height)


def _pixels(field: str, height: float) -> Spec:
    """A vertical position in pixels from the top of the panel."""
    scale = {"domain": [0, height], "range": [0, height], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def _shares(page: Sheet, name: str, asked: Asked) -> list[Spec]:
    """The share answered in each day or week."""
    there = asked.sent > 0
    starts = asked.starts.astype(np.float64)
    ends = np.minimum(np.append(starts[1:], page.days), page.days)
    overall = float(asked.answered.sum() / max(asked.sent.sum(), 1))
    drawn = bars(page, starts[there], ends[there], asked.share[there], top=1.0, height=23,
                 colour=page.palette.answered, apart=min(1.0, 1.5 / page.days_a_pixel))  # fmt: skip
    layers = [track(page, 30, page.palette.answered), drawn]
    return lane(page, name, f"{percent(overall)} in all", layers, 30)


def _stream_panels(page: Sheet, streams: tuple[StreamDays, ...]) -> list[Spec]:
    """A lane for each stream under the name of its source: the days on which it holds anything."""
    lanes = stream_lanes(streams, page.days, MOST_STREAMS)
    if not lanes:
        return []
    panels: list[Spec] = []
    source = None
    for one in lanes:
        if one.source != source:
            note = "days with records" if source is None else ""
            panels.append(heading(page, one.source or "Other streams", note))
            source = one.source
        colour = page.palette.record
        layers = [track(page, 20, colour), _active(page, one, colour)]
        panels += lane(page, one.name, counted(len(one.days), "day"), layers, 20)
    return panels


def _active(page: Sheet, one: StreamLane, colour: str) -> Spec:
    """Its days; where a day is narrower than a pixel, the share of days in columns, for stripes would only flicker."""
    if page.days_a_pixel <= 1.0:
        return spans(page, one.spans, 20, colour)
    edges = picture_data.bin_edges(page.days, picture_data.column_days_for(page.days, page.layout.plot))
    share = np.histogram(one.days, edges)[0] / np.diff(edges)
    return bars(page, edges[:-1], edges[1:], share, top=1.0, height=13, colour=colour, apart=0)
