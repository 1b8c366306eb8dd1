"""The tables of a mapping file, key by key, as frozen dataclasses that refuse what contradicts itself."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from mainstay.errors import BadMapping
from mainstay.records.conditions import parse_condition
from mainstay.records.kinds import Better, EpisodeIs, Is, Item, StatementForm

MISSING = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None")
STRICT = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True, allow_inf_nan=False)


def _a_condition(text: str) -> str:
    try:
        parse_condition(text)
    except BadMapping as error:
        raise ValueError(str(error)) from error
    return text


Text = Annotated[str, Field(min_length=1)]
When = Annotated[str, AfterValidator(_a_condition)]
Number = Annotated[float, Field(strict=True)]
Moment = datetime.datetime | datetime.date
Names = tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PersonKeys:
    """Which of several people in a file is meant: the rows where `column` holds `value`."""

    column: Text
    value: str | int | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SourceTable(TimeKeys):
    """The source as a whole; what a file or table says itself goes first.

    `assumed`: what the mapping supposes and the files don't say, in sentences; they stand on every receipt.
    """

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
    assumed: Names = ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RowTable(TimeKeys):
    """What every table about rows may say: its file, a condition on rows, the stream its records belong to."""

    file: Text | None = None
    when: When | None = None
    stream: Text | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ItemTable(RowTable):
    """A question asked again and again. `values` maps words to numbers on the scale."""

    column: Text
    name: Text | None = None
    label: Text | None = None
    low: Number
    high: Number
    better: Better
    ordinal: bool = True
    anchors: tuple[str, str] = ("", "")
    values: dict[str, Number] | None = None

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


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
class EventTable(LabelledTable):
    """Something that happened: in rows that fulfil `when`, in rows with a value in `column`, or in `every_row`.

    `apart_hours`: a row at most so long after one with the same label goes on with the same act and adds none.
    `since_hours`: it happened since the row before, at most so long ago; that span is kept.
    """

    is_: Is = Field(alias="is")
    every_row: bool = False
    size: Text | None = None
    contacts: Text | Names | None = None
    tags: Text | Names | None = None
    apart_hours: Annotated[Number, Field(gt=0)] | None = None
    since_hours: Annotated[Number, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _some_rows(self) -> EventTable:
        if self.column is None and self.when is None and not self.every_row:
            raise ValueError('say in which rows it happened: when = "column op value", column, or every_row = true')
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
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
    max_hours: Annotated[Number, Field(gt=0)] | None = None
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PromptTable(RowTable):
    """A questionnaire that was offered: `sent` (a column, or the row's time), `answered` (a column, empty if not)."""

    sent: Text | None = None
    answered: Text | None = None
    items: Names = ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CoverageTable(RowTable):
    """How much of what happened was recorded from `start` to `end`: columns, or dates and numbers written out."""

    start: Moment | Text
    end: Moment | Text
    intensity: Annotated[Number, Field(ge=0, le=1)] | Text
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AttributeKeys:
    """Something true of a contact, and since when it has been known (without it: from the start)."""

    name: Text
    known: Moment | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SignalTable(RowTable):
    """A dense channel: a column of numbers and its unit."""

    column: Text
    unit: Text
    channel: Text | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ReactionTable(RowTable):
    """How someone reacted to a cue, against what was expected before: the columns of each part."""

    cue: Text
    role: Text
    expected_direction: Text
    expected_size: Text
    observed: Text


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StatementTable:
    """A file the person wrote (TOML), its form, and when it was written."""

    path: Text
    form: StatementForm
    written: Moment


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CharacteristicTable:
    """What is known once of each person, in a data set of many: `column`, the same in all rows of a person.

    `values` gives what stands in the cells other names: { "1" = "waiting list" }.
    """

    column: Text
    label: Text | None = None
    file: Text | None = None
    values: dict[str, Text] | None = None

    @property
    def called(self) -> str:
        """Its name in the data set: `label`, or the column's."""
        return self.label or self.column


def is_written_out(table: RowTable) -> bool:
    """Whether a table stands for itself in the mapping and reads no rows."""
    if isinstance(table, ContactTable):
        return table.pseudonym is not None
    return isinstance(table, (CoverageTable, EpisodeTable)) and table.written_out
