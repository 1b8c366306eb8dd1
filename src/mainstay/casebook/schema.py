"""The tables of a casebook, version by version. Only forward: a newer file is refused, an older one is brought up."""

from __future__ import annotations

from typing import Any

from mainstay.errors import CasebookError, NotACasebook

APPLICATION_ID = 0x4D535459  # "MSTY"
VERSION = 1

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

_STEPS = {1: _FIRST}


def bring_up(connection: Any) -> None:
    """Makes the tables of a new database, or brings an older one up to this version, in one transaction."""
    version = connection.execute("PRAGMA user_version").get
    mark = connection.execute("PRAGMA application_id").get
    if mark not in (0, APPLICATION_ID) or (mark == 0 and version != 0):
        raise NotACasebook("this file opens, but what is inside is not a casebook")
    if version > VERSION:
        raise CasebookError("this casebook was written by a newer Mainstay; update Mainstay to open it")
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another program may have brought it up while this one waited for the lock.
        for step in range(connection.execute("PRAGMA user_version").get + 1, VERSION + 1):
            connection.execute(_STEPS[step])
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors of the disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
