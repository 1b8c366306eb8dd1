"""The casebook: made, opened, added to, and read through one door at which consent is judged."""

from __future__ import annotations

import os
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mainstay.casebook import backup, container, keys, ledger, places, portability, rows, schema
from mainstay.casebook.codec import checked_instant, checked_text, decode_item
from mainstay.casebook.consent import Consent, known_purpose
from mainstay.casebook.head import Head
from mainstay.casebook.keyslots import KeySlotCost, keep_out_of_core_dumps, key_for, new_master_key, seal
from mainstay.casebook.safe import Safe
from mainstay.casebook.views import Added, KeptAnswer, Stored, StreamOverview
from mainstay.errors import BadRecord, BadRequest, CasebookError, NoConsent, NotACasebook
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, Record


class Casebook:
    """One person's encrypted file. Made with `create`, opened with `open`; closes itself at the end of a `with`."""

    def __init__(self, path: Path, connection: Any, safe: Safe) -> None:
        self.path = path
        self._connection, self._safe = connection, safe
        # Also closed when forgotten or when Python ends: before the file system it stands on is taken down.
        self._at_end = weakref.finalize(self, connection.close, True)

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
        places.refuse_network_share(target)
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
            except BaseException:
                connection.close(True)
                raise
        return cls(path, connection, safe)

    def close(self) -> None:
        """Closes the file; what was written is folded into it and the log beside it removed. Twice is harmless."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            self._at_end.detach()
            with container.plain_errors(self.path):
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

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
            held = rows.held(connection, batch.records)
            new, already, different = Counter[str](), Counter[str](), Counter[str]()
            fresh: dict[str, Record] = {}
            for record in batch.records:
                known = record.id in held or record.id in fresh
                (already if known else new)[record.stream] += 1
                if not known:
                    fresh[record.id] = record
                elif record.id in held and held[record.id] != rows.content(record, by_name[record.stream]):
                    different[record.stream] += 1
            sources = {name: rows.source(connection, name) for name in {one.source for one in fresh.values()}}
            fresh_rows = [
                rows.row(one, streams[one.stream], by_name[one.stream], sources[one.source], added)
                for one in fresh.values()
            ]
            connection.executemany(rows.INSERT, rows.counted(fresh_rows, len(batch.records) - len(fresh), progress))
            rows.put_samples(connection, fresh.values(), by_name)
            if progress is not None:
                progress(len(batch.records), len(batch.records))
            ledger.give(connection, streams.values(), consent, added)
        return Added(dict(new), dict(already), dict(different))

    def read(self, purpose: str, *, now: Instant) -> Stored:
        """The one door to the records: those of streams with valid consent for the purpose at `now`, the real clock.

        Raises `BadRequest` for an unknown purpose, `NoConsent` where streams exist and none is covered.
        """
        known_purpose(purpose)
        with self._reading() as connection:
            covered, left_out = ledger.covered(connection, purpose, now)
            if left_out and not covered:
                raise NoConsent(
                    f"no stream may be read for {purpose}; to allow it, add the records again with "
                    f"'mainstay add CASE PATH --consent {purpose}': what is there already is not added twice"
                )
            sources = dict(connection.execute("SELECT number, name FROM source"))
            numbers = ",".join(map(str, covered))
            try:
                records = tuple(rows.records(connection, covered, rows.keys(connection, self._safe, covered), sources))
                items = tuple(decode_item(body) for (body,) in connection.execute(rows.ITEMS.format(numbers=numbers)))
            except BadRecord as error:
                raise NotACasebook(f"{self.path} is damaged ({error}); restore it from a backup") from error
            names = {item.name for item in items}
            anchors = [name for (name,) in connection.execute("SELECT item FROM anchor ORDER BY number")]
        anchor = next((name for name in reversed(anchors) if name in names), None)
        return Stored(records, items, anchor, left_out)

    def keep_answers(
        self, name: str, version: int, payload: bytes, derived_from: Iterable[str], *, now: Instant
    ) -> None:
        """Keeps an answer as opaque bytes with the streams it was made from. Replaces the same name and version."""
        made, names = checked_instant("now", now), sorted(set(derived_from))
        if not names:
            raise BadRequest(f"answer {name!r} names no stream it was derived from, so it could never be erased")
        with self._writing() as connection:
            streams = dict(connection.execute("SELECT name, number FROM stream"))
            missing = [stream for stream in names if stream not in streams]
            if missing:
                raise BadRequest(
                    f"answer {name!r} names streams that this casebook does not hold: {', '.join(missing)}"
                )
            connection.execute("DELETE FROM answer WHERE name = ? AND version = ?", (name, version))
            number = connection.execute(
                "INSERT INTO answer (name, version, made_us, made_offset_s, payload) VALUES (?, ?, ?, ?, ?) "
                "RETURNING number",
                (checked_text("name of an answer", name), version, *made, payload),
            ).get
            connection.executemany("INSERT INTO answer_from VALUES (?, ?)", [(number, streams[s]) for s in names])

    def kept_answers(self, name: str, *, purpose: str, now: Instant) -> tuple[KeptAnswer, ...]:
        """The answers kept under a name, newest version first; without those from a stream not covered at `now`."""
        known_purpose(purpose)
        with self._reading() as connection:
            covered, _ = ledger.covered(connection, purpose, now)
            kept = []
            for number, version, made_us, offset_s, payload in connection.execute(rows.ANSWERS, (name,)).fetchall():
                origins = [s for (s,) in connection.execute("SELECT stream FROM answer_from WHERE answer=?", (number,))]
                if all(stream in covered for stream in origins):
                    names = tuple(sorted(covered[stream] for stream in origins))
                    kept.append(KeptAnswer(name, version, Instant(made_us, offset_s), names, payload))
        return tuple(kept)

    def take_out(self, *, now: Instant) -> portability.Parcel:
        """Everything that may be read for the person's own answers, to be taken elsewhere; see `portability`."""
        with self._reading() as connection:
            try:
                return portability.take_out(connection, self._safe, now)
            except BadRecord as error:
                raise NotACasebook(f"{self.path} is damaged ({error}); restore it from a backup") from error

    def put_in(self, parcel: portability.Parcel) -> portability.TakenIn:
        """Puts in what was taken out, in one transaction: what is there already stands."""
        with self._writing() as connection:
            return portability.put_in(connection, self._safe, parcel)

    def back_up(self, out: str | os.PathLike[str], *, replace: bool = False) -> backup.BackedUp:
        """Copies the casebook, as it is now, to `out`, encrypted, whole and read back; see `backup.write`."""
        return backup.write(self.path, self._open_connection(), self._safe, Path(out), replace=replace)

    def would_be_gone(self, other: Casebook) -> backup.Gone:
        """What this casebook holds and an older copy of it does not: what would be gone if that took its place."""
        with self._reading() as connection, other._reading() as older:
            return backup.would_be_gone(connection, older)

    def streams(self) -> tuple[StreamOverview, ...]:
        """Every stream by name: what it holds, from when to when, and the last word on consent. No records."""
        with self._reading() as connection:
            words = ledger.last_words(connection)
            kinds: dict[str, dict[str, int]] = {}
            ends: dict[str, Span] = {}
            numbers = dict(connection.execute("SELECT name, number FROM stream ORDER BY name"))
            for name, kind, count in connection.execute(rows.COUNTS):
                kinds.setdefault(name, {})[kind] = count
            for name, first_us, first_s, last_us, last_s in connection.execute(rows.ENDS):
                ends[name] = Span(Instant(first_us, first_s), Instant(last_us, last_s))
        return tuple(
            StreamOverview(name, kinds.get(name, {}), ends.get(name), tuple(words.get(number, ())))
            for name, number in numbers.items()
        )

    def _open_connection(self) -> Any:
        if self._connection is None:
            raise CasebookError(f"{self.path} has been closed; open it again")
        return self._connection

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection
        with container.plain_errors(self.path):
            container.fold(connection)

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Any]:
        connection = self._open_connection()
        with container.plain_errors(self.path):
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                # SQLite has rolled back by itself after some errors of the disk.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if isinstance(error, OverflowError | UnicodeEncodeError):
                    raise BadRecord(f"something in these records can't be stored as it is: {error}") from error
                raise
