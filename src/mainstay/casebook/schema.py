"""The tables of a casebook, version by version. Only forward: a newer file is refused, an older one is brought up."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from mainstay.casebook import blocks, container
from mainstay.casebook.bystanders import Bystanders
from mainstay.casebook.codec import decode_body, encode_body
from mainstay.casebook.safe import Safe
from mainstay.errors import CasebookError, NotACasebook
from mainstay.records.kinds import Signal

APPLICATION_ID = 0x4D535459  # "MSTY"
VERSION = 3
IDENTITY_BYTES = 16

# Instants are two columns: UTC microseconds and the local clock's offset in seconds. `happened_end_*` is NULL where
# a record happened at an instant. Consent is a list of events that is only ever added to; the last word holds.
_FIRST = """
CREATE TABLE source (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE stream (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, added_us INTEGER NOT NULL, added_offset_s INTEGER NOT NULL
) STRICT;
CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    stream INTEGER NOT NULL REFERENCES stream,
    kind TEXT NOT NULL,
    happened_us INTEGER NOT NULL, happened_offset_s INTEGER NOT NULL,
    happened_end_us INTEGER, happened_end_offset_s INTEGER,
    known_us INTEGER NOT NULL, known_offset_s INTEGER NOT NULL,
    added_us INTEGER NOT NULL, added_offset_s INTEGER NOT NULL,
    source INTEGER NOT NULL REFERENCES source,
    supersedes TEXT,
    body TEXT NOT NULL,
    samples BLOB
) STRICT;
CREATE INDEX record_by_stream ON record (stream);
CREATE TABLE item (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE item_of_stream (
    item TEXT NOT NULL REFERENCES item, stream INTEGER NOT NULL REFERENCES stream, PRIMARY KEY (item, stream)
) STRICT, WITHOUT ROWID;
CREATE TABLE anchor (number INTEGER PRIMARY KEY, item TEXT NOT NULL REFERENCES item) STRICT;
CREATE TABLE consent (
    number INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES stream,
    purpose TEXT NOT NULL,
    event TEXT NOT NULL,
    at_us INTEGER NOT NULL, at_offset_s INTEGER NOT NULL,
    until_us INTEGER, until_offset_s INTEGER,
    noted_us INTEGER NOT NULL, noted_offset_s INTEGER NOT NULL
) STRICT;
CREATE INDEX consent_by_stream ON consent (stream, purpose, number);
CREATE TABLE answer (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL, version INTEGER NOT NULL,
    made_us INTEGER NOT NULL, made_offset_s INTEGER NOT NULL,
    payload BLOB NOT NULL,
    UNIQUE (name, version)
) STRICT;
CREATE TABLE answer_from (
    answer INTEGER NOT NULL REFERENCES answer ON DELETE CASCADE, stream INTEGER NOT NULL REFERENCES stream,
    PRIMARY KEY (answer, stream)
) STRICT, WITHOUT ROWID;
"""

# Every stream has an identity that says nothing about it, and a key of its own; the samples of a signal are sealed
# under it by the month, and `digest` tells two signals apart. `secret`: keys of the casebook itself. `terms`: what was
# agreed to; each event of consent points at some. `audit`: ids, never values. Of an erased stream its identity stays.
# `bystander`: people under pseudonyms, with their sealed names (NULL once forgotten); `met`: in which streams they
# occur. `unswept` holds a row while freed pages have yet to be cleared.
_SECOND = """
ALTER TABLE stream ADD COLUMN identity TEXT;
ALTER TABLE stream ADD COLUMN sealed_key BLOB;
CREATE UNIQUE INDEX stream_by_identity ON stream (identity);
CREATE TABLE block (
    number INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES record ON DELETE CASCADE,
    part INTEGER NOT NULL, month INTEGER NOT NULL, samples INTEGER NOT NULL, sealed BLOB NOT NULL,
    UNIQUE (record, part)
) STRICT;
CREATE TABLE secret (use TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE terms (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT;
ALTER TABLE consent ADD COLUMN terms INTEGER REFERENCES terms;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL, at_offset_s INTEGER NOT NULL,
    action TEXT NOT NULL, purpose TEXT NOT NULL, streams TEXT NOT NULL, count INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE TABLE erased (
    identity TEXT PRIMARY KEY, receipt TEXT NOT NULL, at_us INTEGER NOT NULL, at_offset_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bystander (pseudonym TEXT PRIMARY KEY, sealed_name BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE met (
    pseudonym TEXT NOT NULL REFERENCES bystander ON DELETE CASCADE, stream INTEGER NOT NULL REFERENCES stream,
    PRIMARY KEY (pseudonym, stream)
) STRICT, WITHOUT ROWID;
CREATE TABLE share (
    id TEXT PRIMARY KEY, with_whom TEXT NOT NULL,
    made_us INTEGER NOT NULL, made_offset_s INTEGER NOT NULL,
    until_us INTEGER NOT NULL, until_offset_s INTEGER NOT NULL,
    streams TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE unswept (number INTEGER PRIMARY KEY) STRICT;
"""

_THIRD = """
CREATE TABLE setting (
    name TEXT PRIMARY KEY, said TEXT NOT NULL, set_us INTEGER NOT NULL, set_offset_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


def _first(connection: Any, _: Safe) -> None:
    connection.execute(_FIRST)


def _second(connection: Any, safe: Safe) -> None:
    connection.execute(_SECOND)
    streams = connection.execute("SELECT number FROM stream").fetchall()
    for use in ("audit", "receipts", "bystanders"):
        # In an older file it follows from the master key: a backup brought up later must know its erasure receipts.
        sealed = safe.seal(use, "", safe.derived(use)) if streams else safe.new(use, "")[1]
        connection.execute("INSERT INTO secret VALUES (?, ?)", (use, sealed))
    if streams:
        connection.execute("INSERT INTO unswept VALUES (1)")
    keys = {}
    for (number,) in streams:
        identity = safe.derived(f"stream {number}")[:IDENTITY_BYTES].hex()
        keys[number], sealed = safe.new("streams", identity)
        connection.execute(
            "UPDATE stream SET identity = ?, sealed_key = ? WHERE number = ?", (identity, sealed, number)
        )
    # SQLite can't add a column that is NOT NULL without a default; the code gives each new stream both.
    connection.execute("ALTER TABLE record ADD COLUMN digest BLOB")
    signals = "SELECT number, id, stream, body, samples FROM record WHERE samples IS NOT NULL"
    for number, id_, stream, body, samples in connection.execute(signals).fetchall():
        signal = decode_body("signal", body, blocks.unpack(samples))
        assert isinstance(signal, Signal)
        blocks.put(connection, number, id_, signal, keys[stream])
        connection.execute(
            "UPDATE record SET digest = ? WHERE number = ?", (blocks.digest(signal, keys[stream]), number)
        )
    connection.execute("ALTER TABLE record DROP COLUMN samples")
    _hide_people(connection, safe)


def _third(connection: Any, _: Safe) -> None:
    connection.execute(_THIRD)


def _hide_people(connection: Any, safe: Safe) -> None:
    people, met = Bystanders(connection, safe), []
    asked = "SELECT number, stream, kind, body FROM record WHERE kind IN ('event', 'contact')"
    for number, stream, kind, body in connection.execute(asked).fetchall():
        named = decode_body(kind, body)
        hidden = people.hide(named)
        if hidden is not named:
            connection.execute("UPDATE record SET body = ? WHERE number = ?", (encode_body(hidden), number))
            met.append((hidden, stream))
    people.keep(met)


_STEPS: dict[int, Callable[[Any, Safe], None]] = {1: _first, 2: _second, 3: _third}


def new_identity() -> str:
    """A random name of 32 hexadecimal digits: it says nothing about what it names."""
    return secrets.token_hex(IDENTITY_BYTES)


def bring_up(connection: Any, safe: Safe) -> None:
    """Makes the tables of a new database, or brings an older one up to this version, in one transaction."""
    version = connection.execute("PRAGMA user_version").get
    mark = connection.execute("PRAGMA application_id").get
    if mark not in (0, APPLICATION_ID) or (mark == 0 and version != 0):
        raise NotACasebook("this file opens, but what is inside is not a casebook")
    if connection.execute("SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')").get:
        raise NotACasebook("this file opens, but what is inside acts by itself, as no casebook does; it was not read")
    if version > VERSION:
        raise CasebookError("this casebook was written by a newer Mainstay; update Mainstay to open it")
    if version == VERSION:
        return
    with container.transaction(connection):
        # Another program may have brought it up while this one waited for the lock.
        for step in range(connection.execute("PRAGMA user_version").get + 1, VERSION + 1):
            _STEPS[step](connection, safe)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={VERSION}")
