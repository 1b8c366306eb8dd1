"""Dense signals: sealed by the month, back bit for bit, and of no use without their stream's key."""

import io

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.casebook import Consent, blocks, codec
from mainstay.errors import BadRecord, BadRequest, NoConsent, NotACasebook
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Record, Signal

US_PER_DAY = 86_400_000_000


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats(width=64)), max_size=50))
def test_samples_are_packed_bit_for_bit(pairs):
    times = np.array([time for time, _ in pairs], dtype=np.int64)
    values = np.array([value for _, value in pairs], dtype=np.float64)
    back_times, back_values = blocks.unpack(blocks.pack(times, values))
    assert np.array_equal(back_times, times)
    assert np.array_equal(back_values.view(np.int64), values.view(np.int64))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**7), 10**7)), max_size=50),
    st.sampled_from([1, 7, 1000, 10**6]),
    st.sampled_from([1.0, 10.0, 100.0, 1000.0, 3.0]),
)
def test_decimals_and_even_steps_are_packed_bit_for_bit(pairs, unit, scale):
    times = np.cumsum(np.array([step for step, _ in pairs], dtype=np.int64) * unit)
    values = np.array([whole for _, whole in pairs], dtype=np.int64) / scale
    for some in (values, -values, np.where(values == 0, -0.0, values)):
        back_times, back_values = blocks.unpack(blocks.pack(times, some))
        assert np.array_equal(back_times, times)
        assert np.array_equal(back_values.view(np.int64), some.view(np.int64))


def test_a_year_of_noisy_tenths_takes_no_more_than_four_megabytes():
    rng = np.random.default_rng(2)
    count = 2_600_000 // 12
    times = np.cumsum(rng.choice([10, 11, 12, 13, 14], count).astype(np.int64) * 1_000_000)
    values = np.round(62 + 8 * np.sin(np.arange(count) / 1_146) + rng.normal(0, 2, count), 1)
    assert 12 * len(blocks.pack(times, values)) < 4e6


@pytest.fixture
def kept(new_casebook, now):
    """A casebook with a signal of five months, out of order in one place, and its signal."""
    times = np.arange(0, 150 * 24, dtype=np.int64) * (US_PER_DAY // 24) + now.utc_us
    times[[3, 2000]] = times[[2000, 3]]
    signal = Signal("heart_rate", "per minute", times, np.random.default_rng(1).normal(60, 5, len(times)))
    casebook = new_casebook()
    record = Record("h", "heart", now, Instant(int(times[-1])), "watch", signal)
    casebook.add(Batch("watch", (record,)), Consent(given_at=now), now=now)
    return casebook, signal


def test_a_signal_comes_back_in_its_own_order(kept, now):
    casebook, signal = kept
    body = casebook.read("own_answers", now=now).records[0].body
    assert np.array_equal(body.times_us, signal.times_us)
    assert np.array_equal(body.values, signal.values)


def test_each_month_is_a_block_of_its_own(kept):
    connection = kept[0]._connection
    parts = connection.execute("SELECT month, samples FROM block ORDER BY part").fetchall()
    assert len({month for month, _ in parts}) == 6
    assert sum(samples for _, samples in parts) == 150 * 24


def test_the_same_signal_again_is_known_and_another_under_its_id_differs(kept, now):
    casebook, signal = kept
    again = Record("h", "heart", now, now, "watch", signal)
    assert casebook.add(Batch("watch", (again,)), Consent(given_at=now), now=now).different == {}
    values = signal.values.copy()
    values[7] += 1e-9
    changed = Record("h", "heart", now, now, "watch", Signal(signal.channel, signal.unit, signal.times_us, values))
    assert casebook.add(Batch("watch", (changed,)), Consent(given_at=now), now=now).different == {"heart": 1}


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE block SET sealed = (SELECT sealed FROM block WHERE part = 1) WHERE part = 2",
        "UPDATE block SET part = -part - 1",
        "DELETE FROM block WHERE part = 1",
        "DELETE FROM block WHERE part = (SELECT max(part) FROM block)",
        "UPDATE block SET samples = samples + 1 WHERE part = 0",
        "UPDATE stream SET sealed_key = zeroblob(60)",
    ],
)
def test_months_exchanged_lost_or_without_their_key_are_refused(kept, now, harm):
    casebook, _ = kept
    casebook._connection.execute(harm)
    with pytest.raises(NotACasebook, match="damaged"):
        casebook.read("own_answers", now=now)


def test_samples_of_another_shape_are_refused():
    other = io.BytesIO()
    pl.DataFrame({"step_us": [1.0], "value": [1.0]}).write_parquet(other)
    with pytest.raises(BadRecord, match="columns"):
        blocks.unpack(other.getvalue())
    with pytest.raises(BadRecord, match="read"):
        blocks.unpack(b"PAR1 not")
    with pytest.raises(BadRecord, match="one length"):
        codec.columns(Signal("heart", "bpm", np.arange(3), np.zeros(2)))


def months_opened(monkeypatch):
    opened, unpack = [], blocks.unpack
    monkeypatch.setattr(blocks, "unpack", lambda packed: (opened.append(1), unpack(packed))[1])
    return opened


def test_a_channel_is_given_as_a_frame_in_order_of_time(kept, now):
    casebook, signal = kept
    frame = casebook.samples("heart", "heart_rate", "own_answers", now=now)
    order = np.argsort(signal.times_us)
    assert dict(frame.schema) == {"at": pl.Datetime("us", "UTC"), "value": pl.Float64}
    assert np.array_equal(frame["at"].to_physical().to_numpy(), signal.times_us[order])
    assert np.array_equal(frame["value"].to_numpy(), signal.values[order])


def test_reading_one_month_opens_one_block(new_casebook, now, monkeypatch):
    start = Instant.parse("2024-01-01T00:00+00:00")
    times = np.arange(0, 366 * 24, dtype=np.int64) * (US_PER_DAY // 24) + start.utc_us
    signal = Signal("heart_rate", "per minute", times, np.arange(len(times), dtype=float))
    casebook = new_casebook()
    casebook.add(Batch("w", (Record("h", "heart", now, now, "w", signal),)), Consent(given_at=now), now=now)
    opened = months_opened(monkeypatch)
    march, april = Instant.parse("2024-03-01T00:00+00:00"), Instant.parse("2024-04-01T00:00+00:00")
    last = Instant(april.utc_us - 1)
    frame = casebook.samples("heart", "heart_rate", "own_answers", now=now, start=march, end=last)
    assert (frame.height, len(opened)) == (31 * 24, 1)
    assert frame["at"][0].isoformat() == "2024-03-01T00:00:00+00:00"
    casebook.samples("heart", "heart_rate", "own_answers", now=now, start=march)
    assert len(opened) == 1 + 10


def test_samples_go_through_the_one_door(kept, now):
    casebook, _ = kept
    with pytest.raises(NoConsent, match="heart"):
        casebook.samples("heart", "heart_rate", "cohort", now=now)
    with pytest.raises(BadRequest):
        casebook.samples("nowhere", "heart_rate", "own_answers", now=now)
    with pytest.raises(BadRequest):
        casebook.samples("heart", "heart_rate", "curiosity", now=now)
    assert casebook.samples("heart", "steps", "own_answers", now=now).height == 0
    assert [(one.action, one.purpose, one.count) for one in casebook.audit_log(2)] == [
        ("read refused", "cohort", 0),
        ("read", "own_answers", 0),
    ]


def test_what_was_corrected_is_left_out_of_the_samples(kept, now):
    casebook, signal = kept
    better = Signal(signal.channel, signal.unit, signal.times_us[:5].copy(), np.arange(5.0))
    record = Record("better", "heart", now, now, "watch", better, "h")
    casebook.add(Batch("watch", (record,)), Consent(given_at=now), now=now)
    assert casebook.samples("heart", "heart_rate", "own_answers", now=now).height == 5


def test_a_lost_month_is_told_when_another_is_read(kept, now):
    casebook, _ = kept
    casebook._connection.execute("DELETE FROM block WHERE part = 1")
    with pytest.raises(NotACasebook, match="damaged"):
        casebook.samples("heart", "heart_rate", "own_answers", now=now, end=now)
