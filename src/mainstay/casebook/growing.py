"""Signals that grow: a channel's month that comes again with a longer export takes up the samples it did not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.casebook import blocks
from mainstay.casebook.codec import checked_instant, columns, decode_body, encode_body
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Record, Signal

_HELD = """
SELECT number, body, happened_us, happened_offset_s, coalesce(happened_end_us, happened_us),
       coalesce(happened_end_offset_s, happened_offset_s), known_us, known_offset_s
FROM record WHERE id = ? AND kind = 'signal' AND stream = (SELECT number FROM stream WHERE name = ?)
"""
_GROWN = """
UPDATE record SET body = ?, digest = ?, happened_us = ?, happened_offset_s = ?, happened_end_us = ?,
                  happened_end_offset_s = ?, known_us = ?, known_offset_s = ? WHERE number = ?
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """What came of a signal that was there already: samples taken up, and samples that say something else."""

    new: int
    different: int


def grow(connection: Any, record: Record, key: bytes) -> Growth:
    """Adds to the held signal with this id the samples at instants that it does not have; what it has stands.

    What is no signal, or in another stream, of another channel or unit under the same id, is something else: nothing
    is taken up.
    """
    if not isinstance(record.body, Signal):
        return Growth(0, 1)
    found = connection.execute(_HELD, (record.id, record.stream)).fetchone()
    if found is None:
        return Growth(0, 1)
    number, body, *dates = found
    times, values = blocks.get(connection, number, record.id, key)
    held = decode_body("signal", body, (times, values))
    assert isinstance(held, Signal)
    fresh_times, fresh_values = columns(record.body)
    if (held.channel, held.unit) != (record.body.channel, record.body.unit):
        return Growth(0, len(fresh_times))
    new = ~np.isin(fresh_times, times)
    again = np.column_stack([fresh_times[~new], fresh_values[~new].view(np.int64)])
    known = set(map(tuple, np.column_stack([times, values.view(np.int64)]).tolist()))
    different = sum(tuple(one) not in known for one in again.tolist())
    if new.any():
        all_times = np.concatenate([times, fresh_times[new]])
        all_values = np.concatenate([values, fresh_values[new]])
        order = np.argsort(all_times, kind="stable")
        grown = Signal(held.channel, held.unit, all_times[order], all_values[order])
        connection.execute("DELETE FROM block WHERE record = ?", (number,))
        blocks.put(connection, number, record.id, grown, key)
        when = _dates(record, *dates)
        connection.execute(_GROWN, (encode_body(grown), blocks.digest(grown, key), *when, number))
    return Growth(int(new.sum()), different)


def _dates(record: Record, *held: int) -> tuple[int, ...]:
    """From when to when, and known since when, of both together."""
    start, end, known = (Instant(*held[at : at + 2]) for at in (0, 2, 4))
    span = record.happened if isinstance(record.happened, Span) else Span(record.happened, record.happened)
    both = (min(start, span.start), max(end, span.end), max(known, record.known))
    return tuple(part for one in both for part in checked_instant("happened", one))
