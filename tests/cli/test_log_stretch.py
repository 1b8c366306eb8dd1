"""`mainstay log stretch`: a time under its own name, asked for or from standard input, and corrected."""

import io

import pytest

from mainstay.casebook import Casebook
from mainstay.cli import asking
from mainstay.records.kinds import Episode

WORDS = "four quiet words here"
SPAN = ("--from", "2026-01-05", "--to", "2026-02-20")


@pytest.fixture
def log(mainstay, case):
    def once(*arguments):
        return mainstay("log", case, *arguments)

    for day in ("2026-01-01", "2026-10-31"):
        said = once("event", "walk", "--is", "relief", "--at", day)
        assert said.code == 0
    return once


def stretches(case):
    with Casebook.open(case, WORDS) as casebook:
        records = casebook.read("own_answers", now=asking.now()).records
    return [one for one in records if isinstance(one.body, Episode)]


def given(monkeypatch, text):
    class Input:
        buffer = io.BytesIO(text.encode())

        @staticmethod
        def isatty():
            return False

    monkeypatch.setattr("sys.stdin", Input)


def test_a_stretch_is_kept_under_its_name(log, case):
    said = log("stretch", " the winter with A.", *SPAN)
    assert (said.code, said.err) == (0, "")
    assert "Noted: “the winter with A.”, 5 January 2026 to 20 February 2026 (id " in said.out
    (one,) = stretches(case)
    assert one.body == Episode("the winter with A.", "activity")
    assert one.happened.days == pytest.approx(47.0, abs=0.1)


def test_the_name_comes_by_standard_input_or_is_asked_for(log, case, monkeypatch):
    given(monkeypatch, "the winter with A.\n")
    assert log("stretch", *SPAN).code == 0
    monkeypatch.setattr(asking, "at_a_terminal", lambda: True)
    typed = iter(["two\x1blines", "the spring"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    assert log("stretch", "--from", "2026-03-01", "--to", "2026-04-01").code == 0
    assert sorted(one.body.label for one in stretches(case)) == ["the spring", "the winter with A."]


def test_a_stretch_is_said_anew_and_its_time_stays_unless_given(log, case):
    receipt = log("stretch", "the winter", *SPAN).out.rsplit("(id ", 1)[1].split(")")[0]
    said = log("stretch", "the winter with A.", "--replaces", receipt)
    assert said.code == 0, said.err
    old, new = sorted(stretches(case), key=lambda one: one.supersedes is not None)
    assert new.supersedes == old.id
    assert new.happened == old.happened
    assert new.body.label == "the winter with A."


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("stretch", "x"), "say when it began"),
        (("stretch", "x", "--from", "2026-01-05", "--to", "2026-01-10"), "two weeks or longer"),
        (("stretch", "x", "--from", "2026-02-05", "--to", "2026-01-10"), "can't end"),
        (("stretch", "x", "--from", "2025-12-01", "--to", "2026-02-01"), "nothing is on record before 1 January 2026"),
        (("stretch", "x\x1b[2J", *SPAN), "one line"),
        (("stretch", "x", "--replaces", "abcdef12"), "no record"),
    ],
)
def test_what_is_no_stretch_is_refused_and_nothing_is_kept(log, case, arguments, why):
    said = log(*arguments)
    assert said.code == 2
    assert why in said.err
    assert stretches(case) == []


def test_a_role_is_not_corrected_as_a_stretch(log, case):
    said = log("role", "nurse", "--from", "2026-01-05", "--to", "2026-01-06")
    receipt = said.out.rsplit("(id ", 1)[1].split(")")[0]
    refused = log("stretch", "the winter", *SPAN, "--replaces", receipt)
    assert refused.code == 2
    assert "is no stretch" in refused.err


def test_an_empty_casebook_has_nothing_to_tell_a_stretch_by(mainstay, case):
    said = mainstay("log", case, "stretch", "x", *SPAN)
    assert said.code == 2
    assert "nothing is on record yet" in said.err


def test_a_stretch_beyond_what_is_on_record_is_refused(log, case):
    said = log("stretch", "later", "--from", "2026-10-01", "--to", "2026-11-15")
    assert said.code != 0
    assert "nothing is on record after 31 October 2026; end on 2026-10-31 or earlier" in said.err
    assert stretches(case) == []
