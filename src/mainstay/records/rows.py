"""The rows of one file on their way to records: which are meant, when they happened, what their cells say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mainstay.quantities import Instant, Span
from mainstay.records.collector import Collector
from mainstay.records.conditions import Cell, as_text, is_missing, number_as_written, parse_condition, tags
from mainstay.records.mapping_tables import LabelledTable, RowTable
from mainstay.records.moments import Happened, TimeRule, in_a_repeated_hour, row_times
from mainstay.records.tables import Table
from mainstay.records.words import counted

NO_TIME = "has no time"
US_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One file ready to be read: its table, which rows count, what is missing, how decimals are written."""

    table: Table
    chosen: Sequence[int]
    missing: frozenset[str]
    decimal: str
    items: tuple[str, ...]
    into: Collector
    times: dict[TimeRule, list[Happened]] = field(default_factory=dict)

    def cells(self, column: str) -> Sequence[Cell]:
        """The cells of a column."""
        return self.table.columns[column]

    def when(self, rule: TimeRule) -> list[Happened]:
        """When each row happened; read once per rule."""
        if rule not in self.times:
            self.times[rule] = times = row_times(self.table, rule)
            twice = in_a_repeated_hour((times[row] for row in self.chosen), rule.zone) if rule.zone else 0
            if twice:
                self.into.notes.append(
                    f"{self.table.name}: {counted(twice, 'time')} in the hour that came twice when clocks went back; "
                    "where no offset was written, the first was meant"
                )
        return self.times[rule]

    def number_of(self, cell: Cell) -> float | None:
        """The number in a cell, as decimals are written in this file; None where it holds none."""
        return number_as_written(cell, self.decimal)

    def number_in(self, row: int, column: str, cell: Cell) -> float | None:
        """The number in a cell; without one the row's refusal is on the receipt."""
        value = self.number_of(cell)
        if value is None:
            self.into.refuse(row, f"{column} is {shown(cell)}, no number")
        return value


def shown(cell: Cell) -> str:
    """A cell as a refusal quotes it: never more than 60 characters."""
    text = repr(cell)
    return text if len(text) <= 60 else text[:57] + "…"


def meant_rows(rows: Rows, table: RowTable) -> Iterator[int]:
    """The rows a table is about: those that fulfil its condition."""
    if table.when is None:
        yield from rows.chosen
        return
    condition = parse_condition(table.when)
    verdicts = condition.holds(rows.table.columns, rows.missing, rows.table.rows)
    for row in rows.chosen:
        verdict = verdicts[row]
        if isinstance(verdict, str):
            rows.into.refuse(row, verdict)
        elif verdict:
            yield row


def time_of(rows: Rows, row: int, when: Happened) -> Instant | Span | None:
    """A row's time, or None with the reason on the receipt."""
    if when is None or isinstance(when, str):
        rows.into.refuse(row, when or NO_TIME)
        return None
    return when


def labels_of(rows: Rows, table: LabelledTable, row: int) -> Sequence[str]:
    """The labels a row gives: the fixed one, or those in its cell that are to be kept, renamed."""
    if table.column is None:
        return (str(table.label),)
    cell = rows.cells(table.column)[row]
    if is_missing(cell, rows.missing):
        return ()
    found = tags(cell, table.split) if table.split else (as_text(cell),)
    if table.labels is None:
        return tuple(dict.fromkeys(found))
    return tuple(dict.fromkeys(table.labels[one] for one in found if one in table.labels))


def names_in(rows: Rows, given: str | tuple[str, ...] | None, row: int) -> tuple[str, ...]:
    """Names written out, or those in the cell of a column."""
    if not isinstance(given, str):
        return given or ()
    cell = rows.cells(given)[row]
    return () if is_missing(cell, rows.missing) else tags(cell)
