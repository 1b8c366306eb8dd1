"""Simulated people with a known truth: no notable bias, and 90 % intervals that hold it nine times in ten."""

import numpy as np
import pytest

from calibration import people, recovery


def one_person(seed):
    from mainstay.worlds.ordinary import ordinary_parameters

    return recovery.z_scores(people.person(seed, recording=(1.0, 1.0)), ordinary_parameters())


def check(n, bias):
    scores = people.over(one_person, range(1000, 1000 + n))
    assert all(scores), "a fit was refused"
    low, high = people.binomial_band(n, 0.90, len(scores[0]))
    for name in scores[0]:
        z = np.array([score[name] for score in scores])
        coverage = float(np.mean(np.abs(z) < recovery.Z90))
        print(f"{name:30s} mean z {z.mean():+.2f}  sd {z.std():.2f}  90 % interval holds the truth {coverage:.3f}")
        # growth and tone are nuisances whose truth, none, is the middle of their priors: intervals hold it oftener
        assert low <= coverage <= (1.0 if name.startswith(("growth", "tone")) else high), (name, coverage)
        # a prior that pulls by up to half an sd is stated in the prior, not a fault
        assert abs(z.mean()) < bias, (name, z.mean())


def test_sixteen_people_are_recovered():
    check(16, bias=1.0 + 3.0 / 4.0)


@pytest.mark.long
def test_two_hundred_people_are_recovered():
    check(200, bias=0.5)
