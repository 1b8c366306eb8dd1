"""A trial is planned: what is tried and looked at, then how the days are dealt out, then it is kept. Or as a file."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from mainstay.doors import trials as steps
from mainstay.doors.trials_fields import (
    FURTHEST_DAYS,
    KINDS,
    OF_KIND,
    READ,
    Known,
    fields_of,
    own_better,
    protocol_of,
    read_field,
)
from mainstay.errors import BadRecord, BadRequest
from mainstay.records.statements import LONGEST_NAME
from mainstay.records.statements_hypothesis import same_name
from mainstay.web.desk import Working
from mainstay.web.forms import Fields, posted
from mainstay.web.pages import trial_lengths
from mainstay.web.pages.trial_found import item_words, key_of, named, seen
from mainstay.web.pages.trial_lengths import FIXED, as_kind
from mainstay.web.showing import desk_of, go, one_moment, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.doors.trials import OnRecord
    from mainstay.records.statements_protocol import ProtocolFile

MOST_DRAFTS = 8
FIRST = ("tried", "outcome", "better", "matters")
SECOND = ("kind", "what", "place", "clothes", "people", "usual", "start", "harm", "question", "name")
FOLDED = ("what", "usual", "place", "clothes", "people", "harm")
WHERE = {"design": "kind"}
"""Where on the page something is told that the plan's checks name otherwise."""
WAYS = {
    "days": (
        "On half of all days",
        "What can be done on any day and is over by the next: an early night, no phone after nine.",
    ),
    "contacts": ("On some days a week", "A visit, an evening out: what takes more than any day gives."),
    "blocks": ("Some days with it, as many without", "What works for some days and then wears off."),
    "start": (
        "Once begun, it stays",
        "What can’t be taken back. Weaker: whatever else changes at that time changes with it.",
    ),
}


@dataclass(slots=True)
class Form:
    """What was typed, by the name of its input, and what can't be used of it. `was`: the key of a plan written anew."""

    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    was: str = ""

    def text(self, name: str) -> str:
        """What was typed."""
        return self.typed.get(name, "")

    def said(self) -> dict[str, str]:
        """The fields of the plan: of the ways of dealing out the days, those of the one that was chosen."""
        way = self.text("kind")
        own = {one: self.text(f"{way}.{one}") for one in OF_KIND.get(self._kind, ())}
        return {one: self.text(one) for one in fields_of(self._kind)} | as_kind(way, own)

    @property
    def _kind(self) -> str:
        """The kind of design that the way which was chosen stands for."""
        return as_kind(self.text("kind"), {})["kind"]

    def refuse(self, name: str, why: str) -> None:
        """Tell beside an input why what it holds can't be used."""
        way = self.text("kind")
        name = f"{way}.{name}" if name in OF_KIND.get(self._kind, ()) else WHERE.get(name, name)
        self.wrong.setdefault(name, why[:1].upper() + why[1:] + ("" if why.endswith((".", "?")) else "."))


class Drafts:
    """Plans that are being written: in memory only, the last few, each under a key of its own."""

    def __init__(self) -> None:
        self._held: dict[str, Form] = {}

    def keep(self, form: Form) -> str:
        """Hold what was typed; the key it is found by."""
        key = secrets.token_urlsafe(9)
        self._held = dict([*self._held.items(), (key, form)][-MOST_DRAFTS:])
        return key

    def find(self, key: str) -> Form | None:
        """What was typed, to be typed on."""
        held = self._held.get(key)
        return None if held is None else Form(dict(held.typed), was=held.was)

    def close(self) -> None:
        """Forget all of them."""
        self._held = {}


def _drafts(request: Request) -> Drafts:
    desk = desk_of(request)
    with desk.casebook():
        held = desk.beside.setdefault("trial plans", Drafts())
    assert isinstance(held, Drafts)
    return held


def new(request: Request) -> Response:
    """The first questions of a plan."""
    with desk_of(request).casebook() as book:
        if not book.streams():
            return show(request, "empty.html", title="Trial", cut=None)
    record = _on_record(request)
    return record if isinstance(record, Response) else _first(request, record, Form())


def _on_record(request: Request) -> OnRecord | Response:
    """What a plan is read against; where consent hides what is on record of trials, a page that says so."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    desk = desk_of(request)
    with desk.casebook() as book:
        return steps.on_record(book, now=desk.clock())


def planned(request: Request, fields: Fields) -> Response:
    """On to the ways of dealing out the days, back to the first questions, or the plan is kept."""
    record = _on_record(request)
    if isinstance(record, Response):
        return record
    form = Form({name: value.strip() for name, value in fields.items() if _is_ours(name)}, was=fields.text("was"))
    if form.was and not any(key_of(one) == form.was and one.begun is None for one in record.trials):
        return go("/trial", "That plan has begun, or was written anew meanwhile.", request=request)
    if fields.text("step") == "back":
        return _first(request, record, form)
    _check_first(form, record)
    if form.wrong:
        return _first(request, record, form)
    if fields.text("step") != "keep":
        return go(f"/trial/plan/{_drafts(request).keep(form)}")
    return _keep(request, form, record)


def drafted(request: Request) -> Response:
    """The ways of dealing out the days, once what each takes is worked out."""
    record = _on_record(request)
    if isinstance(record, Response):
        return record
    form = _drafts(request).find(request.path_params["draft"])
    return go("/trial/plan") if form is None else _second(request, record, form, waits=True)


def _is_ours(name: str) -> bool:
    way, _, own = name.partition(".")
    return name in READ or own in trial_lengths.USUAL.get(way, ())


def _check_first(form: Form, record: OnRecord) -> None:
    values: dict[str, Any] = {}
    for name in FIRST:
        try:
            values[name] = read_field(name, form.text(name), record.known, values)
        except (BadRecord, BadRequest) as error:
            if name != "better" or "outcome" in values:
                form.refuse(name, str(error))
    item = record.known.item(values.get("outcome", ""))
    if item is not None and not form.wrong and values["matters"] > item.high - item.low:
        form.refuse("matters", f"it is answered from {item.low:g} to {item.high:g}; so large a difference can’t be")


def _keep(request: Request, form: Form, record: OnRecord) -> Response:
    taken = [one.name for one in record.trials if one.begun is None and key_of(one) != form.was]
    if any(same_name(one, form.text("name")) for one in taken):
        form.refuse("name", "another plan is called so; another name")
    plan = steps.plan_from_fields(form.said(), record)
    for one in plan.refused:
        form.refuse(one.field, one.why)
    if form.wrong:
        return _first(request, record, form) if set(form.wrong) & set(FIRST) else _second(request, record, form)
    return _kept(request, plan, record)


def _kept(request: Request, plan: steps.Plan, record: OnRecord) -> Response:
    desk = desk_of(request)
    with desk.writing() as book:
        kept = steps.keep_plan(book, plan, record, now=desk.clock())
    return go(f"/trial/{key_of(kept.trial)}", "The plan is kept. It can be changed until it begins.", request=request)


def _first(request: Request, record: OnRecord, form: Form) -> Response:
    known = record.known
    items = [
        (
            one.name,
            item_words(one),
            "" if one.label.strip() in ("", one.name) else one.label,
            one.low,
            one.high,
            one.better,
        )
        for one in sorted(known.items, key=lambda one: one.name)
    ]
    hidden = {name: form.text(name) for name in form.typed if name not in FIRST}
    return show(
        request, "trial_plan.html", title="Plan a trial", cut=None, form=form, items=items, events=known.events,
        hidden=hidden, status=400 if form.wrong else 200,
    )  # fmt: skip


def _second(request: Request, record: OnRecord, form: Form, *, waits: bool = False) -> Response:
    """`waits`: until it is worked out how long each way takes; else it is told where it is known already."""
    known, now = record.known, record.now
    asked = {one: form.text(one) for one in FIRST}
    ways = trial_lengths.ways(request, asked, known)
    if isinstance(ways, Working):
        if waits:
            return one_moment(request, ways.said)
        ways = trial_lengths.untold()
    for way in ways:
        for name, value in way.begins.items():
            form.typed.setdefault(f"{way.name}.{name}", value)
    best = min((one for one in ways if one.weeks is not None), key=lambda one: one.weeks or 0, default=ways[0])
    form.typed.setdefault("kind", best.name)
    item = known.item(form.text("outcome"))
    outcome = form.text("outcome") if item is None else item_words(item)
    form.typed.setdefault("question", f"Does “{form.text('tried')}” make a difference to “{outcome}”?")
    form.typed.setdefault("name", _free_name(form.text("tried"), record))
    form.typed.setdefault("start", read_field("start", "", known, {}).isoformat())
    today = now.as_local.date()
    return show(
        request, "trial_ways.html", title="Plan a trial", cut=None, form=form,
        ways=[(one, *WAYS[one.name]) for one in ways],
        outcome=outcome, unit="points" if item is not None else "times a day", hidden=asked,
        tomorrow=today + timedelta(days=1), furthest=today + timedelta(days=FURTHEST_DAYS),
        open_folded=bool(set(form.wrong) & set(FOLDED)),
        status=400 if form.wrong else 200,
    )  # fmt: skip


def _free_name(tried: str, record: OnRecord) -> str:
    """What is tried as a name; with a number where a trial is called so already."""
    names = [one.name for one in record.trials]
    tries = (tried, *(f"{tried[: LONGEST_NAME - 4]} {k}" for k in range(2, len(names) + 3)))
    return next(one for one in tries if not any(same_name(one, name) for name in names))


def change(request: Request) -> Response:
    """A plan that has not begun, to be written anew: as the form, or as its file where the form can't hold it."""
    record = _on_record(request)
    if isinstance(record, Response):
        return record
    held = named(record.trials, request)
    if held.begun is not None:
        return go(f"/trial/{key_of(held)}", "It has begun; what was sealed stays.", request=request)
    typed = typed_as(held.protocol.says, record.known)
    if typed is None:
        return _as_file(request, held.protocol.text, ())
    return _second(request, record, Form(typed, was=key_of(held)), waits=True)


def typed_as(says: ProtocolFile, known: Known) -> dict[str, str] | None:
    """A plan as it would be typed into the form; None where the form can't hold all of it."""
    design = says.design
    kind = "start" if design.kind == "start_by_lot" else design.kind
    if kind not in KINDS or len(says.arm) != 2:
        return None
    first, second = says.arm
    values: dict[str, Any] = {
        "tried": second.name, "what": second.what, "place": second.place, "clothes": second.clothes,
        "people": second.people, "usual": first.name, "outcome": says.outcome.item or says.outcome.event,
        "better": says.outcome.better, "matters": says.matters, "kind": kind, "a_week": design.a_week,
        "weeks": design.days // 7, "period": design.period, "washout": design.washout,
        "pairs": design.days // (2 * design.period), "start": says.start, "harm": says.stopping.harm,
        "question": says.question, "name": says.name,
    }  # fmt: skip
    if protocol_of(values, known) != says:
        return None
    on_record = own_better(known, values["outcome"]) is not None
    values["better"] = "" if on_record else "less" if values["better"] == "low" else "more"
    plain = {name: _as_typed(value) for name, value in values.items()}
    way = next((one for one, fixed in FIXED.items() if fixed.items() <= plain.items()), kind)
    own = {f"{way}.{one}": plain[one] for one in trial_lengths.USUAL[way]}
    return {one: plain[one] for one in (*FIRST, *SECOND)} | {"kind": way} | own


def _as_typed(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def file(request: Request) -> Response:
    """A plan as a file, for what the form does not ask."""
    return _as_file(request, "", ())


def filed(request: Request, fields: Fields) -> Response:
    """A plan that was pasted is kept as it is written, or told what of it can't be."""
    record = _on_record(request)
    if isinstance(record, Response):
        return record
    plan = steps.plan_from_file(fields.get("toml", "").replace("\r\n", "\n"), record)
    if plan.refused:
        return _as_file(
            request, plan.text, [f"{one.field}: {one.why}" if one.field else one.why for one in plan.refused]
        )
    return _kept(request, plan, record)


def _as_file(request: Request, toml: str, wrong: Sequence[str]) -> Response:
    return show(
        request, "trial_file.html", title="Plan a trial", cut=None, toml=toml, wrong=wrong, status=400 if wrong else 200
    )


ROUTES = (
    Route("/trial/plan", new, methods=["GET"]),
    Route("/trial/plan", posted(planned), methods=["POST"]),
    Route("/trial/plan/file", file, methods=["GET"]),
    Route("/trial/plan/file", posted(filed), methods=["POST"]),
    Route("/trial/plan/{draft}", drafted),
    Route("/trial/{key}/change", change),
)
