"""Explanations: what could be behind it, what speaks for and against each, what to look at next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from mainstay.report.explanations_html import explanations_parts
from mainstay.web.chapters import answers_of, chapter, story_here
from mainstay.web.told import each_of

if TYPE_CHECKING:
    from starlette.requests import Request

PATH, ROWS = "/explanations", ("S10", "S11", "S12", "S13", "S14", "S15", "S16", "S17")

OWN_ROWS = ("S14", "S15", "S17")
"""The others are told one by one by the patterns; here they are what is to be explained."""


def explanations(request: Request) -> Response:
    """Each cause with its evidence."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    answers = answers_of(story, ROWS)
    _, *parts = explanations_parts(answers, patterns=False)
    each = each_of([one for one in answers if one.row in OWN_ROWS])
    return chapter(
        request, PATH, story, answers, parts=parts, each=each, more="/write/hypothesis",
        more_says="Write down a cause of your own",
    )  # fmt: skip


ROUTES = (Route(PATH, explanations),)
