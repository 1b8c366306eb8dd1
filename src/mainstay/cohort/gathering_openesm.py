"""A data set of openESM made into one of many people: everybody's questionnaires by the reader's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from mainstay.cohort.gathering_receipt import Gathered
from mainstay.cohort.gathering_rows import RowsApart
from mainstay.errors import BadMapping, UnreadableSource
from mainstay.quantities import Instant, zone_named
from mainstay.records.kinds import Batch, Receipt
from mainstay.records.mapping_tables import MISSING
from mainstay.records.place import Place
from mainstay.records.sources import recognised
from mainstay.records.sources.csv_rows import csv_rows
from mainstay.records.sources.intake import Intake
from mainstay.records.sources.openesm import SOURCE, Opened, is_silent, opened, put
from mainstay.records.tables import PIECE, Table


class OpenEsm:
    """A `…_ts.tsv` with its `…_metadata.json`. Refuses whatever else lies there: it needs a mapping."""

    def __init__(self, place: Place, zone: str | None, now: Instant | None, receipt: Gathered) -> None:
        if recognised(place) is not SOURCE:
            raise BadMapping(
                f"{place.name} is no data set of openESM; other tables need a mapping that says which column names "
                "the person and what the others hold (--map MAP.toml)"
            )
        self.place, self.zone, self.now, self.receipt = place, zone, now, receipt
        self.found: Opened = opened(place)
        self._intake().needs_zone()

    def _intake(self, progress: Callable[[int, int], None] | None = None) -> Intake:
        zone = zone_named(self.zone) if self.zone else None
        intake = Intake(self.found.plan.title, zone, self.now, progress)
        intake.bytes_in_all = max(1, self.place.size)
        return intake

    def spread(self, rows: RowsApart, progress: Callable[[int, int], None] | None) -> None:
        """Read the file once, tell its rows apart by person, and see whether unanswered questionnaires have rows."""
        aside = self._intake(progress)
        plan, file = self.found.plan, self.found.file
        silent = False
        read = csv_rows(self.place, file, aside)
        for piece in _pieces(read, file):
            silent = silent or any(is_silent(cells, plan) for cells in _cells(piece))
            rows.take(file, piece, plan.person, frozenset(MISSING), set(piece.columns))
        if not rows.people:
            raise UnreadableSource(f"{file} holds no rows that can be read")
        plan.prompted = plan.prompted and silent
        self._count(aside)

    def _count(self, aside: Intake) -> None:
        """Put the rows that could not be read as rows onto the receipt, for they are nobody's."""
        _, said = aside.finish()
        self.receipt.rows += said.rows_read
        self.receipt.refused += said.rows_refused
        for one in said.refused:
            self.receipt.because(one.reason)
        self.receipt.notes += [note for note in said.notes if not note.startswith("nothing was kept")]

    def person(self, _name: str, theirs: Mapping[str, Table]) -> tuple[Batch, Receipt]:
        """What the rows of one person give, and what became of each."""
        intake = self._intake()
        [rows] = theirs.values()
        put(zip(rows.row_numbers, _cells(rows), strict=True), self.found, intake)
        return intake.finish()

    def finish(self) -> None:
        """Nothing is left to say when everybody's rows have been read."""


def _pieces(rows: Iterator[tuple[int, dict[str, str]]], file: str) -> Iterator[Table]:
    while some := list(islice(rows, PIECE)):
        names = tuple(some[0][1])
        columns = {name: [cells[name] for _, cells in some] for name in names}
        yield Table(file, columns, [number for number, _ in some], [0] * len(some), header=names)


def _cells(table: Table) -> Iterator[dict[str, str]]:
    for row in zip(*table.columns.values(), strict=True):
        yield dict(zip(table.columns, row, strict=True))
