"""What strikes an option out: each limit, their order, and what would have to change."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.options.limits import ORDER, Causes, as_range, chance_of_all_steps, strikes
from mainstay.records.statements import parsed
from mainstay.records.statements_option import OptionFile
from mainstay.records.statements_preference import PreferenceFile
from mainstay.worlds import two_roles_deciding as story

WISHES = parsed(story.PREFERENCE, PreferenceFile, "preference")
AGAINST_WARMTH = Causes(frozenset({"too little warm company"}), {}, ("too little warm company", "role concealment"))


def option(**more: Any) -> OptionFile:
    return OptionFile(**{"name": "an option", "disclosed_ok": True, **more})


def only(found: tuple) -> Any:
    (one,) = found
    return one


def step(*chances: tuple[float, float]) -> tuple[dict[str, Any], ...]:
    return tuple({"what": f"step {i}", "chance": chance} for i, chance in enumerate(chances))


@pytest.mark.parametrize(
    ("toml", "limit", "reason"),
    [
        (story.THE_MOTHER_MOVES, "never", "it would touch “her home”, which must not be touched"),
        (
            story.TELL_A_COLLEAGUE,
            "cause",
            "it rests on “too little warm company”, which the records speak against",
        ),
        (story.BRING_AN_OLD_FRIEND, "steps", "too many steps that must all succeed: .28–.41"),
        (story.THE_BAIT, "hidden", "it would have to be hidden to work"),
    ],
)
def test_each_option_of_the_story_is_struck_out_for_its_stated_reason(toml: str, limit: str, reason: str) -> None:
    first = strikes(parsed(toml, OptionFile, "option"), WISHES, AGAINST_WARMTH)[0]
    assert (first.limit, first.reason) == (limit, reason)
    assert first.change


def test_the_open_invitation_breaks_no_limit() -> None:
    assert strikes(parsed(story.THE_INVITATION, OptionFile, "option"), WISHES, AGAINST_WARMTH) == ()


def test_what_must_be_hidden_is_struck_out_whatever_the_preferences_say() -> None:
    hidden = only(strikes(option(disclosed_ok=False), PreferenceFile(least_chance=0.001), Causes()))
    assert hidden.limit == "hidden"


def test_the_first_limit_is_the_reason_and_the_others_stand_beside_it_in_order() -> None:
    everything = option(
        disclosed_ok=False,
        touches=("her home",),
        step=step((0.1, 0.2)),
        needs=("a car",),
        rests_on=("too little warm company",),
        cost={"supporter": {"hours_a_week": (7, 9), "money_a_month": (501, 600)}},
        channel="phone",
    )
    wishes = parsed(story.PREFERENCE + '[approach]\nnot_channels = ["Phone"]', PreferenceFile, "preference")
    found = strikes(everything, wishes, AGAINST_WARMTH)
    assert [one.limit for one in found] == list(ORDER[:-1])


def test_all_steps_together_are_judged_at_their_best() -> None:
    assert strikes(option(step=step((0.1, 0.7), (0.2, 0.8))), WISHES, Causes()) == ()
    assert only(strikes(option(step=step((0.1, 0.7), (0.2, 0.7))), WISHES, Causes())).limit == "steps"


def test_without_a_limit_of_ones_own_half_is_the_least_chance_and_that_is_said() -> None:
    one = only(strikes(option(step=step((0.1, 0.4))), PreferenceFile(), Causes()))
    assert one.reason == "it is too unlikely to succeed: .10–.40"
    assert "usual limit" in one.change
    assert ".50" in one.change
    assert strikes(option(step=step((0.1, 0.4))), PreferenceFile(least_chance=0.3), Causes()) == ()


@pytest.mark.parametrize(
    ("low", "high", "told"), [(0.281, 0.411, ".28–.41"), (0.3, 0.3, ".30"), (0.001, 0.9999, "under .01–1")]
)
def test_chances_are_told_as_ranges(low: float, high: float, told: str) -> None:
    assert as_range(low, high) == told


@pytest.mark.parametrize("touched", ["her home", "Her_Home", "her home in the village"])
def test_what_must_not_be_touched_is_meant_however_it_is_written(touched: str) -> None:
    assert only(strikes(option(touches=(touched,)), WISHES, Causes())).limit == "never"


def test_what_only_sounds_alike_is_not_struck_out() -> None:
    assert strikes(option(touches=("her homework",)), WISHES, Causes()) == ()


def test_needs_that_are_met_strike_nothing_out() -> None:
    assert strikes(option(needs=("a car",), met=("a car",)), WISHES, Causes()) == ()
    one = only(strikes(option(needs=("a car", "a key"), met=("a car",)), WISHES, Causes()))
    assert one.reason == "it needs “a key”, which is not there yet"


def test_a_cause_that_was_set_aside_carries_nothing() -> None:
    aside = Causes(aside={"sleep": "the watch says otherwise"}, known=("sleep",))
    one = only(strikes(option(rests_on=("Sleep",)), WISHES, aside))
    assert one.reason == "it rests on “Sleep”, set aside as “the watch says otherwise”"


def test_a_cause_nobody_wrote_down_strikes_nothing_out() -> None:
    assert strikes(option(rests_on=("the moon",)), WISHES, AGAINST_WARMTH) == ()
    assert not AGAINST_WARMTH.on_record("the moon")
    assert AGAINST_WARMTH.on_record("Role_concealment")


def test_a_budget_is_judged_by_the_least_it_takes() -> None:
    within = option(cost={"supporter": {"hours_a_week": (5, 9)}})
    assert strikes(within, WISHES, Causes()) == ()
    over = only(strikes(option(cost={"supporter": {"hours_a_week": (7, 9)}}), WISHES, Causes()))
    assert over.reason == "it takes at least 7 hours a week of the 6 that the supporter can give"


chances = st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(chances, max_size=12), chances)
def test_one_step_more_never_makes_success_likelier(
    steps: list[tuple[float, float]], more: tuple[float, float]
) -> None:
    low, high = chance_of_all_steps(option(step=step(*steps[:11])))
    lower, higher = chance_of_all_steps(option(step=step(*steps[:11], more)))
    assert 0.0 <= lower <= low <= 1.0
    assert lower <= higher <= high <= 1.0
