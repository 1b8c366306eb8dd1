"""`mainstay log CASE scenario|option|preference|leaning|decision`: asked for, kept as written, said anew, set aside."""

from datetime import timedelta

import pytest

from mainstay.casebook import Casebook
from mainstay.cli import asking
from mainstay.records.kinds import Statement
from mainstay.records.statements import Told
from mainstay.records.statements_decision import decisions_of, leanings_of
from mainstay.records.statements_option import options_of
from mainstay.records.statements_preference import preference_of
from mainstay.records.statements_scenario import scenarios_of

WORDS = "four quiet words here"
TODAY = asking.now().as_local.date()
SCENARIO = '# mine\nname = "nights given up"\nrule = "share_of_time(role:nurse) < 0.05 for 4 weeks"\n'
OPTION = 'name = "a walk a day"\ndisclosed_ok = true\n\n[[changes]]\nlever = "acts event:walk"\nby = [3, 5]\n'


def told(case):
    with Casebook.open(case, WORDS) as casebook:
        return Told(casebook.read("own_answers", now=asking.now()).records)


@pytest.fixture
def log(mainstay, case):
    mainstay("log", case, "role", "nurse", "--from", "yesterday 07:00", "--to", "yesterday 15:30")
    mainstay("log", case, "event", "walk", "--is", "relief")

    def once(*arguments):
        return mainstay("log", case, *arguments)

    return once


def test_a_scenario_is_asked_for_and_a_rule_that_can_not_be_read_is_asked_again(log, typed, case):
    typed("nights given up", "", "I stop", "share_of_time(role:nurse) < 0.05 for 4 weeks", "40-60", "no")
    said = log("scenario")
    assert (said.code, said.err) == (0, "")
    assert "is no condition; write one such as" in said.out
    assert "Noted: it could turn out so: “nights given up” (id " in said.out
    (found,) = scenarios_of(told(case))[0]
    assert (found.says.worth, found.says.must_not, found.says.words) == ((40.0, 60.0), False, None)


def test_a_scenario_is_kept_as_written_and_the_same_name_takes_its_place(log, comes, case):
    comes(SCENARIO)
    assert log("scenario").code == 0
    (record,) = (one for one in told(case).others if isinstance(one.body, Statement))
    assert record.body.toml == SCENARIO
    comes(SCENARIO.replace("0.05", "0.1").replace("nights", "Nights"))
    said = log("scenario")
    assert "It takes the place of the one of that name." in said.out
    (found,) = scenarios_of(told(case))[0]
    assert found.conditions[0].value == 0.1


def test_names_that_nothing_has_are_told(log, comes):
    comes(SCENARIO.replace("role:nurse", "role:pilot"))
    assert "No role of this name is on record so far: pilot." in log("scenario").out
    comes(OPTION.replace("event:walk", "event:swim"))
    assert "No event of this name is on record so far: swim." in log("option").out
    comes('option = "fly"')
    assert "No option of this name is on record so far: fly." in log("leaning").out
    comes('order = ["fly", "other"]')
    assert "No way it could turn out of this name is on record so far: fly." in log("preference").out


def test_an_option_is_asked_for_step_by_step(log, typed, case):
    typed(
        "fewer nights", "two instead of four", "she agrees", "0.6 0.8", "60-80", "", "hours role:nurse", "x0.5-0.7",
        "acts event:walk", "-1-2", "demands walk", "", "0-10", "", "5", "1-2", "5-15", "partly", "yes",
        "the rota; the team", "", "a message",
    )  # fmt: skip
    said = log("option")
    assert (said.code, said.err) == (0, "")
    assert "Noted: the option “fewer nights”, with 1 step (id " in said.out
    assert "is no lever; write one of" in said.out
    (found,) = options_of(told(case))[0]
    assert found.says.step[0].chance == (0.6, 0.8)
    assert [(one.lever, one.times, one.by) for one in found.says.changes] == [
        ("hours role:nurse", (0.5, 0.7), None),
        ("acts event:walk", None, (-2.0, -1.0)),
    ]
    assert found.says.cost.supporter.hours_a_week == (1.0, 2.0)
    assert found.says.benefit.supporter.points == (5.0, 15.0)
    assert (found.says.reversible, found.says.touches) == ("partly", ("the rota", "the team"))


def test_what_must_be_hidden_or_changes_nothing_is_said_at_once(log, comes):
    comes('name = "a trick"\ndisclosed_ok = false')
    said = log("option").out
    assert "so it can't be recommended" in said
    assert "what it leads to can't be worked out" in said


def test_an_option_is_set_aside_by_number_or_name_with_a_reason(log, comes, case):
    comes(OPTION)
    log("option")
    comes("it rains")
    assert "the option “a walk a day” is set aside" in log("option", "--set-aside", "A  Walk a day").out
    (found,) = options_of(told(case))[0]
    assert found.says.set_aside == "it rains"
    comes("it rains")
    said = log("option", "--set-aside", "1")
    assert said.code == 2
    assert "no option of yours is called '1'; there: none yet" in said.err
    comes("")
    assert log("option", "--set-aside", "x", "--file", "y.toml").code == 2


def test_what_comes_with_mainstay_can_be_set_aside_too(log, comes, case):
    comes("it says nothing to me")
    assert "“strain at a new high” is set aside" in log("scenario", "--set-aside", "strain at a new high").out
    (found,) = scenarios_of(told(case))[0]
    assert found.says.set_aside == "it says nothing to me"


def test_preferences_are_asked_for_by_number(log, typed, comes, case):
    comes(SCENARIO)
    log("scenario")
    comes(
        'order = ["other"]\nleast_chance = 0.4\nnever = ["her home"]\n'
        '[approach]\nnot_roles = ["nurse"]\n[budget]\nhours_a_week = 5'
    )
    log("preference")
    asked = typed("1 1", "", "", "nan", "5.5", "a message", "", "a call")
    said = log("preference")
    assert (said.code, said.err) == (0, "")
    assert "  1  nights given up" in said.out
    assert len(asked) == 8
    assert "Enter keeps her home" in asked[2]
    found = preference_of(told(case))[0].says
    assert (found.order, found.never, found.limit.rating) == (("nights given up",), ("her home",), 5.5)
    assert (found.approach.channel, found.approach.role, found.approach.not_channels) == (
        "a message",
        None,
        ("a call",),
    )


def test_a_leaning_and_a_decision_name_an_option_by_its_number(log, typed, comes, case):
    comes(OPTION)
    log("option")
    typed("3", "1", "it is near", "40-60")
    assert "by first feeling it would be “a walk a day”" in log("leaning").out
    assert leanings_of(told(case))[0][0].says.sure == (0.4, 0.6)
    later = TODAY + timedelta(days=28)
    typed("2", "", "", "yesterday", str(later))
    assert "“nothing is changed” was decided" in log("decision").out
    (made,) = decisions_of(told(case))[0]
    assert (made.says.option, made.says.look_again) == ("nothing is changed", later)
    comes('option = "a walk a day"\nlook_again = 2020-01-01')
    assert "is over; choose a day to come" in log("decision").err


@pytest.mark.parametrize("form", ["scenario", "option", "preference", "leaning", "decision"])
def test_hostile_text_is_refused_with_a_sentence_and_nothing_is_kept(log, comes, case, form):
    before = len(told(case).others)
    for text in ("", "name = ", 'name = "a\\u0000b"', "a = [" * 2000, "x" * 70_000, "surprise = 1"):
        comes(text)
        said = log(form)
        assert (said.code, said.out) == (2, "")
        assert len(said.err.splitlines()) == 1
    assert len(told(case).others) == before
