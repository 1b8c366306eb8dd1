"""Records that last: episodes, prompts until their answer, spans of coverage."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise

from mainstay.quantities import Instant, Span
from mainstay.records.conditions import is_missing
from mainstay.records.kinds import Coverage, Episode, Prompt
from mainstay.records.mapping_tables import CoverageTable, EpisodeTable, PromptTable
from mainstay.records.moments import Happened, TimeRule, clock_times, column_times, row_days
from mainstay.records.rows import US_PER_HOUR, Rows, labels_of, meant_rows, names_in, time_of


def episodes(rows: Rows, table: EpisodeTable, rule: TimeRule) -> None:
    """Stretches from a start to an end, for a length, or until the next row at most `max_hours` later."""
    starts = rows.when(rule) if table.start is None else _end_column(rows, str(table.start), rule)
    ends = None if table.end is None else _end_column(rows, str(table.end), rule)
    lasting = table.minutes or table.hours
    following = _next_times(rows, starts) if ends is None and lasting is None else {}
    for row in meant_rows(rows, table):
        labels = labels_of(rows, table, row)
        begin = time_of(rows, row, starts[row]) if labels else None
        if begin is None:
            continue
        if isinstance(begin, Span) and (ends is not None or lasting):
            rows.into.refuse(row, "its start is a whole day, no time")
            continue
        if isinstance(begin, Span):
            span: Span | None = begin
        elif ends is not None:
            span = _until(rows, row, begin, ends[row], table)
        elif lasting:
            span = _lasting(rows, row, begin, lasting, US_PER_HOUR if table.hours else US_PER_HOUR // 60)
        else:
            cut = _later(begin, round((table.max_hours or 0.0) * US_PER_HOUR))
            span = Span(begin, min(cut, following.get(begin.utc_us, cut)))
        if span is None or _too_long(rows, row, span, table.max_hours):
            continue
        for label in labels:
            rows.into.add(row, table.stream or label, span, Episode(label, table.is_, table.self_), label)


def _later(moment: Instant, microseconds: int) -> Instant:
    return Instant(moment.utc_us + microseconds, moment.offset_s)


def _too_long(rows: Rows, row: int, span: Span, longest_hours: float | None) -> bool:
    hours = span.days * 24.0
    if longest_hours is None or hours <= longest_hours + 1e-6:
        return False
    rows.into.refuse(row, f"lasts {hours:.1f} hours, longer than max_hours {longest_hours:g}")
    return True


def _end_column(rows: Rows, column: str, rule: TimeRule) -> list[Happened]:
    """A column of starts or ends: clocks where the rule tells days, timestamps otherwise."""
    if rule.date is None and rule.day is None:
        return column_times(rows.cells(column), rule)
    days = row_days(rows.table, rule)
    found = clock_times(days, rows.cells(column), rule)
    # An empty clock is no end, although a day is known.
    return [
        None if is_missing(cell, rows.missing) else one for cell, one in zip(rows.cells(column), found, strict=True)
    ]


def _next_times(rows: Rows, starts: Sequence[Happened]) -> dict[int, Instant]:
    """For each instant (UTC microseconds) of a chosen row: the next later one."""
    moments = sorted({one for one in (starts[row] for row in rows.chosen) if isinstance(one, Instant)})
    return {now.utc_us: later for now, later in pairwise(moments)}


def _until(rows: Rows, row: int, start: Instant, end: Happened, table: EpisodeTable) -> Span | None:
    if end is None or isinstance(end, str):
        rows.into.refuse(row, end or "has a start and no end")
        return None
    until = end.end if isinstance(end, Span) else end
    if until < start and table.over_midnight:
        until = until.plus_days(1.0)
    if until < start:
        reason = f"ends ({until}) before it starts ({start}); if it ends the next day: over_midnight = true"
        rows.into.refuse(row, reason)
        return None
    return Span(start, until)


def _lasting(rows: Rows, row: int, start: Instant, column: str, unit_us: int) -> Span | None:
    cell = rows.cells(column)[row]
    if is_missing(cell, rows.missing):
        rows.into.refuse(row, f"has a start and no {column}")
        return None
    length = rows.number_in(row, column, cell)
    if length is None:
        return None
    if not 0.0 <= length * unit_us <= 366 * 24 * US_PER_HOUR:
        rows.into.refuse(row, f"{column} is {length:g}; it must lie between 0 and a year")
        return None
    return Span(start, _later(start, round(length * unit_us)))


def prompts(rows: Rows, table: PromptTable, rule: TimeRule) -> None:
    """Questionnaires offered: from when they were sent until they were answered; unanswered ones are instants."""
    sent = rows.when(rule) if table.sent is None else _end_column(rows, table.sent, rule)
    answers = _end_column(rows, table.answered, rule) if table.answered else None
    items = table.items or rows.items
    for row in meant_rows(rows, table):
        asked = time_of(rows, row, sent[row])
        if asked is None:
            continue
        if isinstance(asked, Span):
            rows.into.refuse(row, "a prompt was sent at a time, not in a whole day")
            continue
        answered = answers[row] if answers is not None else None
        if isinstance(answered, str):
            rows.into.refuse(row, answered)
            continue
        reply = answered.end if isinstance(answered, Span) else answered
        if reply is not None and reply < asked:
            rows.into.refuse(row, f"was answered ({reply}) before it was sent ({asked})")
            continue
        happened = asked if reply is None else Span(asked, reply)
        rows.into.add(row, table.stream or "prompts", happened, Prompt(asked, reply, items), "prompt")


def coverages(rows: Rows, table: CoverageTable, rule: TimeRule) -> None:
    """How much was recorded, month by month of each span."""
    starts = _edges(rows, str(table.start), rule)
    ends = _edges(rows, str(table.end), rule)
    for row in meant_rows(rows, table):
        start, end = time_of(rows, row, starts[row]), time_of(rows, row, ends[row])
        if start is None or end is None:
            continue
        intensity: float | None = None
        if isinstance(table.intensity, str):
            intensity = rows.number_in(row, table.intensity, rows.cells(table.intensity)[row])
            if intensity is None:
                continue
        else:
            intensity = table.intensity
        if not 0.0 <= intensity <= 1.0:
            rows.into.refuse(row, f"{table.intensity} is {intensity:g}; how much was recorded lies between 0 and 1")
            continue
        begin = start.start if isinstance(start, Span) else start
        until = end.end if isinstance(end, Span) else end
        if until < begin:
            rows.into.refuse(row, f"ends ({until}) before it starts ({begin})")
            continue
        opportunity = None if table.opportunity is None else names_in(rows, table.opportunity, row)
        body = Coverage(names_in(rows, table.labels, row), intensity, opportunity)
        for piece in months_of(Span(begin, until)):
            rows.into.add(row, table.stream or "coverage", piece, body, "|".join(body.labels))


def _edges(rows: Rows, column: str, rule: TimeRule) -> list[Happened]:
    """Starts and ends of coverage are timestamps or dates, whatever way the rows themselves tell time."""
    plain = TimeRule(rule.zone, column, rule.time_format, missing=rule.missing)
    return column_times(rows.cells(column), plain)


def months_of(span: Span) -> list[Span]:
    """A span in pieces of local calendar months, so that a replay at any date knows all but the month under way."""
    pieces, start = [], span.start
    while True:
        local = start.as_local
        first = datetime.date(local.year + local.month // 12, local.month % 12 + 1, 1)
        midnight = datetime.datetime.combine(first, datetime.time(), tzinfo=local.tzinfo)
        turn = Instant.of(midnight)
        if turn >= span.end:
            pieces.append(Span(start, span.end))
            return pieces
        pieces.append(Span(start, turn))
        start = turn
