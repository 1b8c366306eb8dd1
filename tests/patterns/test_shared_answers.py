"""S13 in sentences: certain and unexplained, a candidate, a tie, and what should fit and does not."""

import json
from dataclasses import replace

import numpy as np
from jsonschema import Draft202012Validator

from calibration.reactions import timeline as columns
from mainstay import strain
from mainstay.patterns.shared import Shared
from mainstay.patterns.shared_answers import shared_answers
from mainstay.patterns.shared_evidence import chance_fit, weigh
from mainstay.quantities import CannotSay, Instant
from mainstay.records.kinds import Attribute, Contact, Record, Statement
from mainstay.report.answers import AnswerContext, answer_record, answers_schema
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate
from patterns.test_shared import START, company

BARE = columns(np.arange(0.5, 60.0), [np.ones(60)], {"visit": np.array([3.0])}, days=60)
REASONS = {"knows": "role concealment"}


def seen(*companies):
    covariance = np.diag([one.share_sd**2 for one in companies])
    attributes, nothing = weigh(companies, covariance)
    return Shared(companies, covariance, attributes, nothing, chance_fit(companies), {}, "by hand")


def told(companies, reasons, timeline=BARE):
    return shared_answers(timeline, object(), reasons, seen(*companies))


def four(known=0.0, extra=()):
    return (
        company("mother", 0.55, ("knows", *extra), known=known),
        company("rival", 0.35, ("knows", *extra), known=known),
        company("A", 0.03, ("near",)),
        company("B", 0.0, ("near",)),
    )


def test_without_a_reason_what_is_certain_stays_unexplained_and_names_what_fits():
    (only,) = told(four(), {})
    assert (only.about, only.status) == ("", "established_unexplained")
    assert "mother and rival ease strain and A and B do not" in only.claim
    assert "“knows” fits 4 of 4" in only.claim
    assert "nothing on record says why" in only.claim
    assert 30.0 < only.interval.low < only.estimate < only.interval.high < 60.0


def test_a_reason_lets_it_lead_and_what_was_known_only_afterwards_is_untested():
    (first,) = told(four(), REASONS)
    assert (first.about, first.status) == ("knows", "unconfirmed")
    assert "by chance" in first.claim
    more = company("C", 0.4, ("knows",)), company("D", 0.02, ()), company("E", 0.4, ("knows",)), company("F", 0.02, ())
    (first,) = told((*four(), *more), REASONS)
    assert (first.about, first.status) == ("knows", "suggested")
    (late,) = told(four(known=30.0), {"Knows": "role concealment"})
    assert late.status == "unconfirmed"
    assert "7 February 2024" in late.claim


def test_with_so_few_that_chance_would_do_it_a_reason_does_not_make_it_lead():
    companies = (*four()[:2], *(replace(one, share=0.06, share_sd=0.09) for one in four()[2:]))
    third = replace(companies[3], attributes={**companies[3].attributes, "old": START})
    reasons = {"knows": "role concealment", "near": "closeness", "old": "roots"}
    (first, *_) = told((*companies[:3], third), reasons)
    assert (first.about, first.status) == ("", "established_unexplained")
    assert "“role concealment” says why it should restore, but with so few" in first.claim


def test_an_attribute_that_a_better_one_without_a_reason_outdoes_does_not_lead():
    companies = (*four(), company("C", 0.0, ("kind",)), company("D", 0.0, ("kind",)))
    (first, *others) = told(companies, {"kind": "too little kindness"})
    assert (first.about, first.status) == ("", "established_unexplained")
    assert [(one.about, one.status) for one in others] == [("kind", "not_found")]
    assert "C and D should ease, and do not" in others[0].claim
    assert "mother and rival ease without it" in others[0].claim


def contact(name, *attributes):
    known = START
    body = Contact(name, tuple(Attribute(one, known) for one in attributes))
    return Record(name, "contacts", known, known, "test", body)


def test_of_two_that_can_not_be_told_apart_neither_is_above_the_other_and_who_would_part_them_is_named():
    both = {"knows": "role concealment", "old": "roots"}
    aunt = replace(BARE, others=(contact("aunt", "old"), contact("mother", "knows", "old")), as_of=START)
    first, second = told(four(extra=("old",)), both, aunt)
    assert [first.status, second.status] == ["tied", "tied"]
    assert "aunt" in first.would_change
    assert "aunt" in second.would_change
    first, second = told(four(extra=("old",)), REASONS)
    assert (first.about, first.status) == ("knows", "unconfirmed")
    assert (second.about, second.status) == ("old", "tied")
    assert "nobody on record is" in second.would_change


def test_new_company_that_bears_it_out_establishes_it_if_its_reason_was_written_before():
    new = [company(name, 0.4, ("knows",), known=40.0, met=45.0) for name in ("new one", "newer one")]
    (first,) = told((*four(), *new), REASONS)
    assert first.status == "established_explained"
    assert "new one and newer one" in first.claim
    text = 'name = "role concealment"\ncause = "a part to play"\n'
    since = START.plus_days(50.0)
    late = Record("h", "statements", since, since, "test", Statement("hypothesis", text))
    (first,) = told((*four(), *new), REASONS, replace(BARE, others=(late,)))
    assert first.status == "unconfirmed"


def test_where_none_eases_or_all_do_nothing_is_said_of_what_they_share():
    (none,) = told([company(one, 0.02, ("a",) if one == "x" else ()) for one in "xyz"], {"a": "b"})
    assert (none.about, none.status) == ("", "not_found")
    (every,) = told([company(one, 0.4, ("a",) if one == "x" else ()) for one in "xyz"], {"a": "b"})
    assert isinstance(every, CannotSay)
    assert "all ease" in every.reason
    (thin,) = told([company(one, 0.2, ("a",) if one == "x" else (), sd=0.4) for one in "xyz"], {"a": "b"})
    assert isinstance(thin, CannotSay)
    assert (thin.have, thin.need) == (0, 4)


def test_answers_are_records_that_any_program_can_read():
    context = AnswerContext(START, START, START, "own_answers")
    checker = Draft202012Validator(answers_schema())
    for answer in (*told(four(), {}), *told(four(extra=("old",)), REASONS)):
        written = json.loads(json.dumps(answer_record(answer, context), allow_nan=False))
        assert not [error.message for error in checker.iter_errors(written)]


def test_a_record_without_a_fit_passes_its_refusal_on():
    (only,) = shared_answers(BARE, CannotSay("too short"), {})
    assert (only.row, only.reason) == ("S13", "too short")


def test_where_warmth_restores_warmth_comes_first_and_where_nothing_does_nothing_is_said_to():
    reasons = {"no_part_to_play": "role concealment", "warm": "too little warm company"}
    for world, about, status in (
        ("warmth_restores", "warm", "unconfirmed"),
        ("nothing_restores", "", "not_found"),
    ):
        (person,) = simulate(world, 1).values()
        day = Instant.parse("2025-07-08T00:00+00:00")
        timeline = from_records(person.records, person.items, person.anchor, as_of=day)
        first = shared_answers(timeline, strain.fit(timeline), reasons)[0]
        assert (first.about, first.status) == (about, status)
