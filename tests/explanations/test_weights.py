"""Weights: they sum to one, their ranges are exact, and what leads is well ahead of a cause nobody listed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.explanations.weights import UNLISTED, Candidate, leading, unlisted, weigh

FOUR = (math.log(4.0),) * 3
logs = st.floats(-3.0, 3.0)
candidates = st.lists(
    st.builds(
        lambda low, more, a, b, c: Candidate("h", (low, min(low + more, 0.95)), (a, b, c), (min(a, b), max(a, b))),
        st.floats(0.01, 0.4), st.floats(0.0, 0.5), logs, logs, logs,
    ),
    min_size=1,
    max_size=3,
)  # fmt: skip


@given(candidates)
def test_weights_sum_to_one_and_lie_in_their_ranges(some):
    found = weigh([*some, unlisted()])
    assert sum(one.weight for one in found) == pytest.approx(1.0)
    assert all(one.low <= one.weight <= one.high for one in found)


@given(candidates)
def test_ranges_are_those_of_every_corner_of_the_box(some):
    every = [*some, unlisted()]
    corners = []
    for width in range(3):
        for ends in itertools.product((0.0, 1.0), repeat=len(every)):
            odds = np.array([math.exp(one.log_odds(width, end)) for one, end in zip(every, ends, strict=True)])
            corners.append(odds / odds.sum())
    found = weigh(every)
    assert np.allclose(np.min(corners, axis=0), [one.low for one in found])
    assert np.allclose(np.max(corners, axis=0), [one.high for one in found])


def lead(*some):
    every = [*some, unlisted()]
    return leading(every, weigh(every))


def test_one_prediction_that_clearly_came_true_leads_and_none_does_not():
    idle = Candidate("idle", (0.05, 0.25))
    assert lead(Candidate("a", (0.05, 0.25), FOUR), idle) == ("a",)
    assert lead(idle) == ()
    assert lead(Candidate("thought likely", (0.8, 0.9)), idle) == ()
    assert weigh([unlisted()])[0].name == UNLISTED


def test_what_holds_at_one_size_of_effects_only_does_not_lead():
    assert lead(Candidate("a", (0.05, 0.25), (math.log(4.0), math.log(4.0), math.log(1.5)))) == ()


def test_equal_evidence_is_tied_and_lesser_evidence_is_not():
    both = lead(Candidate("a", (0.05, 0.25), FOUR), Candidate("b", (0.05, 0.25), FOUR))
    assert both == ("a", "b")
    assert lead(Candidate("a", (0.05, 0.25), (5.0,) * 3), Candidate("b", (0.05, 0.25), FOUR)) == ("a",)
    assert lead(Candidate("a", (0.05, 0.25), FOUR), Candidate("likely, untested", (0.1, 0.4))) == ("a",)
