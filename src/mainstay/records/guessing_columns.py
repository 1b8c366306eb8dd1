"""What stands in each column of an unknown table: numbers and how they are written, words, what means missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from mainstay.records.conditions import Cell, as_text, is_missing, number, number_as_written
from mainstay.records.guessing_words import words_of
from mainstay.records.mapping_tables import MISSING
from mainstay.records.tables import Table

ALMOST_ALL = 0.95
"""The share of a column's cells that must agree before they say what it is; the rest is refused and listed later."""

_SENTINELS = {-9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0}
_COMMA_NUMBER = re.compile(r"-?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+")
_POINT_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column. `counts`: how often each text stands there, missing ones aside; `numbers`: where they are numbers."""

    name: str
    cells: Sequence[Cell]
    words: tuple[str, ...]
    counts: Counter[str]
    numbers: Counter[float] | None

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(self.counts.values())

    @property
    def low(self) -> float:
        """The least number."""
        return min(self.numbers or {0.0: 1})

    @property
    def high(self) -> float:
        """The greatest number."""
        return max(self.numbers or {0.0: 1})

    @property
    def whole(self) -> bool:
        """Whether all of its numbers are whole."""
        return all(value.is_integer() for value in self.numbers or ())

    @property
    def typed_time(self) -> bool:
        """Whether its cells are times, as Parquet and dataframes hold them, rather than text."""
        first = next((cell for cell in self.cells if cell is not None), None)
        return isinstance(first, (datetime, date, time))


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A table looked at: its columns, how decimals are written, and the numbers that mean "missing"."""

    table: Table
    columns: tuple[Column, ...]
    decimal: str
    sentinels: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The words for a missing value."""
        return (*MISSING, *self.sentinels)

    def named(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)


def look(table: Table) -> Look:
    """Look at every column of a table that has a name, each name once."""
    names = [name for name in table.columns if name and table.header.count(name) < 2]
    texts = {name: _texts(table.columns[name], frozenset(MISSING)) for name in names}
    decimal = _decimal(texts)
    columns = [_column(name, table.columns[name], texts[name], decimal) for name in names]
    sentinels = sorted({text for column in columns for text in _sentinels(column)})
    if sentinels:
        for column in columns:
            for text in sentinels:
                column.counts.pop(text, None)
        columns = [_column(one.name, one.cells, one.counts, decimal) for one in columns]
    return Look(table, tuple(columns), decimal, tuple(sentinels))


def _texts(cells: Sequence[Cell], missing: frozenset[str]) -> Counter[str]:
    return Counter(as_text(cell) for cell in cells if not is_missing(cell, missing))


def _decimal(texts: dict[str, Counter[str]]) -> str:
    comma = point = 0
    for counts in texts.values():
        sample = list(counts)[:200]
        comma += sum(_COMMA_NUMBER.fullmatch(text) is not None for text in sample)
        point += sum(_POINT_NUMBER.fullmatch(text) is not None for text in sample)
    return "," if comma > point else "."


def _column(name: str, cells: Sequence[Cell], counts: Counter[str], decimal: str) -> Column:
    numbers: Counter[float] = Counter()
    for text, count in counts.items():
        value = number_as_written(text, decimal)
        if value is not None:
            numbers[value] += count
    booleans = {"true", "false"} >= {text.lower() for text in counts}
    enough = counts and not booleans and sum(numbers.values()) >= ALMOST_ALL * sum(counts.values())
    return Column(name, cells, words_of(name), counts, numbers if enough else None)


def _sentinels(column: Column) -> set[str]:
    """Numbers far from all others that are usual for "missing": 9999 among values from 1 to 100."""
    if column.numbers is None or len(column.numbers) < 3:
        return set()
    found = {value for value, count in column.numbers.items() if value in _SENTINELS and count > 1}
    rest = [value for value in column.numbers if value not in found]
    if not rest:
        return set()
    spread = max(max(rest) - min(rest), 1.0)
    far = {value for value in found if value < min(rest) - 3 * spread or value > max(rest) + 3 * spread}
    return {text for text in column.counts if number(text) in far}
