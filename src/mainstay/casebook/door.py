"""The one door: records come out for a purpose, from streams whose consent covers it now, and the read is noted."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mainstay.casebook import audit, blocks, bystanders, ledger, rows
from mainstay.casebook.codec import decode_item
from mainstay.casebook.consent import OWN_ANSWERS, known_purpose
from mainstay.casebook.openfile import OpenFile
from mainstay.casebook.views import HeldRecord, Stored, StreamOverview
from mainstay.errors import BadRequest, NoConsent
from mainstay.quantities import Instant, Span

if TYPE_CHECKING:
    import polars as pl


class Door(OpenFile):
    """The part of a `Casebook` through which records are read."""

    def read(self, purpose: str, *, now: Instant) -> Stored:
        """The one door to the records: those of streams with valid consent for the purpose at `now`, the real clock.

        The read is noted on the audit in the same transaction, and so is a refusal.
        Raises `BadRequest` for an unknown purpose, `NoConsent` where streams exist and none is covered.
        """
        known_purpose(purpose)
        with self._noting() as connection:
            covered, left_out = ledger.judge(connection, self._safe, purpose, now)
            refused = bool(left_out) and not covered
            with _uncollected():
                empty = Stored((), (), None, left_out)
                stored = empty if refused else self._stored(connection, purpose, covered, left_out)
            asked = ledger.identities(connection, covered or ledger.streams_named(connection, left_out))
            done = "read refused" if refused else "read"
            audit.note(connection, self._safe, done, purpose, asked, len(stored.records), now)
        if refused:
            raise NoConsent(_refused(purpose))
        return stored

    def between(self, start: Instant, end: Instant, purpose: str, *, now: Instant) -> tuple[HeldRecord, ...]:
        """What happened from `start` to before `end`, in order of time, but for samples, which `samples` gives.

        Through the same door as `read`, and noted as one; what was corrected is among them, and says by what.
        """
        return self._held(rows.Only(rows.BETWEEN, {"start": start.utc_us, "end": end.utc_us}), purpose, now)

    def record(self, id_: str, purpose: str, *, now: Instant) -> HeldRecord:
        """One record by its id. Raises `BadRequest` where none that may be read for the purpose has it."""
        found = self._held(rows.Only(rows.ONE, {"id": id_}), purpose, now)
        if not found:
            raise BadRequest("no record that may be read has this id; it may have been erased")
        return found[0]

    def _held(self, only: rows.Only, purpose: str, now: Instant) -> tuple[HeldRecord, ...]:
        known_purpose(purpose)
        with self._noting() as connection:
            covered, left_out = ledger.judge(connection, self._safe, purpose, now)
            people = bystanders.names(connection, self._safe) if purpose == OWN_ANSWERS else {}
            with self._sound():
                stream_keys = rows.keys(connection, self._safe, covered)
                found = rows.held_as(connection, covered, stream_keys, people, only)
            refused = bool(left_out) and not covered
            known = ledger.identities(connection, covered or ledger.streams_named(connection, left_out))
            audit.note(connection, self._safe, "read refused" if refused else "read", purpose, known, len(found), now)
        if refused:
            raise NoConsent(_refused(purpose))
        return found

    def _stored(self, connection: Any, purpose: str, covered: dict[int, str], left_out: tuple[str, ...]) -> Stored:
        sources = dict(connection.execute("SELECT number, name FROM source"))
        numbers = ",".join(map(str, covered))
        people = bystanders.names(connection, self._safe) if purpose == OWN_ANSWERS else {}
        with self._sound():
            stream_keys = rows.keys(connection, self._safe, covered)
            records = tuple(rows.records(connection, covered, stream_keys, sources, people))
            items = tuple(decode_item(body) for (body,) in connection.execute(rows.ITEMS.format(numbers=numbers)))
        names = {item.name for item in items}
        anchors = [name for (name,) in connection.execute("SELECT item FROM anchor ORDER BY number")]
        return Stored(records, items, next((name for name in reversed(anchors) if name in names), None), left_out)

    def stamp(self, purpose: str, *, now: Instant) -> tuple[int, tuple[str, ...]]:
        """Another value once another program has written, or consent covers other streams for the purpose at `now`.

        Reads no records and notes nothing. What this very object wrote does not show in it.
        """
        known_purpose(purpose)
        with self._reading() as connection:
            covered, _ = ledger.covered(connection, purpose, now)
            return connection.execute("PRAGMA data_version").get, tuple(covered.values())

    def standing(self, purpose: str, *, now: Instant) -> tuple[int, tuple[str, ...]]:
        """The last change noted on the audit (`audit.last_change`), and the streams that may be read for the purpose.

        What was made at one change and from such streams would be made so again. Reads no records and notes nothing.
        """
        known_purpose(purpose)
        with self._reading() as connection:
            covered, _ = ledger.covered(connection, purpose, now)
            return audit.last_change(connection), tuple(covered.values())

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
                with self._sound():
                    frame, count = blocks.frame(connection, asked, key, channel, start=start, end=end)
                audit.note(connection, self._safe, "read", purpose, known, count, now)
            else:
                audit.note(connection, self._safe, "read refused", purpose, known, 0, now)
        if asked not in covered:
            raise NoConsent(
                f"stream {stream!r} may not be read for {purpose}; to allow it: mainstay consent CASE give "
                f"--purpose {purpose}"
            )
        return frame

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
            sources: dict[str, tuple[str, ...]] = {}
            for name, source in connection.execute(rows.SOURCES):
                sources[name] = (*sources.get(name, ()), source)
        return tuple(
            StreamOverview(
                name,
                kinds.get(name, {}),
                ends.get(name),
                tuple(words.get(number, ())),
                identity,
                sources.get(name, ()),
            )
            for name, number, identity in streams
        )


@contextmanager
def _uncollected() -> Iterator[None]:
    """While many small values are made that all stay: looking among them for what could be thrown away takes as long
    as reading them does."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _refused(purpose: str) -> str:
    return f"no stream may be read for {purpose}; to allow it: mainstay consent CASE give --purpose {purpose}"
