"""The picture of what is noticed: each answer of S1 to S6 that has something to show, over one time axis.

From top to bottom: each stream with what is usual and the change noticed in it; slips against the limits known before;
how long a swing takes to fade; worries from the day they were written to their review. Under the dates stand what
waiting, looking and acting would cost, and reactions against what was expected. A panel whose answer is not there, or
whose answer's detail lacks what it draws, is left out. Nothing is drawn that no answer says.
"""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.errors import BadRequest
from mainstay.notice.series import series_of
from mainstay.quantities import Answer, Finding
from mainstay.records.words import listed
from mainstay.report import picture_data
from mainstay.report.figure import DARK, LIGHT, NARROWEST, WIDEST, Spec, date_ticks, layout_for, panel, sheet
from mainstay.report.labels import name_in_words
from mainstay.report.notice_changes import shifts_of
from mainstay.report.notice_concerns import concern_panels, concern_words, days_ahead, loss_panels, worries_of
from mainstay.report.notice_data import MOST_STREAMS, Stream, of_row, streams_of
from mainstay.report.notice_reactions import reaction_panels, reaction_words
from mainstay.report.notice_recovery import recovery_panels, recovery_words
from mainstay.report.notice_slips import charted_words, slip_panels
from mainstay.report.notice_streams import drawn_words, stream_panels
from mainstay.report.picture import caption_panel, dates_panel, title_panel
from mainstay.report.picture_lanes import Sheet, ground
from mainstay.report.picture_strain import gap_words
from mainstay.report.words import between_dates, claim_of, clean
from mainstay.timeline.kinds import Timeline

TITLE = "What is usual, and what is changing"


def notice_picture(
    timeline: Timeline, answers: Sequence[Answer], *, width: int = 1200, dark: bool = False, title: str | None = ""
) -> Spec:
    """The picture as a Vega-Lite specification with its data inside. `width` in pixels; below 640 a phone's layout.

    `title`: empty for the usual one, None for none.
    """
    if not NARROWEST <= width <= WIDEST:
        raise BadRequest(f"a picture {width} pixels wide can't be drawn; ask for {NARROWEST} to {WIDEST}")
    layout = layout_for(width)
    concerns, recovery, reactions, slips = (of_row(answers, row) for row in ("S1", "S4", "S5", "S6"))
    days = max(picture_data.shown_days(timeline), days_ahead(timeline, worries_of(timeline, concerns)))
    ticks = date_ticks(timeline.origin.as_local.date(), days, layout.plot)
    page = Sheet(timeline, layout, DARK if dark else LIGHT, days, tuple(ticks))
    streams, changes = _streams(timeline, answers, slips), of_row(answers, "S3")
    shown, others = streams[:MOST_STREAMS], streams[MOST_STREAMS:]
    told = [
        *_told(page, shown),
        *charted_words(page, slips),
        *recovery_words(page, recovery),
        *concern_words(page, concerns),
        *reaction_words(page, reactions),
        *_ahead(page),
        *_left_out(others, timeline),
    ]
    panels = [
        *([title_panel(page, title or TITLE)] if title is not None else []),
        *_gap_panel(page),
        *stream_panels(page, shown, changes),
        *slip_panels(page, slips),
        *recovery_panels(page, recovery),
        *concern_panels(page, concerns),
        dates_panel(page),
        *loss_panels(page, concerns),
        *reaction_panels(page, reactions),
        caption_panel(page, " ".join(told)),
    ]
    description = " ".join([f"{title or TITLE}.", *_found(answers), *told])
    return sheet(panels, page.palette, layout, description)


def _found(answers: Sequence[Answer]) -> list[str]:
    """The claims that the marks stand for, for whoever can't see them: what is usual is told in the answers."""
    return [claim_of(answer) for answer in answers if isinstance(answer, Finding) and answer.row != "S2"]


def _streams(timeline: Timeline, answers: Sequence[Answer], slips: Sequence[Answer]) -> list[Stream]:
    """The streams in the order in which they are drawn; slips have a chart of their own, unless one changed."""
    series = series_of(timeline)
    streams = streams_of(timeline, series, answers, shifts_of(timeline, series, of_row(answers, "S3")))
    return [one for one in streams if one.shifts or not (slips and one.series.is_ == "slip")]


def _ahead(page: Sheet) -> list[str]:
    """That the time axis runs on beyond the day told for."""
    now = page.timeline.as_of
    ahead = page.days - now.days_since(page.timeline.origin)
    return [f"The dates run on beyond {now.day_in_words}, the day this is told for."] if ahead > 1.0 else []


def _gap_panel(page: Sheet) -> list[Spec]:
    return [panel([*ground(page, 20), *gap_words(page)], page.layout, 20)] if page.timeline.gaps else []


def _told(page: Sheet, streams: list[Stream]) -> list[str]:
    timeline = page.timeline
    when = between_dates(timeline.origin, timeline.instant(max(timeline.days - 1e-6, 0.0)))
    told = [f"One person’s records {when}.", *drawn_words(page, streams)]
    if timeline.gaps:
        told.append("Shaded: no check-in or event.")
    return told


def _left_out(streams: list[Stream], timeline: Timeline) -> list[str]:
    names = [f"“{clean(name_in_words(one.series.name, timeline))}”" for one in streams]
    return [f"On record besides, and not drawn: {listed(names)}."] if names else []
