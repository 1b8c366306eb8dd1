"""Numbers in plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.quantities import CannotSay, Instant, Interval, probability
from mainstay.report import words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.1234, "0.12"), (1.84, "1.8"), (27.3, "27"), (1204.4, "1,204"), (-0.3, "-0.30"), (0.0123, "0.012")],
)
def test_numbers_keep_what_a_reader_can_use(value, text):
    assert words.number(value) == text


def test_there_is_no_minus_zero():
    assert words.number(-0.001, 1) == "0.0"


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.8, "1.8 times as often"), (0.6, "0.6 times as often"), (1.02, "about as often"), (2.0, "about twice as often"),
     (0.5, "about half as often"), (14.2, "14 times as often")],
)  # fmt: skip
def test_ratios_are_said_as_how_often(ratio, text):
    assert words.times_as_often(ratio) == text


@pytest.mark.parametrize(
    ("hours", "text"),
    [(0.4, "about 25 minutes"), (1.0, "about an hour"), (1.6, "about an hour and a half"), (7.7, "about 8 hours"),
     (22.0, "about a day"), (36.0, "about a day and a half"), (60.0, "about 2 and a half days"),
     (24 * 21.0, "about 3 weeks"), (24 * 100.0, "about 3 months"), (24 * 800.0, "about 2 years")],
)  # fmt: skip
def test_lengths_of_time_are_said_as_people_say_them(hours, text):
    assert words.about_duration(hours) == text


@given(st.floats(0.001, 1e6))
def test_every_length_of_time_has_words(hours):
    assert words.about_duration(hours).startswith("about ")


def test_hours_below_one_are_minutes():
    assert (words.hours(0.5), words.hours(1.0), words.hours(4.5)) == ("30 minutes", "1 hour", "4.5 hours")


def test_dates_are_local():
    late = Instant.parse("2024-01-08T23:30-05:00")
    assert words.date(late) == "8 January 2024"


def test_one_day_is_not_a_range():
    day = Instant.parse("2024-01-08T10:00+01:00")
    assert words.between_dates(day, day.plus_days(0.1)) == "on 8 January 2024"


@pytest.mark.parametrize(
    ("share", "text"), [(0.12, "12 %"), (0.999, "more than 99 %"), (0.001, "less than 1 %"), (0, "0 %")]
)
def test_percentages_never_round_to_certainty(share, text):
    assert words.percent(share) == text


def test_certainty_is_never_claimed(make):
    assert "100 %" not in words.how_sure(make.finding(probability=probability(1.0)))


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_the_ends_of_an_interval_can_be_told_apart(low, width):
    interval = Interval(low, low + width)
    places = words.decimals_for(interval)
    assert words.number(interval.low, places) != words.number(interval.high, places) or places == 6


def test_an_interval_says_how_sure():
    said = words.lies_between(Interval(1.23, 2.61), "times as often")
    assert said == "90 % sure it lies between 1.2 and 2.6 times as often"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (CannotSay("too few acts", 9, 30, "acts"), "Cannot say: too few acts. There are 9 acts; about 30 are needed."),
        (CannotSay("too few acts", 1, 30, "acts"), "Cannot say: too few acts. There is 1 of the 30 acts needed."),
        (
            CannotSay("it was rare", 4, 20, "times"),
            "Cannot say: it was rare. It was recorded 4 times; about 20 are needed.",
        ),
        (CannotSay("no refuge is on record"), "Cannot say: no refuge is on record."),
        (CannotSay("whether it eases can't be told yet"), "Whether it eases can't be told yet."),
        (CannotSay("I was off", claim="Cannot say whether it eases"), "Cannot say whether it eases. I was off."),
        (CannotSay("ECG is missing"), "Cannot say: ECG is missing."),
        (CannotSay("too noisy", 40, 30, "acts"), "Cannot say: too noisy."),
        (CannotSay("too few", need=30, unit="acts"), "Cannot say: too few. About 30 acts are needed."),
        (CannotSay("too few", have=3), "Cannot say: too few. On record: 3 records."),
        (CannotSay(""), "Cannot say."),
    ],
)
def test_thin_evidence_is_a_sentence(answer, text):
    assert words.cannot_say_sentence(answer) == text


def test_what_would_change_it_is_a_sentence():
    said = words.would_change(CannotSay("x", would_change="A log of what was written down"))
    assert said == "What would change this: a log of what was written down."
