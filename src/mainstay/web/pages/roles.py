"""Which role: hours declared and inferred, how far to trust that, and week by week what one click can settle."""

from __future__ import annotations

from datetime import date, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from mainstay.doors.dates import midnight
from mainstay.doors.noting import kept, taken_back
from mainstay.doors.settling_roles import settled
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import CannotSay, Instant, Span, in_words
from mainstay.records.kinds import Coverage, Episode
from mainstay.records.logged import BY_HAND
from mainstay.report.record_entries import time_on
from mainstay.report.roles_words import (
    MOST_HELP,
    MOSTLY,
    UNSAID,
    WEEKDAYS,
    hours_table,
    learnt_from,
    left_open,
    open_hours,
    trust,
    trust_table,
)
from mainstay.report.words import claim_of, percent, would_change
from mainstay.timeline.inferring import infer_roles
from mainstay.timeline.inferring_stretches import Stretch, stretches
from mainstay.web.desk import OWN, Working
from mainstay.web.forms import posted
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.casebook.views import HeldRecord
    from mainstay.timeline.inferring_kinds import InferredRoles
    from mainstay.timeline.kinds import Timeline
    from mainstay.web.forms import Fields

SAID = "Your roles are being worked out. With years of records this takes some seconds."
AGAIN_S = 2
WEEK = timedelta(days=7)
SURELY_NONE = 0.8
NAMES = ("hours", "noted", "inferred")


def roles(request: Request) -> Response:
    """The hours, and one week of them. What is inferred is worked out beside the page."""
    desk = desk_of(request)
    with desk.casebook() as book:
        if not book.streams():
            return show(request, "record_empty.html", title="Roles", cut=None)
    timeline = desk.timeline()
    found = desk.made("roles", infer_roles, said=SAID)
    inferred = None if isinstance(found, Working | CannotSay) else found
    first = _week_asked(request, timeline, inferred)
    with desk.casebook() as book:
        held = book.between(midnight(first), midnight(first + WEEK), OWN, now=desk.clock())
    rows = hours_table(timeline, inferred)[1]
    response = show(
        request, "roles.html", title="Roles", cut=None, names=[one.label for one in timeline.roles],
        hours=(NAMES[: 2 if inferred is None else 3], rows), cannot=_cannot(found),
        waiting=found.said if isinstance(found, Working) else "",
        about=None if inferred is None else _about(timeline, inferred), week=_week(timeline, inferred, first, held),
        first=first, week_in_words=f"{in_words(first)} to {in_words(first + WEEK - timedelta(days=1))}",
        before=first - WEEK, after=first + WEEK if first + WEEK <= timeline.as_of.as_local.date() else None,
    )  # fmt: skip
    if isinstance(found, Working):
        response.headers["refresh"] = str(AGAIN_S)
    return response


def _cannot(found: object) -> list[str]:
    """Why roles can't be inferred, where they can't."""
    if not isinstance(found, CannotSay):
        return []
    return [one for one in (claim_of(found), would_change(found) if found.need is not None else "") if one]


def _about(timeline: Timeline, found: InferredRoles) -> dict[str, Any]:
    helps = [
        f"{day}, {part}: {left:,.0f} of {all_:,.0f} hours"
        for day, part, left, all_ in open_hours(timeline, found)[:MOST_HELP]
    ]
    return {
        "trust": trust(found), "table": trust_table(found), "open": left_open(timeline, found),
        "learnt": learnt_from(found), "unsaid": UNSAID if found.stated < MOSTLY else "", "helps": helps,
    }  # fmt: skip


def _week_asked(request: Request, timeline: Timeline, found: InferredRoles | None) -> date:
    """The Monday of the week in the address; without one, of the last week in which anything is left to settle."""
    asked = request.query_params.get("week")
    last = timeline.instant(max(timeline.days - 1e-6, 0.0)).as_local.date()
    if asked is not None:
        try:
            day = date.fromisoformat(asked.strip())
        except ValueError:
            raise BadRequest(f"{asked[:40]!r} is no date; write it as {last}") from None
        if not date(1900, 1, 7) <= day <= timeline.as_of.as_local.date():
            raise BadRequest(f"{day} is no week to look back on; choose one up to {timeline.as_of.as_local.date()}")
    else:
        still = [] if found is None else found.middles[found.open_cells].tolist()
        day = timeline.instant(still[-1]).as_local.date() if still else last
    return day - timedelta(days=day.weekday())


def _week(
    timeline: Timeline, found: InferredRoles | None, first: date, held: tuple[HeldRecord, ...]
) -> list[dict[str, Any]]:
    """The days of a week that hold anything: what was declared, what is inferred, what looks like no role."""
    days = []
    for k in range(7):
        date_ = first + timedelta(days=k)
        day = Span(midnight(date_), midnight(date_ + timedelta(days=1)))
        declared = [_declared(one, day) for one in held if _is_role(one) and _touches(one, day)]
        guessed = [] if found is None else [_guessed(timeline, found, one, day) for one in _of(timeline, found, day)]
        shown = sorted([*declared, *(one for one in guessed if not one["none"])], key=itemgetter("order"))
        none = [one for one in guessed if one["none"]]
        days.append({"name": f"{WEEKDAYS[k]}, {in_words(date_)}", "rows": shown, "none": none})
    return days


def _of(timeline: Timeline, found: InferredRoles, day: Span) -> tuple[Stretch, ...]:
    return stretches(found, day.start.days_since(timeline.origin), day.end.days_since(timeline.origin))


def _is_role(one: HeldRecord) -> bool:
    """A stretch in a role that stands; or that a stretch was in none, where that was said by hand."""
    body = one.record.body
    none = isinstance(body, Coverage) and one.record.source == BY_HAND and body.intensity == 1.0 and bool(body.labels)
    return one.corrected_by is None and (none or (isinstance(body, Episode) and body.is_ == "role"))


def _touches(one: HeldRecord, day: Span) -> bool:
    happened = one.record.happened
    return isinstance(happened, Span) and happened.start < day.end and happened.end > day.start


def _declared(one: HeldRecord, day: Span) -> dict[str, Any]:
    body, happened = one.record.body, one.record.happened
    begun = happened.start if isinstance(happened, Span) else happened
    label = body.label if isinstance(body, Episode) else ""
    return {
        "kind": "declared", "order": max(begun, day.start).utc_us, "time": time_on(happened, day), "role": label,
        "id": one.record.id, "by_hand": one.record.source == BY_HAND, "none": False,
    }  # fmt: skip


def _guessed(timeline: Timeline, found: InferredRoles, one: Stretch, day: Span) -> dict[str, Any]:
    begun, over = timeline.instant(one.start), timeline.instant(one.end)
    state = found.states[one.state]
    chances = {role: sum(one.chances[i] for i, held in enumerate(found.states) if role in held) for role in found.roles}
    order = sorted(found.roles, key=lambda role: -chances[role])
    return {
        "kind": "inferred", "order": begun.utc_us, "time": time_on(Span(begun, over), day),
        "role": " and ".join(state), "chance": percent(one.chance), "decided": one.decided,
        "from": str(begun), "to": str(over), "roles": order, "none": not state and one.chance >= SURELY_NONE,
    }  # fmt: skip


def settle(request: Request, fields: Fields) -> Response:
    """One stretch is declared: in a role, or in none."""
    desk = desk_of(request)
    now = desk.clock()
    span = _span(fields)
    with desk.writing() as book:
        note = settled(fields.text("role"), span, desk.timeline(), now=now)
        added = kept(book, note, now)
    said = f"Noted: {note.said}." if added.new else "That is on record already."
    return go(f"/record/roles?week={span.start.as_local.date()}", said, request=request)


def _span(fields: Fields) -> Span:
    try:
        return Span(Instant.parse(fields.text("from")), Instant.parse(fields.text("to")))
    except BadRecord as error:
        raise BadRequest("this stretch can't be read; go back and choose one that is shown") from error


def take_back(request: Request, fields: Fields) -> Response:
    """What was settled by hand is taken back."""
    desk = desk_of(request)
    now = desk.clock()
    with desk.writing() as book:
        held = book.record(fields.text("id"), OWN, now=now)
        if held.record.source != BY_HAND or not _is_role(held):
            raise BadRequest("only what you settled by hand is taken back here")
        kept(book, taken_back(held.record, now=now), now)
    happened = held.record.happened
    begun = happened.start if isinstance(happened, Span) else happened
    return go(f"/record/roles?week={begun.as_local.date()}", "That is taken back.", request=request)


ROUTES = (
    Route("/record/roles", roles, methods=["GET"]),
    Route("/record/roles", posted(settle), methods=["POST"]),
    Route("/record/roles/back", posted(take_back), methods=["POST"]),
)
