"""The one door: records come out for a purpose, from streams whose consent covers it now, and the read is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstay.casebook import audit, blocks, bystanders, ledger, rows
from mainstay.casebook.codec import decode_item
from mainstay.casebook.consent import OWN_ANSWERS, known_purpose
from mainstay.casebook.openfile import OpenFile
from mainstay.casebook.views import Stored, StreamOverview
from mainstay.errors import NoConsent
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
        people = bystanders.names(connection, self._safe) if purpose == OWN_ANSWERS else {}
        with self._sound():
            stream_keys = rows.keys(connection, self._safe, covered)
            records = tuple(rows.records(connection, covered, stream_keys, sources, people))
            items = tuple(decode_item(body) for (body,) in connection.execute(rows.ITEMS.format(numbers=numbers)))
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
        return tuple(
            StreamOverview(name, kinds.get(name, {}), ends.get(name), tuple(words.get(number, ())), identity)
            for name, number, identity in streams
        )
