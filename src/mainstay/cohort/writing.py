"""A data set of many people written from what readers or simulated worlds give, one batch a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mainstay.cohort.layout import ABOUT, COLUMNS, FORM, ITEM_COLUMNS, ITEMS, RECORDS, types
from mainstay.errors import AlreadyThere, BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, CheckIn, Coverage, Episode, Event, Item, Prompt, Reaction, Record, Signal

ROWS_TOGETHER = 200_000
"""Rows at which a batch is written, however few people are in it."""


def write(
    people: Iterable[tuple[str, Batch]],
    folder: Path,
    *,
    basis: str,
    purposes: tuple[str, ...],
    batch: int = 100,
    assumed: tuple[str, ...] = (),
) -> int:
    """Write everybody's records into a new folder; gives how many people. Contacts and statements are left behind.

    Of what was corrected or taken back only the last word is written: a data set has no place for an earlier one.
    `basis`: what the people agreed to, and where that stands; `purposes`: what it covers; `assumed`: what was supposed
    where the study's files are silent. Refuses a folder that holds something, and people who were asked the same
    question on different scales.
    """
    import polars as pl

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AlreadyThere(f"{folder} is already there; choose another name")
    if not basis.strip():
        raise BadRequest("say what the people agreed to: without consent nothing may be analysed")
    (folder / RECORDS).mkdir(parents=True)
    items: dict[str, Item] = {}
    anchor: str | None = None
    held: list[dict[str, Any]] = []
    count = number = together = 0
    for person, one in people:
        for item in one.items:
            if items.setdefault(item.name, item) != item:
                raise BadRequest(f"{person} was asked {item.name!r} on another scale than others; name it apart")
        anchor = anchor or one.anchor
        replaced = {record.supersedes for record in one.records}
        held += [row for record in one.records if record.id not in replaced for row in _rows(person, record)]
        count, together = count + 1, together + 1
        if together == batch or len(held) >= ROWS_TOGETHER:
            _write(held, folder, number)
            held, number, together = [], number + 1, 0
    if held:
        _write(held, folder, number)
    rows = [_item(one, anchor) for one in items.values()]
    pl.DataFrame(rows, schema=types(ITEM_COLUMNS)).write_parquet(folder / ITEMS)
    said = f"assumed = {_toml(list(assumed))}\n" if assumed else ""
    (folder / ABOUT).write_text(
        f'form = {FORM}\npeople = {count}\n{said}\n[consent]\nby = "study"\nbasis = {_toml(basis)}\n'
        f"purposes = {_toml(list(purposes))}\n",
        encoding="utf-8",
    )
    return count


def _toml(value: str | list[str]) -> str:
    """Text or a list of texts as TOML writes them."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(rows: list[dict[str, Any]], folder: Path, number: int) -> None:
    import polars as pl

    raw = {name: (pl.Int64() if isinstance(type_, pl.Datetime) else type_) for name, type_ in types(COLUMNS).items()}
    frame = pl.DataFrame(rows, schema=raw).cast(types(COLUMNS))  # type: ignore[arg-type]
    # one row group, however many rows: a person's rows never stand in two
    frame.write_parquet(
        folder / RECORDS / f"{number:06d}.parquet", compression="zstd", row_group_size=max(1, frame.height)
    )


def _item(item: Item, anchor: str | None) -> Mapping[str, Any]:
    return {
        "name": item.name, "label": item.label, "low": item.low, "high": item.high, "better": item.better,
        "ordinal": item.ordinal, "anchor": item.name == anchor,
    }  # fmt: skip


def _rows(person: str, record: Record) -> Iterable[dict[str, Any]]:
    body = record.body
    start = record.happened.start if isinstance(record.happened, Span) else record.happened
    end = record.happened.end if isinstance(record.happened, Span) else None
    row = _row(person, record, start, end)
    if isinstance(body, CheckIn):
        yield row | {"label": body.item, "value": body.value}
    elif isinstance(body, Event):
        yield row | {"label": body.label, "value": body.size, "is": body.is_, "tags": list(body.tags)}
    elif isinstance(body, Episode):
        yield row | {"label": body.label, "is": body.is_, "self": body.is_self}
    elif isinstance(body, Prompt):
        answered = None if body.answered is None else body.answered.utc_us
        yield row | {"happened": body.sent.utc_us, "ended": answered, "tags": list(body.items)}
    elif isinstance(body, Coverage):
        if body.opportunity is None:
            yield row | {"value": body.intensity, "tags": list(body.labels)}
    elif isinstance(body, Reaction):
        yield row | {"label": body.cue, "is": body.role, "value": body.observed}
    elif isinstance(body, Signal):
        for moment, value in zip(body.times_us.tolist(), body.values.tolist(), strict=True):
            yield row | {
                "happened": moment,
                "ended": None,
                "known": None,
                "label": body.channel,
                "is": body.unit,
                "value": value,
            }


def _row(person: str, record: Record, start: Instant, end: Instant | None) -> dict[str, Any]:
    over = end or start
    return {
        "person": person, "stream": record.stream, "kind": record.kind, "happened": start.utc_us,
        "ended": None if end is None else end.utc_us, "offset_s": start.offset_s,
        "ended_offset_s": None if end is None or end.offset_s == start.offset_s else end.offset_s,
        "known": None if record.known.utc_us == over.utc_us else record.known.utc_us,
        "label": None, "value": None, "is": None, "self": None, "tags": None,
    }  # fmt: skip
