"""Today: how things stand in one sentence, the picture, one thing that could be done, where each chapter stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from mainstay.report.explanations_words import begun
from mainstay.report.html import PHONE, WIDE
from mainstay.report.labels import in_words
from mainstay.report.picture import caption, picture_spec
from mainstay.report.picture_table import picture_table
from mainstay.report.standing import STANDINGS
from mainstay.report.text import TIER_WORDS, context_line, headline
from mainstay.web.chapters import story_here
from mainstay.web.drawing import drawn, pictured
from mainstay.web.links import suggested
from mainstay.web.looking_back import looking_back
from mainstay.web.pages.trial_found import due_today
from mainstay.web.pages.write_check_in import usual
from mainstay.web.replayed import notable_days
from mainstay.web.showing import CHAPTERS, cut_of, desk_of, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.report.figure import Spec

MOST_ASKED = 4
"""How many items the check-in on Today asks; what is answered less often is asked where things are written down."""


def today(request: Request) -> Response:
    """How things stand."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    answers = in_words(story.answers, story.timeline)
    alert = story.alert
    action, done_at = suggested(alert.action)
    drawn_of = caption(story.timeline, story.curves)
    replay = cut_of(request) is not None
    asked = () if replay else usual(story.timeline)[0][:MOST_ASKED]
    return show(
        request, "today.html", title="Today", alert=alert, tier=TIER_WORDS[alert.tier], action=action, done_at=done_at,
        context=context_line(story.context), table=picture_table(story.timeline, story.curves),
        picture=pictured(request, "/picture.svg", f"{headline(answers)}. {drawn_of}", wide=WIDE, phone=PHONE),
        stands=[(one, begun(STANDINGS[one.path](answers).clause)) for one in CHAPTERS if one.path in STANDINGS],
        asked=asked, trials=() if replay else due_today(story.timeline), back="/",
        looks=looking_back(request, notable_days(desk_of(request))),
    )  # fmt: skip


def picture(request: Request) -> Response:
    """The picture as an image: `?width=1160&dark=1`."""
    story = story_here(request)
    if isinstance(story, Response):
        return story

    def spec_of(width: int) -> Spec:
        return picture_spec(story.timeline, story.curves, width=width, title=None)

    return drawn(request, story, "today", spec_of)


ROUTES = (Route("/", today), Route("/picture.svg", picture))
