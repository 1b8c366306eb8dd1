"""The scan of an Apple Health export: bytes in, columns out, at the speed of the disk and in one piece's memory.

No tree is built, nothing is called for an element, and no entity is expanded: a document type is stepped over unread. A
tag that is cut off or misspelt costs its own row and nothing else. The slow, obvious twin is in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.records.sources.apple_health_bytes import (
    BAD_CLOCK,
    NUMBER_SLOW,
    Names,
    attribute,
    begins,
    clock_of,
    is_blank,
    named_by,
    number_of,
)

RECORD, TAG, LEFT_OUT, TWICE = 0, 1, 2, 3
MISSPELT, NO_TYPE, BAD_START, BAD_END, BACKWARDS, TOO_MANY_NAMES, CUT_OFF = 10, 11, 12, 13, 14, 15, 16
REASONS = {
    MISSPELT: "its attributes can't be told apart",
    NO_TYPE: "says no type",
    BAD_START: "its start is no time with an offset, such as 2016-11-20 17:57:19 -0700",
    BAD_END: "its end is no time with an offset, such as 2016-11-20 17:57:19 -0700",
    BACKWARDS: "ends before it starts",
    TOO_MANY_NAMES: "its name or value is too long, or one of more than 60,000 different ones",
    CUT_OFF: "is cut off where the file ends",
}
LARGEST_TAG = 32 << 20
_SHORTEST_ROW = 8

_IN_ROOT, _AFTER_ROOT, _IN_CORRELATION, _JUNK, _CUT, _ROOTS = range(6)


_COLUMNS = {
    "what": np.int8, "type": np.int32, "unit": np.int32, "source": np.int32, "word": np.int32, "zone": np.int32,
    "offset": np.int32, "length": np.int32, "start": np.int64, "end": np.int64, "value": np.float64, "tag": np.int64,
}  # fmt: skip


class Rows:
    """Rows of one piece, in the order of the file: columns of shape (n,).

    `what` is one of the codes above. Times are seconds since 1970 UTC with the offset that was written; `value` is NaN
    where the value is no number, and `word` then names it; `zone` is the zone an entry below the record names.
    Names are numbers into `Scan.names`; -1: not there. `tag` and `length`: where a tag, or a value, stands.
    """

    what: NDArray[np.int8]
    type: NDArray[np.int32]
    unit: NDArray[np.int32]
    source: NDArray[np.int32]
    word: NDArray[np.int32]
    zone: NDArray[np.int32]
    offset: NDArray[np.int32]
    length: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    value: NDArray[np.float64]
    tag: NDArray[np.int64]

    def __init__(self, columns: dict[str, NDArray[Any]], count: int, buffer: bytes) -> None:
        for name, column in columns.items():
            setattr(self, name, column[:count])
        self._buffer = buffer
        for row in np.flatnonzero((self.what == RECORD) & (self.word == NUMBER_SLOW)):
            self.value[row] = float(self.text(int(row)))
        self.word[self.word == NUMBER_SLOW] = -1

    def text(self, row: int) -> bytes:
        """The tag of a row, as written."""
        return self._buffer[self.tag[row] : self.tag[row] + self.length[row]]


class Scan:
    """One pass over an export. `names` fills while it goes on; afterwards it says how the file ended."""

    def __init__(self) -> None:
        self.names = Names()
        self._state = np.zeros(6, np.int64)

    @property
    def found(self) -> bool:
        """Whether the export's root element was there."""
        return bool(self._state[_ROOTS])

    @property
    def ended(self) -> bool:
        """Whether the root element was closed."""
        return bool(self._state[_AFTER_ROOT])

    @property
    def junk(self) -> bool:
        """Whether text stands after the end of the export."""
        return bool(self._state[_JUNK])

    def rows(self, pieces: Iterable[bytes]) -> Iterator[Rows]:
        """The rows of an export that comes in pieces of any size."""
        rest = b""
        for piece in pieces:
            buffer = rest + piece if rest else piece
            rows, done = self._piece(buffer, last=False, force=len(buffer) > LARGEST_TAG)
            rest = buffer[done:]
            yield rows
        yield self._piece(rest, last=True, force=True)[0]

    def _piece(self, buffer: bytes, *, last: bool, force: bool) -> tuple[Rows, int]:
        most = len(buffer) // _SHORTEST_ROW + 2
        columns = {name: np.empty(most, kind) for name, kind in _COLUMNS.items()}
        written = np.frombuffer(buffer, np.uint8)
        count, done = _scan(written, last, force, self._state, *self.names.table, *columns.values())
        return Rows(columns, count, buffer), done


_TYPE, _UNIT, _VALUE, _SOURCE = b"type", b"unit", b"value", b"sourceName"
_START, _END, _KEY, _ZONE = b"startDate", b"endDate", b"key", b"HKTimeZone"
_ROOT, _RECORD, _METADATA, _CORRELATION = b"HealthData", b"Record", b"MetadataEntry", b"Correlation"
_WORKOUT, _STATE_OF_MIND = b"Workout", b"StateOfMind"
_OTHERS = (b"ActivitySummary", b"ClinicalRecord", b"Audiogram", b"VisionPrescription")
_COMMENT, _CDATA = b"<!--", b"<![CDATA["


@njit(cache=True)
def _past(buffer: Any, start: int, stop: int, first: int, second: int) -> int:
    """The place after the next `first first second`, such as -->; -1 if there is none."""
    at = start
    while at + 2 < stop:
        if buffer[at] == first and buffer[at + 1] == first and buffer[at + 2] == second:
            return at + 3
        at += 1
    return -1


@njit(cache=True)
def _scan(
    buffer: Any, last: bool, force: bool, state: Any,
    hashes: Any, slots: Any, places: Any, lengths: Any, arena: Any, counts: Any,
    what: Any, kind: Any, unit: Any, source: Any, word: Any, zone: Any, offset: Any, length: Any,
    start: Any, end: Any, value: Any, tag: Any,
) -> tuple[int, int]:  # fmt: skip
    """Rows of a buffer, and how many of its bytes are done with: up to a tag, or a record, that goes on after it."""
    stop = len(buffer)
    count, at, opened, opened_row = 0, 0, -1, -1
    while True:
        if state[_AFTER_ROOT]:
            while at < stop and buffer[at] != 60:
                state[_JUNK] += not is_blank(buffer[at])
                at += 1
        else:
            while at < stop and buffer[at] != 60:
                at += 1
        if at + 1 >= stop:
            break
        second = buffer[at + 1]
        if second == 33:
            if stop - at < 9 and not last:
                break
            comment, data = begins(buffer, at, stop, _COMMENT), begins(buffer, at, stop, _CDATA)
            if comment or data:
                after = _past(buffer, at + 4, stop, 45 if comment else 93, 62)
                if after < 0 and not (last or force):
                    break
                at = after if after > 0 else stop
            else:
                at += 2
            continue
        if second == 63:
            at += 2
            continue
        name = at + 1 + (second == 47)
        after = name
        while after < stop and not is_blank(buffer[after]) and buffer[after] not in (47, 62, 60):
            after += 1
        if after >= stop and not last:
            break
        size = after - name
        if second == 47:
            if size == 10 and begins(buffer, name, stop, _ROOT):
                state[_AFTER_ROOT] = 1
            elif size == 11 and begins(buffer, name, stop, _CORRELATION):
                state[_IN_CORRELATION] = 0
            elif (size == 6 and begins(buffer, name, stop, _RECORD)) or (
                size == 7 and begins(buffer, name, stop, _WORKOUT)
            ):
                opened, opened_row = -1, -1
            at = after
            while at < stop and (is_blank(buffer[at]) or buffer[at] == 62):
                at += 1
            continue
        is_record = size == 6 and begins(buffer, name, stop, _RECORD)
        is_metadata = size == 13 and begins(buffer, name, stop, _METADATA)
        is_correlation = size == 11 and begins(buffer, name, stop, _CORRELATION)
        is_tag = (size == 7 and begins(buffer, name, stop, _WORKOUT)) or (
            size == 11 and begins(buffer, name, stop, _STATE_OF_MIND)
        )
        is_other = False
        for other in _OTHERS:
            is_other |= size == len(other) and begins(buffer, name, stop, other)
        if size == 10 and begins(buffer, name, stop, _ROOT):
            state[_ROOTS] += 1
            state[_IN_ROOT], state[_AFTER_ROOT] = 1, 0
            at = after
            continue
        if not state[_IN_ROOT] or not (is_record or is_metadata or is_correlation or is_tag or is_other):
            at = after
            continue
        if is_metadata and opened_row < 0:
            at = after
            continue
        # the attributes
        type_, unit_, source_, word_, zone_, is_zone = -1, -1, -1, -1, -1, False
        start_, end_, offset_, value_ = 0, 0, 0, np.nan
        value_at, value_size, problem = 0, 0, 0
        has_start = has_end = False
        status, place = 0, after
        while True:
            status, a, a_size, v, v_size, place = attribute(buffer, place, stop)
            if status != 0:
                break
            if is_metadata:
                if begins(buffer, a, a + a_size, _KEY) and a_size == 3:
                    is_zone = v_size == 10 and begins(buffer, v, v + v_size, _ZONE)
                elif a_size == 5 and is_zone and begins(buffer, a, a + a_size, _VALUE):
                    zone_ = named_by(buffer, v, v_size, hashes, slots, places, lengths, arena, counts)
                continue
            if not is_record:
                continue
            if a_size == 4 and begins(buffer, a, stop, _TYPE):
                type_ = named_by(buffer, v, v_size, hashes, slots, places, lengths, arena, counts)
                problem = TOO_MANY_NAMES if type_ < 0 else problem
            elif a_size == 4 and begins(buffer, a, stop, _UNIT):
                unit_ = named_by(buffer, v, v_size, hashes, slots, places, lengths, arena, counts)
                problem = TOO_MANY_NAMES if unit_ < 0 else problem
            elif a_size == 10 and begins(buffer, a, stop, _SOURCE):
                source_ = named_by(buffer, v, v_size, hashes, slots, places, lengths, arena, counts)
                problem = TOO_MANY_NAMES if source_ < 0 else problem
            elif a_size == 9 and begins(buffer, a, stop, _START):
                start_, offset_ = clock_of(buffer, v, v_size)
                has_start = start_ != BAD_CLOCK
            elif a_size == 7 and begins(buffer, a, stop, _END):
                end_, _ = clock_of(buffer, v, v_size)
                has_end = end_ != BAD_CLOCK
            elif a_size == 5 and begins(buffer, a, stop, _VALUE):
                value_, word_ = number_of(buffer, v, v_size)
                value_at, value_size = v, v_size
                if word_ == -2:
                    word_ = named_by(buffer, v, v_size, hashes, slots, places, lengths, arena, counts)
                    problem = TOO_MANY_NAMES if word_ < 0 else problem
        if status == 3 and not (last or (force and at == 0)):
            break
        if is_metadata:
            if zone_ >= 0:
                zone[opened_row] = zone_
            at = place
            continue
        if is_correlation:
            state[_IN_CORRELATION] = status == 1
            at = place
            continue
        if status == 2:
            problem = MISSPELT
        elif status == 3:
            problem = CUT_OFF
        code = LEFT_OUT if is_other else TAG if is_tag else RECORD
        if code == LEFT_OUT:
            type_ = named_by(buffer, name, size, hashes, slots, places, lengths, arena, counts)
        if problem:
            code = problem
        elif is_record:
            if state[_IN_CORRELATION]:
                code = TWICE
            elif type_ < 0:
                code = NO_TYPE
            elif not has_start:
                code = BAD_START
            elif not has_end:
                code = BAD_END
            elif end_ < start_:
                code = BACKWARDS
        what[count], kind[count], unit[count], source[count] = code, type_, unit_, source_
        word[count], zone[count], offset[count], value[count] = word_, -1, offset_, value_
        start[count], end[count] = start_, end_
        if is_record:
            tag[count], length[count] = value_at, value_size
        else:
            tag[count], length[count] = at, place - at
        opened, opened_row = (at, count) if status == 1 and (is_record or is_tag) else (-1, -1)
        count += 1
        at = place
    if last:
        return count, stop
    if opened >= 0 and not force:
        # What stands below this record is still to come: it is read again with it.
        return opened_row, opened
    return count, min(at, stop)
