"""`mainstay options`: asked first by whoever sees it first, then what holds up; and a decision on one page."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from mainstay.casebook import Casebook
from mainstay.cli import asking
from mainstay.cli.options import options
from mainstay.errors import BadRequest
from mainstay.options.leaning import first_shown
from mainstay.records.statements_decision import leanings_of
from mainstay.report.answers import AnswerContext
from mainstay.story import Story
from mainstay.timeline.reader import read
from report import weighed

WORDS = "four quiet words here"
BEFORE = "Before you see it"


@pytest.fixture
def filled(mainstay, case, folder, comes):
    """A casebook with a diary and two options."""
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    for name in (weighed.SHED, "a month of leave"):
        comes(f'name = "{name}"\ndisclosed_ok = true\n')
        assert mainstay("log", case, "option").code == 0
    return case


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The story is what these tests say it is: its working out has tests of its own."""
    answers = [[weighed.whole(), weighed.recommended(), *weighed.all_struck()]]
    cuts = []

    def story_of(case, secret, at, cut, **_):
        cuts.append(cut)
        with Casebook.open(case, secret) as casebook:
            timeline = read(casebook, "own_answers", cut, now=at)
        context = AnswerContext(timeline.as_of, timeline.known_through, at, timeline.purpose)
        return Story(timeline, tuple(answers[0]), None, context)

    monkeypatch.setattr("mainstay.cli.telling.story_of", story_of)
    return cuts


@pytest.fixture
def shown(capsys):
    def once(case, **more):
        options(case, **{"json": False, "as_of": None, "html": None, "record": None, **more})
        return capsys.readouterr()

    return once


def on_record(case):
    at = asking.now()
    with Casebook.open(case, WORDS) as casebook:
        timeline = read(casebook, "own_answers", None, now=at)
        return leanings_of(timeline)[0], first_shown(casebook, timeline, now=at)


def test_whoever_sees_it_first_is_asked_and_the_leaning_is_sealed_before(filled, shown, typed):
    asked = typed("nonsense", "2")
    text = " ".join(shown(filled).out.split())
    assert [one.startswith(BEFORE) for one in asked] == [True, True]
    (leaning,), showing = on_record(filled)
    assert leaning.says.option == "a month of leave"
    assert showing.seals[0].id == leaning.id
    assert showing.best == (weighed.SHED,)
    assert "was “a month of leave”; what comes out now is “Saturdays in the shed”." in text
    assert "'nonsense' is none of them" in text


def test_it_is_asked_once_and_never_after_it_was_shown(filled, shown, typed):
    asked = typed("")
    shown(filled)
    shown(filled)
    leanings, showing = on_record(filled)
    assert (len(asked), leanings) == (1, ())
    assert showing is not None


def test_a_leaning_that_is_on_record_is_not_asked_for_again(filled, shown, typed, mainstay, comes):
    comes('option = "a month of leave"\n')
    assert mainstay("log", filled, "leaning").code == 0
    asked = typed()
    assert "The first leaning" in shown(filled).out
    assert asked == []


def test_scripts_and_json_are_never_asked(filled, shown, comes, typed):
    comes("")
    assert "What holds up" in shown(filled).out
    asked = typed()
    answers = json.loads(shown(filled, json=True).out)["answers"]
    assert asked == []
    assert {one["status"] for one in answers} >= {"recommended", "struck_out"}


def test_without_options_on_record_nothing_is_asked_and_nothing_is_marked(case, shown, typed, mainstay, folder):
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    asked = typed()
    shown(case)
    assert (asked, on_record(case)) == ([], ((), None))


@pytest.fixture
def yesterday():
    return f"{asking.now().as_local.date() - timedelta(days=1)}"


@pytest.fixture
def a_day_later(monkeypatch, filled):
    """The clock, a day after the options were written; and a leaning of the day they were written."""
    later = asking.now().plus_days(1.0)
    monkeypatch.setattr(asking, "now", lambda: later)


@pytest.mark.usefixtures("a_day_later")
def test_a_look_back_seals_nothing_unless_somebody_agrees(filled, shown, typed, comes, yesterday):
    comes("")
    held_back = shown(filled, as_of=yesterday).out
    assert "2 options on record, not shown here" in held_back
    assert weighed.SHED not in held_back
    assert on_record(filled)[1] is None
    asked = typed("no")
    with pytest.raises(BadRequest, match="not confirmed"):
        shown(filled, as_of=yesterday)
    assert "never shown to you weighed" in asked[0]
    assert on_record(filled)[1] is None
    asked = typed("yes", "2")
    assert weighed.SHED in shown(filled, as_of=yesterday).out
    assert asked[1].startswith(BEFORE)
    assert on_record(filled)[1] is not None


@pytest.mark.usefixtures("a_day_later")
def test_a_showing_that_came_later_had_not_been_by_then(filled, shown, comes, mainstay, yesterday, monkeypatch):
    tomorrow = asking.now()
    monkeypatch.setattr(asking, "now", lambda: tomorrow.plus_days(-0.999))
    comes('option = "a month of leave"\n')
    assert mainstay("log", filled, "leaning").code == 0
    monkeypatch.setattr(asking, "now", lambda: tomorrow)
    assert "sealed before the options were first shown" in " ".join(shown(filled).out.split())
    back = " ".join(shown(filled, as_of=yesterday).out.split())
    assert "sealed before" not in back
    assert "; the options had not been shown yet." in back
    assert "Cannot say" not in back


def test_the_page_is_written_whole(filled, shown, comes, folder):
    comes("")
    page = folder / "options.html"
    said = shown(filled, html=page)
    assert "Struck out, and why" in page.read_text(encoding="utf-8")
    assert "is not encrypted" in said.err


def test_a_decision_is_told_on_one_page_from_what_was_known_then(filled, shown, comes, mainstay, folder, told):
    again = asking.now().as_local.date() + timedelta(days=30)
    comes(f'option = "{weighed.SHED}"\nwhy = "it costs nothing"\nlook_again = {again}\n')
    assert mainstay("log", filled, "decision").code == 0
    page, text = folder / "decision.html", folder / "decision.txt"
    shown(filled, record=page)
    shown(filled, record=text)
    assert told[-1] is None
    for file in (page, text):
        said = file.read_text(encoding="utf-8")
        assert weighed.SHED in said
        assert "It costs nothing." in said
        assert f"{again.day} " in said
    comes('name = "a dog"\ndisclosed_ok = true\n')
    assert mainstay("log", filled, "option").code == 0
    shown(filled, record=text)
    assert told[-1] is not None
    assert "a dog" not in text.read_text(encoding="utf-8").lower()


def test_without_a_decision_there_is_no_page_and_the_way_to_one_is_said(filled, shown, comes, folder):
    comes("")
    with pytest.raises(BadRequest, match=r"no decision is on record.*log CASE decision"):
        shown(filled, record=folder / "decision.html")
    assert not (folder / "decision.html").exists()
    assert on_record(filled) == ((), None)


def test_a_record_must_end_in_html_or_txt(filled, shown, comes, folder):
    comes("")
    with pytest.raises(BadRequest, match="must end in"):
        shown(filled, record=folder / "decision.docx")
