"""One reading of one source: what every table inherits, which rows are read, and what is written out in the mapping."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mainstay.errors import BadMapping, BadRecord, UnreadableSource
from mainstay.quantities import Instant, Span, zone_named
from mainstay.records.building import build, columns_of
from mainstay.records.collector import Collector
from mainstay.records.conditions import as_text, is_missing, parse_condition
from mainstay.records.kinds import Attribute, Batch, Contact, Coverage, Episode, Receipt, Statement
from mainstay.records.mapping import Mapping
from mainstay.records.mapping_tables import (
    ContactTable,
    CoverageTable,
    EpisodeTable,
    FileTable,
    ItemTable,
    RowTable,
    StatementTable,
    is_written_out,
)
from mainstay.records.moments import TimeRule, written_moment
from mainstay.records.rows import Rows
from mainstay.records.stretches import months_of
from mainstay.records.tables import Table
from mainstay.records.words import counted, few

LARGEST_STATEMENT_BYTES = 1_000_000
NOTHING_FOR = "no row gave anything for"


class Reading:
    """A plan, what goes before it (`zone` and `person` as given by the caller), and the records gathered so far.

    `fruitless`: of each file that was taken, the tables of the mapping for which no row gave anything.
    """

    def __init__(self, plan: Mapping, zone: str | None, now: Instant | None, person: str | None, called: str) -> None:
        self.plan = plan
        self.zone = zone
        self.person = person
        self.into = Collector(plan.source.name or called, now)
        self.fruitless: dict[str, list[str]] = {}
        self.into.notes += [f"assumed, not recorded: {one}" for one in plan.source.assumed]
        if plan.characteristic:
            names = ", ".join(one.called for one in plan.characteristic)
            self.into.notes.append(f"known once of each person, and kept by `mainstay gather` only: {names}")

    def rule(self, one: FileTable | None, table: RowTable | None) -> TimeRule:
        """How a table tells time: its own keys, else its file's, else the source's."""
        levels = [level for level in (table, one, self.plan.source) if level is not None]
        teller = next((level for level in levels if level.tells_time), self.plan.source)

        def first(name: str) -> Any:
            return next((found for level in levels if (found := getattr(level, name)) is not None), None)

        zone = self.zone or first("zone")
        return TimeRule(
            zone=zone_named(zone) if zone else None,
            time=teller.time,
            time_format=first("time_format") or "iso",
            date=teller.date,
            date_format=first("date_format") or "iso",
            day=teller.day,
            start=(one.start if one else None) or self.plan.source.start,
            clock=teller.clock,
            clock_format=first("clock_format") or "iso",
            clock_spans=tuple((first("clock_spans") or {}).items()),
            missing=self.missing(one),
        )

    def missing(self, one: FileTable | None) -> frozenset[str]:
        """The words that stand for a missing value."""
        return frozenset(one.missing if one and one.missing is not None else self.plan.source.missing)

    def tables(self, one: FileTable) -> list[tuple[str, int, RowTable]]:
        """The tables of the mapping that read this file."""
        several = len(self.plan.file) > 1
        return [
            (kind, number, table)
            for kind, number, table in self.plan.row_tables()
            if not is_written_out(table) and (not several or table.file == one.called)
        ]

    def columns(self, one: FileTable) -> set[str]:
        """Every column that is asked of a file."""
        return {column for _, column in self._asked(one)}

    def _asked(self, one: FileTable) -> list[tuple[str, str]]:
        """Who asks for which column."""
        asked = [
            (f"{kind} {number}", column)
            for kind, number, table in self.tables(one)
            for column in columns_of(table, self.rule(one, table))
        ]
        asked += [("where", column) for where in self._where(one) for column in parse_condition(where).columns]
        person = one.person or self.plan.source.person
        return asked + ([("person", person.column)] if person else [])

    def asks(self, one: FileTable, table: Table) -> None:
        """Refuse (`BadMapping`) a file that lacks a column which is asked of it, or has it twice."""
        for who, column in self._asked(one):
            if column not in table.columns:
                raise BadMapping(_no_column(who, column, table))
            if table.header.count(column) > 1:
                raise BadMapping(f"{who} asks for the column {column!r}, which {table.name} has twice; rename one")

    def _where(self, one: FileTable) -> list[str]:
        """The conditions on rows: the file's own, else the source's."""
        where = one.where or self.plan.source.where
        return [where] if where else []

    def take(self, one: FileTable, table: Table, progress: Callable[[float], None] | None = None) -> None:
        """Make the records of one file. Refuses a column that is not there, and a file of several people unnamed."""
        self.asks(one, table)
        several = len(self.plan.file) > 1
        if table.rows == 0 and not table.refused:
            if not several:
                raise UnreadableSource(f"{table.name} has a header and no rows; there is nothing to read")
            self.into.notes.append(f"{table.name} has a header and no rows")
        chosen, repeats, unclear = self._chosen(one, table)
        self.into.open(table, one.called if several else "", [*chosen, *unclear], repeats)
        for row, reason in unclear.items():
            self.into.refuse(row, reason)
        tables = self.tables(one)
        items = tuple(each.item.name for _, _, each in tables if isinstance(each, ItemTable))
        rows = Rows(table, chosen, self.missing(one), one.decimal or self.plan.source.decimal, items, self.into)
        fruitless = []
        for done, (kind, number, each) in enumerate(tables, 1):
            before = len(self.into.records), self.into.refusals
            build(rows, each, self.rule(one, each))
            if (len(self.into.records), self.into.refusals) == before:
                fruitless.append(f"{kind} {number}{_named(each)}")
            if progress is not None:
                progress(done / len(tables))
        self.fruitless[one.called] = fruitless
        if fruitless and len(fruitless) < len(tables):
            self.into.notes.append(f"{table.name}: {NOTHING_FOR} {', '.join(fruitless)}")
        self.into.close()

    def _chosen(self, one: FileTable, table: Table) -> tuple[list[int], dict[int, int], dict[int, str]]:
        """The rows to read; those that repeat an earlier one (and which); those whose condition can't be told."""
        meant = self._of_the_person(one, table)
        theirs = len(meant)
        if theirs < table.rows:
            self.into.notes.append(f"{table.name}: {counted(table.rows - theirs, 'row')} of other people not read")
        unclear: dict[int, str] = {}
        for where in self._where(one):
            verdicts = parse_condition(where).holds(table.columns, self.missing(one), table.rows)
            unclear |= {row: verdict for row in meant if isinstance(verdict := verdicts[row], str)}
            meant = [row for row in meant if verdicts[row] is True]
        aside = theirs - len(meant) - len(unclear)
        if aside:
            self.into.notes.append(f"{table.name}: {counted(aside, 'row')} not read, as `where` in the mapping asks")
        first: dict[int, int] = {}
        chosen, repeats = [], {}
        for row in meant:
            earlier = first.setdefault(table.prints[row], row)
            if earlier == row:
                chosen.append(row)
            else:
                repeats[row] = earlier
        return chosen, repeats, unclear

    def _of_the_person(self, one: FileTable, table: Table) -> list[int]:
        person = one.person or self.plan.source.person
        if person is None:
            if self.person is not None:
                raise BadMapping(
                    f"the mapping doesn't say in which column of {table.name} the people stand, so {self.person!r} "
                    'can\'t be told from others; write person = { column = "…" } under [source]'
                )
            return list(range(table.rows))
        cells = table.columns[person.column]
        source = self.plan.source.person
        wanted = self.person or person.value or (source.value if source else None)
        if wanted is None:
            people = dict.fromkeys(as_text(cell) for cell in cells if not is_missing(cell, self.missing(one)))
            if len(people) > 1:
                raise BadMapping(
                    f"{table.name} holds {len(people)} people in {person.column!r}: {few(list(people))}; "
                    'name one: --person WHO, or value = "WHO" in the mapping beside the column of people'
                )
            return list(range(table.rows))
        return [row for row, cell in enumerate(cells) if cell is not None and as_text(cell) == str(wanted)]

    def write_out(self) -> None:
        """Make the records that stand in the mapping itself: coverage, stretches and contacts with dates."""
        zone = self.rule(None, None).zone
        for table in self.plan.coverage:
            if isinstance(table, CoverageTable) and table.written_out:
                body = Coverage(_listed(table.labels), float(table.intensity), _maybe(table.opportunity))
                for piece in months_of(_span(table.start, table.end, zone)):
                    self._put(table.stream or "coverage", piece, body, "|".join(body.labels))
        for stretch in self.plan.episode:
            if isinstance(stretch, EpisodeTable) and stretch.written_out:
                label = str(stretch.label)
                episode = Episode(label, stretch.is_, stretch.self_)
                self._put(stretch.stream or label, _span(stretch.start, stretch.end, zone), episode, label)
        for contact in self.plan.contact:
            if contact.pseudonym is not None:
                self._contact(contact, zone)

    def _contact(self, table: ContactTable, zone: Any) -> None:
        """One record per date on which something became known, so that a replay knows no more than was known."""
        first = min((record.known for record in self.into.records.values()), default=self.into.now)
        if first is None:
            raise BadMapping(f"contact {table.pseudonym!r} stands alone: nothing tells since when it has been known")
        known: dict[Instant, list[str]] = {}
        for attribute in table.attributes:
            since = first if attribute.known is None else written_moment(attribute.known, zone)
            known.setdefault(since, []).append(attribute.name)
        for since, names in (known or {first: []}).items():
            body = Contact(str(table.pseudonym), tuple(Attribute(name, since) for name in names))
            self._put(table.stream or "contacts", since, body, "|".join((body.pseudonym, *names)))

    def _put(self, stream: str, happened: Instant | Span, body: Any, label: str) -> None:
        start = happened.start if isinstance(happened, Span) else happened
        if self.into.now is not None and start > self.into.now:
            raise BadMapping(f"{label or stream} is written out for {start}, which lies in the future")
        self.into.put(stream, happened, body, label)

    def statement(self, place: Path, table: StatementTable) -> None:
        """Keep a file the person wrote, as it is; refuses what can't be read as TOML."""
        if place.stat().st_size > LARGEST_STATEMENT_BYTES:
            raise UnreadableSource(f"{place.name} is larger than 1 MB; that is no {table.form}")
        try:
            text = place.read_text(encoding="utf-8-sig")
            tomllib.loads(text)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise UnreadableSource(f"{place.name} can't be read as TOML: {error}") from error
        written = written_moment(table.written, self.rule(None, None).zone)
        self._put(table.form, written, Statement(table.form, text), f"{table.form}|{table.path}")

    def finish(self) -> tuple[Batch, Receipt]:
        """The batch and its receipt."""
        self.write_out()
        return self.into.finish(self.plan.items, self.plan.source.anchor)


def _no_column(who: str, column: str, table: Table) -> str:
    close = difflib.get_close_matches(column, table.header, 1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"{who} asks for the column {column!r}, which {table.name} doesn't have{hint}; it has: {few(table.header)}"


def _named(table: RowTable) -> str:
    """What a table of the mapping is about, in brackets."""
    name = next((found for key in ("label", "name", "column") if (found := getattr(table, key, None))), None)
    return f" ({name})" if name else ""


def _span(start: Any, end: Any, zone: Any) -> Span:
    try:
        return Span(written_moment(start, zone), written_moment(end, zone, end=True))
    except BadRecord as error:
        raise BadMapping(f"from {start} to {end}: {error}") from error


def _listed(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _maybe(names: Any) -> tuple[str, ...] | None:
    return None if names is None else _listed(names)
