"""Check-ins and acts that have nothing to do with each other: no refuge is told as sought under strain."""

from functools import partial

import pytest

from calibration import people, unrelated

WITHOUT_COURSE = ("white", "white_for_three_months", "white_from_day_120", "by_day_only", "shuffled", "two_seasons")
"""Those in whom nothing fades from one day to the next either: a half-life is false."""

ENOUGH = {
    "a year": {},
    "two check-ins a day": {"check_ins_per_day": 2},
    "one check-in a day": {"check_ins_per_day": 1},
    "one check-in on three days in ten": {"check_ins_per_day": 1, "answered": 0.3},
    "three months of two a day": {"check_ins_per_day": 2, "days": 91.0},
    "two months of two a day": {"check_ins_per_day": 2, "days": 60.0},
}
"""Ordinary people of whom a pull of e a step is told still, by their schedule."""


def told(timeline):
    """How many pulls are told as found, and whether a half-life and a threshold are."""
    from mainstay import strain

    found = [a for a in strain.answers(timeline, strain.fit(timeline)) if a.status == "found"]
    pulls = sum(a.row == "S10" for a in found)
    return pulls, any(a.about == "recovery" for a in found), any(a.row == "S11" for a in found)


def of_null(name, seed):
    return told(unrelated.ALL[name](seed))


def before_and_after(name, seed):
    """Pulls and half-lives that the fit alone would tell of a person, and how many of them the check-ins bear out."""
    import math

    from mainstay import strain
    from mainstay.strain.judge import Z90, verdict
    from mainstay.strain.refuges import MATERIAL_PULL

    schedule = {"recording": (1.0, 1.0), **ENOUGH[name]}
    timeline = people.person(seed, **schedule)
    fitted = strain.fit(timeline)
    labels = fitted.data.refuges
    pulls = sum(verdict(*fitted.marginal("pull", k), MATERIAL_PULL, len(labels)) == "found" for k in labels)
    half_life = Z90 * fitted.marginal("log_recovery_rate")[1] <= math.log(2.5)
    kept, kept_half_life, _ = told(timeline)
    return pulls, kept, half_life, kept_half_life


@pytest.mark.parametrize("name", ["white", "two_seasons", "by_day_only", "shuffled"])
def test_two_people_without_any_pull_are_told_of_none(name):
    assert [of_null(name, seed)[0] for seed in (70_000, 70_001)] == [0, 0]


@pytest.mark.long
@pytest.mark.parametrize("name", unrelated.ALL)
def test_unrelated_acts_are_hardly_ever_told_as_sought_under_strain(name):
    n = 100
    found = people.over(partial(of_null, name), range(70_000, 70_000 + n))
    pulls, half_lives, thresholds = (sum(map(bool, column)) for column in zip(*found, strict=True))
    print(f"{name}: a pull in {pulls}, a half-life in {half_lives}, a threshold in {thresholds} of {n}")
    assert pulls <= 5
    assert thresholds <= 1
    if name in WITHOUT_COURSE:
        assert half_lives <= 10


@pytest.mark.long
@pytest.mark.parametrize("name", ENOUGH)
def test_pulls_and_half_lives_that_are_there_are_told_still(name):
    n = 60
    found = people.over(partial(before_and_after, name), range(71_000, 71_000 + n))
    pulls, kept, half_lives, kept_half_lives = (sum(column) for column in zip(*found, strict=True))
    print(f"{name}: {kept} of {pulls} pulls, {kept_half_lives} of {half_lives} half-lives")
    assert kept >= 0.95 * pulls
    assert kept_half_lives >= 0.95 * half_lives
