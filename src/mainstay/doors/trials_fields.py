"""A trial's plan from the fields of a form, each as somebody types it: asked one by one, or all at once on a page.

| field | what it says | left out |
|---|---|---|
| `tried`, `what` | what is tried, in a few words; what is done exactly | `what` may be |
| `place`, `clothes`, `people` | the setting of it | each may be |
| `usual` | what the other days are called | "as usual" |
| `outcome` | an item or event on record | |
| `better` | "less" or "more" | where the item says it |
| `matters` | the least difference that would matter | |
| `kind` | "contacts", "blocks" or "start" | |
| `a_week`, `weeks` | of contacts: days a week, weeks; of start: weeks in all | |
| `period`, `washout`, `pairs` | of blocks: days at a time, days left out after a change, times each | `washout`: none |
| `start` | the first day, a date or "tomorrow" | next Monday |
| `harm` | how much worse ends it | no such limit |
| `question`, `name` | what is to be known; a short name | |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant
from mainstay.records import typed
from mainstay.records.kinds import Item
from mainstay.records.statements_hypothesis import same_name
from mainstay.records.statements_protocol import Arm, DesignTable, OutcomeTable, ProtocolFile, StoppingTable

MOST_WEEKS, MOST_PERIOD, MOST_PAIRS, MOST_A_WEEK = 104, 28, 60, 6
FURTHEST_DAYS = 366
LARGEST = 1e6
LONGEST_WHOLE = 6
KINDS = ("contacts", "blocks", "start")
OF_KIND = {
    "contacts": ("a_week", "weeks"),
    "start": ("weeks",),
    "blocks": ("period", "washout", "pairs"),
}
"""The fields that go with each way of dealing out the days."""
BEFORE = ("tried", "what", "place", "clothes", "people", "usual", "outcome", "better", "matters", "kind")
AFTER = ("start", "harm", "question", "name")
MAY_BE_EMPTY = ("what", "place", "clothes", "people", "usual", "better", "washout", "start", "harm")


@dataclass(frozen=True, slots=True)
class Known:
    """What a plan is read against: `items` and `events` that can be looked at, names that are taken (`begun`), now."""

    items: tuple[Item, ...]
    events: tuple[str, ...]
    begun: tuple[str, ...]
    now: Instant

    def item(self, name: str) -> Item | None:
        """An item by its name."""
        return next((one for one in self.items if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something of a plan can't be: the field (of the form, or of the plan's file), and a sentence."""

    field: str
    why: str


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields of a form, in the order in which they are asked."""
    return (*BEFORE, *OF_KIND.get(kind, ()), *AFTER)


def read_field(field: str, said: str, known: Known, so_far: Mapping[str, Any]) -> Any:
    """What one field says. `so_far`: what the fields before it said. Refuses (`BadRequest`) what can't be used."""
    said = said.strip()
    if field not in READ:
        raise BadRequest(f"{field!r} is no field of a plan; they are {', '.join(READ)}")
    if not said and field not in MAY_BE_EMPTY:
        raise BadRequest("this can't be left out")
    return READ[field](said, known, so_far)


def from_fields(said: Mapping[str, str], known: Known) -> ProtocolFile | tuple[Refused, ...]:
    """A protocol from all fields of a form, or each field that can't be used with the reason."""
    values: dict[str, Any] = {}
    refused: list[Refused] = []
    wanted = fields_of(said.get("kind", "").strip().lower())
    for field in wanted:
        try:
            values[field] = read_field(field, said.get(field, ""), known, values)
        except (BadRecord, BadRequest) as error:
            refused.append(Refused(field, str(error)))
    refused += [Refused(one, "no field of a plan is called so") for one in said if one not in READ]
    return tuple(refused) if refused else protocol_of(values, known)


def protocol_of(values: Mapping[str, Any], known: Known) -> ProtocolFile:
    """The protocol that the fields make, each as `read_field` gave it."""
    outcome = outcome_of(values, known)
    return ProtocolFile(
        name=values["name"],
        question=values["question"],
        start=values["start"],
        arm=(
            Arm(name=values["usual"]),
            Arm(
                name=values["tried"], what=values["what"], place=values["place"], clothes=values["clothes"],
                people=values["people"],
            ),
        ),
        design=design_of(values),
        outcome=outcome,
        matters=values["matters"],
        stopping=StoppingTable(harm=values["harm"]),
    )  # fmt: skip


def outcome_of(values: Mapping[str, Any], known: Known) -> OutcomeTable:
    """What is looked at."""
    name, better = values["outcome"], values["better"]
    if known.item(name) is not None:
        return OutcomeTable(item=name, better=better)
    return OutcomeTable(event=name, better=better)


def design_of(values: Mapping[str, Any]) -> DesignTable:
    """How the days are dealt out."""
    kind = values["kind"]
    if kind == "contacts":
        return DesignTable(kind="contacts", a_week=values["a_week"], days=7 * values["weeks"])
    if kind == "start":
        days = 7 * values["weeks"]
        phases = (values["usual"], values["tried"])
        return DesignTable(kind="start_by_lot", phases=phases, days=days, least=max(3, days // 8))
    period = values["period"]
    return DesignTable(
        kind="blocks", period=period, block=2, washout=values["washout"], days=2 * period * values["pairs"]
    )


def own_better(known: Known, outcome: str) -> Literal["low", "high"] | None:
    """Which side of an outcome is better, where its item says it."""
    item = known.item(outcome)
    return None if item is None or item.better is None else item.better


def _usual(said: str, known: Known, so_far: Mapping[str, Any]) -> str:
    name = typed.name(said or "as usual")
    if "tried" in so_far and same_name(name, so_far["tried"]):
        raise BadRequest("that is what is tried; the other days need a name of their own")
    return name


def _outcome(said: str, known: Known, so_far: Mapping[str, Any]) -> str:
    names = (*(one.name for one in known.items), *known.events)
    found = next((one for one in names if one.casefold() == said.casefold()), None)
    if found is None:
        raise BadRequest(f"nothing on record is called {said[:40]!r}{typed.close_to(said, names)}")
    return typed.name(found)


def _better(said: str, known: Known, so_far: Mapping[str, Any]) -> str:
    own = own_better(known, so_far.get("outcome", ""))
    if not said and own is not None:
        return own
    better = "low" if typed.one_of(said, ("less", "more")) == "less" else "high"
    if own is not None and better != own:
        raise BadRequest(f"on record {'less' if own == 'low' else 'more'} of it is better")
    return better


def _start(said: str, known: Known, so_far: Mapping[str, Any]) -> date:
    if said:
        return typed.day_to_come(said, known.now, within_days=FURTHEST_DAYS)
    today = known.now.as_local.date()
    return today + timedelta(days=7 - today.weekday())


def _free(said: str, known: Known, so_far: Mapping[str, Any]) -> str:
    name = typed.name(said)
    if any(same_name(name, one) for one in known.begun):
        raise BadRequest(f"a trial called “{name}” has begun; another name")
    return name


def _washout(said: str, known: Known, so_far: Mapping[str, Any]) -> int:
    period = so_far.get("period", MOST_PERIOD)
    if (said and not _is_whole(said)) or not 0 <= int(said or "0") < period:
        raise BadRequest(f"a number of days from 0 to {period - 1}, fewer than a period has")
    return int(said or "0")


def _above_nothing(said: str) -> float:
    size = typed.number(said)
    if not 0.0 < size < LARGEST:
        raise BadRequest("a number above 0")
    return size


def _is_whole(said: str) -> bool:
    return said.isdecimal() and said.isascii() and len(said) <= LONGEST_WHOLE


def _whole(most: int) -> Callable[[str, Known, Mapping[str, Any]], int]:
    def read(said: str, known: Known, so_far: Mapping[str, Any]) -> int:
        if not _is_whole(said) or not 1 <= int(said) <= most:
            raise BadRequest(f"a whole number from 1 to {most}")
        return int(said)

    return read


def _plain(use: Callable[[str], Any]) -> Callable[[str, Known, Mapping[str, Any]], Any]:
    return lambda said, known, so_far: use(said)


READ: dict[str, Callable[[str, Known, Mapping[str, Any]], Any]] = {
    "tried": _plain(typed.name),
    "what": _plain(typed.line_or_none),
    "place": _plain(typed.line_or_none),
    "clothes": _plain(typed.line_or_none),
    "people": _plain(typed.line_or_none),
    "usual": _usual,
    "outcome": _outcome,
    "better": _better,
    "matters": _plain(_above_nothing),
    "kind": _plain(lambda said: typed.one_of(said, KINDS)),
    "a_week": _whole(MOST_A_WEEK),
    "weeks": _whole(MOST_WEEKS),
    "period": _whole(MOST_PERIOD),
    "washout": _washout,
    "pairs": _whole(MOST_PAIRS),
    "start": _start,
    "harm": _plain(lambda said: _above_nothing(said) if said else None),
    "question": _plain(typed.line),
    "name": _free,
}
"""What reads each field."""
