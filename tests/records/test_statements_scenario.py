"""A scenario as a file: its small language, what it refuses, and which word on it is the last."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Record, Statement
from mainstay.records.statements import as_toml, parsed
from mainstay.records.statements_scenario import (
    Condition,
    ScenarioFile,
    conditions,
    scenarios_of,
    with_starting_set,
)

TOML = """
name = "the night work is given up"
rule = "share_of_time(role:night work) < 0.1 usual for 4 weeks and strain < 5 for 7 days"
words = "I stop, and sleep again"
preference = 2
worth = [40, 60]
must_not = true
"""


def record(toml: str, day: int = 0, name: str = "one") -> Record:
    when = Instant(day * 86_400_000_000)
    return Record(name, "scenarios", when, when, "by hand", Statement("scenario", toml))


def timeline(*records: Record) -> SimpleNamespace:
    return SimpleNamespace(others=records)


@pytest.mark.parametrize(
    ("rule", "means"),
    [
        ("share_of_time(role:night work) < 0.05 for 4 weeks", ("share", "night work", False, 0.05, False, 28)),
        ("share_of_time(self) > 1.3 usual for 8 weeks", ("share", "self", True, 1.3, True, 56)),
        ("strain > limit for 14 days", ("strain", "", True, None, False, 14)),
        ("strain < 5.5 for 1 day", ("strain", "", False, 5.5, False, 1)),
        ("rate(slips) > 2 a week for 4 weeks", ("rate", "slips", True, 2.0, False, 28)),
        ("rate(event:late for work)>1.5 usual for 28 days", ("rate", "late for work", True, 1.5, True, 28)),
    ],
)
def test_a_condition_means_what_it_says(rule, means):
    assert conditions(rule) == (Condition(*means),)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("strain is too high", "is no condition"),
        ("strain > 5", "is no condition"),
        ("strain > 5 usual for 7 days", "with limit or with a number"),
        ("share_of_time(role:a) > limit for 7 days", "limit is a limit of strain"),
        ("share_of_time(role:a) > 2 for 7 days", "from 0 to 1"),
        ("share_of_time(role:a) > 1 a week for 7 days", "from 0 to 1"),
        ("share_of_time(a) > 0.5 for 7 days", "neither self nor role:NAME"),
        ("rate(slips) > 2 for 4 weeks", "say how often"),
        ("rate(slips) > 2 a week for 60 weeks", "between 1 day and a year"),
        ("strain > 5 for 0 days", "between 1 day and a year"),
        (" and ".join(["strain > 5 for 7 days"] * 5), "at most 4"),
    ],
)
def test_what_the_language_does_not_know_is_refused_with_the_reason(rule, why):
    with pytest.raises(ValueError, match=why):
        conditions(rule)
    with pytest.raises(BadRecord, match=why):
        parsed(f'name = "one"\nrule = "{rule}"', ScenarioFile, "scenario")


@given(st.text(max_size=80))
def test_no_text_breaks_the_language(text):
    try:
        assert conditions(text)
    except ValueError as refused:
        assert str(refused)


def test_a_file_is_read_and_written_back_the_same():
    read = parsed(TOML, ScenarioFile, "scenario")
    assert (read.preference, read.worth, read.must_not) == (2, (40.0, 60.0), True)
    assert len(conditions(read.rule)) == 2
    assert parsed(as_toml(read), ScenarioFile, "scenario") == read


def test_other_is_no_free_name():
    with pytest.raises(BadRecord, match="is taken"):
        parsed('name = " Other "\nrule = "strain > 5 for 7 days"', ScenarioFile, "scenario")


def test_the_last_word_counts_and_a_starting_scenario_of_that_name_gives_way():
    again = TOML.replace("preference = 2", "preference = 1").replace("the night", "The  Night")
    own, unread = scenarios_of(timeline(record(TOML), record(again, 3, "two"), record("rule = 3", 4, "three")))
    assert [(one.id, one.says.preference) for one in own] == [("two", 1)]
    assert [one.id for one in unread] == ["three"]
    starting = parsed(TOML, ScenarioFile, "scenario")
    other = ScenarioFile(name="slips grow", rule="rate(slips) > 2 usual for 4 weeks")
    gone = ScenarioFile(name="slips grow", rule=other.rule, set_aside="there are none")
    assert [one.name for one in with_starting_set(own, (starting, other))] == [
        "The  Night work is given up",
        other.name,
    ]
    set_aside, _ = scenarios_of(timeline(record(as_toml(gone))))
    assert with_starting_set(set_aside, (other,)) == ()
