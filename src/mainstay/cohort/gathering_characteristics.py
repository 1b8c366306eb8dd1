"""What is known once of each person: from columns that say the same in all rows of a person, or from a file beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cohort.gathering_receipt import Gathered
from mainstay.cohort.layout import CHARACTERISTICS
from mainstay.errors import BadMapping
from mainstay.records.conditions import Cell, as_text, is_missing, number
from mainstay.records.mapping_tables import MISSING, CharacteristicTable
from mainstay.records.tables import Table, read_table
from mainstay.records.words import counted, few

if TYPE_CHECKING:
    import polars as pl

MOST_CHARACTERISTICS = 500
_YES_NO = {"true": True, "false": False}


class Characteristics:
    """The characteristics of everybody, gathered by person; each holds at most one value of a person."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, str]] = {}
        self._varying: dict[tuple[str, str], None] = {}

    def take(self, person: str, tables: Sequence[CharacteristicTable], rows: Table, missing: frozenset[str]) -> None:
        """What one person's rows of a file say. What differs between them is kept of that person not at all."""
        for table in tables:
            if table.column not in rows.columns:
                raise BadMapping(
                    f"characteristic {table.called!r} asks for the column {table.column!r}, which {rows.name} "
                    f"doesn't have; it has: {few(rows.header)}"
                )
            for cell in dict.fromkeys(rows.columns[table.column]):
                self._one(person, table, cell, missing)

    def _one(self, person: str, table: CharacteristicTable, cell: Cell, missing: frozenset[str]) -> None:
        held = self._found.setdefault(table.called, {})
        if is_missing(cell, missing) or (table.called, person) in self._varying:
            return
        text = as_text(cell)
        text = (table.values or {}).get(text, text)
        if held.setdefault(person, text) != text:
            del held[person]
            self._varying[table.called, person] = None

    def beside(self, file: Path, person: str, missing: frozenset[str] = frozenset(MISSING)) -> set[str]:
        """Take a file with a row for each person and their name in the column `person`; who is in it.

        Refuses (`BadMapping`) a file without that column or with nothing else, and one of more than 500 columns.
        """
        table = read_table(file)
        if person not in table.columns:
            raise BadMapping(f"{table.name} has no column {person!r}; it has: {few(table.header)}")
        others = [name for name in table.columns if name != person]
        if not others or len(others) > MOST_CHARACTERISTICS:
            raise BadMapping(
                f"{table.name} has {counted(len(others), 'column')} beside {person!r}; between 1 and "
                f"{MOST_CHARACTERISTICS} can be characteristics"
            )
        taken = sorted({"person"} & set(others) | set(others) & set(self._found))
        if taken:
            raise BadMapping(f"{table.name} has a column {taken[0]!r}, which is taken; give it another name")
        seen: set[str] = set()
        for name in others:
            one = CharacteristicTable(column=name)
            for who, cell in zip(table.columns[person], table.columns[name], strict=True):
                if not is_missing(who, missing):
                    seen.add(as_text(who))
                    self._one(as_text(who), one, cell, missing)
        return seen

    def write(self, folder: Path, people: Mapping[str, str], receipt: Gathered) -> None:
        """Write `characteristics.parquet` of the people gathered (as they are called in the files, and in the data
        set), and say on the receipt of how many each is known. Nothing is written where there are none.

        Refuses (`BadMapping`) a characteristic that is known of nobody: it varies, or the names don't meet.
        """
        import polars as pl

        if not self._found:
            return
        columns: dict[str, pl.Series] = {"person": pl.Series(list(people.values()), dtype=pl.String())}
        for name, held in self._found.items():
            cells = [held.get(person) for person in people]
            known = len(cells) - cells.count(None)
            if not known:
                varies = sum(one == name for one, _ in self._varying)
                why = f"it varies within {counted(varies, 'person', 'people')}" if varies else "every cell is empty"
                raise BadMapping(
                    f"the characteristic {name!r} is known of nobody in the data set: {why}; what changes from row "
                    "to row is no characteristic, and in a file beside, people are called as in the study"
                )
            receipt.characteristics[name] = known
            columns[name] = _typed(cells)
        receipt.varying += [(name, people[person]) for name, person in self._varying if person in people]
        pl.DataFrame(columns).write_parquet(folder / CHARACTERISTICS)


def _typed(cells: list[str | None]) -> pl.Series:
    """Numbers where every cell is one, yes and no where every cell is true or false, else words."""
    import polars as pl

    given = [cell for cell in cells if cell is not None]
    if all(cell.lower() in _YES_NO for cell in given):
        return pl.Series([None if cell is None else _YES_NO[cell.lower()] for cell in cells], dtype=pl.Boolean())
    if all(number(cell) is not None for cell in given):
        return pl.Series([None if cell is None else number(cell) for cell in cells], dtype=pl.Float64())
    return pl.Series(cells, dtype=pl.String())
