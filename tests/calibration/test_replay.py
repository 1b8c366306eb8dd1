"""The replay over many lives: the three statuses in order, other truths where there are others, riddles left alone."""

import pytest

from calibration import people
from calibration import replay as told_of
from calibration.replay import AFTER_THE_CALL, AFTER_THE_EVENING, BEFORE, END, replay

SEEDS = range(1, 21)
ENOUGH = 0.9
RIDDLES = ("peaks_only", "tied", "unlisted_cause", "vague_overwork")


def in_order(seed):
    before, called, tried = replay("two_roles", seed, BEFORE, AFTER_THE_CALL, AFTER_THE_EVENING)
    return told_of.before_the_call(before), told_of.after_the_call(called), told_of.after_the_evening(tried)


def before_its_time(seed):
    """Whether the end, or any other cause, is told at any of the months before the call."""
    months = replay("two_roles", seed, "2024-07-01", "2024-10-01", "2025-01-01", "2025-04-01", "2025-06-01")
    return any(one.leading or one.tried or told_of.NO_PART in one.shared for one in months)


def other_truths(seed):
    (warm,) = replay("warmth_restores", seed, END)
    (nothing,) = replay("nothing_restores", seed, END)
    return (
        warm.leading == (told_of.WARM_COMPANY,) and warm.shared[1] == told_of.WARM,
        not nothing.leading and nothing.shared[0] in {"not_found", "cannot_say"} and not nothing.tried,
    )


def riddle(name, seed):
    (told,) = replay("riddles", seed, END, folder=name)
    if name == "tied":
        return told.shared[0] == "tied" and told.overall in {"tied", "established_unexplained"}
    return not told.leading and told.overall in {"established_unexplained", "cannot_say", "not_found"}


def check_order(seeds):
    found = people.over(in_order, seeds)
    shares = [sum(one[k] for one in found) / len(found) for k in range(3)]
    print(f"before the call, after it, after the evening: {shares}")
    assert min(shares) >= ENOUGH


def test_a_life_is_told_in_order():
    check_order([1])


def test_in_other_lives_the_other_truth_comes_out():
    assert other_truths(2) == (True, True)


@pytest.mark.parametrize("name", RIDDLES)
def test_a_riddle_is_left_alone(name):
    assert riddle(name, 3)


@pytest.mark.long
def test_twenty_lives_are_told_in_order():
    check_order(SEEDS)


@pytest.mark.long
def test_the_end_is_told_in_none_of_twenty_lives_before_its_time():
    assert not any(people.over(before_its_time, SEEDS))


@pytest.mark.long
def test_in_twenty_other_lives_the_other_truth_comes_out():
    found = people.over(other_truths, SEEDS)
    shares = [sum(one[k] for one in found) / len(found) for k in range(2)]
    print(f"warmth, and nothing: {shares}")
    assert min(shares) >= ENOUGH


@pytest.mark.long
@pytest.mark.parametrize("name", RIDDLES)
def test_twenty_riddles_are_left_alone(name):
    found = [riddle(name, seed) for seed in SEEDS]
    print(f"{name}: {sum(found)} of {len(found)}")
    assert sum(found) >= ENOUGH * len(found)
