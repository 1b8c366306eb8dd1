"""One person's rows as one person's timeline: the same alignment as everywhere, from a table instead of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstay.errors import BadRecord
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import CheckIn, Coverage, Episode, Event, Item, Prompt, Reaction, Record, Signal

if TYPE_CHECKING:
    import polars as pl

EPISODES = ("role", "place", "activity", "sleep", "recording-off")
EVENTS = ("demand", "relief", "slip", "control", "other")
_BY = "cohort"


def records_of(rows: pl.DataFrame, streams: frozenset[str] | None = None) -> tuple[Record, ...]:
    """The records of one person, from the streams that consent covers (None: all).

    Refuses (`BadRecord`), by the row's number, what can't be a record: an unknown kind, an end before the start.
    """
    import polars as pl

    rows = rows.with_row_index("row")
    if streams is not None:
        rows = rows.filter(pl.col("stream").is_in(sorted(streams)))
    signals = rows.filter(pl.col("kind") == "signal")
    others = rows.filter(pl.col("kind") != "signal")
    columns = {
        name: others[name].to_list() for name in ("row", "stream", "kind", "label", "value", "is", "self", "tags")
    }
    for name in ("happened", "ended", "known"):
        columns[name] = others[name].dt.timestamp("us").to_list()
    columns |= {name: others[name].to_list() for name in ("offset_s", "ended_offset_s")}
    found = [_record(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
    return (*found, *_signals(signals))


def _record(row: Mapping[str, Any]) -> Record:
    number, offset = row["row"], row["offset_s"]
    try:
        start = Instant(row["happened"], offset)
        later = offset if row["ended_offset_s"] is None else row["ended_offset_s"]
        end = None if row["ended"] is None else Instant(row["ended"], later)
        body, happened = _body(row, start, end)
        over = happened.end if isinstance(happened, Span) else happened
        known = over if row["known"] is None else Instant(row["known"], later)
    except (TypeError, ValueError, KeyError) as error:
        raise BadRecord(f"row {number} can't be a record: {error}") from error
    return Record(f"row-{number}", row["stream"], happened, known, _BY, body)


def _body(row: Mapping[str, Any], start: Instant, end: Instant | None) -> tuple[Any, Instant | Span]:
    kind, label, value = row["kind"], row["label"], row["value"]
    when = start if end is None else Span(start, end)
    if kind == "check_in":
        return CheckIn(label, float(value)), when
    if kind == "event":
        return Event(label, _one_of(row, EVENTS), value, (), tuple(row["tags"] or ())), when
    if kind == "episode":
        return Episode(label, _one_of(row, EPISODES), bool(row["self"])), Span(start, end or start)
    if kind == "prompt":
        return Prompt(start, end, tuple(row["tags"] or ())), when
    if kind == "coverage":
        return Coverage(tuple(row["tags"] or ()), float(value)), Span(start, end or start)
    if kind == "reaction":
        return Reaction(label, row["is"] or "", 0, 0.0, float(value)), when
    raise BadRecord(f"row {row['row']} is of kind {kind!r}, which no data set of many people holds")


def _one_of(row: Mapping[str, Any], known: tuple[str, ...]) -> Any:
    if row["is"] not in known:
        raise BadRecord(f"row {row['row']} calls a {row['kind']} {row['is']!r}; it is one of {', '.join(known)}")
    return row["is"]


def _signals(rows: pl.DataFrame) -> Iterator[Record]:
    for (stream, channel, unit), some in rows.group_by(["stream", "label", "is"], maintain_order=True):
        moments = some["happened"].dt.timestamp("us").to_numpy()
        order = np.argsort(moments, kind="stable")
        offset = int(some["offset_s"][0])
        span = Span(Instant(int(moments[order[0]]), offset), Instant(int(moments[order[-1]]), offset))
        body = Signal(
            channel, unit or "", moments[order].astype(np.int64), some["value"].to_numpy()[order].astype(float)
        )
        yield Record(f"signal-{stream}-{channel}", stream, span, span.end, _BY, body)


def items_of(rows: pl.DataFrame) -> tuple[tuple[Item, ...], str | None]:
    """The questions, and the one on whose scale strain is told."""
    found = [
        Item(one["name"], one["label"], one["low"], one["high"], one["better"], ordinal=one["ordinal"])
        for one in rows.iter_rows(named=True)
    ]
    anchors = rows.filter(rows["anchor"])["name"].to_list()
    return tuple(found), anchors[0] if anchors else None
