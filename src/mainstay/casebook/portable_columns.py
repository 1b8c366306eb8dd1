"""The columns of an export: what each file of records holds, in which type, and what each column means in plain words.

One table serves all: writing, reading back (anything else is refused), the README beside the files, the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstay.errors import BadRecord
from mainstay.records.kinds import KindName

if TYPE_CHECKING:
    import polars as pl

MOST_TEXT_BYTES = 512 * 2**20
MOST_LISTED = 20_000_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that a file says of each record: its name, its type (see `_TYPES`; `?` may be empty), its meaning.

    An instant takes two columns in the file: the moment in UTC, and `…_offset_s`, the local clock's offset.
    """

    name: str
    type: str
    meaning: str

    @property
    def may_be_empty(self) -> bool:
        """Whether a record may say nothing here."""
        return self.type.endswith("?")

    @property
    def plain_type(self) -> str:
        """The type without the mark of what may be empty."""
        return self.type.removesuffix("?")


ENVELOPE = (
    Column("id", "text", "The record's own name; the same record read again from the same source has the same one."),
    Column("order", "whole", "Its place among all records of this export in order of time, from 1."),
    Column("stream", "text", "The stream it belongs to; consent goes by streams."),
    Column("source", "text", "Where it came from."),
    Column("happened", "instant", "When it happened, or when what is told of began."),
    Column("ended", "instant?", "When it ended; empty where it happened at one moment."),
    Column("known", "instant", "When it could be known at the earliest."),
    Column("added", "instant", "When it was added to the casebook."),
    Column("supersedes", "text?", "The id of the record that this one corrects; empty for most."),
)

BODIES: dict[KindName, tuple[str, tuple[Column, ...]]] = {
    "check_in": (
        "Answers to the questions that are asked again and again.",
        (
            Column("item", "text", "The question; items.json says its words and its scale."),
            Column("value", "number", "The answer, on the scale of the question."),
        ),
    ),
    "event": (
        "Things that happened.",
        (
            Column("label", "text", "What it was."),
            Column("is", "text", "What it is to the person: demand, relief, slip, control or other."),
            Column("size", "number?", "How large it was; empty where that was not recorded."),
            Column("contacts", "texts", "Who was there, under pseudonyms."),
            Column("tags", "texts", "Words noted with it."),
        ),
    ),
    "episode": (
        "Stretches of time: in a role, at a place, at some activity, asleep, or with recording off.",
        (
            Column("label", "text", "What it was."),
            Column("is", "text", "role, place, activity, sleep or recording-off."),
            Column("self", "truth", "Whether the person counts it as time as themselves."),
        ),
    ),
    "signal": (
        "What devices measured, one row for each stretch; the numbers themselves are in the folder signals.",
        (
            Column("channel", "text", "What was measured."),
            Column("unit", "text", "The unit of the numbers; may be empty."),
            Column("samples", "whole", "How many numbers there are."),
            Column("file", "text", "The file that holds them."),
        ),
    ),
    "prompt": (
        "Questionnaires that were offered.",
        (
            Column("sent", "instant", "When it was offered."),
            Column("answered", "instant?", "When it was answered; empty where it was not."),
            Column("items", "texts", "The questions it asked."),
        ),
    ),
    "coverage": (
        "How much of what happened was recorded.",
        (
            Column("labels", "texts", "What this is about; an empty list means everything."),
            Column("intensity", "number", "The share that was recorded, from 0 to 1."),
            Column("opportunity", "texts?", "Which refuges were possible then; empty where nothing was said about it."),
        ),
    ),
    "contact": (
        "People, under pseudonyms, and what is known of them.",
        (
            Column("pseudonym", "text", "The name used instead of theirs."),
            Column("attributes", "attributes", "What is true of them (name), and when that became known."),
        ),
    ),
    "reaction": (
        "Reactions, against what was expected before.",
        (
            Column("cue", "text", "What was reacted to."),
            Column("role", "text", "In which role; may be empty."),
            Column("expected_direction", "whole", "The direction expected before: -1, 0 or 1."),
            Column("expected_size", "number", "The size expected before, in standard deviations."),
            Column("observed", "number", "What was observed, in standard deviations."),
        ),
    ),
    "statement": (
        "What was written in sentences; the texts themselves are in the folder statements.",
        (
            Column("form", "text", "What it is, such as concern, hypothesis or observation."),
            Column("file", "text", "The file that holds the text as it was written (TOML)."),
        ),
    ),
}
"""What each kind of record says besides the envelope: a sentence about the file, and its columns."""

SAMPLES = (
    Column("record", "text", "The id of the record that the number belongs to."),
    Column("time", "moment", "When it was measured, in UTC."),
    Column("value", "number", "The number."),
)


def schema(columns: Sequence[Column]) -> dict[str, pl.DataType]:
    """The columns of the file by name, with their Parquet types as Polars names them."""
    import polars as pl

    moment = pl.Datetime("us", "UTC")
    types: dict[str, Any] = {
        "text": pl.String(),
        "number": pl.Float64(),
        "whole": pl.Int64(),
        "truth": pl.Boolean(),
        "texts": pl.List(pl.String()),
        "moment": moment,
        "attributes": pl.List(pl.Struct({"name": pl.String(), "known": moment, "known_offset_s": pl.Int64()})),
    }
    found: dict[str, pl.DataType] = {}
    for column in columns:
        if column.plain_type == "instant":
            found[column.name], found[f"{column.name}_offset_s"] = moment, pl.Int64()
        else:
            found[column.name] = types[column.plain_type]
    return found


def to_frame(rows: Sequence[Row], columns: Sequence[Column]) -> pl.DataFrame:
    """Rows of plain values as a table. Instants come as (UTC microseconds, offset), attributes as such with a name."""
    import polars as pl

    wanted = schema(columns)
    data: dict[str, list[Any]] = {}
    for column in columns:
        values = [row[column.name] for row in rows]
        if column.plain_type == "instant":
            data[column.name] = [None if pair is None else pair[0] for pair in values]
            data[f"{column.name}_offset_s"] = [None if pair is None else pair[1] for pair in values]
        elif column.plain_type == "attributes":
            names = ("name", "known", "known_offset_s")
            data[column.name] = [[dict(zip(names, one, strict=True)) for one in several] for several in values]
        else:
            data[column.name] = values
    frame = pl.DataFrame({name: pl.Series(name, data[name], dtype=_raw(type_)) for name, type_ in wanted.items()})
    return frame.cast(wanted)  # type: ignore[arg-type]


def to_rows(frame: pl.DataFrame, columns: Sequence[Column], called: str) -> list[Row]:
    """The rows of a table that `check` let pass; refuses (`BadRecord`) an empty place where a value is needed."""

    for column in columns:
        names = [column.name, f"{column.name}_offset_s"] if column.plain_type == "instant" else [column.name]
        empty = {name: frame[name].null_count() for name in names}
        if not column.may_be_empty and any(empty.values()):
            raise BadRecord(f"{called} is empty in column {column.name!r}, where every row needs a value")
    weight = sum(_text_bytes(frame[name]) for name in frame.columns)
    if weight > MOST_TEXT_BYTES:
        raise BadRecord(f"{called} holds more text than any record could; it was not read")
    raw = frame.cast({name: _raw(type_) for name, type_ in frame.schema.items()})
    lists = {name: raw[name].to_list() for name in raw.columns}
    values: dict[str, list[Any]] = {}
    for column in columns:
        if column.plain_type == "instant":
            pairs = zip(lists[column.name], lists[f"{column.name}_offset_s"], strict=True)
            values[column.name] = [None if moment is None else (moment, offset) for moment, offset in pairs]
        elif column.plain_type == "attributes":
            values[column.name] = [[_attribute(one, called) for one in several] for several in lists[column.name]]
        else:
            values[column.name] = lists[column.name]
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _attribute(one: Row | None, called: str) -> list[Any]:
    if one is None:
        raise BadRecord(f"{called} holds an attribute that says nothing")
    return list(one.values())


def check(found: Any, columns: Sequence[Column], called: str) -> None:
    """Refuses (`BadRecord`) a table with other columns or types than these, naming the first that differs."""
    wanted = schema(columns)
    for name, type_ in wanted.items():
        if name not in found:
            raise BadRecord(f"{called} has no column {name!r}; only files that 'mainstay export' wrote can be imported")
        if found[name] != type_:
            raise BadRecord(f"column {name!r} of {called} holds {found[name]} where {type_} belongs")
    more = [name for name in found if name not in wanted]
    if more:
        raise BadRecord(f"{called} has a column {more[0]!r} that does not belong there")


def _raw(type_: Any) -> Any:
    """The type with moments as whole microseconds."""
    import polars as pl

    if isinstance(type_, pl.Datetime):
        return pl.Int64()
    if isinstance(type_, pl.List):
        return pl.List(_raw(type_.inner))
    if isinstance(type_, pl.Struct):
        return pl.Struct({field.name: _raw(field.dtype) for field in type_.fields})
    return type_


def _text_bytes(series: pl.Series) -> int:
    """How many bytes the texts of a column take once each stands for itself."""
    import polars as pl

    if isinstance(series.dtype, pl.List):
        listed = int(series.list.len().sum() or 0)
        if listed > MOST_LISTED:
            return MOST_TEXT_BYTES + 1
        inner = series.explode()
        if isinstance(inner.dtype, pl.Struct):
            inner = inner.struct.field("name")
        return _text_bytes(inner)
    return int(series.str.len_bytes().cast(pl.UInt64()).sum() or 0) if series.dtype == pl.String() else 0
