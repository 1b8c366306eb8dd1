"""What the pages of the story share: answers in words, each with what stands behind it, and the way back in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from mainstay.report.labels import in_words
from mainstay.report.standing import STANDINGS
from mainstay.report.text import context_line
from mainstay.story import ended
from mainstay.web.drawing import drawn, drawn_before, made_ready
from mainstay.web.first_look import look
from mainstay.web.links import linked_markup
from mainstay.web.looking_back import looking_back
from mainstay.web.replayed import notable_days
from mainstay.web.showing import AS_OF, CHAPTERS, desk_of, show, story_or_waiting

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.quantities import Answer
    from mainstay.report.figure import Spec
    from mainstay.story import Story
    from mainstay.web.first_look import Look, Values


def story_here(request: Request) -> Story | Response:
    """The story as of the date in the address; else what is shown in its place: how to begin, or a moment's wait."""
    with desk_of(request).casebook() as book:
        if not book.streams():
            return show(request, "empty.html", title="Nothing is on record yet")
    made_ready()
    return story_or_waiting(request)


def answers_of(story: Story, rows: Sequence[str]) -> tuple[Answer, ...]:
    """The answers of these rows, in words for people."""
    return in_words([one for one in story.answers if one.row in rows], story.timeline)


def shown_first(request: Request) -> Look | None:
    """What a page shows until the story is there, which is begun meanwhile; None: the story is there, or nothing is
    kept that may be shown. As of an earlier day always None."""
    desk = desk_of(request)
    if request.query_params.get(AS_OF) or desk.is_told:
        return None
    found = look(desk)
    if found is not None:
        desk.begin_soon()
    return found


def picture_of(request: Request, name: str, spec_of: Callable[[Story, int], Spec]) -> Response:
    """A page's picture: as it was kept with what is shown first, else drawn at a width from the story."""
    before = drawn_before(request, shown_first(request), name)
    if before is not None:
        return before
    story = story_here(request)
    if isinstance(story, Response):
        return story
    return drawn(request, story, name, lambda width: spec_of(story, width))


def frame_of(path: str, story: Story, answers: Sequence[Answer]) -> Values:
    """What stands around a chapter: the answer in brief, and what it is told from."""
    return {
        "standing": asdict(STANDINGS[path](answers)), "note": ended(story.timeline),
        "context": context_line(story.context),
    }  # fmt: skip


def chapter(
    request: Request,
    path: str,
    story: Story,
    answers: Sequence[Answer],
    *,
    template: str = "chapter.html",
    **values: Any,
) -> Response:
    """A chapter as a page: its question, the answer to it in brief, and what the chapter puts below.

    `answers`: those of the chapter. `values`: as for `chapter_of`.
    """
    looks = looking_back(request, notable=notable_days(desk_of(request)))
    return chapter_of(request, path, template, **frame_of(path, story, answers), looks=looks, **values)


def chapter_of(request: Request, path: str, template: str = "chapter.html", **values: Any) -> Response:
    """A chapter from what stands around it (`frame_of`) and in it.

    `values`: `parts`, a report's own markup; `figure`; `groups` of answers; `each` of them, folded away; `more`, a
    place to go on to, with what it is called; and what else its template shows.
    """
    place = next(one for one in CHAPTERS if one.path == path)
    parts = values.pop("parts", ())
    frame: dict[str, Any] = {
        "title": place.name, "asks": place.asks, "drawn": linked_markup("\n".join(one for one in parts if one)),
        "figure": "", "groups": (), "each": (), "more": "", "more_says": "",
    }  # fmt: skip
    return show(request, template, **(frame | values))
