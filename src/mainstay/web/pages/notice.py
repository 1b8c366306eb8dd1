"""Notice: is something changing, against the person's own past?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from mainstay.report.grouping import HEADINGS, is_count
from mainstay.report.html import PHONE, WIDE
from mainstay.report.notice_picture import notice_picture
from mainstay.web.chapters import answers_of, chapter, story_here
from mainstay.web.drawing import drawn, pictured
from mainstay.web.told import each_of, groups_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.report.figure import Spec

PATH, ROWS = "/notice", ("S1", "S2", "S3", "S4", "S5", "S6")


def notice(request: Request) -> Response:
    """What changes, and what is usual."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    answers = answers_of(story, ROWS)
    groups = sorted(groups_of(answers), key=lambda one: one.heading == HEADINGS["S2"])
    alt = str(notice_picture(story.timeline, answers, width=WIDE, title=None)["description"])
    figure = pictured(request, f"{PATH}/picture.svg", alt, wide=WIDE, phone=PHONE)
    each = each_of([one for one in answers if is_count(one)])
    return chapter(request, PATH, story, answers, groups=groups, figure=figure, each=each)


def picture(request: Request) -> Response:
    """What is noticed, over one time axis."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    answers = answers_of(story, ROWS)

    def spec_of(width: int) -> Spec:
        return notice_picture(story.timeline, answers, width=width, title=None)

    return drawn(request, story, "notice", spec_of)


ROUTES = (Route(PATH, notice), Route(f"{PATH}/picture.svg", picture))
