"""What is said of options: the story's five, what is withheld or not wanted, and what hostile or careless files do."""

import json
from typing import Any

import pytest

from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.report.answers import plain
from mainstay.worlds.two_roles_deciding import BRING_AN_OLD_FRIEND, TELL_A_COLLEAGUE, THE_INVITATION
from options.people import OPTIONS, PREFERENCE, Person, person

STRUCK = {
    "the mother moves to town": "never",
    "lean on a colleague": "cause",
    "bring the old friend": "steps",
    "the bait": "hidden",
}


@pytest.fixture(scope="module")
def one() -> Person:
    return person()


@pytest.fixture(scope="module")
def story(one: Person) -> dict[str, Answer]:
    return one.told()


def option(name: str, more: str = "") -> str:
    return f'name = "{name}"\ndisclosed_ok = true\n{more}'


def lever(text: str, move: str) -> str:
    return f'[[changes]]\nlever = "{text}"\n{move}\n'


def test_each_option_of_the_story_is_struck_out_for_its_reason_and_the_invitation_holds_up(
    story: dict[str, Answer],
) -> None:
    assert {name: story[name].detail["struck_by"][0]["limit"] for name in STRUCK} == STRUCK
    assert all(story[name].status == "struck_out" for name in STRUCK)
    for name in STRUCK:
        struck = story[name]
        assert isinstance(struck, Finding)
        assert struck.interval.low == struck.interval.high, "a range that somebody wrote is no interval"
    assert story["the open invitation"].status == "recommended"
    claim = story["the open invitation"].claim
    assert "costs you nothing whichever way it goes (it takes 3 to 5 hours a week and 0 to 5 points of the" in claim
    assert "if it is “role concealment” (nearly everybody sees only one side" in claim
    assert story["options"].status == "found"
    assert story["options"].detail["recommended"] == ["the open invitation"]


def test_it_is_told_that_the_invitation_is_no_sacrifice(story: dict[str, Answer]) -> None:
    invitation = story["the open invitation"]
    assert isinstance(invitation, Finding)
    assert "no sacrifice" in invitation.reason


def test_every_detail_is_fit_for_pages(story: dict[str, Answer]) -> None:
    for answer in story.values():
        json.dumps(plain(answer.detail), allow_nan=False)
    assert {"begins", "horizon_days", "nothing", "tornado", "explanations", "scenarios"} <= set(story["options"].detail)
    weighed = story["the open invitation"].detail
    assert {"expected", "gain", "strain", "by_explanation", "worst", "chance_best", "must_not"} <= set(weighed)


def test_the_same_record_tells_the_same(one: Person, story: dict[str, Answer]) -> None:
    again = one.told()
    assert plain(again["the open invitation"].detail) == plain(story["the open invitation"].detail)


def test_where_nothing_restores_the_invitation_may_not_help() -> None:
    told = person("nothing_restores").told()
    invitation = told["the open invitation"]
    assert invitation.status == "not_found"
    assert "may not help" in invitation.claim
    assert told["options"].status == "not_found"


def test_where_warmth_restores_the_invitation_may_not_help_and_the_colleague_is_not_struck_out() -> None:
    told = person("warmth_restores").told()
    assert "may not help" in told["the open invitation"].claim
    assert told["lean on a colleague"].status != "struck_out"
    gain = told["lean on a colleague"].detail["strain"]
    assert gain["points"] < told["the open invitation"].detail["strain"]["points"]


def test_withheld_forecasts_leave_limits_and_no_worth(one: Person) -> None:
    told = one.told(withheld="forecasts from this record were no better than its base rate")
    assert told["the bait"].status == "struck_out"
    invitation = told["the open invitation"]
    assert isinstance(invitation, CannotSay)
    assert "no better than its base rate" in invitation.reason
    assert "gain" not in invitation.detail
    assert isinstance(told["options"], CannotSay)


def test_without_a_fit_limits_still_hold(one: Person) -> None:
    refused = CannotSay("too few check-ins", would_change="more of them")
    told = {a.about: a for a in one.given(one.with_written(), fitted=refused)}
    assert told["the bait"].status == "struck_out"
    assert isinstance(told["the open invitation"], CannotSay)


def test_without_an_order_of_preference_nothing_is_said_of_worth(one: Person) -> None:
    harder = option("harder", lever("demands event:emergency", "by = [4, 6]"))
    limits = 'must_not = ["breakdown"]\n[limit]\nrating = 3.5\ndays = 5'
    told = one.told((THE_INVITATION, harder), limits)
    assert told["harder"].detail["struck_by"][0]["limit"] == "must_not"
    assert isinstance(told["the open invitation"], CannotSay)
    assert isinstance(told["options"], CannotSay)
    assert "which way it should rather turn out" in told["options"].reason
    assert "preference" in told["options"].would_change


def test_all_struck_out_is_said_and_what_would_have_to_change(one: Person) -> None:
    told = one.told((BRING_AN_OLD_FRIEND,))
    assert told["options"].status == "not_found"
    assert told["options"].claim.startswith("The one option on record is struck out")


def test_with_no_options_it_says_how_to_write_one_and_which_levers_are_established(one: Person) -> None:
    (told,) = one.given(one.with_written(()))
    assert isinstance(told, CannotSay)
    assert "mainstay log CASE option" in told.would_change
    levers = told.detail["levers"]
    assert levers == sorted(levers, key=lambda row: row["points"])
    assert {"acts contact:mother", "hours role:rescuer"} <= {row["lever"] for row in levers}
    assert not any("rival" in row["lever"] for row in levers)
    assert all(row["low"] <= row["points"] <= row["high"] for row in levers)
    assert levers[0]["points"] < 0.0


def test_with_no_options_and_forecasts_withheld_no_lever_is_told(one: Person) -> None:
    (told,) = one.given(one.with_written(()), withheld="no better than the base rate")
    assert told.detail["levers"] == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (lever("hours role:teacher", "by = [-5, -2]"), "no role “teacher” is on record"),
        (lever("demands event:the boss", "times = [0.5, 0.8]"), "no demand “the boss” is on record"),
        (lever("acts event:swimming", "by = [1, 2]"), "no event “swimming” is on record"),
        (lever("opportunity event:swimming", "times = [2, 3]"), "no refuge “swimming” is on record"),
        (lever("demands event:visit to mother", "times = [0.5, 0.8]"), "no demand “visit to mother” is on record"),
        (lever("acts contact:mother", "by = [-2, -1]"), "less of “mother” than now can't be followed"),
    ],
)
def test_what_is_not_on_record_is_told_in_words(one: Person, written: str, said: str) -> None:
    told = one.told((option("x", written), THE_INVITATION))
    assert isinstance(told["x"], CannotSay)
    assert said in told["x"].reason
    assert told["the open invitation"].status == "recommended"


def test_only_options_that_name_nothing_on_record(one: Person) -> None:
    told = one.told((option("x", lever("hours role:teacher", "by = [3, 3]")),))
    assert isinstance(told["options"], CannotSay)


def test_somebody_never_met_is_open_either_way(one: Person) -> None:
    told = one.told((option("x", lever("acts contact:a stranger", "by = [1, 2]")),))["x"]
    assert told.status == "not_found"
    assert any("a stranger" in note for note in told.detail["notes"])
    assert told.detail["strain"]["low"] < 0.0 < told.detail["strain"]["high"]


def test_a_cause_nobody_wrote_down_is_told_beside(one: Person) -> None:
    told = one.told(
        (THE_INVITATION + '[[changes]]\nlever = "hours self"\nby = [1, 1]\n', option("y", 'rests_on = ["moon"]'))
    )
    assert any("“moon”" in note for note in told["y"].detail["notes"])


def test_what_takes_effect_after_all_that_is_looked_ahead_says_so(one: Person) -> None:
    told = one.told((option("late", "after_weeks = 20\n" + lever("acts contact:mother", "by = [1, 2]")),))["late"]
    assert told.status == "not_found"
    assert any("takes effect only after the 91 days" in note for note in told.detail["notes"])


def test_what_would_be_worse_is_not_called_harmless(one: Person) -> None:
    preference = PREFERENCE.replace('must_not = ["breakdown"]\n', "")
    told = one.told((option("harder", lever("demands event:emergency", "by = [6, 8]")),), preference)["harder"]
    assert "costs nothing" not in told.claim


def test_an_option_that_changes_nothing_is_no_better_than_nothing(one: Person) -> None:
    told = one.told((option("x"), option("dear", "[cost.person]\npoints = [5, 9]")))
    assert told["x"].status == "not_found"
    assert told["x"].detail["gain"]["points"] == pytest.approx(0.0, abs=1e-9)
    assert told["dear"].status == "dominated"
    assert "leaving things as they are" in told["dear"].claim


def test_the_widest_ranges_are_weighed_and_nothing_is_claimed_of_them(one: Person) -> None:
    everything = option(
        "anything",
        '[[step]]\nwhat = "it works"\nchance = [0.01, 0.99]\n[cost.person]\npoints = [0, 100]\n'
        "hours_a_week = [0, 168]\n[benefit.person]\npoints = [0, 100]\n"
        + lever("hours role:reporter", "times = [0, 10]"),
    )
    assert one.told((everything,))["anything"].status in {"not_found", "dominated"}


def test_levers_that_contradict_each_other_are_refused_with_the_reason(one: Person) -> None:
    less = lever("demands event:emergency", "times = [0.3, 0.5]")
    both = one.told((option("both", less + lever("demands event:Emergency", "by = [2, 3]")),))["both"]
    assert isinstance(both, CannotSay)
    assert "it would make “emergency” both more and less" in both.reason
    assert "one lever for each thing" in both.would_change
    open_ended = option("open", less + lever("demands event:emergency", "by = [-2, 2]"))
    assert isinstance(one.told((open_ended,))["open"], Finding)


def test_a_great_many_options_are_weighed_together(one: Person) -> None:
    several = tuple(option(f"option {i}", lever("acts contact:rival", f"by = [0.5, {1 + i / 10}]")) for i in range(20))
    told = one.told(several)
    assert len(told) == 21
    within_a_point = [told[f"option {i}"].detail for i in range(20)]
    assert all(one["chance_best"] is None for one in within_a_point), "no chance to be the best among equals"


def test_options_that_cant_be_read_and_those_set_aside(one: Person) -> None:
    told = one.given(one.with_written((*OPTIONS, "name = 3", option("gone", 'set_aside = "no longer possible"'))))
    assert "gone" not in {a.about for a in told}
    assert any("can't be read" in a.reason for a in told if isinstance(a, CannotSay))


def test_what_must_not_happen_strikes_out_what_makes_it_likelier(one: Person) -> None:
    harder = option("harder", lever("demands event:emergency", "by = [4, 6]"))
    told = one.told((harder, THE_INVITATION))
    assert told["harder"].detail["struck_by"][0]["limit"] == "must_not"
    assert told["the open invitation"].status == "recommended"
    free: dict[str, Any] = one.told((harder,), PREFERENCE.replace('must_not = ["breakdown"]\n', ""))
    assert free["harder"].status in {"dominated", "not_found"}


def test_a_chance_that_is_allowed_takes_the_place_of_no_likelier_than_now(one: Person) -> None:
    lenient = PREFERENCE.replace("must_not = ", "must_not_chance = 0.99\nmust_not = ")
    told = one.told((TELL_A_COLLEAGUE, option("harder", lever("demands event:emergency", "by = [1, 1]"))), lenient)
    assert told["harder"].status != "struck_out"
