"""The casebook: made, opened, added to, and read through one door at which consent is judged."""

from __future__ import annotations

import os
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mainstay.casebook import audit, blocks, bystanders, container, erasure, keys, ledger, places, rows, schema
from mainstay.casebook.bystanders import Bystander, Bystanders
from mainstay.casebook.codec import checked_instant, checked_text, decode_item
from mainstay.casebook.consent import Consent, ConsentEvent, known_purpose
from mainstay.casebook.growing import grow
from mainstay.casebook.head import Head
from mainstay.casebook.keyslots import KeySlotCost, keep_out_of_core_dumps, key_for, new_master_key, seal
from mainstay.casebook.leaving import Leaving
from mainstay.casebook.safe import Safe
from mainstay.casebook.terms import Terms
from mainstay.casebook.views import Added, KeptAnswer, Stored, StreamOverview
from mainstay.errors import BadRecord, BadRequest, CasebookError, NoConsent, NotACasebook
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, Record

if TYPE_CHECKING:
    import polars as pl

_NOTES_A_FOLD = 64  # a note takes three pages of the log, so it stays below a megabyte


class Casebook(Leaving):
    """One person's encrypted file. Made with `create`, opened with `open`; closes itself at the end of a `with`."""

    def __init__(self, path: Path, connection: Any, safe: Safe) -> None:
        self.path = path
        self._connection, self._safe = connection, safe
        self._unfolded = 0
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
        return Added(dict(new), dict(already), dict(+different), dict(+grown))

    def read(self, purpose: str, *, now: Instant) -> Stored:
        """The one door to the records: those of streams with valid consent for the purpose at `now`, the real clock.

        The read is noted on the audit in the same transaction, and so is a refusal.
        Raises `BadRequest` for an unknown purpose, `NoConsent` where streams exist and none is covered.
        """
        known_purpose(purpose)
        with self._noting() as connection:
            covered, left_out = ledger.judge(connection, self._safe, purpose, now)
            refused = bool(left_out) and not covered
            stored = Stored((), (), None, left_out) if refused else self._stored(connection, purpose, covered, left_out)
            asked = ledger.identities(connection, covered or ledger.streams_named(connection, left_out))
            done = "read refused" if refused else "read"
            audit.note(connection, self._safe, done, purpose, asked, len(stored.records), now)
        if refused:
            raise NoConsent(
                f"no stream may be read for {purpose}; to allow it: mainstay consent CASE give --purpose {purpose}"
            )
        return stored

    def _stored(self, connection: Any, purpose: str, covered: dict[int, str], left_out: tuple[str, ...]) -> Stored:
        sources = dict(connection.execute("SELECT number, name FROM source"))
        numbers = ",".join(map(str, covered))
        people = bystanders.names(connection, self._safe) if purpose == "own_answers" else {}
        try:
            stream_keys = rows.keys(connection, self._safe, covered)
            records = tuple(rows.records(connection, covered, stream_keys, sources, people))
            items = tuple(decode_item(body) for (body,) in connection.execute(rows.ITEMS.format(numbers=numbers)))
        except BadRecord as error:
            raise NotACasebook(f"{self.path} is damaged ({error}); restore it from a backup") from error
        names = {item.name for item in items}
        anchors = [name for (name,) in connection.execute("SELECT item FROM anchor ORDER BY number")]
        return Stored(records, items, next((name for name in reversed(anchors) if name in names), None), left_out)

    def samples(
        self,
        stream: str,
        channel: str,
        purpose: str,
        *,
        now: Instant,
        start: Instant | None = None,
        end: Instant | None = None,
    ) -> pl.DataFrame:
        """The samples of one channel from `start` to before `end`, in order of time: columns `at` (UTC) and `value`.

        Through the same door as `read`, and noted as one. Only the months asked for are opened. What a later record
        has corrected is left out. Raises `NoConsent` where the stream is not covered, `BadRequest` where there is none.
        """
        known_purpose(purpose)
        with self._noting() as connection:
            (asked,) = ledger.streams_named(connection, [stream])
            covered, _ = ledger.judge(connection, self._safe, purpose, now)
            known = ledger.identities(connection, [asked])
            if asked in covered:
                key = rows.keys(connection, self._safe, [asked])[asked]
                try:
                    frame, count = blocks.frame(connection, asked, key, channel, start=start, end=end)
                except BadRecord as error:
                    raise NotACasebook(f"{self.path} is damaged ({error}); restore it from a backup") from error
                audit.note(connection, self._safe, "read", purpose, known, count, now)
            else:
                audit.note(connection, self._safe, "read refused", purpose, known, 0, now)
        if asked not in covered:
            raise NoConsent(
                f"stream {stream!r} may not be read for {purpose}; to allow it: mainstay consent CASE give "
                f"--purpose {purpose}"
            )
        return frame

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
            numbers = [streams[name] for name in names]
            connection.executemany("INSERT INTO answer_from VALUES (?, ?)", [(number, stream) for stream in numbers])
            audit.note(connection, self._safe, "keep answer", "", ledger.identities(connection, numbers), 1, now)

    def kept_answers(self, name: str, *, purpose: str, now: Instant) -> tuple[KeptAnswer, ...]:
        """The answers kept under a name, newest version first; without those from a stream not covered at `now`.

        They are the person's own and may hold names: for another purpose than `own_answers` an answer is made anew, and
        asking is refused (`BadRequest`). What is handed out is noted on the audit, and where all are held back, that.
        """
        if known_purpose(purpose) != "own_answers":
            raise BadRequest(f"what is kept are the person's own answers; for {purpose} they are made anew")
        with self._noting() as connection:
            covered, _ = ledger.judge(connection, self._safe, purpose, now)
            kept, read, held_back = [], set[int](), set[int]()
            for number, version, made_us, offset_s, payload in connection.execute(rows.ANSWERS, (name,)).fetchall():
                origins = [s for (s,) in connection.execute("SELECT stream FROM answer_from WHERE answer=?", (number,))]
                if all(stream in covered for stream in origins):
                    names = tuple(sorted(covered[stream] for stream in origins))
                    kept.append(KeptAnswer(name, version, Instant(made_us, offset_s), names, payload))
                    read.update(origins)
                else:
                    held_back.update(origins)
            if kept or held_back:
                done, asked = ("read answer", read) if kept else ("read answer refused", held_back)
                audit.note(connection, self._safe, done, purpose, ledger.identities(connection, asked), len(kept), now)
        return tuple(kept)

    def give(self, streams: Iterable[str], consent: Consent, *, now: Instant) -> tuple[ConsentEvent, ...]:
        """Allows the purposes of the consent for these streams (none named: all); what was newly noted.

        Refuses (`BadRequest`) a stream that is not there, and a consent dated before the no that it would undo.
        """
        with self._consenting() as (connection, noted):
            ledger.give(connection, self._safe, ledger.streams_named(connection, streams), consent, now)
        return tuple(noted)

    def refuse(
        self, streams: Iterable[str], purposes: Sequence[str], *, now: Instant, terms: Terms | None = None
    ) -> tuple[ConsentEvent, ...]:
        """Notes that the person was asked to allow these purposes and said no; what was newly noted."""
        with self._consenting() as (connection, noted):
            ledger.refuse(connection, self._safe, ledger.streams_named(connection, streams), purposes, now, terms=terms)
        return tuple(noted)

    def renew(
        self, streams: Iterable[str], purposes: Sequence[str] = (), *, until: Instant | None = None, now: Instant
    ) -> tuple[ConsentEvent, ...]:
        """Lets what was given (no purpose named: all of it) go on until `until`, on the same terms."""
        with self._consenting() as (connection, noted):
            ledger.renew(connection, self._safe, ledger.streams_named(connection, streams), purposes, now, until=until)
        return tuple(noted)

    def withdraw(
        self, streams: Iterable[str] = (), purposes: Sequence[str] = (), *, now: Instant
    ) -> tuple[ConsentEvent, ...]:
        """Ends what was given, at once: for these streams and purposes, or for all of them where none is named."""
        with self._consenting() as (connection, noted):
            ledger.withdraw(connection, self._safe, ledger.streams_named(connection, streams), purposes, now)
        return tuple(noted)

    def consents(self) -> tuple[ConsentEvent, ...]:
        """The whole history of consent, in the order in which it was written."""
        with self._reading() as connection:
            return ledger.events(connection)

    def clock(self, now: Instant) -> Instant:
        """The instant at which consent is judged: `now`, or the latest that the casebook has noted if later."""
        with self._reading() as connection:
            return audit.clock(connection, now)

    def audit_log(self, last: int | None = None) -> tuple[audit.AuditEntry, ...]:
        """What was done with this casebook, oldest first, or the last so many entries of it."""
        with self._reading() as connection:
            return audit.entries(connection, last)

    def checkpoint(self, now: Instant) -> audit.Checkpoint:
        """The audit as it stands, to be kept elsewhere and given to `verify` one day."""
        with self._writing() as connection:
            return audit.checkpoint(connection, self._safe, now)

    def verify(self, checkpoint: audit.Checkpoint | None = None) -> list[str]:
        """What is wrong with the audit, in words: changed, removed, moved or cut-off entries. Nothing: it is whole."""
        with self._reading() as connection:
            return audit.verify(connection, self._safe, checkpoint)

    def would_go(self, streams: Iterable[str]) -> erasure.WouldGo:
        """What erasing these streams would take with it, besides their records."""
        with self._reading() as connection:
            return erasure.would_go(connection, streams)

    def erase(self, streams: Iterable[str], *, now: Instant) -> erasure.ErasureReceipt:
        """Erases streams with all that came from them, all of it or nothing; then clears freed pages (see `sweep`).

        Gives the receipt of all erasures so far, to be kept outside: an older copy of the casebook needs it.
        """
        with self._writing() as connection:
            receipt = erasure.erase(connection, self._safe, streams, now)
        self.sweep()
        return receipt

    def replay(self, receipts: Iterable[erasure.ErasureReceipt], *, now: Instant) -> tuple[str, ...]:
        """Erases again what the receipts say was erased; the names of what went. Refuses forged and foreign ones."""
        with self._writing() as connection:
            gone = erasure.replay(connection, self._safe, receipts, now)
        self.sweep()
        return gone

    def missing(self, receipts: Iterable[erasure.ErasureReceipt]) -> tuple[str, ...]:
        """The streams that the receipts say were erased and that are here: what `replay` would erase."""
        with self._reading() as connection:
            return erasure.missing(connection, self._safe, receipts)

    def receipt(self) -> erasure.ErasureReceipt:
        """The receipt of all erasures so far, written again."""
        with self._reading() as connection:
            return erasure.receipt(connection, self._safe)

    def sweep(self) -> str:
        """Clears what erasing left in freed pages and in the log; '' when nothing is left, else why not yet."""
        with container.plain_errors(self.path):
            return erasure.sweep(self._open_connection())

    def bystanders(self) -> tuple[Bystander, ...]:
        """The people on record, for the person's own eyes."""
        with self._reading() as connection:
            return bystanders.listed(connection, self._safe)

    def forget_bystander(self, name: str, *, now: Instant) -> str:
        """Drops somebody's name, given by name or pseudonym, and the kept answers in which it may stand.

        Gives the pseudonym, under which the records go on. The name is not kept again when it comes again.
        """
        with self._writing() as connection:
            pseudonym = bystanders.forget(connection, self._safe, name)
            erasure.note_unswept(connection)
            audit.note(connection, self._safe, "forget person", "", (), 1, now)
        self.sweep()
        return pseudonym

    def streams(self) -> tuple[StreamOverview, ...]:
        """Every stream by name: what it holds, from when to when, and the last word on consent. No records."""
        with self._reading() as connection:
            words = ledger.last_words(connection)
            kinds: dict[str, dict[str, int]] = {}
            ends: dict[str, Span] = {}
            streams = connection.execute("SELECT name, number, identity FROM stream ORDER BY name").fetchall()
            for name, kind, count in connection.execute(rows.COUNTS):
                kinds.setdefault(name, {})[kind] = count
            for name, first_us, first_s, last_us, last_s in connection.execute(rows.ENDS):
                ends[name] = Span(Instant(first_us, first_s), Instant(last_us, last_s))
        return tuple(
            StreamOverview(name, kinds.get(name, {}), ends.get(name), tuple(words.get(number, ())), identity)
            for name, number, identity in streams
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
    def _noting(self) -> Iterator[Any]:
        """A read, which writes nothing but its note: the log is folded only now and then, and at the end."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection
        self._unfolded += 1
        if self._unfolded % _NOTES_A_FOLD == 0:
            with container.plain_errors(self.path):
                container.fold(connection)

    @contextmanager
    def _consenting(self) -> Iterator[tuple[Any, list[ConsentEvent]]]:
        """A transaction that changes consent, and a list that holds at its end what was newly noted."""
        noted: list[ConsentEvent] = []
        with self._writing() as connection:
            before = ledger.last_event(connection)
            yield connection, noted
            noted += ledger.events(connection, before)

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
