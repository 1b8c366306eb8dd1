"""Options: what could be done, what is struck out and why, who bears what. Before that, once, what one leans to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from mainstay.errors import BadRequest
from mainstay.report.labels import in_words
from mainstay.report.options_html import options_parts
from mainstay.web.chapters import chapter, story_here
from mainstay.web.drawing import as_images, drawn, figure_of
from mainstay.web.forms import Fields, posted
from mainstay.web.showing import cut_of, desk_of, go, show
from mainstay.web.told import each_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.quantities import Answer
    from mainstay.story import Story

PATH, ROWS = "/options", ("S20", "S23")
RATHER_NOT = "rather not"


def options(request: Request) -> Response:
    """What holds up. Options that were never shown weighed are not shown before a leaning was asked for."""
    from mainstay.records.statements_option import options_of

    story = story_here(request)
    if isinstance(story, Response):
        return story
    looks_back = cut_of(request) is not None
    names = _to_lean_on(request)
    if names and not (looks_back and not options_of(story.timeline)[0]):  # a replay tells of none that came later
        return show(request, "leaning.html", title="Options", names=names, looks_back=looks_back)
    answers = _answers(request, story)
    lead, *parts = options_parts(answers, as_images(request, PATH))
    parts = parts if any(one.about == "options" for one in answers) else [lead, *parts]
    return chapter(
        request, PATH, story, answers, parts=parts, each=each_of(answers), more="/write/option",
        more_says="Write down an option",
    )  # fmt: skip


def _to_lean_on(request: Request) -> tuple[str, ...]:
    from mainstay.doors.choosing import to_lean_on
    from mainstay.records.statements_option import NOTHING

    desk = desk_of(request)
    with desk.casebook() as book:
        names = to_lean_on(book, desk.clock())
    return (*names, NOTHING) if names else ()


def _answers(request: Request, story: Story) -> tuple[Answer, ...]:
    """The answers about options, with the first leaning beside what came out."""
    from mainstay.doors.choosing import with_leaning

    desk = desk_of(request)
    told = [one for one in story.answers if one.row in ROWS]
    with desk.casebook() as book:
        replay = cut_of(request) is not None
        answers = with_leaning(book, story.timeline, told, desk.clock(), replay=replay, note=desk.said.append)
    return in_words(answers, story.timeline)


def lean(request: Request, fields: Fields) -> Response:
    """Seals which it would be, or that the person would rather not say; from then on the options are shown."""
    from mainstay.doors import noting, noting_deciding
    from mainstay.doors.choosing import shown_without_leaning
    from mainstay.records.statements_decision import LeaningFile

    names, chosen = _to_lean_on(request), fields.text("leaning")
    if not names:
        return go(PATH)
    if not chosen:
        return show(
            request, "leaning.html", title="Options", names=names, looks_back=False, status=400,
            wrong="Choose one, or say that you would rather not.",
        )  # fmt: skip
    desk = desk_of(request)
    with desk.writing() as book:
        now = desk.clock()
        if chosen == RATHER_NOT:
            shown_without_leaning(book, now)
            return go(PATH)
        if not (chosen.isascii() and chosen.isdecimal()) or not 0 < int(chosen[:4]) <= len(names):
            raise BadRequest("that is none of the options; go back and choose one")
        leaning = LeaningFile(option=names[int(chosen[:4]) - 1])
        note = noting_deciding.write("leaning", leaning, noting.on_record(book, now), None, now=now)
        noting.kept(book, note, now)
    return go(PATH, "Kept, and sealed with its date. It is set beside what comes out.", request=request)


def figure(request: Request) -> Response:
    """A figure of the chapter."""
    story = story_here(request)
    if isinstance(story, Response):
        return story
    answers = () if _to_lean_on(request) else _answers(request, story)
    key = str(request.path_params["key"])
    return drawn(request, story, f"{PATH} {key}", figure_of(lambda draws: options_parts(answers, draws), key))


ROUTES = (
    Route(PATH, options),
    Route(f"{PATH}/figure/{{key}}.svg", figure),
    Route(f"{PATH}/leaning", posted(lean), methods=["POST"]),
)
