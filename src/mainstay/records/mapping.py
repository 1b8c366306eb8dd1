"""The mapping file: which column is time, which are items, events, episodes. TOML in, frozen dataclasses out.

Every key is explained, with examples, in docs/howto/map-your-records.md.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from mainstay.errors import BadMapping, UnreadableSource
from mainstay.records.kinds import Item
from mainstay.records.mapping_tables import (
    STRICT,
    CharacteristicTable,
    ContactTable,
    CoverageTable,
    EpisodeTable,
    EventTable,
    FileTable,
    ItemTable,
    PromptTable,
    ReactionTable,
    RowTable,
    SignalTable,
    SourceTable,
    StatementTable,
    is_written_out,
)

LARGEST_MAPPING_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True, config=STRICT)
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
    characteristic: tuple[CharacteristicTable, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Mapping:
        if self.source.file is not None and self.file:
            raise ValueError("[source] file is for one file; several are [[file]] tables: keep one way")
        names = [one.called for one in self.file]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two files are called {', '.join(sorted(twice))}; give each its own name")
        for nth, (kind, number, table) in enumerate(self.row_tables()):
            if table.file is not None and table.file not in (names or [table.file]):
                raise ValueError(f"{kind} {number} is in file {table.file!r}; the files are {', '.join(names)}")
            if table.file is None and len(names) > 1 and not is_written_out(table):
                raise ValueError(f"{kind} {number} must say its file: one of {', '.join(names)}")
            if any(table == other for _, _, other in self.row_tables()[:nth]):
                raise ValueError(f"{kind} {number} says the same as one before it, and would count twice; remove one")
        self._characteristics_fit(names)
        items: dict[str, Item] = {}
        for table in self.item:
            if items.setdefault(table.item.name, table.item) != table.item:
                raise ValueError(f"the item {table.item.name!r} is described twice, differently; give one another name")
        if self.source.anchor is not None and self.source.anchor not in items:
            raise ValueError(f"anchor {self.source.anchor!r} is none of the items: {', '.join(items) or '(none)'}")
        return self

    def _characteristics_fit(self, files: list[str]) -> None:
        called = [one.called for one in self.characteristic]
        twice = sorted({name for name in called if called.count(name) > 1})
        if twice:
            raise ValueError(f"two characteristics are called {', '.join(twice)}; give each its own label")
        if "person" in called:
            raise ValueError("a characteristic can't be called 'person', as the column of people is; give it a label")
        for number, one in enumerate(self.characteristic, 1):
            if len(files) > 1 and one.file is None:
                raise ValueError(f"characteristic {number} must say its file: one of {', '.join(files)}")
            if one.file is not None and files and one.file not in files:
                raise ValueError(f"characteristic {number} is in file {one.file!r}; the files are {', '.join(files)}")

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


def read_mapping(path_or_text: Path | str) -> Mapping:
    """Read a mapping from a file, or from TOML text (text has a line break or a ``=``).

    Refuses with `BadMapping`: TOML that can't be parsed (with its line), unknown keys, values of the wrong kind, and
    tables that contradict each other; each with the table and the key.
    """
    text, place = _text_of(path_or_text)
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadMapping(f"{place} can't be read as TOML: {why}") from error
    try:
        plan = TypeAdapter(Mapping).validate_python(tables)
    except ValidationError as error:
        raise BadMapping(f"{place}: {problems_in(error, tables)}") from error
    if not plan.row_tables() and not plan.statement:
        raise BadMapping(f"{place} names nothing to read; describe a column, such as [[item]] or [[event]]")
    return plan


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a mapping file."""
    schema = TypeAdapter(Mapping).json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A Mainstay mapping file"}


def is_text(path_or_text: Path | str) -> bool:
    """Whether this is a mapping written out, not the path of one."""
    return isinstance(path_or_text, str) and ("\n" in path_or_text or "=" in path_or_text)


def _text_of(path_or_text: Path | str) -> tuple[str, str]:
    if is_text(path_or_text):
        return str(path_or_text), "the mapping"
    path = Path(path_or_text)
    if path.exists() and not path.is_file():
        raise BadMapping(f"{path} is no file; give the mapping file")
    try:
        if path.stat().st_size > LARGEST_MAPPING_BYTES:
            raise BadMapping(f"{path.name} is larger than 1 MB; that is no mapping file")
        return path.read_text(encoding="utf-8-sig"), path.name
    except OSError as error:
        raise UnreadableSource(f"the mapping {path} can't be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadMapping(f"{path.name} is no UTF-8 text; save the mapping as UTF-8") from error


_PLAIN = {
    "unexpected_keyword_argument": "there is no such key",
    "extra_forbidden": "there is no such key",
    "missing": "is needed",
    "missing_argument": "is needed",
    "string_type": "must be text, in quotes",
    "string_too_short": "is empty; write something or leave the key out",
    "int_type": "must be a whole number, without quotes or a point",
    "int_from_float": "must be a whole number, without quotes or a point",
    "int_parsing": "must be a whole number, without quotes or a point",
    "float_type": "must be a number, without quotes",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false, without quotes",
    "bool_parsing": "must be true or false, without quotes",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table of names and values in braces",
    "dataclass_type": "must be a table of keys and values in braces",
    "too_long": "the list is too long",
}
_RANGES = {
    "greater_than": ("gt", "it must be above"),
    "greater_than_equal": ("ge", "the least is"),
    "less_than": ("lt", "it must be below"),
    "less_than_equal": ("le", "the most is"),
}
LONGEST_SHOWN = 40
"""What pydantic's kinds of error mean to somebody who writes a mapping."""


def problems_in(error: ValidationError, tables: dict[str, Any]) -> str:
    """All sentences of a validation error. What only follows from another one is left out."""
    return "; ".join(dict.fromkeys(problem_in(one, tables) for one in _told(error)))


def problems_by_place(error: ValidationError, tables: dict[str, Any]) -> tuple[tuple[tuple[int | str, ...], str], ...]:
    """The same one by one: the place in the tables, and what is wrong there."""
    return tuple((tuple(one["loc"]), _said(one)) for one in _told(error))


def _told(error: ValidationError) -> list[Any]:
    return [one for one in error.errors(include_url=False) if not _follows(one)]


def _follows(error: Any) -> bool:
    """Whether a list is too short only because one of its members could not be read."""
    return bool(error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"])


def problem_in(error: Any, tables: dict[str, Any]) -> str:
    """One sentence of a validation error: which table, which key, what is wrong."""
    # Parts of the location that are no keys of the file name the alternatives of a union; they help nobody.
    where, at = [], tables
    for part in error["loc"]:
        if isinstance(part, int) and isinstance(at, list) and part < len(at):
            at = at[part]
            name = at.get("label") or at.get("name") or at.get("column") if isinstance(at, dict) else None
            shown = isinstance(name, str) and name.isprintable() and len(name) <= LONGEST_SHOWN
            where.append(f"{part + 1}" + (f" ({name})" if shown else ""))
        elif isinstance(at, dict) and part in at:
            at = at[part]
            where.append(str(part))
        elif error["type"] in ("missing", "missing_argument"):
            where.append(str(part))
    message = _said(error)
    return f"{' '.join(where)}: {message}" if where else message


def _said(error: Any) -> str:
    """What is wrong, in words."""
    kind, given = error["type"], error["input"]
    if kind == "literal_error":
        return f"{given!r} is not one of {error['ctx']['expected']}"
    if kind in ("tuple_type", "dataclass_type") and len(error["loc"]) == 1 and isinstance(given, dict | list):
        name, several = error["loc"][0], kind == "tuple_type"
        return (
            f"there may be several of these; write [[{name}]] with two brackets on each side"
            if several
            else f"there is one of these; write [{name}] with one bracket on each side"
        )
    if kind in _RANGES:
        limit, words = _RANGES[kind]
        return f"{given!r} is out of range; {words} {error['ctx'][limit]}"
    if kind == "too_short":
        return f"at least {error['ctx']['min_length']} are needed, and {len(given)} given"
    if kind == "string_too_long":
        return f"has {len(given):,} characters; at most {error['ctx']['max_length']:,} will do"
    return _PLAIN.get(kind) or re.sub(r"^Value error, ", "", str(error["msg"]))
