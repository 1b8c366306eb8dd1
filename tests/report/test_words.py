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


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-42.0, -24.0, "90 % sure it lies between 24 and 42 percentage points less over the record"),
        (-13.0, 8.0, "90 % sure it lies between 13 percentage points less and 8 more over the record"),
        (3.0, 20.0, "90 % sure it lies between 3 and 20 percentage points more over the record"),
    ],
)
def test_a_change_is_said_without_minus_signs(low, high, said):
    assert words.lies_between(Interval(low, high, 0.9), "percentage points over the record") == said


def test_points_are_told_as_less_only_where_an_interval_reaches_below_zero():
    def said(low, high, unit):
        return words.lies_between(Interval(low, high, 0.9), unit).removeprefix("90 % sure it lies between ")

    scale = "points on the tension scale"
    assert said(-0.84, -0.41, scale) == "0.4 and 0.8 points less on the tension scale"
    assert said(-0.2, 0.3, scale) == "0.2 points less and 0.3 more on the tension scale"
    assert said(0.41, 0.84, scale) == "0.4 and 0.8 points on the tension scale"
    assert said(-18.0, -3.0, "% of the strain") == "3 and 18 % of the strain less"
    assert said(-1.0, 2.0, "bits") == "-1 and 2 bits"


def test_a_number_that_is_needed_is_no_more_exact_than_it_is_known():
    said = words.cannot_say_sentence(CannotSay("too few acts", 199, 994, "acts"))
    assert said.endswith("There are 199 acts; about 990 are needed.")
