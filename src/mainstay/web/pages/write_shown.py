"""A form as its template takes it: every field with its name, what stands in it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mainstay.doors.noting import OnRecord
from mainstay.web.pages.write_form import WHOLE, Ask, Form, Group, Options, Several, line_name, lines_in, raw


@dataclass(frozen=True)
class Field:
    """One field. `value`: what stands in it; `values`: what is ticked; `wrong`: why it can't be used."""

    ask: Ask
    name: str
    value: str
    wrong: str
    choices: Options = ()
    which: Options = ()
    which_value: str = ""
    day: str = ""
    time: str = ""
    suggest: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """What is ticked."""
        return tuple(self.value.split("\n")) if self.value else ()

    @property
    def speaks(self) -> bool:
        """Whether something stands in it, or is wrong with it."""
        return bool(self.wrong or self.value or self.day or self.time)

    @property
    def key(self) -> str:
        """The name as an id has it."""
        return self.name.replace(".", "-")


@dataclass(frozen=True)
class Lines:
    """A line of questions, as often as it stands there, and whether it may stand there once more."""

    part: Several
    lines: tuple[tuple[Field, ...], ...]
    wrong: str
    more: bool


@dataclass(frozen=True)
class Block:
    """A group: its parts as they are shown; open where something in it was said or is wrong."""

    group: Group
    parts: tuple[Field | Lines, ...]
    is_open: bool


@dataclass(frozen=True)
class Shown:
    """A form as it is shown; `wrong`: what is wrong with no field alone."""

    form: Form
    blocks: tuple[Block, ...]
    wrong: tuple[str, ...] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    any_wrong: bool = False


def shown(
    form: Form,
    sent: Mapping[str, str],
    known: OnRecord,
    wrong: Mapping[str, str] | None = None,
    *,
    another: str = "",
    hidden: Mapping[str, str] | None = None,
) -> Shown:
    """A form with what was typed. `another`: the path of the line that is wanted once more."""
    sent_with = _Sent(sent, known, dict(wrong or {}), set(), another)
    blocks = []
    for group in form.groups:
        parts = tuple(
            _field(part, part.path, sent_with) if isinstance(part, Ask) else _lines(part, sent_with)
            for part in group.parts
        )
        wanted = any(isinstance(part, Several) and part.path == another for part in group.parts)
        blocks.append(Block(group, parts, not group.folded or wanted or any(map(_speaks, parts))))
    rest = tuple(why for name, why in sent_with.wrong.items() if name not in sent_with.told or name == WHOLE)
    return Shown(form, tuple(blocks), rest, hidden or {}, bool(wrong))


@dataclass(frozen=True)
class _Sent:
    """What was typed and what is wrong with it; `told`: the fields at which that is said; `another`: see `shown`."""

    values: Mapping[str, str]
    known: OnRecord
    wrong: Mapping[str, str]
    told: set[str]
    another: str


def _speaks(part: Field | Lines) -> bool:
    if isinstance(part, Lines):
        return bool(part.wrong) or any(_speaks(one) for line in part.lines for one in line)
    return part.speaks


def _lines(part: Several, sent: _Sent) -> Lines:
    there = max(lines_in(part, sent.values), part.shown) + (part.path == sent.another)
    count = min(there, part.most)
    whole = [part.path, *(f"{part.path}.{k}" for k in range(count) if not part.plain)]
    sent.told.update(whole)
    lines = tuple(tuple(_field(ask, line_name(part, k, ask), sent) for ask in part.asks) for k in range(count))
    return Lines(part, lines, "; ".join(sent.wrong[at] for at in whole if at in sent.wrong), count < part.most)


def _field(ask: Ask, name: str, sent: _Sent) -> Field:
    # what is wrong with a part of a field (as with one end of a range) is said at the field
    at = [one for one in sent.wrong if one and (one == name or one.startswith(f"{name}."))]
    sent.told.update(at)
    values, known = sent.values, sent.known
    value = raw(ask, name, values) if ask.kind == "ticks" else values.get(name, "")
    which = values.get(f"{name}.which", "")
    return Field(
        ask,
        name,
        value,
        "; ".join(sent.wrong[one] for one in at),
        _with(ask.choices(known) if ask.choices else (), value if ask.kind == "select" else ""),
        _with(ask.which(known) if ask.which else (), which),
        which,
        values.get(f"{name}.day", ""),
        values.get(f"{name}.time", ""),
        tuple(ask.suggest(known)) if ask.suggest else (),
    )


def _with(choices: Options, value: str) -> Options:
    """What can be chosen, and what stands there already where it is none of these."""
    if not value or not choices or any(value == one for _, some in choices for one, _ in some):
        return choices
    return [*choices, ("As it was written", [(value, value)])]
