"""Checks of the fit: people of the model are hardly ever accused, and departures from it are found and named."""

import pytest

from calibration import departures, people

DEPARTURES = {
    "moods of four hours, all of the noise": ({"moods": (0.999, 4.0)}, 0.9),
    "moods of two hours, two thirds of the noise": ({"moods": (0.8, 2.0)}, 0.9),
    "moods of four hours, two thirds of the noise": ({"moods": (0.8, 4.0)}, 0.9),
    "moods of six hours, two thirds of the noise": ({"moods": (0.8, 6.0)}, 0.75),
    "moods of four hours, a third of the noise": ({"moods": (0.6, 4.0)}, 0.2),
    "an appointment on three Fridays in ten": ({"weekly": 0.3}, 0.6),
    "impossible from nine to five": ({"closed_hours": (9.0, 17.0)}, 0.9),
    "impossible from six to ten in the evening": ({"closed_hours": (18.0, 22.0)}, 0.02),
    "an act triples the next for six hours": ({"memory": (2.0, 0.25)}, 0.2),
    "a third of load fades in a week": ({"slow": (0.3, 7.0)}, 0.5),
    "half of load fades in a week": ({"slow": (0.5, 7.0)}, 0.5),
}
"""Each with the least share in which it must be found: measured, less what forty people may miss by chance."""


def failed(timeline):
    """What the failed checks of a timeline's fit are about and of which kind."""
    from mainstay import strain
    from mainstay.strain.criticise import criticise

    return [(check.refuge, check.kind) for check in criticise(timeline, strain.fit(timeline)) if check.failed]


def ordinary(seed):
    return failed(people.person(seed, recording=(1.0, 1.0)))


def nine_in_ten(seed):
    return failed(people.person(seed, recording=(0.9, 0.9)))


def twice_a_day(seed):
    return failed(people.person(seed, recording=(1.0, 1.0), check_ins_per_day=2))


def denser(seed):
    return failed(people.person(seed, days=540.0, recording=(0.3, 1.0)))


def accused(work, n, seed, rate):
    """How many people of the model are accused: no more than a rate would give 99 times in 100."""
    from scipy.stats import binom

    found = people.over(work, range(seed, seed + n))
    print(f"{work.__name__}: {sum(map(bool, found))} of {n} accused: {[one for one in found if one]}")
    assert sum(map(bool, found)) <= binom.ppf(0.99, n, rate)


def departed(name, seed):
    return failed(departures.departed(seed, **DEPARTURES[name][0]))


def test_six_ordinary_people_are_hardly_accused():
    accused(ordinary, 6, 30_000, 0.02)


@pytest.mark.long
@pytest.mark.parametrize("work", [ordinary, nine_in_ten, twice_a_day, denser])
def test_people_of_the_model_are_accused_in_two_of_a_hundred_at_most(work):
    accused(work, 200, 50_000, 0.02)


@pytest.mark.long
@pytest.mark.parametrize("name", DEPARTURES)
def test_departures_are_found(name):
    from functools import partial

    n = 40
    found = people.over(partial(departed, name), range(100, 100 + n))
    kinds = sorted({one for each in found for one in each})
    share = sum(map(bool, found)) / n
    print(f"{name}: found in {share:.2f}; by {[(k, sum(k in each for each in found)) for k in kinds]}")
    assert share >= DEPARTURES[name][1]
