"""The days of a trial: noted in two taps, several at once or one in full; taken along to a calendar or on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, cast

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from mainstay.doors import trials as steps
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant, in_words
from mainstay.records import typed
from mainstay.records.words import counted
from mainstay.trials.calendar import SETTING, checklist, letter
from mainstay.web.forms import Fields, posted
from mainstay.web.pages.trial_found import (
    Day,
    Seen,
    day_words,
    days_of,
    key_of,
    named,
    outcome_words,
    seen,
)
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.records.statements_protocol import TrialFile
    from mainstay.trials.sealing import Trial

AT_ONCE = 60
"""Days that are asked for at once: the last ones."""
TYPES = {"ics": "text/calendar", "csv": "text/csv"}
BACK = {"today": "/", "trials": "/trial", "trial": "/trial/{key}", "days": "/trial/{key}/days"}


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed of a day: whether it was kept, what it was instead, what of the setting held, a note."""

    kept: str = ""
    instead: str = ""
    ticked: tuple[str, ...] = ()
    note: str = ""


def days(request: Request) -> Response:
    """Every day with what was drawn and how it went; those that are open can be noted at once."""
    found = seen(request)
    return found if isinstance(found, Response) else _days(request, found, named(found.trials, request))


def _days(
    request: Request, found: Seen, trial: Trial, said: Mapping[str, Said] | None = None, wrong: str = ""
) -> Response:
    every = _begun(days_of(found, trial))
    missed = [one for one in every if one.how == "unwritten"]
    return show(
        request, "trial_days.html", title="Days of a trial", trial=trial, key=key_of(trial), replay=found.replay,
        open=missed[-AT_ONCE:], earlier=max(len(missed) - AT_ONCE, 0), said=said or {}, wrong=wrong,
        noted=[one for one in reversed(every) if one.how not in ("unwritten", "to come", "not reached")],
        status=400 if wrong else 200,
    )  # fmt: skip


def _begun(every: tuple[Day, ...]) -> tuple[Day, ...]:
    if not every:
        raise HTTPException(404)
    return every


def day(request: Request) -> Response:
    """One day in full: what it was instead, what of the setting held, a note."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    return _day(request, found, _date(request.path_params["day"]))


def _day(request: Request, found: Seen, asked: date, said: Said | None = None, wrong: str = "") -> Response:
    trial = named(found.trials, request)
    every = {one.day: one for one in _begun(days_of(found, trial))}
    at = every.get(asked)
    if at is None:
        raise HTTPException(404)
    arm = steps.arm_on(trial, asked)
    return show(
        request, "trial_day.html", title="A day of a trial", trial=trial, key=key_of(trial), day=at,
        replay=found.replay,
        setting=[(part, getattr(arm, part)) for part in SETTING if getattr(arm, part) is not None],
        arms=[one.name for one in trial.protocol.says.arm if one.name != arm.name], wrong=wrong,
        said=said or _said_before(trial, at), yesterday=every.get(asked - timedelta(days=1)),
        tomorrow=every.get(asked + timedelta(days=1)), status=400 if wrong else 200,
    )  # fmt: skip


def _said_before(trial: Trial, at: Day) -> Said:
    """What was noted of a day last."""
    for note in reversed(trial.notes):
        says = note.says
        if says.kind == "done" and says.day == at.day:
            return Said(says.kept or "", says.arm or "", says.ticked, says.why or "")
    return Said()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HTTPException(404) from None


def fill(request: Request, fields: Fields) -> Response:
    """What is noted of one day. What can't be used is told beside the day, with what was typed."""
    desk = desk_of(request)
    now, asked = desk.clock(), _date(fields.text("day"))
    said = Said(fields.text("kept"), fields.text("instead"), fields.all("ticked"), fields.text("note"))
    try:
        with desk.writing() as book:
            trial = named(steps.on_record(book, now=now).trials, request)
            steps.keep_days(book, trial, (_note(trial, asked, said, now),), now=now)
    except (BadRecord, BadRequest) as refused:
        found = seen(request)
        if isinstance(found, Response):
            return found
        return _day(request, found, asked, said, _told(refused))
    back = BACK.get(fields.text("back"), BACK["trial"]).format(key=key_of(trial))
    return go(back, f"Noted: {day_words(asked)}.", request=request)


def _told(refused: BadRecord | BadRequest) -> str:
    text = str(refused)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def fill_several(request: Request, fields: Fields) -> Response:
    """What is noted of several days, all or none."""
    desk = desk_of(request)
    now = desk.clock()
    said = {
        name.removeprefix("kept."): Said(value, note=fields.text(f"note.{name.removeprefix('kept.')}"))
        for name, value in fields.items()
        if name.startswith("kept.") and value
    }
    try:
        if not said:
            raise BadRequest("say of a day at least whether it was as drawn")
        with desk.writing() as book:
            trial = named(steps.on_record(book, now=now).trials, request)
            notes = [_note(trial, _date(one), said[one], now) for one in sorted(said)]
            steps.keep_days(book, trial, notes, now=now)
    except (BadRecord, BadRequest) as refused:
        found = seen(request)
        if isinstance(found, Response):
            return found
        return _days(request, found, named(found.trials, request), said, _told(refused))
    return go(f"/trial/{key_of(trial)}", f"Noted: {counted(len(notes), 'day')}.", request=request)


def _note(trial: Trial, at: date, said: Said, now: Instant) -> TrialFile:
    if not said.kept:
        raise BadRequest("say whether the day was as it was drawn")
    note = steps.day_note(trial, at, said.kept, instead=said.instead or None, ticked=said.ticked, now=now)
    return replace(note, why=typed.line_or_none(said.note))


def download(request: Request) -> Response:
    """The days as a file for a calendar, with neutral titles unless asked otherwise, or as a table to fill in."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    trial, kind = named(found.trials, request), request.path_params["kind"]
    if kind not in TYPES or trial.schedule is None:
        raise HTTPException(404)
    full = request.query_params.get("full") == "1"
    text = steps.calendar(trial, cast(Literal["ics", "csv"], kind), now=found.now, full=full)
    return Response(
        text.encode(), media_type=TYPES[kind], headers={"content-disposition": f'attachment; filename="days.{kind}"'}
    )


def paper(request: Request) -> Response:
    """A page to print: what is tried, the setting to tick off, every day with a box."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    trial = named(found.trials, request)
    every = _begun(days_of(found, trial))
    says = trial.protocol.says
    roles = [one.label for one in found.timeline.roles if not one.is_self]
    return show(
        request, "trial_print.html", title="Days of a trial", trial=trial, key=key_of(trial), days=every, says=says,
        arms=[(letter(k), one) for k, one in enumerate(says.arm)], ticks=checklist(says, roles),
        outcome=outcome_words(found.timeline, trial), first=in_words(every[0].day), last=in_words(every[-1].day),
    )  # fmt: skip


ROUTES = (
    Route("/trial/{key}/days", days, methods=["GET"]),
    Route("/trial/{key}/days", posted(fill_several), methods=["POST"]),
    Route("/trial/{key}/day", posted(fill), methods=["POST"]),
    Route("/trial/{key}/day/{day}", day),
    Route("/trial/{key}/days.{kind}", download),
    Route("/trial/{key}/print", paper),
)
