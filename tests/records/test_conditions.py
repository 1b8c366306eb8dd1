"""Conditions on a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadMapping
from mainstay.records.conditions import number_as_written, parse_condition, tags

MISSING = frozenset({"NA"})


def holds(text: str, **row: object) -> bool | str:
    return parse_condition(text).holds({name: [cell] for name, cell in row.items()}, MISSING, 1)[0]


@pytest.mark.parametrize(
    ("text", "row", "answer"),
    [
        ("a == 3", {"a": "3"}, True),
        ("a == 3", {"a": "3.0"}, True),
        ("a == 3", {"a": 3}, True),
        ("a == yes", {"a": " yes "}, True),
        ("a != yes", {"a": "no"}, True),
        ("a != yes", {"a": ""}, False),
        ("a < 3", {"a": "2.5"}, True),
        ("a >= 3", {"a": "2.5"}, False),
        ("a <= 3", {"a": "NA"}, False),
        ("a in x|y y", {"a": "y y"}, True),
        ("a in x|y", {"a": "z"}, False),
        ("a contains run", {"a": "walk | run "}, True),
        ("a contains run", {"a": "walk | running"}, False),
        ("a contains soccer", {"a": "['team', 'soccer']"}, True),
        ("a is present", {"a": "x"}, True),
        ("a is present", {"a": "NA"}, False),
        ("a is missing", {"a": None}, True),
        ("a == 1 and b == 2", {"a": "1", "b": "3"}, False),
        ("a == 1 and b == 2 or a == 1", {"a": "1", "b": "3"}, True),
        ("a == 0 or b == 3 and a == 1", {"a": "1", "b": "3"}, True),
        ("'a and b' == \"x or y\"", {"a and b": "x or y"}, True),
        ("my column == in bed", {"my column": "in bed"}, True),
    ],
)
def test_condition_means_what_it_says(text: str, row: dict[str, object], answer: bool) -> None:
    assert holds(text, **row) is answer


def test_a_word_where_a_number_is_compared_is_a_reason_not_a_no() -> None:
    assert "no number" in str(holds("a < 3", a="many"))


def test_a_failed_clause_makes_the_unreadable_one_beside_it_irrelevant() -> None:
    assert holds("a < 3 and b == 1", a="many", b="2") is False


@pytest.mark.parametrize("text", ["", "a", "a =", "a = 3", "== 3", "a == ", "a < many", "a == 1 and", "import os"])
def test_what_is_no_condition_is_refused_with_the_ways_to_write_one(text: str) -> None:
    with pytest.raises(BadMapping):
        parse_condition(text)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_a_clear_refusal(text: str) -> None:
    try:
        condition = parse_condition(text)
    except BadMapping:
        return
    assert condition.columns


def test_tags_are_trimmed_and_empty_ones_dropped() -> None:
    assert tags(" walk  |  | power nap ", "|") == ("walk", "power nap")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("4,5", 4.5), ("-0,5", -0.5), ("1.204,5", 1204.5), ("12.000", 12000.0), ("7", 7.0), (4.5, 4.5)]
    + [(one, None) for one in ("4.5", "19.01.2026", "1.20,5", "1,5,2", "", None)],
)
def test_where_commas_stand_in_numbers_points_stand_between_thousands_only(cell: object, value: float | None) -> None:
    assert number_as_written(cell, ",") == value
