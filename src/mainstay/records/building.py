"""From the rows of a table to records: one builder per kind of table in the mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mainstay.quantities import Instant, Span
from mainstay.records.conditions import Cell, as_text, is_missing, parse_condition
from mainstay.records.kinds import Attribute, CheckIn, Contact, Event, Reaction, Signal
from mainstay.records.mapping_tables import (
    ContactTable,
    CoverageTable,
    EpisodeTable,
    EventTable,
    ItemTable,
    PromptTable,
    ReactionTable,
    RowTable,
    SignalTable,
)
from mainstay.records.moments import Happened, TimeRule, column_times
from mainstay.records.rows import US_PER_HOUR, Rows, labels_of, meant_rows, names_in, shown, time_of
from mainstay.records.stretches import coverages, episodes, prompts


def _columns_of(*names: Any) -> tuple[str, ...]:
    return tuple(name for name in names if isinstance(name, str))


def columns_of(table: RowTable, rule: TimeRule) -> tuple[str, ...]:
    """Every column a table of the mapping asks for."""
    condition = parse_condition(table.when).columns if table.when else ()
    own: tuple[Any, ...]
    match table:
        case ItemTable() | SignalTable():
            own = (table.column,)
        case EventTable():
            own = (table.column, table.size, table.contacts, table.tags)
        case EpisodeTable():
            own = (table.column, table.start, table.end, table.minutes, table.hours)
        case PromptTable():
            own = (table.sent, table.answered)
        case CoverageTable():
            own = (table.start, table.end, table.intensity, table.labels, table.opportunity)
        case ContactTable():
            own = (table.column, table.attribute, table.known)
        case ReactionTable():
            own = (table.cue, table.role, table.expected_direction, table.expected_size, table.observed)
        case _:
            own = ()
    return (*condition, *_columns_of(*own), *rule.columns)


def build(rows: Rows, table: RowTable, rule: TimeRule) -> None:
    """Make the records of one table of the mapping from the rows of its file."""
    builder: Callable[[Rows, Any, TimeRule], None] = BUILDERS[type(table)]
    builder(rows, table, rule)


def _check_ins(rows: Rows, table: ItemTable, rule: TimeRule) -> None:
    item, cells, when = table.item, rows.cells(table.column), rows.when(rule)
    stream = table.stream or item.name
    # Answers repeat: each distinct cell is read once, and equal answers share one body.
    answers: dict[Cell, CheckIn | str | None] = {}
    for row in meant_rows(rows, table):
        cell = cells[row]
        if cell not in answers:
            answers[cell] = _answer(rows, table, cell)
        answer = answers[cell]
        if isinstance(answer, CheckIn):
            at = time_of(rows, row, when[row])
            if at is not None:
                rows.into.add(row, stream, at, answer, item.name)
        elif answer is not None:
            rows.into.refuse(row, answer)


def _answer(rows: Rows, table: ItemTable, cell: Cell) -> CheckIn | str | None:
    """The check-in that a cell holds, why it holds none, or None where it is empty."""
    if is_missing(cell, rows.missing):
        return None
    value = table.values.get(as_text(cell)) if table.values is not None else None
    if value is None:
        value = rows.number_of(cell)
    if value is None:
        why = "no number" if table.values is None else "which values doesn't list"
        return f"{table.column} is {shown(cell)}, {why}"
    if not table.low <= value <= table.high:
        return f"{table.column} is {value:g}, outside its scale {table.low:g} to {table.high:g}"
    return CheckIn(table.item.name, value)


def _events(rows: Rows, table: EventTable, rule: TimeRule) -> None:
    when = rows.when(rule)
    last: dict[str, int] = {}
    meant = meant_rows(rows, table)
    moments = [one for row in rows.chosen if isinstance(one := when[row], Instant)] if table.since_hours else []
    before = {later.utc_us: earlier for earlier, later in pairwise(sorted(set(moments)))}
    for row in _in_time(meant, when) if table.apart_hours is not None else meant:
        labels = labels_of(rows, table, row)
        if not labels:
            continue
        size = _size(rows, table, row)
        at = None if isinstance(size, str) else time_of(rows, row, when[row])
        if isinstance(size, str):
            rows.into.refuse(row, size)
        if at is None or isinstance(size, str):
            continue
        contacts, kept_tags = names_in(rows, table.contacts, row), names_in(rows, table.tags, row)
        for label in labels:
            if _goes_on(last, label, at, table.apart_hours):
                rows.into.mark(row)
                continue
            happened = _since(before, at, table.since_hours)
            event = Event(label, table.is_, size, contacts, kept_tags)
            rows.into.add(row, table.stream or label, happened, event, label)


def _since(before: dict[int, Instant], at: Instant | Span, since_hours: float | None) -> Instant | Span:
    """The span since the row before, at most so many hours ago; without `since_hours`, the row's own time."""
    if since_hours is None or isinstance(at, Span):
        return at
    earliest = Instant(at.utc_us - round(since_hours * US_PER_HOUR), at.offset_s)
    return Span(max(earliest, before.get(at.utc_us, earliest)), at)


def _size(rows: Rows, table: EventTable, row: int) -> float | str | None:
    """The size in a row, why it can't be one, or None where it was not recorded."""
    if table.size is None:
        return None
    cell = rows.cells(table.size)[row]
    if is_missing(cell, rows.missing):
        return None
    size = rows.number_of(cell)
    if size is None:
        return f"{table.size} is {shown(cell)}, no number"
    return size if size >= 0 else f"{table.size} is {size:g}; a size can't be below 0"


def _in_time(meant: Iterable[int], when: Sequence[Happened]) -> list[int]:
    """Rows in the order in which they happened; those without a time last."""

    def key(row: int) -> tuple[bool, int]:
        at = when[row]
        start = at.start if isinstance(at, Span) else at
        return (True, 0) if start is None or isinstance(start, str) else (False, start.utc_us)

    return sorted(meant, key=key)


def _goes_on(last: dict[str, int], label: str, at: Instant | Span, apart_hours: float | None) -> bool:
    """Whether a row continues the act of an earlier row rather than beginning another."""
    if apart_hours is None:
        return False
    now_us = at.start.utc_us if isinstance(at, Span) else at.utc_us
    before_us = last.get(label)
    last[label] = now_us
    return before_us is not None and now_us - before_us <= apart_hours * US_PER_HOUR


def _contacts(rows: Rows, table: ContactTable, rule: TimeRule) -> None:
    since = column_times(rows.cells(table.known), rule) if table.known else rows.when(rule)
    for row in meant_rows(rows, table):
        cell = rows.cells(str(table.column))[row]
        if is_missing(cell, rows.missing):
            continue
        at = time_of(rows, row, since[row])
        if at is None:
            continue
        known = at.start if isinstance(at, Span) else at
        attributes: tuple[Attribute, ...] = ()
        if table.attribute and not is_missing(rows.cells(table.attribute)[row], rows.missing):
            attributes = (Attribute(as_text(rows.cells(table.attribute)[row]), known),)
        contact = Contact(as_text(cell), attributes)
        label = "|".join((contact.pseudonym, *(one.name for one in attributes)))
        rows.into.add(row, table.stream or "contacts", known, contact, label)


def _reactions(rows: Rows, table: ReactionTable, rule: TimeRule) -> None:
    when = rows.when(rule)
    numbers = (table.expected_direction, table.expected_size, table.observed)
    for row in meant_rows(rows, table):
        cells = [rows.cells(column)[row] for column in (table.cue, table.role, *numbers)]
        if all(is_missing(cell, rows.missing) for cell in cells):
            continue
        values = [rows.number_in(row, name, cell) for name, cell in zip(numbers, cells[2:], strict=True)]
        at = time_of(rows, row, when[row])
        direction, size, observed = values
        if at is None or direction is None or size is None or observed is None:
            continue
        if direction not in (-1.0, 0.0, 1.0):
            rows.into.refuse(row, f"{table.expected_direction} is {direction:g}; a direction is -1, 0 or 1")
            continue
        reaction = Reaction(as_text(cells[0]), as_text(cells[1]), int(direction), size, observed)
        rows.into.add(row, table.stream or "reactions", at, reaction, f"{reaction.cue}|{reaction.role}")


def _signals(rows: Rows, table: SignalTable, rule: TimeRule) -> None:
    """One record per channel and month (UTC), so that streams of any length stay in pieces of bounded size."""
    channel, when, cells = table.channel or table.column, rows.when(rule), rows.cells(table.column)
    months: dict[tuple[int, int], list[tuple[int, float, Instant, int]]] = {}
    for row in meant_rows(rows, table):
        if is_missing(cells[row], rows.missing):
            continue
        value = rows.number_in(row, table.column, cells[row])
        at = None if value is None else time_of(rows, row, when[row])
        if value is None or at is None:
            continue
        # A value of a whole day is known, and stands, at the day's end.
        moment = at.end if isinstance(at, Span) else at
        now = rows.into.now
        if now is not None and moment > now:
            rows.into.refuse(row, f"lies in the future ({moment})")
            continue
        utc = moment.as_utc
        months.setdefault((utc.year, utc.month), []).append((moment.utc_us, value, moment, row))
    for month in sorted(months):
        samples = sorted(months[month], key=lambda one: one[0])
        body = Signal(
            channel,
            table.unit,
            np.array([one[0] for one in samples], dtype=np.int64),
            np.array([one[1] for one in samples]),
        )
        span = Span(samples[0][2], samples[-1][2])
        for _, _, _, row in samples:
            rows.into.mark(row)
        rows.into.add(samples[0][3], table.stream or channel, span, body, channel, key=f"{channel}|{month}")


BUILDERS: dict[type[RowTable], Callable[[Rows, Any, TimeRule], None]] = {
    ItemTable: _check_ins,
    EventTable: _events,
    EpisodeTable: episodes,
    PromptTable: prompts,
    CoverageTable: coverages,
    ContactTable: _contacts,
    SignalTable: _signals,
    ReactionTable: _reactions,
}
"""Which builder makes the records of which table."""
