"""The check-in of ten seconds: what the person usually answers, one tap each on its scale, and one button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from starlette.routing import Route

from mainstay.doors import noting
from mainstay.errors import BadRecord, BadRequest
from mainstay.records import logged
from mainstay.records.kinds import CheckIn, Item, Record
from mainstay.records.typed import number, one_of
from mainstay.web.forms import Fields, posted
from mainstay.web.pages.write_choices import happened_typed, same_time
from mainstay.web.pages.write_choices import when as happened_at
from mainstay.web.pages.write_form import Ask, Here, raw
from mainstay.web.pages.write_page import PATH, here, here_now, keep, standing_record
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.records.kinds import Better
    from mainstay.timeline.kinds import Timeline

USUALLY_DAYS = 60.0
MOST_TAPS = 11


@dataclass(frozen=True)
class Asked:
    """An item as it is asked. `taps`: the answers where each is one tap; else a number is typed.

    `key` names its field: the item's place by name among all items, so that no name stands in the page's addresses.
    """

    key: str
    item: Item
    taps: tuple[float, ...]
    said: str = ""
    wrong: str = ""

    @property
    def low(self) -> str:
        """What the low end of its scale means."""
        return self.item.low_anchor or ("better" if self.item.better == "low" else "worse")

    @property
    def high(self) -> str:
        """What the high end means."""
        return self.item.high_anchor or ("better" if self.item.better == "high" else "worse")


def usual(timeline: Timeline) -> tuple[tuple[Asked, ...], tuple[Asked, ...]]:
    """The items of the last two months, the one of strain first, then those answered most often; and the others."""
    since = timeline.days - USUALLY_DAYS
    counts = {name: int((one.times >= since).sum()) for name, one in timeline.ratings.items()}
    items = tuple(one.item for one in timeline.ratings.values())
    asked = asked_of(items)
    order = sorted(asked, key=lambda one: (one.item.name != timeline.anchor, -counts[one.item.name], one.item.name))
    often = tuple(one for one in order if counts[one.item.name])
    return often or tuple(order), tuple(one for one in order if often and not counts[one.item.name])


def asked_of(
    items: Sequence[Item], said: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None
) -> tuple[Asked, ...]:
    """Every item as it is asked, by name, with what was answered."""
    ordered = sorted(items, key=lambda one: one.name)
    return tuple(
        Asked(f"item{k}", one, _taps(one), (said or {}).get(f"item{k}", ""), (wrong or {}).get(f"item{k}", ""))
        for k, one in enumerate(ordered)
    )


def _taps(item: Item) -> tuple[float, ...]:
    steps = item.high - item.low
    if not item.ordinal or steps != int(steps) or steps + 1 > MOST_TAPS:
        return ()
    return tuple(item.low + k for k in range(int(steps) + 1))


def answers(asked: Sequence[Asked]) -> tuple[list[tuple[Item, float]], dict[str, str]]:
    """What was answered; and by field what is no answer."""
    found: list[tuple[Item, float]] = []
    wrong: dict[str, str] = {}
    for one in asked:
        if not one.said.strip():
            continue
        try:
            value = number(one.said.strip())
        except BadRequest as refused:
            wrong[one.key] = str(refused)
            continue
        if not one.item.low <= value <= one.item.high:
            wrong[one.key] = f"a number from {one.item.low:g} to {one.item.high:g}"
            continue
        found.append((one.item, value))
    return found, wrong


def page(request: Request) -> Response:
    """Everything that can be answered, at another time too; or one answer put right (`?of=`)."""
    known = here(desk_of(request))
    of = request.query_params.get("of", "")
    if not of:
        return _shown(request, known, {}, {})
    record = standing_record(of, known)
    if not isinstance(record.body, CheckIn):
        return go(f"{PATH}/correct/{record.id}")
    day, _, clock = happened_typed(record.happened).partition(" ")
    said = {"of": record.id, "when.day": day, "when.time": clock}
    said |= {one.key: f"{record.body.value:g}" for one in asked_of(known.items) if one.item.name == record.body.item}
    return _shown(request, known, said, {})


def sent(request: Request, fields: Fields) -> Response:
    """Keeps what was answered, and an item that is described for the first time."""
    desk = desk_of(request)
    with desk.writing() as book:
        now = desk.clock()
        known = here_now(book, now)
        of = fields.text("of")
        replaces = standing_record(of, known) if of else None
        found, wrong = answers(asked_of(known.items, fields))
        if fields.text("new.name"):
            _described(fields, found, wrong)
        try:
            when = same_time(happened_at(raw(_WHEN, "when", fields), known), replaces)
        except BadRequest as refused:
            wrong["when"] = str(refused)
        if not wrong:
            try:
                note = noting.check_ins(
                    found, when, known, now=now, replaces=_one(replaces, found), anchor=bool(fields.text("new.anchor"))
                )
                return keep(request, book, note, now, "/" if fields.text("back") == "/" else PATH)
            except (BadRecord, BadRequest) as refused:
                wrong[""] = str(refused)
    return _shown(request, known, fields, wrong)


def _one(replaces: Record | None, found: Sequence[tuple[Item, float]]) -> Record | None:
    """What is put right. Refuses several answers in the place of one."""
    if replaces is None:
        return None
    if len(found) != 1 or not isinstance(replaces.body, CheckIn) or found[0][0].name != replaces.body.item:
        raise BadRequest("one answer is put right at a time, by another on the same question")
    return replaces


def _described(fields: Fields, found: list[tuple[Item, float]], wrong: dict[str, str]) -> None:
    """A new item with its first answer."""
    try:
        low, high = number(fields.text("new.low")), number(fields.text("new.high"))
        better = one_of(fields.text("new.better"), ("low", "high"))
        item = logged.described(
            fields.text("new.name"), low, high, cast("Better", better), label=fields.text("new.question"),
            ordinal=not fields.text("new.between"),
        )  # fmt: skip
        found.insert(0, (item, number(fields.text("new.value"))))
    except (BadRecord, BadRequest) as refused:
        wrong["new"] = str(refused)


def _shown(request: Request, known: Here, said: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
    of = said.get("of", "")
    items = known.items
    if of:
        record = standing_record(of, known)
        items = tuple(one for one in items if isinstance(record.body, CheckIn) and one.name == record.body.item)
    every = asked_of(known.items, said, wrong)
    return show(
        request, "write_check_in.html", title="Check in", asked=[one for one in every if one.item in items], of=of,
        said=said, wrong=wrong, back=PATH, day=said.get("when.day", ""), time=said.get("when.time", ""),
        may_describe=not of, status=400 if wrong else 200, cut=None,
    )  # fmt: skip


_WHEN = Ask("when", "When?", happened_at, "moment")


def routes(path: str) -> tuple[Route, ...]:
    """The check-in's addresses."""
    return (Route(path, page, methods=["GET"]), Route(path, posted(sent), methods=["POST"]))
