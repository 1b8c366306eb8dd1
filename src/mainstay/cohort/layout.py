"""How a data set of many people lies on disk: a folder of Parquet files, one row group for each batch of people.

`cohort.toml` says whose consent it rests on; `records/*.parquet` holds the records, each person's rows together;
`items.parquet` the questions; `consent.parquet`, where consent goes by person and stream, its last word;
`characteristics.parquet`, where there is one, what is known once of each person: an age group, a questionnaire's sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstay.errors import BadRequest

if TYPE_CHECKING:
    import polars as pl

FORM = 1
ABOUT, RECORDS, ITEMS, CONSENT = "cohort.toml", "records", "items.parquet", "consent.parquet"
CHARACTERISTICS, CHARACTERISTICS_STREAM = "characteristics.parquet", "characteristics"
"""The file of what is known once of each person, and the stream that consent for it names."""
KINDS = ("check_in", "event", "episode", "prompt", "coverage", "signal", "reaction")
"""What a data set of many people may hold. Contacts are bystanders, and statements are letters to oneself: neither."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its Parquet type as Polars names it, what it means in plain words."""

    name: str
    type: str
    meaning: str


COLUMNS = (
    Column("person", "String", "Whom the record is about; a pseudonym. A person's rows stand together, in one file."),
    Column("stream", "String", "The stream it belongs to; consent goes by streams."),
    Column("kind", "String", f"What it is: {', '.join(KINDS)}."),
    Column("happened", "Datetime", "When it happened or began (UTC); of a prompt, when it was sent."),
    Column(
        "ended", "Datetime", "When it ended; of a prompt, when it was answered; empty at one moment, or unanswered."
    ),
    Column("offset_s", "Int32", "The local clock's offset from UTC when it happened or began, in seconds."),
    Column("ended_offset_s", "Int32", "The same when it ended; empty: as at the beginning."),
    Column("known", "Datetime", "When it could be known at the earliest; empty: at its end."),
    Column("label", "String", "The question, event, role, place, channel or cue; empty of prompts and coverage."),
    Column(
        "value", "Float64", "The answer, the event's size, the share recorded, the sample, or the reaction observed."
    ),
    Column(
        "is",
        "String",
        "Of events demand, relief, slip, control, other; of episodes role, place, …; of signals the unit.",
    ),
    Column("self", "Boolean", "Of an episode: whether it is time as oneself."),
    Column("tags", "List", "Words noted with an event; of a prompt the questions, of coverage what it is about."),
)
"""The records; every column is there in every file, empty where a kind says nothing."""

ITEM_COLUMNS = (
    Column("name", "String", "The question's name, as `label` of check-ins gives it."),
    Column("label", "String", "Its words."),
    Column("low", "Float64", "The lowest number of its scale."),
    Column("high", "Float64", "The highest."),
    Column("better", "String", "Which end is better: low or high."),
    Column("ordinal", "Boolean", "Steps rather than any number in between."),
    Column("anchor", "Boolean", "Whether strain is told on its scale; at most one."),
)
CONSENT_COLUMNS = (
    Column("person", "String", "Whose consent."),
    Column("stream", "String", "For which stream."),
    Column("purpose", "String", "What for, such as cohort or pooled_prior."),
    Column("from", "Datetime", "From when on it holds (UTC)."),
    Column("until", "Datetime", "Until before when; empty: until withdrawn."),
)
CHARACTERISTIC_COLUMNS = (
    Column("person", "String", "Whose; each person once. Every other column is one that a group may be told apart by."),
)
CHARACTERISTIC_TYPES = ("String", "Float64", "Boolean")
"""What such a column may hold: names of groups, numbers, yes or no."""


def types(columns: tuple[Column, ...]) -> dict[str, pl.DataType]:
    """The columns of a file by name, with their types."""
    import polars as pl

    known: dict[str, pl.DataType] = {
        "String": pl.String(), "Float64": pl.Float64(), "Int32": pl.Int32(), "Boolean": pl.Boolean(),
        "Datetime": pl.Datetime("us", "UTC"), "List": pl.List(pl.String()),
    }  # fmt: skip
    return {one.name: known[one.type] for one in columns}


def checked(found: pl.Schema, columns: tuple[Column, ...], called: str) -> None:
    """Refuses (`BadRequest`) a file that lacks a column or holds another type in it, naming the first."""
    for name, type_ in types(columns).items():
        if name not in found:
            raise BadRequest(f"{called} has no column {name!r}; docs/reference/cohort.md lists what is needed")
        if found[name] != type_:
            raise BadRequest(f"column {name!r} of {called} holds {found[name]} where {type_} belongs")
