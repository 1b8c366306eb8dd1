"""Claims about Options: what one leans to is asked before they are first shown weighed, and may be left unsaid."""

import pytest

from mainstay.casebook import by_hand
from mainstay.options.leaning import rounds_of
from mainstay.records import logged
from mainstay.records.statements_decision import leanings_of

from .conftest import NOW

AN_EVENING = """
name = "an evening a week"
what = "An evening a week to oneself."
disclosed_ok = true
reversible = "yes"

[[step]]
what = "it is kept free"
chance = [0.5, 0.8]

[cost.person]
hours_a_week = [2, 4]

[[changes]]
lever = "hours self"
by = [2, 3]
"""
TO_HIDE = """
name = "keep it from everybody"
what = "Say nothing."
disclosed_ok = false
reversible = "yes"

[[step]]
what = "nobody asks"
chance = [0.4, 0.7]

[[changes]]
lever = "hours self"
by = [0, 1]
"""
RATHER_NOT = "I would rather not say"


@pytest.fixture
def with_options(page):
    """A page on a casebook with two options that were never shown weighed."""
    with page.desk.writing() as book:
        for k, toml in enumerate((AN_EVENING, TO_HIDE)):
            written = NOW.plus_days(k - 2)
            by_hand.keep(book, (logged.statement("option", toml, now=written),), now=written)
    return page


def rounds(page):
    with page.desk.casebook() as book:
        return rounds_of(book, page.desk.timeline(), now=NOW)


def leanings(page):
    return [one.says.option for one in leanings_of(page.desk.timeline())[0]]


def test_without_an_option_the_page_says_how_to_write_one(page):
    shown = page.settled("/options").text
    assert 'href="/write/option"' in shown
    assert RATHER_NOT not in shown


def test_before_options_are_shown_the_first_leaning_is_asked_for(with_options):
    shown = with_options.settled("/options").text
    assert RATHER_NOT in shown
    assert "struck out" not in shown
    assert "an evening a week" in shown
    assert rounds(with_options) == ()


def test_a_replay_from_before_they_were_written_does_not_know_of_them(with_options):
    before = with_options.settled("/options?as_of=2024-03-20").text
    assert "no option is on record" in before
    assert "have not been shown" not in before
    assert "have not been shown" in with_options.settled("/options?as_of=2024-04-19").text


def test_nothing_is_told_of_them_elsewhere_before_that(with_options):
    assert "hidden to work" not in with_options.settled("/").text
    refused = with_options.get("/options/figure/worth.svg")
    assert refused.status_code == 400


def test_a_leaning_is_sealed_and_set_beside_what_comes_out(with_options):
    with_options.settled("/options")
    with_options.fill("/options/leaning", leaning="2")
    shown = with_options.settled("/options").text
    assert leanings(with_options) == ["keep it from everybody"]
    assert len(rounds(with_options)) == 1
    assert "hidden to work" in shown
    assert "The first leaning" in shown


def test_somebody_who_would_rather_not_say_is_shown_them(with_options):
    with_options.settled("/options")
    with_options.fill("/options/leaning", leaning="rather not")
    shown = with_options.settled("/options").text
    assert leanings(with_options) == []
    assert len(rounds(with_options)) == 1
    assert "hidden to work" in shown


def test_choosing_nothing_or_what_is_not_there_seals_nothing(with_options):
    with_options.settled("/options")
    for wrong in ({}, {"leaning": "9"}, {"leaning": "²"}, {"leaning": "0"}):
        assert with_options.fill("/options/leaning", **wrong).status_code == 400
    assert rounds(with_options) == ()
    assert leanings(with_options) == []


def test_a_replay_shows_no_option_that_was_never_shown(with_options):
    shown = with_options.settled("/options?as_of=2024-04-18").text
    assert "Look at them as of today first" in shown
    assert "hidden to work" not in shown
    assert rounds(with_options) == ()
