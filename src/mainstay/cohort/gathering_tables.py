"""A study's tables with a mapping that names the column of people: everybody's rows by the reader's own rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mainstay.cohort.gathering_characteristics import Characteristics
from mainstay.cohort.gathering_receipt import Gathered
from mainstay.cohort.gathering_rows import RowsApart
from mainstay.errors import BadMapping, UnreadableSource
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Receipt
from mainstay.records.mapping import Mapping as Plan
from mainstay.records.mapping_tables import CharacteristicTable, FileTable, PersonKeys
from mainstay.records.reader import files_of, inside
from mainstay.records.reading import NOTHING_FOR, Reading
from mainstay.records.tables import Table, read_pieces
from mainstay.records.words import few


class Tables:
    """The files of a mapping. `whole`: with its characteristics; `plan`: what is read of each person."""

    def __init__(
        self,
        study: Path,
        whole: Plan,
        plan: Plan,
        zone: str | None,
        now: Instant | None,
        *,
        receipt: Gathered,
        known: Characteristics,
    ) -> None:
        if not study.exists():
            raise UnreadableSource(f"there is no file or folder {study}")
        if not plan.row_tables():
            raise BadMapping("the mapping names no answers, events or episodes; a data set of many people is of these")
        self.plan, self.zone, self.now, self.receipt, self.known = plan, zone, now, receipt, known
        self.called = study.stem if study.is_file() else study.name
        self.files = files_of(plan, study.name if study.is_file() else None)
        if study.is_file() and len(self.files) > 1:
            raise BadMapping(f"the mapping names {len(self.files)} files and {study.name} is one; give their folder")
        self.places = [study if study.is_file() else inside(study, one.path) for one in self.files]
        self.people = {one.called: self._person_of(one) for one in self.files}
        several = len(self.files) > 1
        self.fruitless: dict[str, list[str]] = {}
        self.characteristics: dict[str, list[CharacteristicTable]] = {
            one.called: [each for each in whole.characteristic if not several or each.file == one.called]
            for one in self.files
        }

    def _person_of(self, one: FileTable) -> PersonKeys:
        person = one.person or self.plan.source.person
        if person is None:
            raise BadMapping(
                f"the mapping doesn't say in which column of {one.path} the people stand; write "
                'person = { column = "…" } under [source]'
            )
        if person.value is not None:
            raise BadMapping(
                f"the mapping means one person ({str(person.value)!r}); leave out value, and everybody is read"
            )
        return person

    def spread(self, rows: RowsApart, progress: Callable[[int, int], None] | None) -> None:
        """Read every file once and tell its rows apart by person."""
        work = Reading(self.plan, self.zone, self.now, None, self.called)
        sizes = [place.stat().st_size for place in self.places]
        for number, (one, place) in enumerate(zip(self.files, self.places, strict=True)):
            person = self.people[one.called].column
            wanted = work.columns(one) | {each.column for each in self.characteristics[one.called]} | {person}
            before, size = sum(sizes[:number]), sizes[number]

            def told(share: float, before: int = before, size: int = size) -> None:
                if progress is not None:
                    progress(before + round(share * size), max(1, sum(sizes)))

            pieces = read_pieces(place, format=one.format, delimiter=one.delimiter, wanted=wanted, progress=told)
            for piece in pieces:
                self._check(one, piece, work, wanted)
                self._count(piece)
                rows.take(one.called, piece, person, work.missing(one), wanted)

    def _check(self, one: FileTable, piece: Table, work: Reading, wanted: set[str]) -> None:
        """Refuse a file that lacks a column, by the reader's own words where a table asks for it."""
        work.asks(one, piece)
        absent = sorted(wanted - set(piece.columns))
        if absent:
            raise BadMapping(
                f"the characteristic asks for the column {absent[0]!r}, which {piece.name} doesn't have; it has: "
                f"{few(piece.header)}"
            )

    def _count(self, piece: Table) -> None:
        """Count the rows that could not be read as rows, so that nobody's receipt has them."""
        self.receipt.rows += len(piece.refused)
        self.receipt.refused += len(piece.refused)
        for one in piece.refused:
            self.receipt.because(one.reason)
        self.receipt.notes += [note for note in piece.notes if note not in self.receipt.notes]

    def person(self, name: str, theirs: Mapping[str, Table]) -> tuple[Batch, Receipt]:
        """What the rows of one person give, and what became of each."""
        work = Reading(self.plan, self.zone, self.now, None, self.called)
        for one in self.files:
            if one.called in theirs:
                work.take(one, theirs[one.called])
                self.known.take(name, self.characteristics[one.called], theirs[one.called], work.missing(one))
        if not work.into.records:
            return work.into.finish((), None)
        self._leave_to_all(work)
        return work.finish()

    def _leave_to_all(self, work: Reading) -> None:
        """Keep in mind which tables of the mapping gave this person nothing: only where they gave nobody anything is
        that worth a note.
        """
        for called, tables in work.fruitless.items():
            before = self.fruitless.get(called, tables)
            self.fruitless[called] = [one for one in before if one in tables]
        work.into.notes = [note for note in work.into.notes if NOTHING_FOR not in note]

    def finish(self) -> None:
        """Say what is known only when everybody's rows have been read."""
        for called, tables in self.fruitless.items():
            if tables:
                self.receipt.notes.append(f"{called}: {NOTHING_FOR} {', '.join(tables)}")
