"""A longer export adds the samples that are new, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.casebook import Consent, growing
from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, Event, Record, Signal

HOUR = 3_600_000_000


def month(times, values, unit="per minute"):
    times = np.asarray(times, np.int64)
    span = Span(Instant(int(times.min()), 3600), Instant(int(times.max()), 3600))
    signal = Signal("pulse", unit, times, np.asarray(values, np.float64))
    return Batch("watch", (Record("pulse 2025-03", "pulse", span, span.end, "watch", signal),))


def held(casebook, now):
    (record,) = casebook.read("own_answers", now=now).records
    return record, dict(zip(record.body.times_us.tolist(), record.body.values.tolist(), strict=True))


def add(casebook, batch, now):
    return casebook.add(batch, Consent(given_at=now), now=now)


def test_a_longer_export_adds_what_is_new_and_the_same_again_nothing(new_casebook, now):
    casebook, at = new_casebook(), now.utc_us - HOUR * np.arange(10, 0, -1)
    assert add(casebook, month(at[:6], range(6)), now).samples == {"pulse": 6}
    added = add(casebook, month(at, range(10)), now)
    assert (added.new, added.grown, added.different, added.samples) == ({}, {"pulse": 4}, {}, {})
    record, samples = held(casebook, now)
    assert samples == dict(zip(at.tolist(), map(float, range(10)), strict=True))
    assert (record.happened.start.utc_us, record.happened.end.utc_us) == (at[0], at[-1])
    assert record.known.utc_us == at[-1]
    for batch in (month(at, range(10)), month(at[:6], range(6)), month(at[3:8], range(3, 8))):
        again = add(casebook, batch, now)
        assert (again.grown, again.different) == ({}, {})
    assert held(casebook, now)[1] == samples


def test_what_is_held_stands_where_a_sample_says_something_else(new_casebook, now):
    casebook, at = new_casebook(), now.utc_us - HOUR * np.arange(4, 0, -1)
    add(casebook, month(at[:3], [60, np.nan, 62]), now)
    added = add(casebook, month(at, [60, np.nan, 99, 63]), now)
    assert (added.grown, added.different) == ({"pulse": 1}, {"pulse": 1})
    assert held(casebook, now)[1][int(at[2])] == 62.0


def test_another_unit_or_kind_under_the_same_name_is_something_else(new_casebook, now):
    casebook, at = new_casebook(), now.utc_us - HOUR * np.arange(4, 0, -1)
    add(casebook, month(at[:3], [1, 2, 3]), now)
    assert add(casebook, month(at, [1, 2, 3, 4], unit="per second"), now).different == {"pulse": 1}
    event = Record("pulse 2025-03", "pulse", now, now, "watch", Event("a walk", "relief"))
    assert add(casebook, Batch("watch", (event,)), now).different == {"pulse": 1}
    assert len(held(casebook, now)[1]) == 3


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=12, unique=True), min_size=1, max_size=6))
def test_in_whatever_pieces_an_export_comes_it_ends_as_their_union(pieces):
    import apsw

    from mainstay.casebook import blocks, rows, schema
    from mainstay.casebook.safe import Safe

    connection, safe = apsw.Connection(":memory:"), Safe([bytes(32)], bytes(16))
    schema.bring_up(connection, safe)
    number = rows.stream(connection, safe, "pulse", (0, 0))
    key = rows.keys(connection, safe, [number])[number]
    (first,) = month([HOUR * k for k in sorted(pieces[0])], sorted(pieces[0])).records
    connection.execute(rows.INSERT, rows.row(first, number, key, rows.source(connection, "watch"), (0, 0)))
    rows.put_samples(connection, [first], {"pulse": key})
    for piece in pieces[1:]:
        (record,) = month([HOUR * k for k in piece], piece).records
        assert growing.grow(connection, record, key).different == 0
    times, values = blocks.get(connection, 1, first.id, key)
    every = sorted({k for piece in pieces for k in piece})
    assert times.tolist() == [HOUR * k for k in every]
    assert values.tolist() == every


def test_a_name_that_another_stream_holds_already_takes_nothing_up(new_casebook, now):
    casebook, at = new_casebook(), now.utc_us - HOUR * np.arange(4, 0, -1)
    add(casebook, month(at[:2], range(2)), now)
    (record,) = month(at, range(4)).records
    added = add(casebook, Batch("watch", (replace(record, stream="other"),)), now)
    assert (added.grown, added.different) == ({}, {"other": 1})
    assert len(held(casebook, now)[1]) == 2


def test_kept_answers_are_the_persons_own(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(purposes=("own_answers", "cohort"), given_at=now), now=now)
    casebook.keep_answers("story", 1, b"with Anna", ["diary"], now=now)
    with pytest.raises(BadRequest, match="made anew"):
        casebook.kept_answers("story", purpose="cohort", now=now)
