"""Pattern: what strains, what restores, and what came before and after what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from mainstay.report.labels import in_words
from mainstay.report.patterns_pictures import patterns_section
from mainstay.web.chapters import answers_of, chapter, story_here
from mainstay.web.desk import Working
from mainstay.web.showing import cut_of, desk_of, one_moment
from mainstay.web.told import groups_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.quantities import Answer
    from mainstay.timeline.kinds import Timeline

PATH, ROWS = "/patterns", ("S9", "S10", "S11", "S12", "S13", "S16")
SLOW = "Every pair of events is being compared with other weeks. This takes some seconds."


def patterns(request: Request) -> Response:
    """What is sought when it is too much, what it does, and what that shares."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    answers = answers_of(story, ROWS)
    return chapter(
        request, PATH, story, answers, groups=groups_of(answers), parts=(patterns_section(answers),),
        more=f"{PATH}/before-and-after", more_says="Where and when each is sought, and what came before what",
    )  # fmt: skip


def before_and_after(request: Request) -> Response:
    """Where and when refuges are sought, and what came before and after what: worked out when it is asked for."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    found = desk_of(request).made("patterns in detail", _in_detail, cut_of(request), said=SLOW)
    if isinstance(found, Working):
        return one_moment(request, found.said)
    answers = in_words(found, story.timeline)
    about = answers_of(story, ROWS)
    return chapter(
        request, PATH, story, about, groups=groups_of(answers), asks="Where, when, and what came before what"
    )


def _in_detail(timeline: Timeline) -> tuple[Answer, ...]:
    from mainstay.patterns.answering import in_detail
    from mainstay.strain.fitting import fit

    return in_detail(timeline, fit(timeline))


ROUTES = (Route(PATH, patterns), Route(f"{PATH}/before-and-after", before_and_after))
