"""The next observation: exact information, the mixture of the evidence, and what is asked for and what never is."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.reactions import MONDAY, moments, timeline
from mainstay.explanations.clauses import questions_of
from mainstay.explanations.clauses_kinds import Compared, Measured, Measures, Unmeasured
from mainstay.explanations.evidence import STATES, Sizes, forbidden, log_ratio, predicted
from mainstay.explanations.evidence_scored import scored
from mainstay.explanations.explaining import Explained, Pattern
from mainstay.explanations.library import starting_library
from mainstay.explanations.next_observation import LEAST_BITS, next_observation_answers, suggested
from mainstay.explanations.observing import (
    after,
    chances_of_states,
    estimates_to_come,
    information,
    matches,
    states_of_company,
    states_of_size,
    with_none,
)
from mainstay.explanations.weights import leading, unlisted, weigh
from mainstay.patterns.shared import Shared
from mainstay.patterns.shared_evidence import SharedAttribute
from mainstay.patterns.shared_shares import Eased
from mainstay.quantities import CannotSay, Finding, Interval
from mainstay.records.kinds import Attribute, Contact, Record
from mainstay.records.statements import parsed
from mainstay.records.statements_hypothesis import Hypothesis, HypothesisFile, with_library

EVERYTHING = frozenset(STATES)
MORE, NOT_LESS = predicted("more"), forbidden("less")


def drawn_size(rng, left_open, usual, n):
    """Sizes as the evidence has them, where these states are left open: by drawing, and not by any formula."""
    chance = {"more": 0.25, "same": 0.5, "less": 0.25}
    kept = [state for state in STATES if state in left_open]
    p = np.array([chance[one] for one in kept])
    state = rng.choice(kept, n, p=p / p.sum())
    noticeable = usual * np.sqrt(2.0 * rng.exponential(size=n))
    nothing = 0.1 * usual * rng.normal(size=n)
    return np.where(state == "more", noticeable, np.where(state == "less", -noticeable, nothing))


def test_the_information_is_that_of_brute_force():
    rng, n, usual, sd = np.random.default_rng(1), 200_000, 0.75, 0.4
    weights = np.array([0.5, 0.2, 0.3])
    left_open = [MORE, NOT_LESS, EVERYTHING]
    _, chances = estimates_to_come(states_of_size(usual), chances_of_states(left_open), sd)
    cause = rng.choice(3, n, p=weights)
    size = np.select([cause == k for k in range(3)], [drawn_size(rng, one, usual, n) for one in left_open])
    seen = size + sd * rng.normal(size=n)
    few = rng.choice(n, 4_000, replace=False)
    logs = np.array(
        [[log_ratio(Sizes(np.array([x]), np.array([[sd**2]]), np.array([usual])), {0: one}) for one in left_open]
         for x in seen[few]]
    )  # fmt: skip
    then = weights * np.exp(logs)
    then /= then.sum(axis=1, keepdims=True)
    entropy = -(then * np.log2(np.maximum(then, 1e-300))).sum(axis=1)
    before = -(weights * np.log2(weights)).sum()
    spread = entropy.std() / math.sqrt(len(few))
    assert information(weights, chances) == pytest.approx(before - entropy.mean(), abs=4.0 * spread)
    assert spread < 0.005


@pytest.mark.parametrize("known", [None, (0.5, 0.4), (-0.3, 0.2), (3.0, 0.1)])
@pytest.mark.parametrize("left_open", [MORE, NOT_LESS, predicted("same")])
def test_what_an_estimate_says_is_what_the_evidence_says_of_both_together(known, left_open):
    usual, sd = 0.75, 0.5
    estimates, chances = estimates_to_come(
        states_of_size(usual, known), chances_of_states([left_open, EVERYTHING]), sd, known
    )
    likely = np.flatnonzero(chances[1] > 1e-4 * chances[1].max())[::40]

    def evidence(mean, spread):
        return log_ratio(Sizes(np.array([mean]), np.array([[spread**2]]), np.array([usual])), {0: left_open})

    for k in likely:
        if known is None:
            expected = evidence(estimates[k], sd)
        else:
            precision = known[1] ** -2 + sd**-2
            mean = (known[0] * known[1] ** -2 + estimates[k] * sd**-2) / precision
            expected = evidence(mean, precision**-0.5) - evidence(*known)
        if expected > -20.0 and (known is None or evidence(*known) > -20.0):
            assert math.log(chances[0, k] / chances[1, k]) == pytest.approx(expected, abs=0.02)


def test_fifty_simulated_weights_get_the_bits_that_were_expected():
    rng, expected, got = np.random.default_rng(5), [], []
    for _ in range(50):
        weights = rng.dirichlet(np.ones(3))
        usual, sd = 0.75, float(rng.uniform(0.2, 1.0))
        left_open = [MORE, predicted("less"), EVERYTHING]
        _, chances = estimates_to_come(states_of_size(usual), chances_of_states(left_open), sd)
        expected.append(information(weights, chances))
        entropies = []
        for _ in range(20):
            size = drawn_size(rng, left_open[rng.choice(3, p=weights)], usual, 1)[0]
            sizes = Sizes(np.array([size + sd * rng.normal()]), np.array([[sd**2]]), np.array([usual]))
            then = weights * np.exp([log_ratio(sizes, {0: one}) for one in left_open])
            then /= then.sum()
            entropies.append(-(then * np.log2(np.maximum(then, 1e-300))).sum())
        got.append(-(weights * np.log2(weights)).sum() - np.mean(entropies))
    difference = np.array(got) - expected
    assert abs(difference.mean()) < 3.0 * difference.std() / math.sqrt(50)
    assert np.corrcoef(expected, got)[0, 1] > 0.6


@given(st.integers(0, 10_000))
def test_information_is_never_below_nothing_nor_above_what_is_open(seed):
    rng = np.random.default_rng(seed)
    weights, chances = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(6), 4)
    bits = information(weights, chances)
    coarser = chances.reshape(4, 3, 2).sum(axis=2)
    assert 0.0 <= bits <= -(weights * np.log2(np.maximum(weights, 1e-300))).sum() + 1e-9
    assert information(weights, coarser) <= bits + 1e-9
    assert information(weights, np.tile(chances[0], (4, 1))) == pytest.approx(0.0, abs=1e-9)
    shares = [after(weights, chances, np.arange(6) == k) for k in range(6)]
    assert (weights @ chances) @ np.array(shares) == pytest.approx(weights)


def test_chances_add_up_and_nothing_of_the_kind_is_an_outcome():
    _, chances = estimates_to_come(states_of_company(), np.array([[0.9, 0.1], [0.5, 0.5]]), 0.3, (0.2, 0.3))
    assert chances.sum(axis=1) == pytest.approx([1.0, 1.0])
    there = with_none(chances, np.array([0.95, 0.3]))
    assert there.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert there[:, 0] == pytest.approx([0.05, 0.7])
    assert matches(4, (0.1,), (True, False)).sum(axis=1) == pytest.approx([1.0, 1.0])
    assert matches(2, (0.1,), (True, False))[0] == pytest.approx([0.01, 0.18, 0.81])


SLEEP = """
name = "sleep"
cause = "It is sleep."
ask = "Answer each morning how well you slept, for four weeks."
[[predicts]]
stream = "strain"
direction = "less"
when = "with item:sleep"
words = "strain is lower when sleep was better"
[[forbids]]
stream = "strain"
direction = "more"
when = "with item:sleep"
"""
LOSS = """
name = "loss"
cause = "Somebody was lost."
[[predicts]]
stream = "strain"
direction = "more"
when = "since event:funeral"
words = "strain is higher since the loss"
[[forbids]]
stream = "strain"
direction = "less"
when = "since event:funeral"
"""
WALKS = """
name = "walks"
cause = "There are too few walks."
[[predicts]]
stream = "strain"
direction = "{way}"
when = "after event:walk"
words = "walks ease"
[[forbids]]
stream = "strain"
direction = "same"
when = "after event:walk"
"""


def explained_of(texts, answered, status="established_unexplained"):
    files = [parsed(text, HypothesisFile, "hypothesis") for text in texts]
    hypotheses = with_library([Hypothesis(str(k), MONDAY, one) for k, one in enumerate(files)], ())
    found = {question: answered(question) for one in hypotheses for question in questions_of(one)}
    fits = {
        one.fit: Sizes(np.array([one.mean]), np.array([[one.sd**2]]), np.array([one.usual]))
        for one in found.values()
        if isinstance(one, Measured)
    }
    measures = Measures(found, fits)
    every = tuple(scored(one, measures) for one in hypotheses)
    candidates = [*(one.candidate for one in every if not one.parked), unlisted()]
    weights = weigh(candidates)
    pattern = Pattern(("walk",), (), less_and_less=False, looked_at=50)
    return Explained(pattern, measures, every, weights, (), leading(candidates, weights), status, "")


def person(days=180, **events):
    rng = np.random.default_rng(0)
    times = moments(rng, days)
    return timeline(times, [rng.normal(4.0, 1.0, len(times))], dict(events), days=days)


def missing(question):
    return Unmeasured("it is not on record", f"“{question.moments[0].name}” once a day")


def test_an_unanswered_clause_is_asked_for_with_what_either_answer_would_do():
    (found,) = next_observation_answers(explained_of([SLEEP], missing), person())
    assert isinstance(found, Finding)
    assert (found.row, found.about, found.status, found.unit) == ("S17", "sleep", "suggested", "bits")
    assert found.claim.startswith(
        "Answer each morning how well you slept, for four weeks. If strain is lower when sleep"
    )
    assert "“sleep”" in found.claim
    assert found.estimate >= LEAST_BITS
    assert isinstance(found.interval, Interval)
    assert found.interval.low <= found.estimate <= found.interval.high
    assert (
        0.0 < found.detail["weight"]["if_not"] < found.detail["weight"]["now"] < found.detail["weight"]["if_so"] < 1.0
    )


def test_what_may_never_have_happened_is_a_question_answered_once():
    one = explained_of([LOSS], missing)
    (asked,) = suggested(one, person())
    assert asked.observation.none
    assert "note the day" in asked.observation.do
    assert asked.observation.minutes == 15.0
    easier = explained_of([LOSS.replace("event:funeral", "event:new job")], missing)
    assert suggested(easier, person())[0].observation.minutes == 2.0
    (found,) = next_observation_answers(one, person())
    assert "if there was nothing of the kind" in found.claim
    assert suggested(one, person(funeral=np.array([90.0])))[0].observation.none is False


def test_what_was_set_aside_is_not_asked_about():
    aside = SLEEP.replace("[[predicts]]", 'set_aside = "I sleep well."\n[[predicts]]', 1)
    names = {one.about for one in next_observation_answers(explained_of([aside, LOSS], missing), person())}
    assert names == {"loss"}


def test_what_eased_once_is_arranged_again_and_what_strained_is_not():
    def once(mean):
        return lambda _: Measured(mean, 0.4, 0.75, "steps", 1, "", "strain", 0, 1)

    walk = person(walk=np.array([90.0]))
    eased = suggested(explained_of([WALKS.format(way="less")], once(-0.9)), walk)
    assert eased[0].observation.do.startswith("Arrange “walk” once more")
    assert suggested(explained_of([WALKS.format(way="more")], once(0.9)), walk) == ()


def test_a_weak_answer_is_worth_more_weeks_and_a_clear_one_is_not():
    def seen(sd):
        return lambda _: Measured(-0.3, sd, 0.4, "steps", 90, "", "strain", 0, None)

    weak = suggested(explained_of([SLEEP], seen(0.25)), person(60))
    assert {one.observation.do for one in weak} <= {
        "Go on recording how strained you are for four weeks",
        "Go on recording how strained you are for eight weeks",
    }
    assert weak
    assert suggested(explained_of([SLEEP], seen(0.02)), person(60)) == ()


def test_without_a_pattern_or_with_nothing_to_tell_apart_it_cannot_be_said():
    for one in (explained_of([SLEEP], missing, status="not_found"), explained_of([], missing)):
        (found,) = next_observation_answers(one, person())
        assert isinstance(found, CannotSay)
        assert found.row == "S17"


def test_at_most_three_of_the_library_are_told_each_another_thing_to_do():
    hypotheses = [Hypothesis("", None, one) for one in starting_library()]
    found = {question: missing(question) for one in hypotheses for question in questions_of(one)}
    every = tuple(scored(one, Measures(found)) for one in hypotheses)
    candidates = [*(one.candidate for one in every), unlisted()]
    pattern = Pattern(("walk",), (), less_and_less=False, looked_at=50)
    one = Explained(pattern, Measures(found), every, weigh(candidates), (), (), "established_unexplained", "")
    answers = next_observation_answers(one, person())
    assert len(answers) == 3
    assert len({answer.claim for answer in answers}) == 3
    every_do = [each.observation.do for each in suggested(one, person())]
    assert len(every_do) == len(set(every_do)) > 5


ROLE = """
name = "{name}"
cause = "x"
[[predicts]]
stream = "relief"
direction = "more"
when = "in company:{attribute}"
[[forbids]]
stream = "relief"
direction = "same"
when = "in company:{attribute}"
"""


def company(name, share, *attributes, sd=0.08):
    known = dict.fromkeys(attributes, MONDAY)
    return Eased(name, (name,), (name,), 20, share, sd, 2.0, known, {}, MONDAY, (), labels_differ=False)


def shared_of(*companies):
    names = sorted({name for one in companies for name in one.attributes})
    attributes = tuple(
        SharedAttribute(
            name=name, known=MONDAY, companies_with=(), companies_without=(), difference=0.4, difference_sd=0.1,
            log_ratio={1.0: 1.0}, fits=(), does_not_fit=(), same_as=(), opposite_of=(), new_since=(), weight=0.2,
        )
        for name in names
    )  # fmt: skip
    return Shared(
        companies=companies, covariance=np.eye(len(companies)), attributes=attributes, nothing=0.5, chance=0.5,
        left_out={}, method="",
    )  # fmt: skip


def test_tied_attributes_are_told_apart_by_somebody_new():
    def compared(question):
        name = question.moments[0].name
        return Compared(name, (0.5, 1.0, 1.0), 3, "", MONDAY, same_as=("far",))

    one = explained_of(
        [ROLE.format(name="no part", attribute="no_part"), ROLE.format(name="far", attribute="far")], compared
    )
    mother, rival = company("mother", 0.4, "no_part", "far"), company("rival", 0.0)
    found = suggested(one, person(), shared_of(mother, rival, company("cousin", 0.0)))
    evening = next(each for each in found if "somebody new" in each.observation.do)
    assert "“far” does not" in evening.observation.do
    assert evening.observation.minutes > 180.0
    assert evening.if_so > evening.now > evening.if_not


def test_an_attribute_nobody_noted_is_asked_for_where_easing_is_clear():
    one = explained_of([ROLE.format(name="warmth", attribute="warm")], missing)
    companies = [company("mother", 0.45), company("rival", 0.0), company("cousin", 0.0)]
    (found,) = suggested(one, person(), shared_of(*companies))
    assert found.observation.do == "Note for each of “mother”, “rival”, “cousin” whether “warm” holds"
    assert suggested(one, person(), shared_of(companies[0])) == ()


def test_company_that_is_still_open_is_met_on_days_drawn_by_lot():
    one = explained_of(
        [ROLE.format(name="no part", attribute="no_part")],
        lambda _: Compared("no_part", (0.5, 1.0, 1.0), 3, "", MONDAY),
    )
    open_one = company("old friend", 0.2, "no_part", sd=0.3)
    assert open_one.eases is None
    found = suggested(one, person(), shared_of(open_one, company("mother", 0.4, "no_part"), company("rival", 0.0)))
    assert any(each.observation.do.startswith("See or call “old friend” on four days drawn by lot") for each in found)


def test_nobody_hostile_is_suggested_as_company():
    one = explained_of(
        [ROLE.format(name="no part", attribute="no_part")],
        lambda _: Compared("no_part", (0.5, 1.0, 1.0), 3, "", MONDAY),
    )
    others = company("mother", 0.4, "no_part"), company("cousin", 0.0)
    found = suggested(one, person(), shared_of(company("rival", 0.2, "no_part", "Hostile", sd=0.3), *others))
    assert not any("rival" in each.observation.do for each in found)
    told = Contact("uncle", (Attribute("no_part", MONDAY),)), Contact("him", (Attribute("violent", MONDAY),))
    contacts = tuple(Record(one.pseudonym, "contacts", MONDAY, MONDAY, "x", one) for one in told)
    known = suggested(one, replace(person(), others=contacts), shared_of(*others))
    assert any("three evenings with “uncle”" in each.observation.do for each in known)
    assert not any("“him”" in each.observation.do for each in known)
