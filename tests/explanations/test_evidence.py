"""Evidence ratios: against brute force, and the laws they must keep."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.explanations.clauses_kinds import Compared, Measured, Measures, Unmeasured, question_of
from mainstay.explanations.evidence import (
    CHANCE,
    NOTHING,
    STATES,
    WIDTHS,
    Sizes,
    chance_of,
    company_log_ratio,
    forbidden,
    log_ratio,
    predicted,
    states,
)
from mainstay.explanations.evidence_scored import scored
from mainstay.quantities import Instant
from mainstay.records.statements_hypothesis import Clause, Hypothesis, HypothesisFile, StatedEvidence

GRID = np.linspace(-12.0, 12.0, 24001)
means = st.floats(-4.0, 4.0)
sds = st.floats(0.05, 2.0)


def one(mean, sd, usual=1.0):
    return Sizes(np.array([mean]), np.array([[sd * sd]]), np.array([usual]))


def density(state, usual):
    """What a size is expected to be in each state (n,)."""
    if state == "same":
        return np.exp(-0.5 * (GRID / (NOTHING * usual)) ** 2) / (NOTHING * usual * math.sqrt(2 * math.pi))
    x = GRID if state == "more" else -GRID
    return np.where(x > 0, x / usual**2 * np.exp(-0.5 * (x / usual) ** 2), 0.0)


@pytest.mark.parametrize(
    ("mean", "sd", "usual"), [(0.7, 0.4, 1.0), (-0.2, 0.15, 0.5), (2.0, 1.0, 0.75), (0.0, 0.3, 1.0)]
)
def test_ratios_equal_brute_force_over_the_size(mean, sd, usual):
    likelihood = np.exp(-0.5 * ((mean - GRID) / sd) ** 2)
    evidence = {state: float(np.trapezoid(density(state, usual) * likelihood, GRID)) for state in STATES}
    mixed = sum(CHANCE[state] * evidence[state] for state in STATES)
    for state in STATES:
        assert log_ratio(one(mean, sd, usual), {0: predicted(state)}) == pytest.approx(
            math.log(evidence[state] / mixed), abs=1e-4
        )
    others = mixed - CHANCE["more"] * evidence["more"]
    assert log_ratio(one(mean, sd, usual), {0: forbidden("more")}) == pytest.approx(
        math.log(others / mixed / 0.75), abs=1e-4
    )


@given(means, sds)
def test_what_comes_true_earns_a_bounded_factor_and_the_three_states_exhaust_what_can_be(mean, sd):
    sizes = one(mean, sd)
    assert log_ratio(sizes, {0: predicted("more")}) <= math.log(4.0) + 1e-9
    assert log_ratio(sizes, {0: predicted("same")}) <= math.log(2.0) + 1e-9
    assert log_ratio(sizes, {0: forbidden("more")}) <= math.log(4.0 / 3.0) + 1e-9
    assert sum(states(sizes, 0).values()) == pytest.approx(1.0, abs=1e-9)


@given(means, sds)
def test_turning_the_sign_round_turns_more_into_less(mean, sd):
    assert log_ratio(one(mean, sd), {0: predicted("more")}) == pytest.approx(
        log_ratio(one(-mean, sd), {0: predicted("less")}), abs=1e-9
    )


def test_what_comes_out_the_other_way_costs_without_bound():
    costs = [log_ratio(one(-1.0, sd), {0: predicted("more")}) for sd in (1.0, 0.3, 0.1)]
    assert costs[0] > costs[1] > costs[2]
    assert costs[2] < -10.0
    assert log_ratio(one(1.0, 0.1), {0: forbidden("more")}) < -10.0


def test_a_size_that_is_hardly_known_says_hardly_anything():
    for state in STATES:
        assert abs(log_ratio(one(0.5, 20.0), {0: predicted(state)})) < 0.1


def test_two_sizes_that_cannot_be_told_apart_do_not_earn_twice():
    sizes = Sizes(np.array([0.5, 0.5]), np.array([[0.25, -0.245], [-0.245, 0.25]]), np.ones(2))
    both = log_ratio(sizes, {0: predicted("more"), 1: predicted("more")})
    each = log_ratio(sizes, {0: predicted("more")})
    assert each > math.log(2.0)
    assert both < 2.0 * each - 0.5
    apart = Sizes(np.array([2.0, 2.0]), np.diag([0.01, 0.01]), np.ones(2))
    assert log_ratio(apart, {0: predicted("more"), 1: predicted("more")}) == pytest.approx(2 * math.log(4.0), abs=0.01)


def test_company_counts_by_its_own_ratio_and_what_is_forbidden_by_the_rest():
    assert company_log_ratio(2.5, predicted("more")) == 2.5
    assert company_log_ratio(2.5, forbidden("more")) < -1.0
    assert company_log_ratio(-3.0, forbidden("more")) == pytest.approx(math.log(1.0 / 0.75), abs=0.02)
    assert company_log_ratio(0.0, predicted("less")) == pytest.approx(0.0)
    assert chance_of(forbidden("same")) == 0.5


MORE = Clause(stream="strain", direction="more", when="after tag:x", words="strain jumps")
LESS = Clause(stream="strain", direction="less", when="after tag:x")
ELSEWHERE = Clause(stream="strain", direction="more", when="after tag:y")


def measured(mean, place=0, occasions=20):
    return Measured(mean, 0.1, 0.75, "steps", 20, "strain came out so", "strain", place, occasions)


def held(predicts, forbids, found, sizes, **more):
    says = HypothesisFile(name="h", cause="c", predicts=tuple(predicts), forbids=tuple(forbids), **more)
    measures = Measures({question_of(clause, None): answer for clause, answer in found}, {"strain": sizes})
    return scored(Hypothesis("", None, says), measures)


def test_one_measurement_in_two_clauses_counts_once():
    sizes = one(1.0, 0.1, 0.75)
    alone = held([MORE], [ELSEWHERE], [(MORE, measured(1.0)), (ELSEWHERE, Unmeasured("not on record"))], sizes)
    twice = held([MORE], [LESS], [(MORE, measured(1.0)), (LESS, measured(1.0))], sizes)
    assert len(twice.observed) == 1
    assert twice.candidate.logs == pytest.approx(alone.candidate.logs)


def test_what_forbids_nothing_or_contradicts_itself_is_parked():
    sizes = one(1.0, 0.1, 0.75)
    assert "nothing could speak against it" in held([MORE], [], [(MORE, measured(1.0))], sizes).parked
    contradicts = held([MORE], [MORE], [(MORE, measured(1.0))], sizes)
    assert "can't both be so" in contradicts.parked
    never = [(MORE, measured(1.0)), (ELSEWHERE, Unmeasured("no record could", never=True))]
    assert "can't be seen in any record" in held([MORE], [ELSEWHERE], never, sizes).parked
    later = [(MORE, measured(1.0)), (ELSEWHERE, Unmeasured("not yet"))]
    assert not held([MORE], [ELSEWHERE], later, sizes).parked


def test_what_speaks_against_is_named_and_few_occasions_make_a_candidate():
    sizes = one(-1.0, 0.1, 0.75)
    spoken = held([MORE], [LESS], [(MORE, measured(-1.0)), (LESS, measured(-1.0))], sizes)
    assert spoken.against is spoken.observed[0]
    assert spoken.best is None
    seen = [(MORE, measured(1.0, occasions=1)), (LESS, measured(1.0, occasions=1))]
    assert held([MORE], [LESS], seen, one(1.0, 0.1, 0.75)).rests_on_little == "it rests on one occasion"


def test_ratios_stated_by_hand_enter_as_a_range():
    stated = (StatedEvidence(what="she said so", ratio=(2.0, 8.0), on=date(2026, 1, 1)),)
    found = held([], [LESS], [(LESS, Unmeasured("not on record"))], one(0.0, 1.0), evidence=stated)
    assert found.candidate.stated == pytest.approx((math.log(2.0), math.log(8.0)))
    assert found.candidate.evidence == pytest.approx(math.log(4.0))
    assert not found.untested


def test_company_that_fits_by_chance_or_was_met_by_nobody_new_is_a_candidate_only():
    clause = Clause(stream="relief", direction="more", when="in company:warm")
    against = Clause(stream="relief", direction="less", when="in company:warm")
    known = Instant.parse("2026-03-01T00:00+00:00")

    def shown(tested, chance):
        seen = Compared("warm", (2.0,) * len(WIDTHS), 6, "warm company eases more", known, tested, ("a",), chance)
        return held([clause], [against], [(clause, seen), (against, seen)], one(0.0, 1.0))

    assert "known only since 1 March 2026" in shown((), 0.01).rests_on_little
    assert "by chance" in shown(("a",), 0.1).rests_on_little
    assert shown(("a",), 0.01).rests_on_little == ""
