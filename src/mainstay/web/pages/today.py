"""Today: how things stand in one sentence, the picture, one thing that could be done, where each chapter stands."""

from __future__ import annotations

from dataclasses import asdict
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
from mainstay.web.chapters import picture_of, shown_first, story_here
from mainstay.web.drawing import pictured
from mainstay.web.links import suggested
from mainstay.web.looking_back import ends_of, looking_back
from mainstay.web.pages.trial_found import due_today
from mainstay.web.pages.write_check_in import usual
from mainstay.web.replayed import notable_days
from mainstay.web.showing import CHAPTERS, cut_of, desk_of, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.report.figure import Spec
    from mainstay.story import Story
    from mainstay.web.first_look import Values
    from mainstay.web.looking_back import LookingBack

NAME = "today"
MOST_ASKED = 4
"""How many items the check-in on Today asks; what is answered less often is asked where things are written down."""


def today(request: Request) -> Response:
    """How things stand; until the story is there, how they stood when it was last told."""
    found = shown_first(request)
    if found is not None:
        values = found.page(NAME)
        looks = looking_back(request, values["ends"])
        now = {} if found.exact else {"trials": ()}  # what is due is due on a day
        return _page(request, values | now, looks=looks, as_it_stood=found.as_it_stood)
    story = story_here(request)
    if isinstance(story, Response):
        return story
    looks = looking_back(request, notable=notable_days(desk_of(request)))
    now = {} if cut_of(request) is None else {"asked": (), "trials": ()}
    return _page(request, said(story) | now, looks=looks)


def said(story: Story) -> Values:
    """What Today puts into its template."""
    answers, alert = in_words(story.answers, story.timeline), story.alert
    action, done_at = suggested(alert.action)
    asked = usual(story.timeline)[0][:MOST_ASKED]
    return {
        "alert": {"tier": alert.tier, "sentence": alert.sentence, "note": alert.note, "budget": alert.budget},
        "raised": [{"by": one.by, "lowered_by": one.lowered_by} for one in alert.raised],
        "tier": TIER_WORDS[alert.tier], "action": action, "done_at": done_at and asdict(done_at),
        "context": context_line(story.context), "table": picture_table(story.timeline, story.curves),
        "alt": f"{headline(answers)}. {caption(story.timeline, story.curves)}",
        "stands": {path: begun(STANDINGS[path](answers).clause) for path in STANDINGS},
        "asked": [asdict(one) | {"low": one.low, "high": one.high} for one in asked],
        "trials": [(key, name, asdict(day)) for key, name, day in due_today(story.timeline)],
        "ends": ends_of(story.timeline, story.context.as_of.as_local.date()),
    }  # fmt: skip


def _page(request: Request, values: Values, *, looks: LookingBack | None, as_it_stood: str = "") -> Response:
    stands = [(one, values["stands"][one.path]) for one in CHAPTERS if one.path in values["stands"]]
    picture = pictured(request, "/picture.svg", values["alt"], wide=WIDE, phone=PHONE)
    return show(
        request, "today.html", title="Today", back="/", looks=looks, as_it_stood=as_it_stood,
        **(values | {"picture": picture, "stands": stands}),
    )  # fmt: skip


def picture(request: Request) -> Response:
    """The picture as an image: `?width=1160&dark=1`."""
    return picture_of(request, NAME, _spec)


def _spec(story: Story, width: int) -> Spec:
    return picture_spec(story.timeline, story.curves, width=width, title=None)


ROUTES = (Route("/", today), Route("/picture.svg", picture))
