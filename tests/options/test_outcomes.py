"""What an option moves by explanation, how simulated draws are settled, and what becomes of options by their worth."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.futures.paths import Lever
from mainstay.options.outcomes import Outcome, _closer, _kept
from mainstay.options.outcomes_harm import Harm, harm_of, least_strain
from mainstay.options.outcomes_judged import Judged, Judging, compared_options, judged, must_not_strike, strain_strike
from mainstay.options.outcomes_levers import NEVER_MET, Met, Moved, carried_over, standings
from mainstay.options.worth import Question
from mainstay.patterns.shared_shares import EASING, EASING_SD, Eased
from mainstay.quantities import Instant
from mainstay.records.statements_option import OptionFile
from mainstay.records.statements_preference import Budget
from options.people import person

KNOWN = Instant.parse("2024-01-08T00:00+01:00")


def company(name: str, share: float, sd: float, *attributes: str) -> Eased:
    return Eased(
        name=name,
        contacts=(name,),
        events=("visit",),
        n=20,
        share=share,
        share_sd=sd,
        strain_before=2.0,
        attributes=dict.fromkeys(attributes, KNOWN),
        since={},
        first_met=KNOWN,
        parts=(),
        labels_differ=False,
    )


def met(*companies: Eased) -> Met:
    covariance = np.diag([one.share_sd**2 for one in companies])
    attributes = {one.name.casefold(): frozenset(one.attributes) for one in companies}
    return Met(companies, covariance, attributes | {"a newcomer": frozenset({"at ease"})}, {})


TWO = met(company("Ann", 0.5, 0.02, "at ease", "warm"), company("Bob", 0.3, 0.02, "at ease"), company("Cy", 0.0, 0.02))


def test_what_company_has_in_common_is_the_posterior_mean_of_the_hierarchical_model() -> None:
    mean, sd = TWO.in_common("at ease")
    precision = 2.0 / (EASING_SD**2 + 0.02**2)
    expected = (precision * 0.4 + EASING / EASING_SD**2) / (precision + EASING_SD**-2)
    assert mean == pytest.approx(expected)
    assert sd == pytest.approx(math.hypot((precision + EASING_SD**-2) ** -0.5, EASING_SD))


def test_the_attribute_counts_where_a_cause_says_so_and_the_own_record_elsewhere() -> None:
    assert TWO.of("bob", "at_ease") == TWO.in_common("at ease")
    assert TWO.of("Bob", None) == pytest.approx(carried_over(0.3, math.hypot(0.02, 0.05)))
    assert TWO.of("Cy", "at ease")[0] == pytest.approx(0.0, abs=1e-9)
    assert TWO.of("a newcomer", "at ease") == TWO.in_common("at ease")


def test_company_known_not_to_ease_is_an_exception_to_the_attribute() -> None:
    three = met(company("Ann", 0.5, 0.02, "at ease"), company("Di", 0.02, 0.02, "at ease"), company("Cy", 0.0, 0.02))
    assert three.of("Di", "at ease") == three.of("Di", None)
    assert three.of("Ann", "at ease") == three.in_common("at ease")


def test_somebody_never_met_is_open_either_way() -> None:
    assert TWO.of("a stranger", None) == NEVER_MET
    assert TWO.of("a newcomer", "warm") == NEVER_MET
    assert met(company("Cy", 0.0, 0.1)).in_common("at ease") == (EASING, math.hypot(EASING_SD, EASING_SD))


def test_company_by_attribute() -> None:
    assert TWO.with_attribute("at ease", "at ease") == TWO.in_common("at ease")
    mean, _ = TWO.with_attribute("at ease", "warm")
    assert 0.0 < mean < 0.5 * 0.5
    assert TWO.with_attribute("nobody has it", None) == NEVER_MET


def test_what_carries_over_is_the_mean_and_sd_of_the_product_it_stands_for() -> None:
    rng = np.random.default_rng(1)
    share, sd = 0.4, 0.1
    keep = EASING_SD**2 / (EASING_SD**2 + sd**2)
    told = keep * share + math.sqrt(keep) * sd * rng.standard_normal(400_000)
    drawn = rng.random(400_000) * told + 0.05 * rng.standard_normal(400_000)
    mean, spread = carried_over(share, sd)
    assert mean == pytest.approx(drawn.mean(), abs=1e-3)
    assert spread == pytest.approx(drawn.std(), abs=1e-3)


@given(st.floats(-1.0, 1.0), st.floats(0.01, 2.0))
def test_no_more_is_carried_over_than_half_of_what_was_seen(mean: float, sd: float) -> None:
    told, spread = carried_over(mean, sd)
    assert abs(told) <= 0.5 * abs(mean) + 1e-12
    assert spread >= 0.05


def test_a_lever_lies_between_its_ends() -> None:
    moved = Moved("hours", "work", (0.5, 1.0), (-2.0, 4.0), None, 7.0)
    assert moved.at(0.0) == Lever("hours", "work", 0.5, -2.0, None, 7.0)
    assert moved.at(0.5) == Lever("hours", "work", 0.75, 1.0, None, 7.0)
    assert moved.at(1.0) == Lever("hours", "work", 1.0, 4.0, None, 7.0)


def test_causes_that_say_the_same_stand_together_and_their_weights_sum_to_one() -> None:
    found = standings(person().explained)
    assert sum(one.weight for one in found) == pytest.approx(1.0)
    assert all(one.low <= one.weight <= one.high for one in found)
    by_attribute = {one.restores: one for one in found}
    assert by_attribute["no_part_to_play"].causes == ("role concealment",)
    assert by_attribute["no_part_to_play"].stands
    assert not by_attribute["warm"].stands
    assert "an unlisted cause" in by_attribute[None].causes
    assert standings(None)[0].weight == 1.0


def test_the_scatter_of_paths_is_taken_out_of_the_spread_between_draws() -> None:
    rng = np.random.default_rng(2)
    draws, each, between = 400, 20, 0.3
    draw_of = np.repeat(np.arange(draws), each)
    truth = between * rng.standard_normal(draws)
    values = truth[draw_of] + rng.standard_normal(draws * each)
    means = np.bincount(draw_of, weights=values) / each
    settled = _closer(means, _kept(values, draw_of))
    assert means.std() > 1.15 * between
    assert settled.std() == pytest.approx(between, rel=0.1)
    assert settled.mean() == pytest.approx(means.mean())
    noise = rng.standard_normal(draws * each)
    assert _closer(np.bincount(draw_of, weights=noise) / each, _kept(noise, draw_of)).std() < 0.12


def test_what_lies_between_the_ends_of_an_option_is_a_straight_line() -> None:
    outcome = Outcome(np.array([[[0.0, 0.0]], [[0.2, -0.2]]]), np.array([[0.0], [-0.4]]), np.zeros((2, 2, 2)))
    chances, strain = outcome.at(np.array([0.25]))
    np.testing.assert_allclose(chances, [[0.05, -0.05]])
    np.testing.assert_allclose(strain, [-0.1])


FREE = {"person": {"points": (0, 0)}}
BUDGET = Budget(hours_a_week=6.0, money_a_month=100.0)


def option(name: str = "x", **more: Any) -> OptionFile:
    return OptionFile(**{"name": name, "disclosed_ok": True, "cost": FREE, **more})


def asked(*bad: tuple[float, float], costs: tuple[tuple[float, float], ...] = ()) -> Question:
    """Two scenarios, good and bad, two explanations; `bad`: the chance of the bad one with each option, 0.4 without."""
    rng = np.random.default_rng(3)
    rows = np.array([(0.4, 0.4), *bad])[:, :, None] + 0.005 * rng.standard_normal((1, 1, 500))
    chances = np.stack([1.0 - rows, rows], axis=3)
    return Question(
        chances=chances,
        nothing=0,
        values=np.tile([100.0, 0.0], (10, 1)),
        weights=np.array([0.5, 0.5]),
        weight_ranges=np.array([(0.1, 0.9), (0.1, 0.9)]),
        success=np.ones((len(rows), 2)),
        costs=np.array([(0.0, 0.0), *(costs or ((0.0, 0.0),) * len(bad))]),
        must_not=np.array([False, True]),
    )


def results(question: Question, options: list[OptionFile], strain: float = 0.0, **more: Any) -> tuple[Judged, ...]:
    compared = compared_options(question, np.random.default_rng(4))
    added = np.full(question.chances.shape[:3], strain)
    gone = {"harms": [Harm()] * len(options), "budget": BUDGET, "weights": question.weights, **more}
    return judged(compared, options, Judging(strain=added, least=0.02, **gone))


def statuses(question: Question, options: list[OptionFile], strain: float = 0.0, **more: Any) -> list[str]:
    return [one.status for one in results(question, options, strain, **more)]


def test_what_is_best_whatever_the_cause_is_recommended_also_at_a_cost() -> None:
    question = asked((0.2, 0.25), (0.39, 0.38), costs=((2.0, 4.0), (0.0, 0.0)))
    assert statuses(question, [option("a"), option("b")])[0] == "recommended"


def test_what_helps_under_one_cause_and_harms_under_the_other_is_not_recommended() -> None:
    assert statuses(asked((0.1, 0.5)), [option()], harms=[Harm(worse=True)]) == ["found"]


def test_what_costs_nothing_and_helps_under_one_cause_is_recommended() -> None:
    assert statuses(asked((0.3, 0.4)), [option()]) == ["recommended"]
    assert statuses(asked((0.4, 0.4)), [option()]) == ["not_found"]
    assert statuses(asked((0.4, 0.4)), [option()], strain=-0.05) == ["recommended"]
    assert statuses(asked((0.4, 0.4)), [option()], strain=-0.01) == ["not_found"]


def test_a_gain_too_small_to_tell_from_simulation_is_none() -> None:
    assert statuses(asked((0.395, 0.395)), [option()]) == ["not_found"]


def test_what_cannot_be_undone_or_takes_hours_is_not_harmless() -> None:
    better_elsewhere = asked((0.3, 0.4), (0.4, 0.2))
    other = option("b", cost={"person": {"hours_a_week": (1, 2)}})
    assert statuses(better_elsewhere, [option("a"), other])[0] == "recommended"
    assert statuses(better_elsewhere, [option("a", reversible="no"), other])[0] == "found"


def test_what_is_said_to_bring_something_and_what_raises_strain_is_not_recommended_for_it() -> None:
    better = asked((0.2, 0.2))
    assert statuses(better, [option()]) == ["recommended"]
    assert statuses(better, [option(benefit={"person": {"points": (30, 60)}})]) == ["not_found"]
    assert statuses(better, [option(benefit={"person": {"points": (2, 3)}})], strain=-0.05) == ["recommended"]
    assert statuses(better, [option()], strain=0.05, harms=[Harm(raises=True)]) == ["found"]


def test_what_takes_hours_that_no_points_stand_for_or_can_not_be_undone_is_not_recommended() -> None:
    better = asked((0.1, 0.1))
    assert statuses(better, [option(cost={"person": {"hours_a_week": (40, 60)}})]) == ["found"]
    priced = option(cost={"person": {"hours_a_week": (4, 6), "points": (1, 2)}})
    assert statuses(better, [priced]) == ["recommended"]
    assert statuses(better, [option(reversible="no")]) == ["found"]


def test_what_takes_of_the_supporter_and_brings_nothing_is_dominated_by_leaving_things_as_they_are() -> None:
    dear = option(cost={**FREE, "supporter": {"hours_a_week": (3, 5)}})
    assert statuses(asked((0.4, 0.4)), [dear]) == ["dominated"]
    rewarding = option(cost={**FREE, "supporter": {"hours_a_week": (3, 5)}}, benefit={"supporter": {"points": (5, 9)}})
    assert statuses(asked((0.4, 0.4)), [rewarding]) == ["not_found"]


def test_of_two_that_bring_the_same_the_dearer_is_dominated() -> None:
    question = asked((0.2, 0.2), (0.2, 0.2), costs=((0.0, 0.0), (3.0, 5.0)))
    assert statuses(question, [option("a"), option("b")]) == ["recommended", "dominated"]


def test_two_of_a_kind_do_not_dominate_each_other() -> None:
    assert statuses(asked((0.2, 0.2), (0.2, 0.2)), [option("a"), option("b")]) == ["recommended", "recommended"]


def test_what_must_not_happen_may_not_be_made_surely_likelier() -> None:
    found = must_not_strike(asked((0.5, 0.5)), 1, None)
    assert found is not None
    assert found.reason == (
        "it would make what must not happen likelier (.50) than leaving things as they are would (.40)"
    )
    assert must_not_strike(asked((0.4, 0.4)), 1, None) is None
    assert must_not_strike(asked((0.405, 0.405)), 1, None) is None, "under a hundredth"
    assert must_not_strike(asked((0.3, 0.3)), 1, None) is None


def test_a_chance_that_is_allowed_is_what_counts_unless_it_is_lowered_anyway() -> None:
    assert must_not_strike(asked((0.5, 0.5)), 1, 0.6) is None
    assert must_not_strike(asked((0.5, 0.5)), 1, 0.45) is not None
    assert must_not_strike(asked((0.3, 0.3)), 1, 0.1) is None


def test_a_rise_counts_where_three_draws_of_four_have_it() -> None:
    question = asked((0.4, 0.4))
    rng = np.random.default_rng(5)
    for agreeing, struck in ((0.8, True), (0.7, False)):
        rise = np.where(np.arange(500) < 500 * agreeing, 0.05, -0.01)
        rows = question.chances.copy()
        rows[1, :, :, 1] += rng.permutation(rise)
        rows[1, :, :, 0] = 1.0 - rows[1, :, :, 1]
        assert (must_not_strike(replace(question, chances=rows), 1, None) is not None) is struck


def test_where_a_chance_can_not_tell_strain_decides_and_the_reason_says_so() -> None:
    question = asked((0.4, 0.4))
    more = np.full((2, 500), 0.2)
    found = strain_strike(question, 1, more, 0.05, ["breakdown"])
    assert found is not None
    assert found.reason == "it would raise strain (by 0.20 on average), and “breakdown” must not happen"
    assert strain_strike(question, 1, more, 0.05, []) is None
    assert strain_strike(question, 1, -more, 0.05, ["breakdown"]) is None
    assert strain_strike(question, 1, more, 0.3, ["breakdown"]) is None


VALUES = np.array([[100.0, 40.0, 0.0], [100.0, 90.0, 0.0]])
BAD = np.array([False, False, True])


def harm(low: Any, high: Any, strain: tuple[float, float] = (0.0, 0.0), sd: float = 0.0) -> Harm:
    """The harm of what adds these chances, and this strain, at both ends; `sd`: between draws of the parameters."""
    apart = sd * np.random.default_rng(6).standard_normal(400)
    chances = np.array([np.tile(end, (400, 1)) for end in (low, high)], float)
    rows = np.array([end + apart for end in strain])
    return harm_of([Outcome(np.zeros((2, 400, 3)), np.zeros((2, 400)), np.zeros((2, 400, 3))),
                    Outcome(chances, rows, chances)], VALUES, BAD, 0.05)  # fmt: skip


def test_harm_is_judged_at_either_end_and_not_on_the_mean() -> None:
    nothing = (0.0, 0.0, 0.0)
    assert harm(nothing, nothing).none
    assert harm((0.1, 0.0, -0.1), (-0.05, 0.0, 0.05)) == Harm(worse=True, must_not=True)
    assert harm((0.1, -0.1, 0.0), (0.1, -0.1, 0.0)).none
    assert harm(nothing, (-0.06, 0.06, 0.0)) == Harm(worse=True), "bad for values that hold the middle low"
    assert harm(nothing, nothing, (-0.2, 0.1)) == Harm(strain=True, raises=True)


def test_harm_that_more_than_one_draw_in_ten_has_is_not_ruled_out() -> None:
    nothing = (0.0, 0.0, 0.0)
    assert harm(nothing, nothing, (-0.02, -0.02), 0.1) == Harm(strain=True)
    assert harm(nothing, nothing, (-0.1, -0.1), 0.1).none


def test_scatter_of_single_paths_is_no_harm() -> None:
    rng = np.random.default_rng(7)
    raw = rng.multinomial(20, (0.3, 0.3, 0.4), (2, 60)) / 20.0 - rng.multinomial(20, (0.3, 0.3, 0.4), (2, 60)) / 20.0
    row = Outcome(raw, 0.001 * rng.standard_normal((2, 60)), raw)
    assert harm_of([row], VALUES, BAD, 0.05).none


def test_a_cost_that_is_not_written_is_no_cost_of_nothing() -> None:
    better = asked((0.3, 0.4))
    (found,) = results(better, [option(cost={})])
    assert found.status == "found"
    assert not found.harmless
    assert [one.reason for one in found.held_back] == ["what it costs you is not written down"]
    assert statuses(better, [option(cost={"person": {"hours_a_week": (0, 0)}})]) == ["found"]


def test_what_takes_of_a_supporter_needs_their_budget() -> None:
    question = asked((0.1, 0.1))
    asks = option(cost={**FREE, "supporter": {"hours_a_week": (3, 5)}})
    assert statuses(question, [asks]) == ["recommended"]
    for budget in (None, Budget(money_a_month=100.0), Budget(hours_a_week=4.0)):
        assert statuses(question, [asks], budget=budget) == ["found"]
    strained = option(cost={**FREE, "supporter": {"points": (1, 5)}})
    assert statuses(question, [strained], budget=None) == ["found"]
    assert statuses(question, [strained]) == ["recommended"]


def test_what_could_do_harm_is_not_recommended_however_good_it_is() -> None:
    (found,) = results(asked((0.1, 0.1)), [option()], harms=[Harm(strain=True)])
    assert (found.status, found.harmless, found.harms) == ("found", False, ("it could raise strain",))


def test_what_rests_on_one_unlikely_cause_is_not_recommended() -> None:
    likely, unlikely = (replace(asked((0.3, 0.4)), weights=np.array([one, 1.0 - one])) for one in (0.12, 0.05))
    assert statuses(likely, [option()]) == ["recommended"]
    (found,) = results(unlikely, [option()])
    assert found.status == "not_found"
    assert found.held_back[0].reason == "that it would help rests on what is unlikely (weight .05)"


def test_the_least_change_of_strain_that_counts_is_never_less_than_a_fiftieth_of_a_step() -> None:
    assert least_strain(2.0, 1.0) == pytest.approx(0.04)
    assert least_strain(0.1, 1.0) == pytest.approx(0.02)
