"""Notice: is something changing, against the person's own past?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from mainstay.report.grouping import HEADINGS, is_count
from mainstay.report.html import PHONE, WIDE
from mainstay.report.notice_picture import notice_picture
from mainstay.report.standing import SLOW
from mainstay.web.chapters import answers_of, chapter_of, frame_of, picture_of, shown_first, story_here
from mainstay.web.drawing import pictured
from mainstay.web.looking_back import ends_of, looking_back
from mainstay.web.replayed import notable_days
from mainstay.web.showing import desk_of
from mainstay.web.told import each_of, groups_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.report.figure import Spec
    from mainstay.story import Story
    from mainstay.web.first_look import Values
    from mainstay.web.looking_back import LookingBack

PATH, NAME, ROWS = "/notice", "notice", ("S1", "S2", "S3", "S4", "S5", "S6")


def notice(request: Request) -> Response:
    """What changes, and what is usual; until the story is there, what was said when it was last told."""
    found = shown_first(request)
    if found is not None:
        values = found.page(NAME)
        looks = looking_back(request, values["ends"])
        return _page(request, values, looks=looks, as_it_stood=found.as_it_stood)
    story = story_here(request)
    if isinstance(story, Response):
        return story
    return _page(request, said(story), looks=looking_back(request, notable=notable_days(desk_of(request))))


def said(story: Story) -> Values:
    """What Notice puts into its template."""
    answers = answers_of(story, ROWS)
    groups = sorted(groups_of(answers), key=lambda one: one.heading == HEADINGS["S2"])
    return frame_of(PATH, story, answers_of(story, (*ROWS, *SLOW))) | {
        "groups": [asdict(one) for one in groups],
        "each": [asdict(one) for one in each_of([one for one in answers if is_count(one)])],
        "alt": str(notice_picture(story.timeline, answers, width=WIDE, title=None)["description"]),
        "ends": ends_of(story.timeline, story.context.as_of.as_local.date()),
    }


def _page(request: Request, values: Values, *, looks: LookingBack | None, as_it_stood: str = "") -> Response:
    figure = pictured(request, f"{PATH}/picture.svg", values["alt"], wide=WIDE, phone=PHONE)
    return chapter_of(request, PATH, figure=figure, looks=looks, as_it_stood=as_it_stood, **values)


def picture(request: Request) -> Response:
    """What is noticed, over one time axis."""
    return picture_of(request, NAME, _spec)


def _spec(story: Story, width: int) -> Spec:
    return notice_picture(story.timeline, answers_of(story, ROWS), width=width, title=None)


ROUTES = (Route(PATH, notice), Route(f"{PATH}/picture.svg", picture))
