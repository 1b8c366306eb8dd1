"""Futures: how it could turn out, how soon a limit could be reached, what comes next, how forecasts have fared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from mainstay.report.futures_html import futures_parts
from mainstay.web.chapters import answers_of, chapter, story_here
from mainstay.web.desk import Working
from mainstay.web.drawing import as_images, drawn, figure_of
from mainstay.web.forms import Fields, posted
from mainstay.web.showing import cut_of, desk_of, go
from mainstay.web.told import each_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.futures.ledger_tally import Fared
    from mainstay.story import Story
    from mainstay.timeline.kinds import Timeline

PATH, ROWS = "/futures", ("S19",)
PATIENCE_S = 60.0


def futures(request: Request) -> Response:
    """How it could turn out."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    answers = answers_of(story, ROWS)
    fared, today = _ledger(request, story)
    _, *parts = futures_parts(answers, story.context, fared=fared, draws=as_images(request, PATH))
    foretells = any(one.status == "found" for one in answers)
    return chapter(
        request, PATH, story, answers, template="futures.html", parts=parts, each=each_of(answers),
        written_today=today, may_write=foretells and cut_of(request) is None,
        more="/write/scenario", more_says="Write down a way it could turn out",
    )  # fmt: skip


def _ledger(request: Request, story: Story) -> tuple[Fared, int]:
    """How the forecasts written down have fared, and how many were written down today."""
    from mainstay.doors.foretelling import fared_by, written_today

    desk = desk_of(request)
    with desk.casebook() as book:
        now = desk.clock()
        fared = fared_by(book, story.timeline, now, replay=cut_of(request) is not None)
        return fared, len(written_today(book, now))


def write_down(request: Request, fields: Fields) -> Response:
    """Writes down what is foreseen now, so that it can be held against what comes."""
    from mainstay.doors.foretelling import A_SEASON, Foreseen, made_now, write_down_now
    from mainstay.futures.answering import verdict_of

    desk = desk_of(request)
    story = desk.story(patience_s=PATIENCE_S)
    if isinstance(story, Working):
        return go(PATH, "Your records are still being read. Try again in a moment.", request=request)
    answers = tuple(one for one in story.answers if one.row in ROWS)

    def work(timeline: Timeline) -> int:
        with desk.casebook() as book:
            now = desk.clock()
            made = made_now(book, timeline, Foreseen(A_SEASON, verdict_of(answers)), now)
        with desk.writing() as book:
            write_down_now(book, timeline, made, now)
        return len(made)

    count = desk.made("forecasts written down", work, patience_s=PATIENCE_S)
    if isinstance(count, Working):
        return go(PATH, "Today’s forecasts are being written down.", request=request)
    said = "Written down. When their dates have come, this page says how they fared."
    return go(PATH, said if count else "Today’s forecasts were written down before.", request=request)


def figure(request: Request) -> Response:
    """A figure of the chapter."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    key = str(request.path_params["key"])
    fared, _ = _ledger(request, story) if key == "held" else (None, 0)
    answers = answers_of(story, ROWS)
    spec_of = figure_of(lambda draws: futures_parts(answers, story.context, fared=fared, draws=draws), key)
    return drawn(request, story, f"{PATH} {key}", spec_of)


ROUTES = (
    Route(PATH, futures),
    Route(f"{PATH}/figure/{{key}}.svg", figure),
    Route(f"{PATH}/write-down", posted(write_down), methods=["POST"]),
)
