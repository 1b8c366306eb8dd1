"""`log check-in`, `event`, `role` and `contact`: what happened, in one line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import (
    asked,
    close_to,
    from_input,
    keep,
    listed,
    number,
    one_of,
    own_records,
    stretch_in_words,
    to_correct,
    when_in_words,
)
from mainstay.cli.log_times import edge, happened
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mainstay.records.kinds import Better, Is, Item, Record


def check_in(
    case: Path,
    name: str | None,
    value: float | None,
    *,
    at: str | None,
    low: float | None,
    high: float | None,
    better: str | None,
    question: str | None,
    continuous: bool,
    anchor: bool,
    replaces: str | None,
) -> None:
    """One answer on an item that is known, or described here; without one, every known item is asked in turn."""
    from mainstay.casebook import Casebook
    from mainstay.records import logged

    now = asking.now()
    when = happened(at, now)
    scale = (low, high, better)
    if better not in (None, "low", "high"):
        raise BadRequest(f"--better is low or high: which end of the scale is better; not {better!r}")
    if name is None and (any(one is not None for one in scale) or replaces or question or anchor or continuous):
        raise BadRequest("say which item you answer: mainstay log CASE check-in ITEM VALUE")
    if (name is None or value is None) and not asking.at_a_terminal():
        raise BadRequest("there is no terminal to ask on; say item and value: mainstay log CASE check-in mood 4")
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        records, items = own_records(casebook, now)
        if name is None:
            answers = _every(items)
            taken = tuple(logged.check_in(item, one, when, now=now) for item, one in answers)
            said = ", ".join(f"{item.name} {one:g}" for item, one in answers)
            keep(casebook, case, taken, f"{said}, {when_in_words(when, now)}", at=now)
            return
        known = {item.name: item for item in items}
        item = known.get(name) or _described(name, scale, question, continuous, known)
        if name in known and any(one is not None for one in scale):
            given = (low if low is not None else item.low, high if high is not None else item.high, better)
            if given[:2] != (item.low, item.high) or better not in (None, item.better):
                raise BadRequest(f"{name!r} is known on a scale of {item.low:g} to {item.high:g}, {item.better} better")
        if value is None:
            value = asked(f"{_shown(item)}: ", lambda said: _on(item, said))
        wrong = to_correct(replaces, records)
        when = wrong.happened if wrong is not None and at is None else when
        record = logged.check_in(item, value, when, now=now, replaces=wrong)
        keep(
            casebook,
            case,
            (record,),
            f"{item.name} {value:g}, {when_in_words(when, now)}",
            at=now,
            items=() if name in known else (item,),
            anchor=item.name if anchor else None,
        )


def _every(items: Iterable[Item]) -> list[tuple[Item, float]]:
    """Every item on record asked once; what is left empty is left out."""
    known = sorted(items, key=lambda item: item.name)
    if not known:
        raise BadRequest("no item is known yet; begin with one: mainstay log CASE check-in mood 4 --low 1 --high 7 …")
    print_lines(["Each on its own scale; Enter leaves one out."])
    said = [(item, asked(f"{_shown(item)}: ", partial(_on_or_none, item))) for item in known]
    answers = [(item, value) for item, value in said if value is not None]
    if not answers:
        raise BadRequest("nothing was answered, so nothing was noted")
    return answers


def _shown(item: Item) -> str:
    from mainstay.report.words import clean

    ends = [f"{end:g}{f' {word}' if word else ''}" for end, word in
            ((item.low, item.low_anchor), (item.high, item.high_anchor))]  # fmt: skip
    return clean(f"{item.label or item.name} ({ends[0]} to {ends[1]})")


def _on(item: Item, said: str) -> float:
    value = number(said)
    if not item.low <= value <= item.high:
        raise BadRequest(f"a number from {item.low:g} to {item.high:g}")
    return value


def _on_or_none(item: Item, said: str) -> float | None:
    return _on(item, said) if said else None


def _described(
    name: str,
    scale: tuple[float | None, float | None, str | None],
    question: str | None,
    continuous: bool,
    known: dict[str, Item],
) -> Item:
    """An item that is new to the casebook: by its scale, or asked for it."""
    from mainstay.records import logged

    logged.one_line("the item's name", name)
    low, high, better = scale
    if None in scale:
        if not asking.at_a_terminal():
            raise BadRequest(
                f"{name!r} is no item on record{close_to(name, known)}; known: {listed(known)}. To begin it, describe "
                "its scale: --low 1 --high 7 --better high"
            )
        print_lines([f"“{name}” is new here{close_to(name, known)}. Ctrl-C stops."])
        low = low if low is not None else asked("The lowest number of its scale: ", number)
        high = high if high is not None else asked("The highest number: ", number)
        better = better or asked("Which end is better, low or high? ", lambda said: one_of(said, ("low", "high")))
    assert low is not None
    assert high is not None
    return logged.described(name, low, high, cast("Better", better), label=question or "", ordinal=not continuous)


def event(
    case: Path,
    label: str,
    *,
    is_: str | None,
    size: float | None,
    contacts: tuple[str, ...],
    tags: tuple[str, ...],
    at: str | None,
    replaces: str | None,
) -> None:
    """Something that happened. What a label is to the person is taken from before, unless it is said."""
    from mainstay.casebook import Casebook
    from mainstay.records import kinds, logged

    now = asking.now()
    when = happened(at, now)
    kinds_of_event = get_args(kinds.Is)
    if is_ is not None and is_ not in kinds_of_event:
        raise BadRequest(f"--is {is_!r} is none of {', '.join(kinds_of_event)}")
    logged.one_line("the label", label)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        records, _ = own_records(casebook, now)
        meaning = is_ or _last_said(records, kinds.Event, label)
        if meaning is None:
            labels = {one.body.label for one in records if isinstance(one.body, kinds.Event)}
            if not asking.at_a_terminal():
                raise BadRequest(
                    f"{label!r} is new{close_to(label, labels)}; say what it is to you: --is {'|'.join(kinds_of_event)}"
                )
            print_lines([f"“{label}” is new here{close_to(label, labels)}. Ctrl-C stops."])
            meaning = asked(
                f"What is it to you: {', '.join(kinds_of_event)}? ", lambda said: one_of(said, kinds_of_event)
            )
        wrong = to_correct(replaces, records)
        when = wrong.happened if wrong is not None and at is None else when
        record = logged.event(
            label, cast("Is", meaning), when, now=now, size=size, contacts=contacts, tags=tags, replaces=wrong
        )  # fmt: skip
        more = f", size {size:g}" if size is not None else ""
        what = ", ".join((meaning, *tags))
        keep(casebook, case, (record,), f"{label} ({what}){more}, {when_in_words(when, now)}", at=now)


def _last_said(records: Iterable[Record], kind: type, label: str) -> Any:
    """What was said last of a label of this kind of record; None where it is new."""
    said = [one for one in records if isinstance(one.body, kind) and getattr(one.body, "label", None) == label]
    last = max(said, key=lambda one: (one.known, one.id), default=None)
    return None if last is None else getattr(last.body, "is_", None)


def role(case: Path, label: str, *, start: str, end: str | None, is_self: bool | None, replaces: str | None) -> None:
    """A stretch in a role. Whether it is time as oneself is taken from before, unless it is said."""
    from mainstay.casebook import Casebook
    from mainstay.quantities import Span
    from mainstay.records import logged
    from mainstay.records.kinds import Episode

    now = asking.now()
    begun, over = edge(start, now, option="--from"), edge(end, now, option="--to", end=True)
    if over <= begun:
        raise BadRequest(f"it can't end ({over}) before it begins ({begun}); check --from and --to")
    logged.one_line("the label", label)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        records, _ = own_records(casebook, now)
        if is_self is None:
            before = [one for one in records if isinstance(one.body, Episode) and one.body.label == label]
            last = max(before, key=lambda one: (one.known, one.id), default=None)
            is_self = last is not None and isinstance(last.body, Episode) and last.body.is_self
        span = Span(begun, over)
        record = logged.role(label, span, now=now, is_self=is_self, replaces=to_correct(replaces, records))
        as_oneself = ", as yourself" if is_self else ""
        keep(casebook, case, (record,), f"in the role {label}{as_oneself}, {stretch_in_words(span, now)}", at=now)


def contact(case: Path, *, since: str | None) -> None:
    """Somebody and what is true of them: asked, or from standard input; a name is never an argument."""
    from mainstay.casebook import Casebook
    from mainstay.records import kinds, logged

    now = asking.now()
    known = edge(since, now, option="--since")
    name, attributes = (None, ()) if asking.at_a_terminal() else _lines()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        records, _ = own_records(casebook, now)
        if name is None:
            said = {a.name for one in records if isinstance(one.body, kinds.Contact) for a in one.body.attributes}
            name, attributes = _asked_about(said)
        record = logged.contact(name, attributes, known, now=now)
        told = f": {', '.join(attributes)}" if attributes else ""
        keep(casebook, case, (record,), f"{name}{told}, known since {when_in_words(known, now)}", at=now)


def _asked_about(said: set[str]) -> tuple[str, tuple[str, ...]]:
    from mainstay.records import logged

    def one(text: str) -> str:
        logged.one_line("a name", text)
        return text

    name = asked("Who? ", one)
    print_lines(
        [
            "What is true of them, one thing a line; an empty line ends it."
            + (f" So far you used: {listed(said)}." if said else "")
        ]
    )
    found: list[str] = []
    while line := asked("> ", lambda text: one(text) if text else ""):
        found.append(line)
    return name, tuple(found)


def _lines() -> tuple[str, tuple[str, ...]]:
    """Who, and what is true of them, from the lines of standard input."""
    text = from_input()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadRequest(
            "standard input is empty; write a name on the first line and one attribute on each that follows"
        )
    return lines[0], tuple(lines[1:])
