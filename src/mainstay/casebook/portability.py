"""What a person may take with them: everything that may be read for their own answers, taken out and put in equal.

A `Parcel` is that whole as values; `portable_files` writes and reads it as files. Streams without consent for
`own_answers` stay inside and are named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mainstay.casebook import audit, ledger, rows, schema, settings, terms
from mainstay.casebook.audit import AuditEntry
from mainstay.casebook.bystanders import Bystanders
from mainstay.casebook.codec import checked_instant, checked_text, decode_item, encode_item
from mainstay.casebook.consent import OWN_ANSWERS, ConsentEvent, ConsentHeld
from mainstay.casebook.safe import Safe
from mainstay.casebook.settings import Setting
from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Item, Record

_KEPT = "SELECT number, version, made_us, made_offset_s, payload FROM answer WHERE name = ? ORDER BY version"
_STREAMS = """
SELECT name, identity, added_us, added_offset_s FROM stream WHERE number IN ({numbers}) ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Packed:
    """One record, and when it was added to the casebook."""

    record: Record
    added: Instant


@dataclass(frozen=True, slots=True)
class PackedStream:
    """A stream: its name, the identity that erasure receipts know it by, and when it was first added to."""

    name: str
    identity: str
    added: Instant


@dataclass(frozen=True, slots=True)
class PackedItem:
    """A question with its scale, and the streams that ask or answer it."""

    item: Item
    streams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackedAnswer:
    """What was kept and can't be worked out again: name, version, when it was made, from which streams, its JSON."""

    name: str
    version: int
    made: Instant
    streams: tuple[str, ...]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything that may be taken out: records in order of time, what they need to be read, and the ledger's history.

    `anchors`: the items strain was told on, the last of which holds. `left_out`: streams that consent does not cover.
    `kept`: answers that were kept, oldest first, where they were asked for; none from a stream that is left out.
    `settings`: what the person has set, in their own words.
    """

    made_at: Instant
    streams: tuple[PackedStream, ...]
    records: tuple[Packed, ...] = ()
    items: tuple[PackedItem, ...] = ()
    anchors: tuple[str, ...] = ()
    consents: tuple[ConsentEvent, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    left_out: tuple[str, ...] = ()
    kept: tuple[PackedAnswer, ...] = ()
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What an import did, in records by stream: new, there already, there already but saying something else.

    `new_streams` came with their consents; in a stream that was there, its own consent stands. `erased`: streams of the
    parcel that were erased from this casebook, and so were not brought back. `kept`: how many kept answers are new;
    `settings`: the names of settings that are.
    """

    new: dict[str, int]
    already: dict[str, int]
    different: dict[str, int]
    new_streams: tuple[str, ...]
    erased: tuple[str, ...]
    kept: int = 0
    settings: tuple[str, ...] = ()


def take_out(connection: Any, safe: Safe, now: Instant, kept: Iterable[str] = ()) -> Parcel:
    """Everything under valid consent for `own_answers` at the real clock; nothing but names where there is none.

    `kept`: the names of the kept answers that go with it. Taking it out is noted on the audit, and so is a refusal.
    """
    covered, left_out = ledger.judge(connection, safe, OWN_ANSWERS, now)
    if left_out and not covered:
        asked = ledger.identities(connection, ledger.streams_named(connection, left_out))
        audit.note(connection, safe, "export refused", OWN_ANSWERS, asked, 0, now)
        return Parcel(now, (), left_out=left_out)
    numbers = ",".join(map(str, covered))
    sources = dict(connection.execute("SELECT number, name FROM source"))
    streams = [
        PackedStream(name, identity, Instant(added_us, added_s))
        for name, identity, added_us, added_s in connection.execute(_STREAMS.format(numbers=numbers))
    ]
    keys = rows.keys(connection, safe, covered)
    when_added = f"SELECT id, added_us, added_offset_s FROM record WHERE stream IN ({numbers})"
    added = {id_: Instant(us, offset) for id_, us, offset in connection.execute(when_added)}
    linked: dict[str, list[str]] = {}
    for item, stream in connection.execute(f"SELECT item, stream FROM item_of_stream WHERE stream IN ({numbers})"):
        linked.setdefault(item, []).append(covered[stream])
    items = [decode_item(body) for (body,) in connection.execute(rows.ITEMS.format(numbers=numbers)).fetchall()]
    names = set(covered.values())
    audit.note(connection, safe, "export", OWN_ANSWERS, (one.identity for one in streams), len(added), now)
    return Parcel(
        made_at=now,
        streams=tuple(streams),
        records=tuple(Packed(one, added[one.id]) for one in rows.records(connection, covered, keys, sources)),
        items=tuple(PackedItem(item, tuple(sorted(linked[item.name]))) for item in items),
        anchors=tuple(
            name for (name,) in connection.execute("SELECT item FROM anchor ORDER BY number") if name in linked
        ),
        consents=tuple(event for event in ledger.events(connection) if event.stream in names),
        audit=audit.entries(connection),
        left_out=left_out,
        kept=tuple(one for name in kept for one in _kept(connection, name, covered)),
        settings=settings.everything(connection),
    )


def _kept(connection: Any, name: str, covered: Mapping[int, str]) -> Iterator[PackedAnswer]:
    """The answers kept under a name, oldest first, that were made from nothing but streams that are covered."""
    for number, version, made_us, offset_s, payload in connection.execute(_KEPT, (name,)).fetchall():
        origins = [s for (s,) in connection.execute("SELECT stream FROM answer_from WHERE answer = ?", (number,))]
        if all(stream in covered for stream in origins):
            streams = tuple(sorted(covered[stream] for stream in origins))
            yield PackedAnswer(name, version, Instant(made_us, offset_s), streams, payload)


def put_in(connection: Any, safe: Safe, parcel: Parcel, now: Instant) -> TakenIn:
    """Puts a parcel into the tables, inside the caller's transaction: all of it or nothing.

    A record that is there stands, and so does a kept answer or a setting. A stream that is there keeps its own consent;
    a new one brings its history. A stream that was erased here stays erased, with whatever was kept of it. Refuses
    (`BadRecord`) what `Casebook.add` would refuse.
    """
    tombs = {identity for (identity,) in connection.execute("SELECT identity FROM erased")}
    erased = tuple(stream.name for stream in parcel.streams if stream.identity in tombs)
    wanted = [stream for stream in parcel.streams if stream.identity not in tombs]
    numbers, new_streams = _streams(connection, safe, wanted)
    by_number = rows.keys(connection, safe, numbers.values())
    keys = {name: by_number[number] for name, number in numbers.items()}
    people = Bystanders(connection, safe)  # an export holds pseudonyms; a name in one is hidden as any other
    packed = [replace(one, record=people.hidden(one.record)) for one in parcel.records if one.record.stream in numbers]
    _items(connection, parcel, numbers, [one.record for one in packed])
    _put_consents(connection, parcel, {name: numbers[name] for name in new_streams}, now)
    held = rows.held(connection, tuple(one.record for one in packed))
    new, already, different = Counter[str](), Counter[str](), Counter[str]()
    fresh = []
    for one in packed:
        record = one.record
        known = record.id in held
        (already if known else new)[record.stream] += 1
        if not known:
            fresh.append(one)
        elif held[record.id] != rows.content(record, keys[record.stream]):
            different[record.stream] += 1
    sources = {name: rows.source(connection, name) for name in sorted({one.record.source for one in fresh})}
    connection.executemany(
        rows.INSERT,
        (
            rows.row(
                one.record,
                numbers[one.record.stream],
                keys[one.record.stream],
                sources[one.record.source],
                checked_instant("added", one.added),
            )
            for one in fresh
        ),
    )
    people.keep((one.record.body, numbers[one.record.stream]) for one in fresh)
    rows.put_samples(connection, (one.record for one in fresh), keys)
    kept = sum(_put_kept(connection, one, numbers, now) for one in parcel.kept)
    set_now = tuple(setting.name for setting in parcel.settings if settings.put(connection, setting))
    taken = ledger.identities(connection, numbers.values())
    audit.note(connection, safe, "import", OWN_ANSWERS, taken, len(fresh), now)
    return TakenIn(dict(new), dict(already), dict(different), new_streams, erased, kept, set_now)


def _put_kept(connection: Any, one: PackedAnswer, numbers: Mapping[str, int], now: Instant) -> bool:
    """Keeps an answer with its streams, unless one of its name and version is there or a stream of it is not."""
    if now < one.made:
        raise BadRecord(f"{one.name!r} was kept at {one.made}, which lies in the future")
    there = connection.execute("SELECT 1 FROM answer WHERE name = ? AND version = ?", (one.name, one.version)).get
    if there or not one.streams or any(stream not in numbers for stream in one.streams):
        return False
    number = connection.execute(
        "INSERT INTO answer (name, version, made_us, made_offset_s, payload) VALUES (?, ?, ?, ?, ?) RETURNING number",
        (checked_text("name of an answer", one.name), one.version, *checked_instant("made", one.made), one.payload),
    ).get
    connection.executemany("INSERT INTO answer_from VALUES (?, ?)", [(number, numbers[name]) for name in one.streams])
    return True


def _streams(connection: Any, safe: Safe, wanted: list[PackedStream]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The number of each stream by name, and the names of those that were not there."""
    there = dict(connection.execute("SELECT name, number FROM stream"))
    taken = {identity for (identity,) in connection.execute("SELECT identity FROM stream")}
    numbers, new = {}, []
    for stream in wanted:
        number = there.get(stream.name)
        if number is None:
            # An identity that another stream bears here would tie the two together in receipts and audit.
            identity = schema.new_identity() if stream.identity in taken else stream.identity
            number = rows.new_stream(connection, safe, stream.name, identity, checked_instant("added", stream.added))
            new.append(stream.name)
        numbers[stream.name] = int(number)
    return numbers, tuple(new)


def _items(connection: Any, parcel: Parcel, numbers: dict[str, int], records: list[Record]) -> None:
    declared = {name: decode_item(body) for name, body in connection.execute("SELECT name, body FROM item").fetchall()}
    for packed in parcel.items:
        item, streams = packed.item, [name for name in packed.streams if name in numbers]
        if item.name in declared:
            rows.refuse_other_scale(declared[item.name], item)
        elif streams:
            connection.execute("INSERT INTO item VALUES (?, ?)", (item.name, encode_item(item)))
            declared[item.name] = item
        connection.executemany(
            "INSERT INTO item_of_stream VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(item.name, numbers[stream]) for stream in streams],
        )
    linked = set(connection.execute("SELECT item, stream FROM item_of_stream"))
    for name, stream in sorted(rows.items_by_stream(Batch("", tuple(records)))):
        if (name, numbers[stream]) not in linked:
            raise BadRecord(f"stream {stream!r} answers item {name!r}, whose scale nobody declared")
    there = [name for (name,) in connection.execute("SELECT item FROM anchor ORDER BY number")]
    anchors = [name for name in parcel.anchors if name in declared]
    if anchors and there[-1:] != anchors[-1:]:
        connection.executemany("INSERT INTO anchor (item) VALUES (?)", [(name,) for name in anchors])


def _put_consents(connection: Any, parcel: Parcel, new: dict[str, int], now: Instant) -> None:
    """The history of consent of streams that were not there before, as it was written down then."""
    for event in parcel.consents:
        if event.stream not in new:
            continue
        if now < event.noted:
            raise BadRecord(f"consent for {event.stream!r} was written down at {event.noted}, which lies in the future")
        if event.until is not None and event.until <= event.at:
            raise BadRecord(f"consent for {event.stream!r} ends ({event.until}) before or when it begins ({event.at})")
        number = None if event.terms is None else terms.keep(connection, event.terms)
        held = ConsentHeld(event.purpose, event.event, event.at, event.until)
        ledger.write(connection, [(new[event.stream], held, number)], event.noted)
