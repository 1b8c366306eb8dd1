"""The casebook: made, opened, added to. Its parts: how it is read, kept answers, the ledgers, forgetting, leaving."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any, Self

from mainstay.casebook import audit, container, erasure, keys, ledger, places, rows, schema
from mainstay.casebook.answers import Answers
from mainstay.casebook.bystanders import Bystanders
from mainstay.casebook.codec import checked_instant
from mainstay.casebook.consent import Consent
from mainstay.casebook.door import Door
from mainstay.casebook.forgetting import Forgetting
from mainstay.casebook.growing import grow
from mainstay.casebook.head import Head
from mainstay.casebook.keyslots import KeySlotCost, keep_out_of_core_dumps, key_for, new_master_key, seal
from mainstay.casebook.leaving import Leaving
from mainstay.casebook.ledgers import Ledgers
from mainstay.casebook.safe import Safe
from mainstay.casebook.settings import Settings
from mainstay.casebook.views import Added
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Record, Signal


class Casebook(Door, Answers, Ledgers, Forgetting, Leaving, Settings):
    """One person's encrypted file. Made with `create`, opened with `open`; closes itself at the end of a `with`."""

    @classmethod
    def create(
        cls, path: str | os.PathLike[str], passphrase: str, *, now: Instant, cost: KeySlotCost | None = None
    ) -> Self:
        """A new, empty casebook, there at once or not at all. Refuses to overwrite (`AlreadyThere`), and a share."""
        checked_instant("now", now)
        target = Path(path).absolute()
        places.refuse_network_share(target)
        keep_out_of_core_dumps()
        with container.plain_errors(target):
            building = container.room_for(target)
            master_key, case_id = new_master_key(), os.urandom(16)
            head = Head(case_id, (seal(master_key, passphrase, cost or KeySlotCost(), case_id),))
            key, safe = key_for("database", master_key, case_id), Safe([master_key], case_id)
            try:
                container.write_new_file(building, head)
                connection = container.connect(building, key, new=True, called=target)
                try:
                    schema.bring_up(connection, safe)
                finally:
                    connection.close()
                container.move_into_place(building, target)
            finally:
                container.remove_parts(building)
        return cls(target, container.connect(target, key), safe)

    @classmethod
    def open(cls, path: str | os.PathLike[str], passphrase: str) -> Self:
        """The casebook at `path`, by its passphrase, its recovery code, or what `keys.from_keyring` gives.

        What opens no keyslot: `WrongPassphrase`, which says nothing more. A network share is refused.
        """
        target = Path(path).absolute()
        return cls._ready(target, *keys.opened(target, passphrase))

    @classmethod
    def _under(cls, path: Path, master_key: bytes, case_id: bytes) -> Self:
        """The casebook under its master key."""
        connection = container.connect(path, key_for("database", master_key, case_id))
        return cls._ready(path, connection, Safe([master_key], case_id))

    @classmethod
    def _ready(cls, path: Path, connection: Any, safe: Safe) -> Self:
        with container.plain_errors(path):
            try:
                schema.bring_up(connection, safe)
                erasure.sweep(connection, wait=False)
            except BaseException:
                connection.close(True)
                raise
        return cls(path, connection, safe)

    def add(self, batch: Batch, consent: Consent, *, now: Instant, progress: rows.Progress | None = None) -> Added:
        """Adds a batch in one transaction: all of it and the consent, or nothing. A known id adds nothing.

        Refuses (`BadRecord`) a record that can't be stored as it is, a check-in or anchor on an item that nobody
        declared, and an item declared again with another scale. `progress(done, total)` counts records.
        """
        added = checked_instant("now", now)
        with self._writing() as connection:
            streams = {name: rows.stream(connection, self._safe, name, added) for name in batch.streams}
            keys = rows.keys(connection, self._safe, streams.values())
            by_name = {name: keys[number] for name, number in streams.items()}
            rows.add_items(connection, batch, streams)
            people = Bystanders(connection, self._safe)
            records = tuple(people.hidden(record) for record in batch.records)
            held = rows.held(connection, records)
            new, already, grown, different = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
            fresh: dict[str, Record] = {}
            for record in records:
                known = record.id in held or record.id in fresh
                (already if known else new)[record.stream] += 1
                if not known:
                    fresh[record.id] = record
                elif record.id in held and held[record.id] != rows.content(record, by_name[record.stream]):
                    growth = grow(connection, record, by_name[record.stream])
                    grown[record.stream] += growth.new
                    different[record.stream] += growth.different > 0
            sources = {name: rows.source(connection, name) for name in {one.source for one in fresh.values()}}
            fresh_rows = [
                rows.row(one, streams[one.stream], by_name[one.stream], sources[one.source], added)
                for one in fresh.values()
            ]
            connection.executemany(rows.INSERT, rows.counted(fresh_rows, len(records) - len(fresh), progress))
            people.keep((one.body, streams[one.stream]) for one in fresh.values())
            rows.put_samples(connection, fresh.values(), by_name)
            if progress is not None:
                progress(len(records), len(records))
            numbers = tuple(streams.values())
            audit.note(connection, self._safe, "add", "", ledger.identities(connection, numbers), len(fresh), now)
            ledger.give(connection, self._safe, numbers, consent, now)
        samples = Counter[str]()
        for one in fresh.values():
            if isinstance(one.body, Signal):
                samples[one.stream] += len(one.body.values)
        return Added(dict(new), dict(already), dict(+different), dict(+grown), dict(samples))
