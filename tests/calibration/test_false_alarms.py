"""Nulls first: people whose threshold does not move, looked at again and again, and records that only got denser."""

import pytest

from calibration import people

MONTH = 365.25 / 12


def alarms(timeline):
    """Which of the alarms of `tell` sound on a timeline: the threshold, and fading relief."""
    from mainstay import strain

    fitted = strain.fit(timeline)
    told = strain.answers(timeline, fitted)
    threshold = any(a.row == "S11" and a.status == "found" and a.estimate > 1 for a in told)
    fading = any(a.quantity == "change in the share eased" and a.status == "found" and a.estimate < 0 for a in told)
    return threshold, fading


def looked_at_every_other_month(seed):
    """One null person (no drift; relief fades as it does): does the threshold ever alarm in eighteen months?"""
    for month in range(4, 19, 2):
        timeline = people.person(seed, days=18 * MONTH, drift=0.0, recording=(1.0, 1.0), as_of_days=month * MONTH)
        if alarms(timeline)[0]:
            return True
    return False


def denser_only(seed):
    return alarms(people.person(seed, days=730.0, drift=0.0, recording=(0.3, 1.0)))[0]


def denser_for_eighteen_months(seed):
    return alarms(people.person(seed, days=540.0, drift=0.0, recording=(0.3, 1.0)))[0]


def load_that_triples(seed):
    return alarms(people.person(seed, days=365.0, drift=0.0, recording=(1.0, 1.0), load_growth=3.0))[0]


def ordinary_for_two_years(seed):
    return alarms(people.person(seed, days=730.0, drift=0.0, recording=(1.0, 1.0)))[0]


def hidden_noise(seed):
    return alarms(people.person(seed, days=365.0, drift=0.0, noise=1.0, recording=(1.0, 1.0)))[0]


def answered_less_when_strained(seed):
    return alarms(people.unanswered(seed, growing=False))[0]


def answered_less_and_less_when_strained(seed):
    return alarms(people.unanswered(seed, growing=True))[0]


def denser_with_controls(seed):
    return alarms(people.controlled(seed))[0]


def denser_against_its_log(seed):
    return alarms(people.controlled(seed, days=365.0, recording=(0.2, 1.0), stated=0.95))[0]


def relief_that_fades_fast(seed):
    return alarms(people.person(seed, days=730.0, drift=0.0, fading=2.0, recording=(1.0, 1.0)))[0]


def acts_alone(seed):
    return alarms(people.person(seed, days=730.0, drift=0.0, check_ins_per_day=0, recording=(1.0, 1.0)))[0]


NULLS = {
    one.__name__: one
    for one in (
        denser_only,
        load_that_triples,
        ordinary_for_two_years,
        hidden_noise,
        answered_less_when_strained,
        answered_less_and_less_when_strained,
        denser_with_controls,
        denser_against_its_log,
        relief_that_fades_fast,
        acts_alone,
    )
}


def quiet(work, n, budget, seed):
    """Observed false alarms over n null people: their count stays within what the budget allows 99 times in 100."""
    from scipy.stats import binom

    sounded = sum(people.over(work, range(seed, seed + n)))
    print(f"{work.__name__}: {sounded} of {n} sounded; budget {budget}")
    assert sounded <= binom.ppf(0.99, n, budget)


def test_four_denser_diaries_stay_quiet():
    quiet(denser_for_eighteen_months, 4, 0.03, 60_000)


@pytest.mark.long
def test_repeated_looks_at_nulls_stay_within_the_budget():
    quiet(looked_at_every_other_month, 200, 0.03, 20_000)


@pytest.mark.long
@pytest.mark.parametrize("null", NULLS)
def test_every_null_stays_within_the_budget(null):
    """A year or two each: 2,400 to 4,800 person-months for every null."""
    quiet(NULLS[null], 200, 0.03, 60_000)
