"""Records as rows: what goes into the table, what comes out, and the questions asked of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mainstay.casebook import blocks, schema
from mainstay.casebook.bystanders import named
from mainstay.casebook.codec import checked_instant, checked_text, decode_body, decode_item, encode_body, encode_item
from mainstay.casebook.safe import Safe
from mainstay.casebook.views import HeldRecord
from mainstay.errors import BadRecord
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, Body, CheckIn, Item, Prompt, Record, Signal

Progress = Callable[[int, int], None]
_PROGRESS_EVERY = 1000


INSERT = "INSERT INTO record VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
SELECT = """
SELECT number, id, stream, kind, happened_us, happened_offset_s, happened_end_us, happened_end_offset_s, known_us,
       known_offset_s, source, supersedes, body
FROM record WHERE stream IN ({numbers}){only} ORDER BY happened_us, number
"""
# What has a length counts where any of it lies inside; samples are read by themselves.
BETWEEN = """
 AND kind != 'signal' AND happened_us < :end
 AND (happened_us >= :start OR happened_end_us > :start)
"""
ONE = " AND id = :id"
ADDED = "SELECT id, added_us, added_offset_s FROM record WHERE stream IN ({numbers}){only}"
CORRECTED = "SELECT supersedes, id FROM record WHERE supersedes IS NOT NULL AND stream IN ({numbers}) ORDER BY number"
SOURCES = """
SELECT DISTINCT stream.name, source.name FROM record
JOIN stream ON stream.number = record.stream JOIN source ON source.number = record.source ORDER BY 1, 2
"""
ITEMS = """
SELECT body FROM item WHERE name IN (SELECT item FROM item_of_stream WHERE stream IN ({numbers})) ORDER BY name
"""
HELD = "SELECT id, body, digest FROM record WHERE id IN (SELECT value FROM json_each(?))"
COUNTS = """
SELECT stream.name, kind, count(*) FROM record JOIN stream ON stream.number = record.stream GROUP BY 1, 2 ORDER BY 1, 2
"""
# In SQLite the bare column beside min() or max() comes from the row that holds it.
ENDS = """
SELECT name, first_us, first_s, last_us, last_s FROM stream
JOIN (SELECT stream, min(happened_us) AS first_us, happened_offset_s AS first_s FROM record GROUP BY stream) AS f
    ON f.stream = stream.number
JOIN (SELECT stream, max(coalesce(happened_end_us, happened_us)) AS last_us,
             coalesce(happened_end_offset_s, happened_offset_s) AS last_s FROM record GROUP BY stream) AS l
    ON l.stream = stream.number
"""


@dataclass(frozen=True, slots=True)
class Only:
    """Which records are meant: what stands after WHERE, and the values asked for."""

    where: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)


EVERY = Only()


def held(connection: Any, records: tuple[Record, ...]) -> dict[str, tuple[str, bytes | None]]:
    """What the casebook already holds under the ids of these records: body and digest of samples by id."""
    ids = json.dumps([checked_text("id of a record", record.id) for record in records])
    found = connection.execute(HELD, (ids,))
    return {id_: (body, digest) for id_, body, digest in found}


def content(record: Record, key: bytes) -> tuple[str, bytes | None]:
    """What is compared with what is held: the body, and the digest of a signal's samples under its stream's key."""
    return encode_body(record.body), blocks.digest(record.body, key) if isinstance(record.body, Signal) else None


def row(record: Record, stream: int, key: bytes, source: int, added: tuple[int, int]) -> tuple[Any, ...]:
    """A record as the row that `INSERT` takes; refuses (`BadRecord`) what can't be stored as it is."""
    happened = record.happened
    when: tuple[int | None, ...]
    if isinstance(happened, Span):
        when = (*checked_instant("start", happened.start), *checked_instant("end", happened.end))
    else:
        when = (*checked_instant("happened", happened), None, None)
    known = checked_instant("known", record.known)
    body, digest = content(record, key)
    supersedes = None if record.supersedes is None else checked_text("supersedes", record.supersedes)
    return (record.id, stream, record.kind, *when, *known, *added, source, supersedes, body, digest)


def put_samples(connection: Any, records: Iterable[Record], keys: dict[str, bytes]) -> None:
    """Seals the samples of those records that are signals, under the keys of their streams (by name)."""
    for record in records:
        if isinstance(record.body, Signal):
            number = connection.execute("SELECT number FROM record WHERE id = ?", (record.id,)).get
            blocks.put(connection, number, record.id, record.body, keys[record.stream])


def records(
    connection: Any,
    streams: dict[int, str],
    keys: dict[int, bytes],
    sources: dict[int, str],
    names: dict[str, str] | None = None,
    *,
    only: Only = EVERY,
) -> Iterator[Record]:
    """The records of these streams (number: name) in order of time. Equal bodies are decoded once and shared.

    People stand under pseudonyms, save those whose `names` are given.
    """
    seen: dict[tuple[str, str], Body] = {}
    select = SELECT.format(numbers=",".join(map(str, streams)), only=only.where)
    for (
        number, id_, stream, kind, start, start_offset, end, end_offset, known, known_offset, source, supersedes, body
    ) in connection.execute(select, only.asked):  # fmt: skip
        begun = Instant(start, start_offset)
        happened = begun if end is None else Span(begun, Instant(end, end_offset))
        content = seen.get((kind, body))
        if content is None:
            samples = blocks.get(connection, number, id_, keys[stream]) if kind == "signal" else None
            content = named(decode_body(kind, body, samples), names or {})
            if samples is None:
                seen[kind, body] = content
        yield Record(id_, streams[stream], happened, Instant(known, known_offset), sources[source], content, supersedes)


def held_as(
    connection: Any, streams: dict[int, str], keys: dict[int, bytes], names: dict[str, str], only: Only
) -> tuple[HeldRecord, ...]:
    """Some records of these streams, each with when it was added and which later one stands in its place."""
    numbers = ",".join(map(str, streams))
    sources = dict(connection.execute("SELECT number, name FROM source"))
    found = tuple(records(connection, streams, keys, sources, names, only=only))
    asked = ADDED.format(numbers=numbers, only=only.where), only.asked
    added = {one: Instant(us, s) for one, us, s in connection.execute(*asked)}
    corrected = dict(connection.execute(CORRECTED.format(numbers=numbers)))
    return tuple(HeldRecord(one, added[one.id], corrected.get(one.id)) for one in found)


def counted(rows: list[tuple[Any, ...]], done: int, progress: Progress | None) -> Iterator[tuple[Any, ...]]:
    """The rows one by one, telling `progress` after every thousand how many records are done of how many."""
    for count, row in enumerate(rows):
        if progress is not None and count % _PROGRESS_EVERY == 0:
            progress(done + count, done + len(rows))
        yield row


def items_by_stream(batch: Batch) -> set[tuple[str, str]]:
    """Which item (first) is asked or answered in which stream (second)."""
    asked: set[tuple[str, str]] = set()
    for record in batch.records:
        if isinstance(record.body, CheckIn):
            asked.add((record.body.item, record.stream))
        elif isinstance(record.body, Prompt):
            asked |= {(name, record.stream) for name in record.body.items}
    return asked


def refuse_other_scale(known: Item, declared: Item) -> None:
    """Refuses an item that is on record on another scale: its answers would not compare."""
    was = (known.low, known.high, known.better, known.ordinal)
    now = (float(declared.low), float(declared.high), declared.better, declared.ordinal)
    if was != now:
        raise BadRecord(
            f"item {declared.name!r} is already on record on another scale: {known.low:g} to {known.high:g}, better "
            f"{known.better}, {'ordinal' if known.ordinal else 'continuous'}; give the new scale another name"
        )


def add_items(connection: Any, batch: Batch, streams: dict[str, int]) -> None:
    """Notes the items of a batch, which streams ask them, and its anchor; refuses what nobody declared.

    An anchor that is only proposed does not take the place of one that is there.
    """
    declared = dict(connection.execute("SELECT name, body FROM item"))
    for item in batch.items:
        body = encode_item(item)
        if item.name in declared:
            refuse_other_scale(decode_item(declared[item.name]), item)
        declared[item.name] = body
        connection.execute(
            "INSERT INTO item VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body", (item.name, body)
        )
    asked = items_by_stream(batch)
    for name, stream in asked:
        if name not in declared:
            raise BadRecord(f"stream {stream!r} answers item {name!r}, whose scale nobody declared")
    used = {name for name, _ in asked}
    asked |= {(item.name, stream) for item in batch.items if item.name not in used for stream in batch.streams}
    connection.executemany(
        "INSERT INTO item_of_stream VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(name, streams[stream]) for name, stream in sorted(asked)],
    )
    if batch.anchor is not None:
        if batch.anchor not in declared:
            raise BadRecord(f"the anchor {batch.anchor!r} is no item that was declared")
        if not (batch.anchor_is_proposed and connection.execute("SELECT 1 FROM anchor LIMIT 1").get):
            connection.execute("INSERT INTO anchor (item) VALUES (?)", (batch.anchor,))


def stream(connection: Any, safe: Safe, name: str, added: tuple[int, int]) -> int:
    """The number of the stream with this name; a new one gets an identity and a key of its own."""
    found = connection.execute("SELECT number FROM stream WHERE name = ?", (name,)).get
    return new_stream(connection, safe, name, schema.new_identity(), added) if found is None else int(found)


def new_stream(connection: Any, safe: Safe, name: str, identity: str, added: tuple[int, int]) -> int:
    """The number of a new stream of this name and identity, with a key of its own."""
    insert = (
        "INSERT INTO stream (name, added_us, added_offset_s, identity, sealed_key) VALUES (?, ?, ?, ?, ?) "
        "RETURNING number"
    )
    row = (checked_text("stream", name), *added, identity, safe.new("streams", identity)[1])
    return int(connection.execute(insert, row).get)


def keys(connection: Any, safe: Safe, streams: Iterable[int]) -> dict[int, bytes]:
    """The keys of these streams, by number."""
    numbers = ",".join(map(str, streams))
    found = connection.execute(f"SELECT number, identity, sealed_key FROM stream WHERE number IN ({numbers})")
    return {number: safe.open("streams", identity, sealed) for number, identity, sealed in found}


def source(connection: Any, name: str) -> int:
    """The number of the source with this name; a new one is noted."""
    found = connection.execute("SELECT number FROM source WHERE name = ?", (name,)).get
    if found is None:
        checked = checked_text("source", name)
        found = connection.execute("INSERT INTO source (name) VALUES (?) RETURNING number", (checked,)).get
    return int(found)
