"""Rows of tables told apart by person in one pass, with little of them in memory.

Pieces of a file come in, each sorted by person and laid aside on disk where there is more than one; people come out in
the order in which they were first met, each with their rows of every file in the file's order.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.errors import BadMapping
from mainstay.records.conditions import Cell, as_text, is_missing
from mainstay.records.tables import Table

if TYPE_CHECKING:
    import polars as pl

MOST_PEOPLE = 1_000_000
LONGEST_NAME = 200
ROWS_TOGETHER = 200_000
"""Rows of people who are worked out together: fewer people where each has many."""

_WHO, _ROW, _PRINT, _CELL = "who", "row", "print", "cell "
NOBODY = "names nobody: the cell of the person is empty"
TOO_LONG = f"names a person in more than {LONGEST_NAME} characters"
UNPRINTABLE = "names a person with characters that can't be printed"


@dataclass(slots=True)
class _Piece:
    """A piece of a file by person: whose each row is, and the rows, or where they lie."""

    who: pl.Series
    rows: pl.DataFrame | Path

    def of(self, first: int, after: int) -> pl.DataFrame:
        """The rows of the people from number `first` up to before `after`."""
        import polars as pl

        begin, end = self.who.search_sorted(first, "left"), self.who.search_sorted(after, "left")
        if isinstance(self.rows, Path):
            return pl.scan_ipc(self.rows, glob=False).slice(begin, end - begin).collect()
        return self.rows.slice(begin, end - begin)


class RowsApart:
    """The rows of one or more files by person. `folder`: where pieces lie meanwhile; the caller removes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nobody: Counter[str] = Counter()
        self._numbers: dict[str, int] = {}
        self._rows: list[int] = []
        self._pieces: dict[str, list[_Piece]] = {}
        self._about: dict[str, tuple[str, tuple[str, ...]]] = {}

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody met so far, in order."""
        return tuple(self._numbers)

    def take(self, called: str, piece: Table, person: str, missing: frozenset[str], wanted: set[str]) -> None:
        """More rows of the file that is `called` so; `person` is the column of people, `wanted` what is kept.

        A row that names nobody is left out and counted in `nobody`, by why. Refuses (`BadMapping`) more than a
        million people: such a column numbers rows.
        """
        import polars as pl

        self._about.setdefault(called, (piece.name, piece.header))
        who: list[int | None] = [self._number(cell, missing) for cell in piece.columns[person]]
        if len(self._numbers) > MOST_PEOPLE:
            raise BadMapping(
                f"{piece.name} holds more than {MOST_PEOPLE:,} people in {person!r}; name the column that tells "
                "people apart"
            )
        frame = pl.DataFrame(
            {
                _WHO: pl.Series(who, dtype=pl.Int32()),
                _ROW: pl.Series(piece.row_numbers, dtype=pl.Int64()),
                _PRINT: pl.Series(piece.prints, dtype=pl.Int64()),
                **{_CELL + name: pl.Series(piece.columns[name]) for name in piece.columns if name in wanted},
            }
        )
        frame = frame.drop_nulls(_WHO).sort(_WHO, maintain_order=True)
        for number, count in frame[_WHO].value_counts().iter_rows():
            self._rows[number] += count
        self._lay_aside(called, frame)

    def _lay_aside(self, called: str, frame: pl.DataFrame) -> None:
        """Keep a piece: the first of a file in memory, as long as it is the only one; each on disk otherwise."""
        held = self._pieces.setdefault(called, [])
        held.append(_Piece(frame[_WHO], frame))
        if len(held) > 1:
            for number in {0, len(held) - 1}:
                self._to_disk(held[number], f"{list(self._pieces).index(called)}-{number}.arrow")

    def _to_disk(self, piece: _Piece, name: str) -> None:
        if not isinstance(piece.rows, Path):
            self.folder.mkdir(exist_ok=True)
            piece.rows.write_ipc(self.folder / name)
            piece.rows = self.folder / name

    def _number(self, cell: Cell, missing: frozenset[str]) -> int | None:
        """The number of the person that a cell names; None where it names nobody that can be kept apart."""
        name = "" if is_missing(cell, missing) else as_text(cell)
        if name in self._numbers:
            return self._numbers[name]
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            self.nobody[NOBODY if not name else TOO_LONG if len(name) > LONGEST_NAME else UNPRINTABLE] += 1
            return None
        self._rows.append(0)
        return self._numbers.setdefault(name, len(self._numbers))

    def alike(self) -> tuple[tuple[str, ...], ...]:
        """Names that differ in nothing but blanks, capitals or how a letter is encoded: perhaps one person."""
        groups: dict[str, list[str]] = {}
        for name in self._numbers:
            plain = "".join(unicodedata.normalize("NFKC", name).casefold().split())
            groups.setdefault(plain, []).append(name)
        return tuple(tuple(names) for names in groups.values() if len(names) > 1)

    def batches(self, size: int) -> Iterator[Sequence[tuple[str, Mapping[str, Table]]]]:
        """Everybody with their rows of each file: at most `size` people together, fewer where they have many rows."""
        names = self.people
        first = 0
        while first < len(names):
            after, rows = first + 1, self._rows[first]
            while after < min(first + size, len(names)) and rows + self._rows[after] <= ROWS_TOGETHER:
                rows += self._rows[after]
                after += 1
            held = {called: self._of(called, first, after) for called in self._pieces}
            yield [
                (names[k], {called: theirs[k] for called, theirs in held.items() if k in theirs})
                for k in range(first, after)
            ]
            first = after

    def _of(self, called: str, first: int, after: int) -> dict[int, Table]:
        """The rows of one file of the people from number `first` up to before `after`, by number."""
        import polars as pl

        some = [piece.of(first, after) for piece in self._pieces[called]]
        rows = pl.concat(some, how="vertical_relaxed", rechunk=True).sort(_WHO, maintain_order=True)
        return {
            int(number): self._table(called, frame)
            for (number,), frame in rows.partition_by(_WHO, as_dict=True, maintain_order=True).items()
        }

    def _table(self, called: str, frame: pl.DataFrame) -> Table:
        name, header = self._about[called]
        columns = {one.removeprefix(_CELL): frame[one].to_list() for one in frame.columns if one.startswith(_CELL)}
        return Table(name, columns, frame[_ROW].to_list(), frame[_PRINT].to_list(), header=header)
