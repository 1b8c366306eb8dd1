"""Rows of a table as a mapping understands them: read one by one by the reader itself, and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mainstay.quantities import Instant, Span
from mainstay.records.conditions import as_text
from mainstay.records.kinds import CheckIn, Episode, Event, Item, Prompt, Record, Signal
from mainstay.records.mapping import Mapping
from mainstay.records.mapping_tables import FileTable
from mainstay.records.reading import Reading
from mainstay.records.tables import Table

MOST_TRIED = 400
MOST_PEOPLE_TRIED = 10


@dataclass(frozen=True, slots=True)
class Understood:
    """One row: its number in the file, what becomes of it in words, and why parts of it can't be kept."""

    number: int
    kept: tuple[str, ...]
    refused: tuple[str, ...]


def understood(
    table: Table, plan: Mapping, *, zone: str | None, person: str | None, now: Instant, most: int = 10
) -> list[Understood]:
    """The first rows of the person that give anything, up to `most`; where nobody was named, of the first such person.

    Where times are local and no zone is said, clocks are shown without an offset.
    """
    who = plan.source.person
    groups: dict[str, list[int]] = {}
    for row in range(table.rows):
        cell = None if who is None else table.columns[who.column][row]
        if who is None or cell is not None:
            groups.setdefault("" if who is None else as_text(cell), []).append(row)
    if who is not None and person is not None:
        groups = {person: groups.get(person, [])}
    placed = zone is not None or plan.source.zone is not None
    empty: list[Understood] = []
    for rows in list(groups.values())[:MOST_PEOPLE_TRIED]:
        found: list[Understood] = []
        for row in rows[:MOST_TRIED]:
            one = _row(table, plan, row, zone if placed else "UTC", now, show_offset=placed)
            (found if one.kept else empty).append(one)
            if len(found) == most:
                break
        if found:
            return found
    return empty[:3]


def _row(table: Table, plan: Mapping, row: int, zone: str | None, now: Instant, *, show_offset: bool) -> Understood:
    columns = {name: [cells[row]] for name, cells in table.columns.items()}
    single = Table(table.name, columns, [table.row_numbers[row]], [table.prints[row]], header=table.header)
    source = replace(plan.source, person=None)
    reading = Reading(replace(plan, source=source), zone, now, None, "look")
    reading.take(FileTable(path=table.name), single)
    scales = {item.name: item for item in plan.items}
    kept = []
    for record in reading.into.records.values():
        kept.append(f"{_when(record.happened, show_offset=show_offset)}  {_what(record, scales)}")
    return Understood(table.row_numbers[row], tuple(kept), tuple(one.reason for one in reading.into.refused))


def _when(happened: Instant | Span, *, show_offset: bool) -> str:
    if isinstance(happened, Instant):
        return _clock(happened, show_offset=show_offset)
    start, end = happened.start.as_local, happened.end.as_local
    if happened.start == happened.end:
        return _clock(happened.start, show_offset=show_offset)
    whole = (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)
    if whole and (end.date() - start.date()).days == 1:
        return f"{start:%Y-%m-%d}, the whole day"
    return f"{_clock(happened.start, show_offset=show_offset)} to {end:%H:%M}"


def _clock(moment: Instant, *, show_offset: bool) -> str:
    return str(moment) if show_offset else f"{moment.as_local:%Y-%m-%d %H:%M:%S} (zone not said)"


def _what(record: Record, scales: dict[str, Item]) -> str:  # noqa: PLR0911 - one for each kind
    body = record.body
    match body:
        case CheckIn():
            item = scales[body.item]
            return f"check-in  {body.item} = {body.value:g} ({item.low:g} to {item.high:g}, {item.better} is better)"
        case Event():
            size = "" if body.size is None else f", size {body.size:g}"
            return f"event  {body.label} ({body.is_}{size})"
        case Episode():
            return f"episode  {body.label} ({body.is_})"
        case Signal():
            return f"signal  {body.channel} = {', '.join(f'{value:g}' for value in body.values)} {body.unit}"
        case Prompt():
            if body.answered is None:
                return "prompt  not answered"
            return f"prompt  answered after {(body.answered.utc_us - body.sent.utc_us) / 6e7:.0f} min"
        case _:
            return record.kind
