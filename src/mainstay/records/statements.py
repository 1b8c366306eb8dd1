"""Files people write and what they hold: how a statement's TOML is read, and what was expected before a cue came.

A statement is kept as written (`Statement.toml`). What is read from it here is a frozen value; a file that can't be
read is told with its reason (`Unread`) and never passed over in silence.

**Expectations** are asked of a timeline: `expectations_of(timeline) -> tuple[Expectation, ...]`, oldest first, of what
is known at the timeline's date and was not corrected by then. An `Expectation` has

- `cue`, `role` ("": whatever the role): what it is about, as in a `Reaction`;
- `item`: the item on which it would be seen, or None where the reaction is judged as a whole;
- `direction`: -1 less, 0 the same, 1 more (on the item's scale; without an item, of the reaction itself);
- `size`: how far, in the person's own standard deviations; 0 where the direction is 0;
- `written`: when it was written, the statement's `known`; `id`: the id of its record;
- `afterwards`: True where it was written only after its cue had happened; `reaction` is then the id of that reaction.
  Such an expectation is no prediction.

It stands for every time the cue comes, until another one is written for the same cue and role.
`expectation_for(expectations, cue, role, before)` gives the one that stood at a moment: one for the very role goes
before one for any. A `Reaction` in a casebook carries the direction and size that were expected; those logged by hand
were written before, unless `afterwards_of(expectations)` names their id.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass as checked

from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Record, Statement, StatementForm
from mainstay.records.mapping import problems_by_place, problems_in
from mainstay.records.mapping_tables import STRICT, Number

LARGEST_STATEMENT_BYTES = 64 * 1024
LONGEST_NAME, LONGEST_TEXT = 200, 4000
LARGEST_SIZE = 10.0


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line without control characters")
    return text


def _lines(text: str) -> str:
    for line in text.splitlines():
        _one_line(line.replace("\t", " "))
    return text


_Trimmed = StringConstraints(strip_whitespace=True)
Name = Annotated[str, _Trimmed, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_one_line)]
NameOrNone = Annotated[str, _Trimmed, Field(max_length=LONGEST_NAME), AfterValidator(_one_line)]
Text = Annotated[str, _Trimmed, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_lines)]
_T = TypeVar("_T")


class HasStatements(Protocol):
    """A timeline, as far as statements are read from it."""

    @property
    def others(self) -> tuple[Record, ...]:
        """The records without columns of their own, statements among them."""


class Told:
    """Records as a timeline holds them, for what is asked of statements: those that were corrected are left out."""

    def __init__(self, records: tuple[Record, ...]) -> None:
        corrected = {one.supersedes for one in records}
        self._others = tuple(one for one in records if one.id not in corrected)

    @property
    def others(self) -> tuple[Record, ...]:
        """The records that stand."""
        return self._others


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement whose file can't be read as what it is kept as: its record, its form, and why."""

    id: str
    form: StatementForm
    written: Instant
    reason: str


@checked(frozen=True, kw_only=True, config=STRICT)
class ExpectationFile:
    """What is expected when a cue comes: `direction` -1 less, 0 the same, 1 more; `size` in own standard deviations.

    `afterwards`: it was written only after the cue had happened, for the `reaction` with that id.
    """

    cue: Name
    role: NameOrNone = ""
    direction: Literal[-1, 0, 1]
    size: Annotated[Number, Field(ge=0.0, le=LARGEST_SIZE)]
    item: Name | None = None
    note: Text | None = None
    afterwards: Annotated[bool, Field(strict=True)] = False
    reaction: Name | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> ExpectationFile:
        if (self.direction == 0) != (self.size == 0.0):
            raise ValueError("direction 0 (the same) goes with size 0, and less or more with a size above 0")
        if self.afterwards != (self.reaction is not None):
            raise ValueError("afterwards = true goes with the reaction it was written for, and neither stands alone")
        return self


@dataclass(frozen=True, slots=True)
class Expectation:
    """What was expected when a cue comes in a role, and when that was written. Fields: see the head of this module."""

    id: str
    cue: str
    role: str
    item: str | None
    direction: int
    size: float
    written: Instant
    afterwards: bool = False
    reaction: str | None = None


def expectations_of(timeline: HasStatements) -> tuple[Expectation, ...]:
    """The expectations known at the timeline's date, oldest first. Those that can't be read: `unread_of`."""
    read, _ = statements_of(timeline, "expectation", ExpectationFile)
    found = [
        Expectation(
            record.id, one.cue, one.role, one.item, one.direction, one.size, record.known, one.afterwards, one.reaction
        )
        for record, one in read
    ]
    return tuple(sorted(found, key=lambda one: (one.written, one.id)))


def unread_of(timeline: HasStatements) -> tuple[Unread, ...]:
    """The expectations on record that can't be read, each with the reason."""
    return statements_of(timeline, "expectation", ExpectationFile)[1]


def expectation_for(expectations: Iterable[Expectation], cue: str, role: str, before: Instant) -> Expectation | None:
    """The last expectation for this cue that was written before a moment: for this role, else for any ("").

    None where there is none.
    """
    written = [one for one in expectations if one.cue == cue and one.written < before and not one.afterwards]
    fitting = [one for one in written if one.role == role] or [one for one in written if not one.role]
    return max(fitting, key=lambda one: (one.written, one.id), default=None)


def afterwards_of(expectations: Iterable[Expectation]) -> frozenset[str]:
    """The ids of the reactions whose expectation was written only after they had happened."""
    return frozenset(one.reaction for one in expectations if one.reaction is not None)


def statements_of(
    timeline: HasStatements, form: StatementForm, kind: type[_T]
) -> tuple[tuple[tuple[Record, _T], ...], tuple[Unread, ...]]:
    """The statements of one form, each with its record; and those that can't be read, each with the reason."""
    read: list[tuple[Record, _T]] = []
    unread: list[Unread] = []
    for record in timeline.others:
        if isinstance(record.body, Statement) and record.body.form == form:
            try:
                read.append((record, parsed(record.body.toml, kind, form)))
            except BadRecord as refused:
                unread.append(Unread(record.id, form, record.known, str(refused)))
    return tuple(read), tuple(unread)


def parsed(text: str, kind: type[_T], form: StatementForm) -> _T:
    """What a statement's TOML holds. Refuses (`BadRecord`) what is too long, is no TOML, or contradicts itself."""
    if len(text.encode("utf-8", "replace")) > LARGEST_STATEMENT_BYTES:
        raise BadRecord(f"this is longer than {LARGEST_STATEMENT_BYTES // 1024} kB; that is no {form}")
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # What tomllib passes on from Python itself is a number of thousands of digits.
        known = isinstance(error, tomllib.TOMLDecodeError)
        deep = isinstance(error, RecursionError)
        why = str(error) if known else "it is nested too deeply" if deep else "it holds a number far too long"
        raise BadRecord(f"the {form} can't be read as TOML: {why}") from error
    try:
        return TypeAdapter(kind).validate_python(tables)
    except ValidationError as error:
        raise BadRecord(f"the {form}: {problems_in(error, tables)}") from error


def from_tables(tables: dict[str, Any], kind: type[_T]) -> _T | tuple[tuple[tuple[int | str, ...], str], ...]:
    """What a statement's tables hold; where they can't be used, each place in them with the reason."""
    try:
        return TypeAdapter(kind).validate_python(tables)
    except ValidationError as error:
        return problems_by_place(error, tables)


def schema_of(kind: type, title: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a statement's file."""
    schema = TypeAdapter(kind).json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def as_toml(file: Any) -> str:
    """A statement's file as TOML, what is left at its default left out: read again it is the same."""
    left = {one.name: getattr(file, one.name) for one in fields(file) if getattr(file, one.name) != one.default}
    return _tables(left, ())


def _tables(values: Mapping[str, Any], path: tuple[str, ...]) -> str:
    """Plain values first, then tables, then lists of tables, each under its name."""
    plain, inside, several = [], [], []
    for name, value in values.items():
        if is_dataclass(value):
            inside.append((name, value))
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            several.append((name, value))
        elif value is not None:
            plain.append(f"{name} = {_plain(value)}\n")
    text = "".join(plain)
    for name, table in inside:
        at = (*path, name)
        held = _tables({one.name: getattr(table, one.name) for one in fields(table)}, at)
        text += held if held.startswith("\n[") else f"\n[{'.'.join(at)}]\n{held}"
    for name, tables in several:
        for table in tables:
            at = (*path, name)
            held = _tables({one.name: getattr(table, one.name) for one in fields(table)}, at)
            text += f"\n[[{'.'.join(at)}]]\n{held}"
    return text


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for one letter.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(one) for one in value)}]"
    return repr(value)
