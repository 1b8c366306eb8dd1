"""`mainstay futures`: what could come as words, page and JSON; forecasts are written down once a day."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mainstay.casebook import Casebook
from mainstay.cli import asking
from mainstay.cli.futures import futures
from mainstay.errors import BadRequest
from mainstay.futures.ledger import Ledger, ledger_of, made
from mainstay.futures.ledger_rules import rule_of
from mainstay.report.answers import AnswerContext
from mainstay.story import Story
from mainstay.timeline.reader import read
from report import foreseen

WORDS = "four quiet words here"
RULE = rule_of("mean(item:tension) over 1 day")


@pytest.fixture
def filled(mainstay, case, folder):
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    return case


@pytest.fixture
def told(monkeypatch):
    """The story is what these tests say it is: its working out has tests of its own."""
    answers = [foreseen.answers()]

    def story_of(case, secret, at, cut, **_):
        with Casebook.open(case, secret) as casebook:
            timeline = read(casebook, "own_answers", cut, now=at)
        context = AnswerContext(timeline.as_of, timeline.known_through, at, timeline.purpose)
        return Story(timeline, tuple(answers[0]), None, context)

    def forecasts(timeline):
        at = timeline.as_of
        levels = {"levels": (0.05, 0.5, 0.95), "quantiles": (1.0, 4.0, 6.0)}
        return (made("tension: tomorrow", RULE, at, at.plus_days(1.5), **levels),)

    def turns(timeline, foreseen):
        at = timeline.as_of
        rule = rule_of(f"first(scenario:breakdown) over {foreseen.days} days")
        due = at.plus_days(float(foreseen.days))
        return (
            made(f"breakdown: within {foreseen.days} days", rule, at, due, chance=0.08, withheld=foreseen.withheld),
        )

    monkeypatch.setattr("mainstay.cli.telling.story_of", story_of)
    monkeypatch.setattr("mainstay.doors.foretelling._turns", turns)
    monkeypatch.setattr("mainstay.futures.next_answers.forecasts", forecasts)
    return answers


@pytest.fixture
def shown(capsys):
    def once(case, **options):
        usual = {"json": False, "as_of": None, "html": None, "weeks": None}
        futures(case, **{**usual, **options})
        return capsys.readouterr()

    return once


def ledger(case):
    with Casebook.open(case, WORDS) as casebook:
        return ledger_of(casebook, now=asking.now()).forecasts


@pytest.mark.usefixtures("told")
def test_todays_forecasts_are_written_down_once_a_day(filled, shown):
    first = " ".join(shown(filled).out.split())
    assert "How it could turn out by 7 October 2025" in first
    assert "None of the forecasts written down could be held against what happened yet; 2 wait to come due" in first
    assert [one.about for one in ledger(filled)] == ["tension: tomorrow", "breakdown: within 91 days"]
    shown(filled)
    assert len(ledger(filled)) == 2


def test_what_is_withheld_is_written_down_as_withheld_and_each_horizon_once(filled, shown, told, monkeypatch):
    monkeypatch.setattr("mainstay.futures.answering.answers", lambda *_, **__: tuple(foreseen.withheld()))
    told[0] = foreseen.withheld()
    shown(filled)
    shown(filled, weeks=4)
    shown(filled, weeks=4)
    assert {(one.about, one.withheld) for one in ledger(filled)} == {
        ("tension: tomorrow", False), ("breakdown: within 28 days", True), ("breakdown: within 91 days", True),
    }  # fmt: skip
    assert len(ledger(filled)) == 3


@pytest.mark.usefixtures("told")
def test_a_replay_writes_nothing_down_and_knows_nothing_of_later_forecasts(filled, shown):
    before = shown(filled, as_of="2024-01-09").out
    assert ledger(filled) == ()
    assert "No forecast had been written down by then." in before
    shown(filled)
    assert "No forecast had been written down by then." in shown(filled, as_of="2024-01-09").out


@pytest.mark.usefixtures("told")
def test_what_another_program_wrote_meanwhile_or_by_a_later_clock_is_told_too(filled, shown, monkeypatch):
    before, first = asking.now(), []
    shown(filled)

    def before_the_other(casebook, *, now):
        first.append(now)
        return Ledger(()) if len(first) == 1 else ledger_of(casebook, now=now)

    monkeypatch.setattr("mainstay.doors.foretelling.ledger_of", before_the_other)
    monkeypatch.setattr("mainstay.doors.foretelling.write_down", lambda *_, **__: ())
    monkeypatch.setattr(asking, "now", lambda: before)
    assert "None of the forecasts written down" in shown(filled).out
    assert len(ledger(filled)) == 2


@pytest.mark.usefixtures("told")
def test_how_forecasts_fared_is_told_to_other_programs_too(filled, shown):
    fared = json.loads(shown(filled, json=True).out)["fared"]
    assert (fared["written"], fared["waiting"], fared["n"]) == (2, 2, 0)
    assert fared["sentence"] == "No forecast has come due yet."
    assert json.loads(shown(filled, json=True, as_of="2024-01-09").out)["fared"]["written"] == 0


@pytest.mark.usefixtures("told")
def test_page_and_json_tell_the_same_answers(filled, shown, folder):
    page = folder / "futures.html"
    said = shown(filled, json=True, html=page)
    answers = json.loads(said.out)["answers"]
    assert {one["row"] for one in answers} == {"S19"}
    assert {one["status"] for one in answers} == {"found", "withheld", "cannot_say"}
    assert "Both kept, slips growing" in page.read_text(encoding="utf-8")
    assert "is not encrypted" in said.err


def test_answers_of_other_rows_are_left_out(filled, shown, told, make_finding):
    told[0] = [*told[0], make_finding]
    assert "adds 0.12 points" not in shown(filled).out


@pytest.fixture
def make_finding():
    return replace(foreseen.whole(), row="S9", claim="An hour as rescuer adds 0.12 points of strain")


def test_withheld_is_told_without_a_number(filled, shown, told):
    told[0] = foreseen.withheld()
    text = shown(filled).out
    assert foreseen.NOT_SHOWN in text
    assert "73" not in text


def test_another_horizon_is_simulated_anew_and_what_was_withheld_stays_so(filled, shown, told, monkeypatch):
    asked = []

    def anew(timeline, fitted, *, backtest=None, days):
        asked.append((days, None if backtest is None else backtest.withheld))
        return (foreseen.whole(),)

    monkeypatch.setattr("mainstay.futures.answering.answers", anew)
    shown(filled, weeks=26)
    told[0] = foreseen.withheld()
    shown(filled, weeks=4)
    assert asked == [(182, None), (28, foreseen.WHY)]


def test_a_page_must_end_in_html(filled, shown, folder):
    with pytest.raises(BadRequest, match="must end in"):
        shown(filled, html=folder / "futures.pdf")
    assert ledger(filled) == ()
