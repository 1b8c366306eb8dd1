"""The intake: what a reader finds becomes records with lasting identities, and what can't be kept is refused."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from mainstay.errors import BadMapping, NaiveInstant
from mainstay.quantities import Instant
from mainstay.records.kinds import CheckIn, Item, Signal
from mainstay.records.sources.intake import Intake

NOW = Instant.parse("2025-06-01T12:00+02:00")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY = 86_400_000_000


@pytest.fixture
def intake():
    return Intake("Some watch", AMSTERDAM, NOW)


def test_a_local_clock_needs_a_zone():
    with pytest.raises(NaiveInstant, match="--zone"):
        Intake("Some watch", None, NOW).local(datetime(2025, 1, 1, 8))


def test_the_hour_that_comes_twice_and_the_one_that_is_skipped(intake):
    first, second = (intake.local(datetime(2024, 10, 27, 2, 30), fold) for fold in (0, 1))
    assert (first.offset_s, second.offset_s, second.utc_us - first.utc_us) == (7200, 3600, 3_600_000_000)
    with pytest.raises(NaiveInstant, match="skipped"):
        intake.local(datetime(2025, 3, 30, 2, 30))


def test_utc_gets_the_offset_of_the_zone(intake):
    assert intake.at(Instant.parse("2025-01-01T00:00Z").utc_us).offset_s == 3600
    assert Intake("x", None, NOW).at(0).offset_s == 0


def test_answers_outside_their_scale_and_in_the_future_are_told(intake):
    intake.declare(Item("mood", "Mood", 1, 5, "high"), anchor=True)
    assert intake.check_in("diary", NOW.plus_days(-1), "mood", 3.0) is None
    assert "outside its scale" in intake.check_in("diary", NOW, "mood", 6.0)
    assert "future" in intake.check_in("diary", NOW.plus_days(1), "mood", 3.0)
    assert "1900" in intake.keep("diary", Instant.parse("1600-01-01T00:00Z"), CheckIn("mood", 3.0), "mood")
    intake.rows(4, refused=3)
    batch, receipt = intake.finish()
    assert (len(batch.records), batch.anchor, [item.name for item in batch.items]) == (1, "mood", ["mood"])
    assert (receipt.rows_read, receipt.rows_refused, receipt.kept) == (4, 3, {"diary": 1})


def test_an_item_on_two_scales_is_refused(intake):
    intake.declare(Item("mood", "Mood", 1, 5, "high"))
    with pytest.raises(BadMapping, match="two scales"):
        intake.declare(Item("mood", "Mood", 0, 10, "high"))


def pulse(intake, days, device="watch"):
    times = NOW.utc_us - DAY * np.arange(days, 0, -1, dtype=np.int64)
    assert intake.samples("pulse", "pulse", "per minute", times, np.arange(days, 0, -1.0), device=device) == 0
    return {r.id: r for r in intake.finish()[0].records}


def test_months_of_a_signal_keep_their_identity_in_a_longer_export():
    short, long = pulse(Intake("w", None, NOW), 40), pulse(Intake("w", None, NOW), 100)
    assert set(short) < set(long)
    assert set(short).isdisjoint(pulse(Intake("w", None, NOW), 40, device="phone"))
    assert all(isinstance(one.body, Signal) for one in long.values())


def test_samples_that_are_no_numbers_or_lie_ahead_are_counted_and_repeats_kept_once(intake):
    times = np.array([NOW.utc_us - 2, NOW.utc_us - 3, NOW.utc_us - 2, NOW.utc_us + 1, NOW.utc_us - 1])
    assert intake.samples("pulse", "pulse", "bpm", times, np.array([60.0, 59.0, 60.0, 61.0, np.nan])) == 2
    batch, receipt = intake.finish()
    (record,) = batch.records
    assert record.body.times_us.tolist() == [NOW.utc_us - 3, NOW.utc_us - 2]
    assert record.body.values.tolist() == [59.0, 60.0]
    assert any("came twice" in note for note in receipt.notes)


def test_a_channel_in_two_units_is_refused(intake):
    intake.samples("temperature", "temperature", "°C", np.array([0]), np.array([36.5]))
    with pytest.raises(BadMapping, match="one unit"):
        intake.samples("temperature", "temperature", "°F", np.array([0]), np.array([97.0]))
