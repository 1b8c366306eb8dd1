"""Claims about the values every chapter speaks in."""

import math
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mainstay import errors
from mainstay.errors import BadRecord, BadRequest, MainstayError, NaiveInstant
from mainstay.quantities import CannotSay, Finding, Instant, Interval, Probability, Span, probability, zone_named

AMSTERDAM = "Europe/Amsterdam"
moments = st.datetimes(datetime(1930, 1, 1), datetime(2090, 1, 1))
zones = st.sampled_from(["UTC", AMSTERDAM, "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"])
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moments, offsets)
def test_an_aware_datetime_survives_the_round_trip(moment: datetime, offset: timezone) -> None:
    aware = moment.replace(tzinfo=offset)
    instant = Instant.of(aware)
    assert instant.as_utc == aware
    assert instant.as_local == aware
    assert instant.as_local.utcoffset() == aware.utcoffset()


@given(moments, zones)
def test_a_wall_clock_time_comes_back_or_is_refused(moment: datetime, zone: str) -> None:
    try:
        instant = Instant.local(moment, zone)
    except BadRecord as refused:
        assert "clocks were put forward" in str(refused)
        return
    assert instant.as_utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment


@given(moments, offsets)
def test_written_text_parses_to_the_same_instant(moment: datetime, offset: timezone) -> None:
    instant = Instant.of(moment.replace(tzinfo=offset, microsecond=0))
    back = Instant.parse(str(instant))
    assert (back.utc_us, back.offset_s) == (instant.utc_us, instant.offset_s)


def test_the_same_moment_on_two_clocks_is_one_instant() -> None:
    noon = datetime(2024, 6, 1, 12, tzinfo=UTC)
    here, there = Instant.of(noon), Instant.of(noon.astimezone(ZoneInfo("Asia/Kathmandu")))
    assert here == there
    assert hash(here) == hash(there)
    assert here.offset_s != there.offset_s


def test_a_time_the_clock_skipped_is_refused() -> None:
    with pytest.raises(BadRecord, match="2024-03-31 02:30:00 did not exist in Europe/Amsterdam"):
        Instant.local(datetime(2024, 3, 31, 2, 30), AMSTERDAM)


def test_in_the_repeated_hour_the_first_is_meant_unless_fold_says_otherwise() -> None:
    first = Instant.local(datetime(2024, 10, 27, 2, 30), AMSTERDAM)
    second = Instant.local(datetime(2024, 10, 27, 2, 30, fold=1), AMSTERDAM)
    assert second.days_since(first) == pytest.approx(1 / 24)
    assert (first.offset_s, second.offset_s) == (7200, 3600)


def test_a_naive_time_names_no_instant() -> None:
    with pytest.raises(NaiveInstant, match="has no zone"):
        Instant.of(datetime(2024, 3, 1))
    with pytest.raises(NaiveInstant, match="give the zone"):
        Instant.parse("2024-03-01T12:00")


def test_a_zone_settles_text_without_offset_and_never_overrides_one() -> None:
    assert Instant.parse("2024-07-01 12:00", AMSTERDAM).offset_s == 7200
    assert Instant.parse("2024-07-01T12:00+05:45", AMSTERDAM).offset_s == 20700


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "12:00", "2024-02-30T10:00+00:00"])
def test_text_that_is_no_time_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(BadRecord, match="write it as"):
        Instant.parse(text, "UTC")


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "Europe/Amsterdam\0"])
def test_an_unknown_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(BadRecord, match="is no time zone"):
        zone_named(name)


@pytest.mark.parametrize("text", ["0001-01-01T00:30+05:00", "9999-12-31T23:30-05:00"])
def test_a_year_no_calendar_can_shift_is_refused(text: str) -> None:
    with pytest.raises(BadRecord, match="outside the years"):
        Instant.parse(text)
    with pytest.raises(BadRecord, match="outside the years"):
        Instant.parse(text[:16], "Asia/Kathmandu")


@given(moments, st.floats(-3000, 3000), st.floats(-3000, 3000))
def test_days_add_up(moment: datetime, one: float, two: float) -> None:
    start = Instant.of(moment.replace(tzinfo=UTC))
    assert start.plus_days(one).plus_days(two).days_since(start) == pytest.approx(one + two, abs=1e-9)


@given(moments, moments)
def test_a_span_has_a_length_or_is_refused(one: datetime, two: datetime) -> None:
    start, end = (Instant.of(moment.replace(tzinfo=UTC)) for moment in (one, two))
    if end < start:
        with pytest.raises(BadRecord, match="before it starts"):
            Span(start, end)
        return
    span = Span(start, end)
    assert span.days >= 0
    assert span.middle.days_since(start) == pytest.approx(span.days / 2, abs=1e-9)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_probability_lies_between_nought_and_one(value: float) -> None:
    if 0 <= value <= 1:
        assert probability(value) == value
    else:
        with pytest.raises(BadRequest, match="no probability"):
            probability(value)


@given(st.floats(), st.floats(), st.floats(0, 1))
def test_an_interval_is_never_nan_and_never_reversed(low: float, high: float, share: float) -> None:
    assume(not (math.isfinite(low) and math.isfinite(high) and math.isinf(high - low)))
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        with pytest.raises(BadRequest, match="two finite ends"):
            Interval(low, high)
        return
    inside = min(max(low + share * (high - low), low), high)
    assert inside in Interval(low, high)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 90.0, math.nan])
def test_an_interval_refuses_a_level_outside_nought_and_one(level: float) -> None:
    with pytest.raises(BadRequest, match="level"):
        Interval(0.0, 1.0, level)


@pytest.mark.parametrize("estimate", [math.nan, math.inf, -math.inf])
def test_a_finding_without_a_number_is_refused(estimate: float) -> None:
    with pytest.raises(BadRequest, match="CannotSay"):
        finding(estimate)


def test_a_finding_refuses_a_probability_that_is_none() -> None:
    with pytest.raises(BadRequest, match="no probability"):
        finding(1.0, sure=1.2)


def test_thin_evidence_is_a_value_with_a_status() -> None:
    thin = CannotSay("Nine days are too few.", have=9, need=28, unit="days")
    assert thin.status == "cannot_say"
    assert not isinstance(thin, Exception)


def test_every_error_has_one_root_and_stands_in_the_drawing() -> None:
    tree = [thing for thing in vars(errors).values() if isinstance(thing, type)]
    assert all(issubclass(error, MainstayError) for error in tree)
    assert all(error.__name__ in (errors.__doc__ or "") for error in tree)


def finding(estimate: float, sure: float | None = None) -> Finding:
    chance = None if sure is None else Probability(sure)
    span = Interval(0.0, 1.0)
    return Finding(
        "S9", "rescuer", "found", "It costs.", "toll", estimate, span, "a day", 3, "test", probability=chance
    )


def test_a_day_in_words_is_the_local_one():
    assert Instant.parse("2024-01-08T23:30-05:00").day_in_words == "8 January 2024"
