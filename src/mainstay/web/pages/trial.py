"""Trial: did it work? One thing is tried properly: the trials on record, each one's page, its beginning and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from mainstay.doors import trials as steps
from mainstay.doors.trials_checks import plan_lines
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import CannotSay, in_words
from mainstay.records import typed
from mainstay.records.words import counted, listed
from mainstay.report.words import claim_of
from mainstay.trials.calendar import checklist, letter
from mainstay.web.desk import Working
from mainstay.web.forms import Fields, posted
from mainstay.web.looking_back import looking_back
from mainstay.web.pages import trial_days, trial_lengths, trial_plan, trial_report
from mainstay.web.pages.trial_found import (
    Day,
    Seen,
    days_of,
    key_of,
    last_day,
    named,
    outcome_words,
    over,
    seen,
    state_words,
    weeks_of,
)
from mainstay.web.showing import cut_of, desk_of, go, one_moment, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.trials.sealing import Trial


def trials(request: Request) -> Response:
    """The trials on record, what is to be done of them today; where there is none, what a trial is."""
    with desk_of(request).casebook() as book:
        if not book.streams():
            return show(request, "empty.html", title="Trial")
    found = seen(request)
    if isinstance(found, Response):
        return found
    if not found.trials:
        general = () if found.replay else trial_lengths.in_general(request)
        shown = show(request, "trial_none.html", title="Trial", general=general)
        if isinstance(general, Working):
            shown.headers["refresh"] = "2"
        return shown
    cards = [_card(request, found, one) for one in _in_order(found)]
    shown = show(
        request, "trial.html", title="Trial", cards=cards, replay=found.replay, looks=looking_back(request),
        standing=_standing(found),
    )  # fmt: skip
    if any(isinstance(one["told"], Working) for one in cards):
        shown.headers["refresh"] = "2"
    return shown


def _standing(found: Seen) -> str:
    """How many trials are going on, planned and over, in a sentence."""
    gone = sum(over(found, one) for one in found.trials)
    waiting_ = sum(one.begun is None for one in found.trials)
    going = len(found.trials) - gone - waiting_
    parts = [
        f"{counted(count, 'trial')} {'is' if count == 1 else 'are'} {what}"
        for count, what in ((going, "going on"), (waiting_, "planned"), (gone, "over"))
        if count
    ]
    return f"{listed(parts)}."


def _in_order(found: Seen) -> list[Trial]:
    """Those going on first, then those planned, then those that are over, the last one first."""
    rank = {one: (2 if over(found, one) else 1 if one.begun is None else 0) for one in found.trials}
    newest = found.trials[::-1]
    return sorted(newest, key=lambda one: rank[one])


def _card(request: Request, found: Seen, trial: Trial) -> dict[str, object]:
    days = days_of(found, trial)
    told = trial_report.claims_of(request, trial) if over(found, trial) else ()
    return {
        "trial": trial, "key": key_of(trial), "state": state_words(found, trial), "over": over(found, trial),
        "today": next((one for one in days if one.is_today), None), "open": _missed(days), "told": told,
    }  # fmt: skip


def _missed(days: tuple[Day, ...]) -> int:
    return sum(one.how == "unwritten" and not one.is_today for one in days)


def trial(request: Request) -> Response:
    """One trial: its plan before it begins; its days, today's first, once they are drawn."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    if found.replay and not any(key_of(one) == request.path_params["key"] for one in found.trials):
        return go(f"/trial?{request.url.query}")
    return _shown(request, found, named(found.trials, request))


def _shown(request: Request, found: Seen, trial: Trial, *, wrong: str = "", why: str = "") -> Response:
    frame: dict[str, Any] = {
        "title": "Trial", "trial": trial, "key": key_of(trial), "state": state_words(found, trial),
        "replay": found.replay, "says": trial.protocol.says, "outcome": outcome_words(found.timeline, trial),
        "ticks": checklist(trial.protocol.says, [one.label for one in found.timeline.roles if not one.is_self]),
        "arms": [(letter(k), one) for k, one in enumerate(trial.protocol.says.arm)], "wrong": wrong,
        "status": 400 if wrong else 200,
    }  # fmt: skip
    if trial.begun is None:
        planned = _planned(request, found, trial)
        shown = show(request, "trial_planned.html", **frame, **planned)
        if isinstance(planned["chance"], Working):
            shown.headers["refresh"] = "2"
        return shown
    days = days_of(found, trial)
    return show(
        request, "trial_begun.html", **frame, days=days, weeks=weeks_of(days), missed=_missed(days), why=why,
        today=next((one for one in days if one.is_today), None), over=over(found, trial),
        last=in_words(last_day(trial)), looked=sum(one.says.kind == "looked" for one in trial.notes),
        looks=looking_back(request), seal=trial.begun.says.digest, begun=trial.begun.written.day_in_words,
    )  # fmt: skip


def _planned(request: Request, found: Seen, trial: Trial) -> dict[str, Any]:
    """What a plan comes to, as far as it can be begun."""
    says, allowed = trial.protocol.says, trial.space
    if isinstance(allowed, CannotSay):
        return {"lines": [claim_of(allowed)], "may_begin": False, "chance": "", "gone": False}
    with desk_of(request).casebook() as book:
        known = steps.on_record(book, now=desk_of(request).clock()).known
    gone = says.start < found.today
    return {
        "lines": plan_lines(says, allowed, known), "may_begin": not gone and not found.replay, "gone": gone,
        "chance": trial_lengths.of_plan(request, key_of(trial), says) if allowed.randomised else "",
    }  # fmt: skip


def start(request: Request, fields: Fields) -> Response:
    """The days are drawn by lot and the plan is sealed with them; one that has begun stays as it is."""
    desk = desk_of(request)
    now = desk.clock()
    with desk.writing() as book:
        found = named(steps.on_record(book, now=now).trials, request)
        if found.begun is None:
            steps.start(book, found.name, now=now)
    said = "The days are drawn, and the plan is sealed with them." if found.begun is None else ""
    return go(f"/trial/{key_of(found)}", said, request=request)


def end(request: Request, fields: Fields) -> Response:
    """The trial is over from today on, with the reason that the report tells."""
    desk = desk_of(request)
    now, why = desk.clock(), fields.text("why")
    try:
        said = typed.line(why)
        with desk.writing() as book:
            found = named(steps.on_record(book, now=now).trials, request)
            steps.end(book, found.name, why=said, now=now)
    except (BadRecord, BadRequest) as refused:
        told = seen(request)
        if isinstance(told, Response):
            return told
        wrong = str(refused) if why else "A few words on why; the report tells them."
        return _shown(request, told, named(told.trials, request), wrong=wrong, why=why)
    return go(
        f"/trial/{key_of(found)}/report", "It has ended. Nothing is lost: what was noted is told.", request=request
    )


def recovery(request: Request) -> Response:
    """How long the plan takes, and how long it would take to see whether it takes more to tip over."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    held = named(found.trials, request)
    lines = trial_lengths.whole(request, key_of(held), held.protocol.says, cut_of(request))
    if isinstance(lines, Working):
        return one_moment(request, lines.said)
    return show(request, "trial_lengths.html", title="How long it takes", trial=held, key=key_of(held), lines=lines)


ROUTES = (
    Route("/trial", trials),
    *trial_plan.ROUTES,
    Route("/trial/{key}", trial),
    Route("/trial/{key}/start", posted(start), methods=["POST"]),
    Route("/trial/{key}/end", posted(end), methods=["POST"]),
    Route("/trial/{key}/how-long", recovery),
    *trial_days.ROUTES,
    *trial_report.ROUTES,
)
