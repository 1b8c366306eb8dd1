"""Expected losses from stated ranges: against every combination on a grid, and what the choice depends on."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mainstay.notice.concern_losses import weighed
from mainstay.records.statements_concern import COURSES, Harm, Harms


def ends(low, high):
    return some.tuples(some.integers(low, high), some.integers(low, high)).map(
        lambda two: tuple(sorted(map(float, two)))
    )


CHANCES = ends(0, 20).map(lambda two: (two[0] / 20, two[1] / 20))
HARM = some.builds(lambda so, no: Harm(if_so=so, if_not=no), ends(0, 100), ends(0, 100))
HARMS = some.builds(lambda w, lo, a: Harms(waiting=w, looking=lo, acting=a), HARM, HARM, HARM)


def every_corner(likely, harm):
    """Losses (points, courses) at a grid of chances and every corner of the harms: the slow, obvious way."""
    courses = [getattr(harm, one) for one in COURSES]
    corners = list(itertools.product(*(side for one in courses for side in (one.if_so, one.if_not))))
    harms = np.array(corners)
    found = []
    for p in np.linspace(*likely, 9):
        found.append(p * harms[:, 0::2] + (1 - p) * harms[:, 1::2])
    return np.concatenate(found)


@settings(max_examples=200, deadline=None)
@given(CHANCES, HARMS)
def test_ranges_and_the_least_are_those_of_every_combination(likely, harm):
    found = weighed(likely, harm)
    losses = every_corner(likely, harm)
    for k, course in enumerate(COURSES):
        assert found.loss[course] == pytest.approx((losses[:, k].min(), losses[:, k].max()))
    never_dearer = [bool((losses[:, k] <= losses.min(axis=1) + 1e-6).all()) for k in range(3)]
    assert found.least == next((one for one, yes in zip(COURSES, never_dearer, strict=True) if yes), None)
    for k in np.unique(losses.argmin(axis=1)):
        assert COURSES[k] in found.could
    assert found.could
    assert found.least is None or found.least in found.could


def harms(waiting, looking, acting):
    sides = [Harm(if_so=so, if_not=no) for so, no in (waiting, looking, acting)]
    return Harms(waiting=sides[0], looking=sides[1], acting=sides[2])


def test_it_depends_on_how_likely_it_is():
    found = weighed((0.1, 0.9), harms(((60, 60), (0, 0)), ((30, 30), (10, 10)), ((10, 10), (40, 40))))
    assert found.least is None
    assert found.could == COURSES
    assert [course for course, _ in found.turns] == ["waiting", "looking", "acting"]
    assert found.turns[0][1] == pytest.approx(0.25)
    assert found.turns[1][1] == pytest.approx(0.6)


def test_it_hinges_on_one_harm():
    found = weighed((0.3, 0.3), harms(((10, 90), (0, 0)), ((30, 30), (10, 10)), ((90, 90), (90, 90))))
    assert found.least is None
    assert found.could == ("waiting", "looking")
    assert len(found.turns) == 1
    assert found.hinges == (("waiting", "if_so"),)


def test_of_equals_the_gentlest_is_least():
    same = ((5, 5), (5, 5))
    assert weighed((0.0, 1.0), harms(same, same, same)).least == "waiting"


def test_a_worry_that_is_sure_turns_on_nothing_but_harms():
    found = weighed((1.0, 1.0), harms(((50, 60), (0, 0)), ((20, 30), (100, 100)), ((31, 40), (0, 0))))
    assert found.least == "looking"
    assert found.loss["looking"] == (20.0, 30.0)
    assert found.turns == (("looking", 1.0),)
