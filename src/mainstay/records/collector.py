"""What becomes of every row: records with stable identities, refusals with their row, and the receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, Body, Item, Receipt, Record, Refusal, record_id
from mainstay.records.tables import Table
from mainstay.records.words import counted

MOST_REFUSALS_LISTED = 1_000
FIRST_YEAR, _FIRST_US = 1900, -2_208_988_800_000_000
"""Nobody's records begin before it (in UTC): such a date stands in for a missing one, or was misread."""


class Collector:
    """Gathers the records of one source, file by file.

    A record's identity hashes the source, the file's name (where there are several), its kind and label, when it
    happened and how many such there were before it in the file: the same file twice gives the same identities, and
    two different answers of the same minute stay two. What lies after `now` is refused; without `now`, nothing is.
    """

    earliest_us = _FIRST_US

    def __init__(self, source: str, now: Instant | None) -> None:
        self.source = source
        self.now = now
        self.records: dict[str, Record] = {}
        self.refused: list[Refusal] = []
        self.notes: list[str] = []
        self.rows_read = self.rows_refused = self.rows_empty = 0
        self.refusals = 0
        self._seen: dict[str, int] = {}
        self._place = self._label = ""
        self._numbers: Sequence[int] = ()
        self._chosen: Sequence[int] = ()
        self._repeats: Mapping[int, int] = {}
        self._kept_rows, self._refused_rows = bytearray(), bytearray()

    def open(self, table: Table, place: str, chosen: Sequence[int], repeats: Mapping[int, int]) -> None:
        """Begin a file: the rows that are read, those that repeat an earlier one, the name its identities carry."""
        self._place, self._label = place, table.name
        self._numbers = table.row_numbers
        self._chosen, self._repeats = chosen, repeats
        self._kept_rows, self._refused_rows = bytearray(table.rows), bytearray(table.rows)
        self.rows_refused += len(table.refused)
        self.rows_read += len(table.refused)
        for refusal in table.refused:
            self._list(refusal)
        self.notes.extend(table.notes)

    def close(self) -> None:
        """End a file: settle what became of its rows. A row that repeats another shares its fate."""
        kept = refused = partly = 0
        for row in (*self._chosen, *self._repeats.values()):
            kept += self._kept_rows[row]
            refused += self._refused_rows[row] and not self._kept_rows[row]
            partly += self._refused_rows[row] and self._kept_rows[row]
        read = len(self._chosen) + len(self._repeats)
        self.rows_read += read
        self.rows_refused += refused
        self.rows_empty += read - kept - refused
        if partly:
            self.notes.append(f"{self._label}: kept {counted(partly, 'row')} in part; some of their cells were refused")
        if self._repeats:
            count = counted(len(self._repeats), "row")
            self.notes.append(f"{self._label}: {count} repeated an earlier one word for word, and counted once")

    def refuse(self, row: int, reason: str) -> None:
        """Refuse a cell of a row (its index in the table), or the row."""
        self._refused_rows[row] = 1
        self._list(Refusal(self._label, self._numbers[row], reason))

    def list_refusal(self, place: str, row: int, reason: str) -> None:
        """Put a refusal on the receipt; counting its row is left to the caller."""
        self._list(Refusal(place, row, reason))

    def impossible(self, happened: Instant | Span) -> str | None:
        """Why a record can't have happened then: in the future, or before anybody kept records. None: it can."""
        start = happened.start if isinstance(happened, Span) else happened
        if self.now is not None and start.utc_us > self.now.utc_us:
            return f"lies in the future ({start})"
        if start.utc_us < self.earliest_us:
            return f"lies before the year {FIRST_YEAR} ({start}); check how the date is written"
        return None

    def _list(self, refusal: Refusal) -> None:
        self.refusals += 1
        if len(self.refused) < MOST_REFUSALS_LISTED:
            self.refused.append(refusal)

    def add(
        self, row: int, stream: str, happened: Instant | Span, body: Body, label: str, *, key: str | None = None
    ) -> None:
        """Keep a record from a row, unless it lies in the future. `label` names it among its kind; `key`: see `put`."""
        reason = self.impossible(happened)
        if reason is not None:
            self.refuse(row, reason)
            return
        self._kept_rows[row] = 1
        self.put(stream, happened, body, label, self._place, key=key)

    def mark(self, row: int) -> None:
        """Count a row as kept, where one record holds several rows."""
        self._kept_rows[row] = 1

    def put(
        self, stream: str, happened: Instant | Span, body: Body, label: str, place: str = "", *, key: str | None = None
    ) -> None:
        """Keep a record that stands in no row. It is known once it has happened; a span under way, since now.

        `key` is its identity where that is not when it happened: the month of a signal, which grows.
        """
        kind = type(body).__name__
        if isinstance(happened, Span):
            moment, known = f"{happened.start.utc_us}-{happened.end.utc_us}", happened.end
            if self.now is not None and known.utc_us > self.now.utc_us:
                known = self.now
        else:
            moment, known = str(happened.utc_us), happened
        key = f"{place}\x1f{kind}\x1f{label if key is None else key}\x1f{moment if key is None else ''}"
        before = self._seen.get(key, 0)
        self._seen[key] = before + 1
        identity = record_id(self.source, stream, f"{key}\x1f{before}")
        self.records[identity] = Record(identity, stream, happened, known, self.source, body)

    def finish(self, items: tuple[Item, ...], anchor: str | None) -> tuple[Batch, Receipt]:
        """The batch and the receipt: read = kept + refused + empty rows."""
        kept = Counter(record.stream for record in self.records.values())
        notes = list(dict.fromkeys(self.notes))
        if self.refusals > len(self.refused):
            notes.append(f"{counted(self.refusals, 'refusal')}; the first {len(self.refused):,} are listed")
        if not kept:
            notes.append("nothing was kept: every cell the mapping asks for is empty or was refused")
        batch = Batch(self.source, tuple(self.records.values()), items, anchor)
        receipt = Receipt(
            self.source,
            self.rows_read,
            self.rows_refused,
            self.rows_empty,
            dict(sorted(kept.items())),
            tuple(self.refused),
            tuple(notes),
        )
        return batch, receipt
