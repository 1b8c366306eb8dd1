"""The mapping file: which column is time, which are items, events, episodes. TOML in, frozen dataclasses out.

Every key is explained, with examples, in docs/howto/map-your-records.md.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from mainstay.errors import BadMapping, UnreadableSource
from mainstay.records.conditions import parse_condition
from mainstay.records.kinds import Better, EpisodeIs, Is, Item, StatementForm

LARGEST_MAPPING_BYTES = 1_000_000
MISSING = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None")
_TABLES = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True, allow_inf_nan=False)


def _a_condition(text: str) -> str:
    try:
        parse_condition(text)
    except BadMapping as error:
        raise ValueError(str(error)) from error
    return text


Text = Annotated[str, Field(min_length=1)]
When = Annotated[str, AfterValidator(_a_condition)]
Moment = datetime.datetime | datetime.date
Names = tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class TimeKeys:
    """Where a row's time stands: `time`; `date` with `clock`; or a study `day` with `clock` and the source's `start`.

    Formats are `iso` or as Python's strptime writes them; `time_format` may also be `unix_s` or `unix_ms`.
    `clock_spans` gives words such as "evening" their local hours, ["17:00", "24:00"].
    """

    zone: Text | None = None
    time: Text | None = None
    time_format: Text | None = None
    date: Text | None = None
    date_format: Text | None = None
    day: Text | None = None
    clock: Text | None = None
    clock_format: Text | None = None
    clock_spans: dict[str, tuple[str, str]] | None = None

    @model_validator(mode="after")
    def _one_way_to_tell_time(self) -> TimeKeys:
        ways = [name for name in ("time", "date", "day") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise ValueError(f"{' and '.join(ways)} are two ways to tell the time; keep one")
        if self.clock is not None and self.time is not None:
            raise ValueError("clock goes with date or day, not with time")
        return self

    @property
    def tells_time(self) -> bool:
        """Whether this table says where its time stands, rather than inheriting it."""
        return self.time is not None or self.date is not None or self.day is not None


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class PersonKeys:
    """Which of several people in a file is meant: the rows where `column` holds `value`."""

    column: Text
    value: str | int | None = None


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class FileTable(TimeKeys):
    """One file among several: its path inside the folder, and whatever differs from [source]."""

    path: Text
    name: Text | None = None
    format: Literal["auto", "csv", "parquet"] = "auto"
    delimiter: Text = "auto"
    decimal: Literal[".", ","] | None = None
    missing: tuple[str, ...] | None = None
    start: datetime.date | None = None
    person: PersonKeys | None = None
    where: When | None = None

    @property
    def called(self) -> str:
        """The name by which tables refer to the file: `name`, or the file's name without its ending."""
        return self.name or Path(self.path).stem


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class SourceTable(TimeKeys):
    """The source as a whole; what a file or table says itself goes first."""

    name: Text | None = None
    anchor: Text | None = None
    file: Text | None = None
    format: Literal["auto", "csv", "parquet"] = "auto"
    delimiter: Text = "auto"
    decimal: Literal[".", ","] = "."
    missing: tuple[str, ...] = MISSING
    start: datetime.date | None = None
    person: PersonKeys | None = None
    where: When | None = None


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class RowTable(TimeKeys):
    """What every table about rows may say: its file, a condition on rows, the stream its records belong to."""

    file: Text | None = None
    when: When | None = None
    stream: Text | None = None


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class ItemTable(RowTable):
    """A question asked again and again. `values` maps words to numbers on the scale."""

    column: Text
    name: Text | None = None
    label: Text | None = None
    low: float
    high: float
    better: Better
    ordinal: bool = True
    anchors: tuple[str, str] = ("", "")
    values: dict[str, float] | None = None

    @model_validator(mode="after")
    def _a_scale_with_two_ends(self) -> ItemTable:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        off = [word for word, value in (self.values or {}).items() if not self.low <= value <= self.high]
        if off:
            raise ValueError(f"values puts {', '.join(off)} outside the scale {self.low:g} to {self.high:g}")
        return self

    @property
    def item(self) -> Item:
        """The item this table describes."""
        name = self.name or self.column
        return Item(name, self.label or name, self.low, self.high, self.better, *self.anchors, self.ordinal)


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class LabelledTable(RowTable):
    """A table whose records carry a label: fixed (`label`), or the value of `column`, or each part of it (`split`).

    With `labels`, only the values listed there are kept, under the names given.
    """

    label: Text | None = None
    column: Text | None = None
    labels: dict[str, Text] | None = None
    split: Text | None = None

    @model_validator(mode="after")
    def _a_label_from_one_place(self) -> LabelledTable:
        if (self.label is None) == (self.column is None):
            raise ValueError("give either a label, or the column whose value is the label")
        if self.column is None and (self.labels is not None or self.split is not None):
            raise ValueError("labels and split go with column")
        return self


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class EventTable(LabelledTable):
    """Something that happened: in rows that fulfil `when`, in rows with a value in `column`, or in `every_row`.

    `apart_hours`: a row at most so long after one with the same label goes on with the same act and adds none.
    """

    is_: Is = Field(alias="is")
    every_row: bool = False
    size: Text | None = None
    contacts: Text | Names | None = None
    tags: Text | Names | None = None
    apart_hours: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _some_rows(self) -> EventTable:
        if self.column is None and self.when is None and not self.every_row:
            raise ValueError('say in which rows it happened: when = "column op value", column, or every_row = true')
        return self


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class EpisodeTable(LabelledTable):
    """A stretch: from `start` (or the row's time) to `end`, or for `minutes` or `hours`, or until the next row.

    `start` and `end` are columns, or dates written out. Until the next row needs `max_hours`.
    """

    is_: EpisodeIs = Field(alias="is")
    self_: bool = Field(default=False, alias="self")
    start: Moment | Text | None = None
    end: Moment | Text | None = None
    minutes: Text | None = None
    hours: Text | None = None
    max_hours: Annotated[float, Field(gt=0)] | None = None
    over_midnight: bool = False

    @model_validator(mode="after")
    def _an_end(self) -> EpisodeTable:
        ends = [name for name in ("end", "minutes", "hours") if getattr(self, name) is not None]
        if len(ends) > 1:
            raise ValueError(f"{' and '.join(ends)} are two ways to tell the end; keep one")
        if not ends and self.max_hours is None:
            raise ValueError(
                "give end, minutes or hours; or max_hours, and each row lasts until the next at most so long"
            )
        if isinstance(self.start, datetime.date) != isinstance(self.end, datetime.date):
            raise ValueError("write out both start and end as dates, or name a column for each")
        return self

    @property
    def written_out(self) -> bool:
        """Whether the stretch is given in the mapping itself rather than by rows."""
        return isinstance(self.start, datetime.date)


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class PromptTable(RowTable):
    """A questionnaire that was offered: `sent` (a column, or the row's time), `answered` (a column, empty if not)."""

    sent: Text | None = None
    answered: Text | None = None
    items: Names = ()


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class CoverageTable(RowTable):
    """How much of what happened was recorded from `start` to `end`: columns, or dates and numbers written out."""

    start: Moment | Text
    end: Moment | Text
    intensity: Annotated[float, Field(ge=0, le=1)] | Text
    labels: Names | Text = ()
    opportunity: Names | Text | None = None

    @model_validator(mode="after")
    def _all_from_one_place(self) -> CoverageTable:
        if isinstance(self.start, datetime.date) != isinstance(self.end, datetime.date):
            raise ValueError("write out both start and end as dates, or name a column for each")
        if self.written_out and isinstance(self.intensity, str):
            raise ValueError("where start and end are written out, the intensity is too: a number from 0 to 1")
        return self

    @property
    def written_out(self) -> bool:
        """Whether the span is given in the mapping itself rather than by rows."""
        return isinstance(self.start, datetime.date)


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class AttributeKeys:
    """Something true of a contact, and since when it has been known (without it: from the start)."""

    name: Text
    known: Moment | None = None


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class ContactTable(RowTable):
    """A person under a pseudonym: written out with `attributes`, or in rows: columns `column`, `attribute`, `known`."""

    pseudonym: Text | None = None
    attributes: tuple[AttributeKeys, ...] = ()
    column: Text | None = None
    attribute: Text | None = None
    known: Text | None = None

    @model_validator(mode="after")
    def _one_place(self) -> ContactTable:
        if (self.pseudonym is None) == (self.column is None):
            raise ValueError("give either a pseudonym, or the column that holds it")
        return self


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class SignalTable(RowTable):
    """A dense channel: a column of numbers and its unit."""

    column: Text
    unit: Text
    channel: Text | None = None


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class ReactionTable(RowTable):
    """How someone reacted to a cue, against what was expected before: the columns of each part."""

    cue: Text
    role: Text
    expected_direction: Text
    expected_size: Text
    observed: Text


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class StatementTable:
    """A file the person wrote (TOML), its form, and when it was written."""

    path: Text
    form: StatementForm
    written: Moment


@dataclass(frozen=True, kw_only=True, config=_TABLES)
class Mapping:
    """A whole mapping file. Its fields are named as its tables are."""

    source: SourceTable = field(default_factory=SourceTable)
    file: tuple[FileTable, ...] = ()
    item: tuple[ItemTable, ...] = ()
    event: tuple[EventTable, ...] = ()
    episode: tuple[EpisodeTable, ...] = ()
    prompt: tuple[PromptTable, ...] = ()
    coverage: tuple[CoverageTable, ...] = ()
    contact: tuple[ContactTable, ...] = ()
    signal: tuple[SignalTable, ...] = ()
    reaction: tuple[ReactionTable, ...] = ()
    statement: tuple[StatementTable, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Mapping:
        if self.source.file is not None and self.file:
            raise ValueError("[source] file is for one file; several are [[file]] tables: keep one way")
        names = [one.called for one in self.file]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two files are called {', '.join(sorted(twice))}; give each its own name")
        for kind, number, table in self.row_tables():
            if table.file is not None and table.file not in (names or [table.file]):
                raise ValueError(f"{kind} {number} is in file {table.file!r}; the files are {', '.join(names)}")
            if table.file is None and len(names) > 1 and not is_written_out(table):
                raise ValueError(f"{kind} {number} must say its file: one of {', '.join(names)}")
        items: dict[str, Item] = {}
        for table in self.item:
            if items.setdefault(table.item.name, table.item) != table.item:
                raise ValueError(f"the item {table.item.name!r} is described twice, differently; give one another name")
        if self.source.anchor is not None and self.source.anchor not in items:
            raise ValueError(f"anchor {self.source.anchor!r} is none of the items: {', '.join(items) or '(none)'}")
        return self

    @property
    def items(self) -> tuple[Item, ...]:
        """The items described, each once."""
        return tuple({table.item.name: table.item for table in self.item}.values())

    def row_tables(self) -> list[tuple[str, int, RowTable]]:
        """Every table about rows, with the name of its kind and its number among its kind, from 1."""
        kinds: dict[str, tuple[RowTable, ...]] = {
            "item": self.item,
            "event": self.event,
            "episode": self.episode,
            "prompt": self.prompt,
            "coverage": self.coverage,
            "contact": self.contact,
            "signal": self.signal,
            "reaction": self.reaction,
        }
        return [(kind, number, table) for kind, tables in kinds.items() for number, table in enumerate(tables, 1)]


def is_written_out(table: RowTable) -> bool:
    """Whether a table stands for itself in the mapping and reads no rows."""
    if isinstance(table, ContactTable):
        return table.pseudonym is not None
    return isinstance(table, (CoverageTable, EpisodeTable)) and table.written_out


def read_mapping(path_or_text: Path | str) -> Mapping:
    """Read a mapping from a file, or from TOML text (text has a line break or a ``=``).

    Refuses with `BadMapping`: TOML that can't be parsed (with its line), unknown keys, values of the wrong kind, and
    tables that contradict each other; each with the table and the key.
    """
    text, place = _text_of(path_or_text)
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadMapping(f"{place} can't be read as TOML: {str(error) or 'it is nested too deeply'}") from error
    try:
        return TypeAdapter(Mapping).validate_python(tables)
    except ValidationError as error:
        problems = [_problem(one, tables) for one in error.errors(include_url=False)]
        raise BadMapping(f"{place}: " + "; ".join(dict.fromkeys(problems))) from error


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a mapping file."""
    schema = TypeAdapter(Mapping).json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A Mainstay mapping file"}


def _text_of(path_or_text: Path | str) -> tuple[str, str]:
    if isinstance(path_or_text, str) and ("\n" in path_or_text or "=" in path_or_text):
        return path_or_text, "the mapping"
    path = Path(path_or_text)
    try:
        if path.stat().st_size > LARGEST_MAPPING_BYTES:
            raise BadMapping(f"{path.name} is larger than 1 MB; that is no mapping file")
        return path.read_text(encoding="utf-8-sig"), path.name
    except OSError as error:
        raise UnreadableSource(f"the mapping {path} can't be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadMapping(f"{path.name} is no UTF-8 text; save the mapping as UTF-8") from error


def _problem(error: Any, tables: dict[str, Any]) -> str:
    """One sentence of a validation error: which table, which key, what is wrong."""
    message = re.sub(r"^Value error, ", "", str(error["msg"]))
    # Parts of the location that are no keys of the file name the alternatives of a union; they help nobody.
    where, at = [], tables
    for part in error["loc"]:
        if isinstance(part, int) and isinstance(at, list) and part < len(at):
            at = at[part]
            name = at.get("label") or at.get("name") or at.get("column") if isinstance(at, dict) else None
            where.append(f"{part + 1}" + (f" ({name})" if isinstance(name, str) else ""))
        elif isinstance(at, dict) and part in at:
            at = at[part]
            where.append(str(part))
        elif error["type"] in ("missing", "missing_argument"):
            where.append(str(part))
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        message = "there is no such key"
    elif error["type"] in ("missing", "missing_argument"):
        message = "is needed"
    elif error["type"] == "literal_error":
        message = f"{error['input']!r} is not one of {error['ctx']['expected']}"
    return f"{' '.join(where)}: {message}" if where else message
