"""The first leaning: sealed before the options are shown, compared after, and not to be had afterwards."""

import json
from dataclasses import replace

import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.errors import BadRequest
from mainstay.options.leaning import (
    SEALED,
    SHOWN,
    changes_since,
    first_leaning,
    first_shown,
    mark_shown,
    rounds_of,
    seal_of,
    standings,
)
from mainstay.options.leaning_answers import (
    FEWEST_DECISIONS,
    compared,
    how_they_fared,
    leaning_answers,
    recommended_in,
    settled,
)
from mainstay.quantities import CannotSay, Finding, Instant, Interval
from mainstay.records import logged
from mainstay.records.kinds import Batch
from mainstay.timeline.reader import from_records, read

MONDAY = Instant.parse("2026-01-05T09:00+01:00")
OPEN, BAIT, CALL = "the open invitation", "the bait", "call an old friend"


def day(number):
    return MONDAY.plus_days(number)


def option(name, at, **more):
    said = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    return logged.statement("option", f'name = "{name}"\ndisclosed_ok = true\n{said}', now=day(at))


def leaning(name, at):
    return logged.statement("leaning", f'option = "{name}"\nwhy = "it feels right"\n', now=day(at))


def decision(name, at):
    return logged.statement("decision", f'option = "{name}"\n', now=day(at))


class Case:
    """A casebook with what is written in it, and a clock."""

    def __init__(self, place):
        self.book = Casebook.create(
            place / "case.mainstay", "four quiet words here", now=MONDAY, cost=KeySlotCost.least()
        )

    def write(self, *records):
        last = max(record.known for record in records)
        self.book.add(
            Batch("by hand", records), Consent(given_at=MONDAY.plus_days(-1), only_where_unsaid=True), now=last
        )

    def timeline(self, at, as_of=None):
        return read(self.book, "own_answers", None if as_of is None else day(as_of), now=day(at))

    def show(self, at, recommended=None):
        return mark_shown(self.book, self.timeline(at), now=day(at), recommended=recommended)

    def told(self, at, recommended=()):
        timeline = self.timeline(at)
        rounds = rounds_of(self.book, timeline, now=day(at))
        return leaning_answers(timeline, rounds, first_shown(self.book, timeline, now=day(at)), recommended)


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path)
    yield made
    made.book.close()


def test_a_leaning_written_before_the_options_are_shown_is_a_first_leaning(case):
    case.write(option(OPEN, 0), option(BAIT, 0.1), leaning(OPEN, 1))
    shown = case.show(2)
    assert (shown.round, shown.at, shown.names) == (1, day(2), (OPEN, BAIT))
    (answer,) = case.told(3, (OPEN,))
    assert isinstance(answer, Finding)
    assert answer.claim == (
        "The leaning, written on 6 January 2026 and sealed before the options were first shown on 7 January 2026, was "
        "“the open invitation”; the same comes out now."
    )
    assert (answer.row, answer.estimate, answer.interval) == ("S20", 1.0, Interval(1.0, 1.0))


def test_another_recommendation_is_told_without_judgement(case):
    case.write(option(OPEN, 0), option(BAIT, 0.1), leaning(BAIT, 1))
    case.show(2)
    (answer,) = case.told(3, (OPEN,))
    assert answer.estimate == 0.0
    assert answer.claim.endswith("was “the bait”; what comes out now is “the open invitation”.")
    (nothing,) = case.told(3, ())
    assert nothing.claim.endswith("nothing comes out as recommended now.")
    (several,) = case.told(3, (OPEN, "The  Bait"))
    assert several.claim.endswith("the same comes out now, beside another.")


def test_a_leaning_written_after_is_told_as_such_and_compared_with_nothing(case):
    case.write(option(OPEN, 0))
    case.show(2)
    case.write(leaning(OPEN, 2.2))
    (answer,) = case.told(3, (OPEN,))
    assert isinstance(answer, CannotSay)
    assert answer.reason == (
        "the leaning towards “the open invitation” was written on 7 January 2026, after the options were first shown "
        "that day: not a first leaning"
    )


def test_showing_again_and_again_does_not_move_the_seal(case):
    case.write(option(OPEN, 0))
    first = case.show(2)
    case.write(leaning(OPEN, 3))
    assert case.show(4) == first
    assert case.show(5) == first
    assert case.told(5)[0].detail["how"] == "afterwards"


def test_a_leaning_dated_before_but_brought_in_afterwards_is_no_first_leaning(case):
    case.write(option(OPEN, 0))
    case.show(2)
    late = leaning(OPEN, 1)
    case.book.add(Batch("by hand", (late,)), Consent(given_at=MONDAY), now=day(3))
    (answer,) = case.told(4, (OPEN,))
    assert answer.detail["how"] == "not there"
    assert "not on record when the options were first shown" in answer.reason


def test_a_sealed_leaning_that_says_something_else_is_found_out(case):
    case.write(option(OPEN, 0), leaning(OPEN, 1))
    case.show(2)
    timeline = case.timeline(3)
    others = tuple(
        replace(one, body=replace(one.body, toml=one.body.toml.replace("right", "wrong"))) for one in timeline.others
    )
    (standing,) = standings(replace(timeline, others=others), rounds_of(case.book, timeline, now=day(3)))
    assert standing.how == "altered"
    assert isinstance(compared(standing, (OPEN,)), CannotSay)


def test_a_seal_changes_with_the_text_the_date_and_the_record():
    one = leaning(OPEN, 1)
    same = [seal_of(one).digest, seal_of(leaning(OPEN, 1)).digest]
    body = replace(one.body, toml=one.body.toml + " ")
    others = [replace(one, body=body), replace(one, known=day(1.0001)), replace(one, id="0" * 32)]
    assert same[0] == same[1]
    assert len({same[0], *(seal_of(other).digest for other in others)}) == 4
    with pytest.raises(BadRequest, match="no statement"):
        seal_of(logged.event("deadline", "demand", day(1), now=day(2)))


def test_a_replay_shows_options_too_and_seals_what_is_on_record_by_the_clock(case):
    case.write(option(OPEN, 0))
    case.write(leaning(OPEN, 3))
    shown = mark_shown(case.book, case.timeline(5, as_of=1), now=day(5))
    assert shown.at == day(5)
    assert len(shown.seals) == 1
    case.write(leaning(BAIT, 6))
    assert first_leaning(case.timeline(7), (shown,), shown).how == "sealed"
    case.write(option(CALL, 8))
    replayed = case.timeline(9, as_of=4)
    (told,) = leaning_answers(replayed, (shown,), first_shown(case.book, replayed, now=day(9)), (OPEN,))
    assert (told.detail["leaning"], told.detail["changed"]) == (OPEN, [])


def test_a_leaning_stays_a_first_one_where_it_was_decided_before_anything_was_shown(case):
    case.write(option(OPEN, 0), leaning(BAIT, 1), decision(OPEN, 2))
    case.show(3)
    assert case.told(4, (OPEN,))[0].detail["how"] == "sealed"


def test_without_options_nothing_is_marked_and_without_a_leaning_nothing_is_told(case):
    case.write(decision("rest", 0))
    assert case.show(1) is None
    case.write(option(OPEN, 2))
    assert first_shown(case.book, case.timeline(2), now=day(2)) is None
    case.show(3)
    assert case.told(4, (OPEN,)) == ()


def test_what_is_read_for_somebody_else_is_no_first_showing(case):
    case.write(option(OPEN, 0))
    with pytest.raises(BadRequest, match="supporter_view"):
        mark_shown(case.book, replace(case.timeline(1), purpose="supporter_view"), now=day(1))


def test_an_option_changed_added_or_set_aside_after_showing_is_told(case):
    case.write(option(OPEN, 0), option(BAIT, 0.1), leaning(OPEN, 1))
    case.show(2)
    case.write(option(OPEN, 3, reversible="no"), option(CALL, 3.1), option(BAIT, 3.2, set_aside="no"))
    compared_, changed = case.told(4, (OPEN,))
    assert compared_.claim.endswith("the same comes out now, though its text was changed since.")
    assert changed.claim == (
        "Since the options were first shown on 7 January 2026, the text of “the open invitation” was changed, and "
        "“call an old friend” was added, and “the bait” was set aside."
    )
    assert changed.estimate == 3.0
    timeline = case.timeline(4)
    assert changes_since(timeline, first_shown(case.book, timeline, now=day(4))).added == (CALL,)


def test_the_same_text_written_again_is_no_change(case):
    case.write(option(OPEN, 0))
    shown = case.show(1)
    case.write(option(OPEN, 2))
    assert not changes_since(case.timeline(3), shown).any


def test_after_a_decision_the_next_showing_is_a_first_one_again(case):
    case.write(option(OPEN, 0), leaning(OPEN, 1))
    case.show(2)
    case.write(decision(OPEN, 3), leaning(BAIT, 4))
    assert case.told(4.5)[0:] == ()
    assert (
        standings(case.timeline(4.5), rounds_of(case.book, case.timeline(4.5), now=day(4.5)))[1].how == "not shown yet"
    )
    second = case.show(5)
    assert second.round == 2
    assert [one.how for one in standings(case.timeline(6), rounds_of(case.book, case.timeline(6), now=day(6)))] == [
        "sealed",
        "sealed",
    ]
    (answer,) = case.told(6, (OPEN,))
    assert answer.detail["leaning"] == BAIT


def test_a_leaning_of_a_question_settled_before_is_none_for_the_next(case):
    case.write(option(OPEN, 0))
    case.show(1)
    case.write(leaning(OPEN, 2))  # after the first showing, before its decision
    case.write(decision(OPEN, 3))
    case.show(4)
    timeline = case.timeline(5)
    (standing,) = standings(timeline, rounds_of(case.book, timeline, now=day(5)))
    assert (standing.how, standing.shown.round) == ("afterwards", 1)


def test_entirely_other_options_are_another_question(case):
    case.write(option(OPEN, 0))
    case.show(1)
    case.write(option(OPEN, 2, set_aside="past"), option(CALL, 2.1), leaning(CALL, 3))
    assert case.show(4).round == 2
    assert case.told(5, (CALL,))[0].detail["how"] == "sealed"


def test_consent_withdrawn_and_given_back_makes_no_old_showing_new(case):
    case.write(option(OPEN, 0))
    case.write(leaning(BAIT, 1))
    case.show(2)
    case.book.withdraw(["option"], ["own_answers"], now=day(3))
    timeline = case.timeline(3.5)
    assert first_shown(case.book, timeline, now=day(3.5)) is None
    assert mark_shown(case.book, timeline, now=day(3.5)) is None
    case.book.give(["option"], Consent(given_at=day(4)), now=day(4))
    case.write(leaning(OPEN, 4.5))
    assert case.show(5).at == day(2)
    rounds = rounds_of(case.book, case.timeline(6), now=day(6))
    assert [one.how for one in standings(case.timeline(6), rounds)] == ["sealed", "afterwards"]


def test_erasing_the_leanings_takes_their_seals_and_leaves_the_showing(case):
    case.write(option(OPEN, 0), leaning(OPEN, 1))
    case.show(2)
    case.book.erase(["leaning"], now=day(3))
    assert case.book.kept_answers(SEALED, purpose="own_answers", now=day(3)) == ()
    assert len(case.book.kept_answers(SHOWN, purpose="own_answers", now=day(3))) == 1
    case.write(leaning(OPEN, 4))
    assert case.told(5)[0].detail["how"] == "afterwards"


def test_what_is_kept_holds_digests_and_names_and_no_text(case):
    case.write(option(OPEN, 0, what="an evening without either role"), leaning(OPEN, 1))
    case.show(2, recommended=(OPEN,))
    for name in (SHOWN, SEALED):
        (kept,) = case.book.kept_answers(name, purpose="own_answers", now=day(3))
        assert b"evening" not in kept.payload
        assert b"feels right" not in kept.payload


def settled_case(case, n, agree):
    for k in range(n):
        name = f"{OPEN} {k}"
        case.write(option(name, 10 * k), option(f"{BAIT} {k}", 10 * k), leaning(name, 10 * k + 1))
        case.show(10 * k + 2, recommended=(name if k % 2 else f"{BAIT} {k}",))
        case.write(decision(name if k < agree else f"{BAIT} {k}", 10 * k + 3))
    timeline = case.timeline(10 * n)
    return timeline, rounds_of(case.book, timeline, now=day(10 * n))


def test_over_several_decisions_leanings_are_counted(case):
    timeline, rounds = settled_case(case, FEWEST_DECISIONS, 4)
    assert len(settled(timeline, rounds)) == FEWEST_DECISIONS
    answer = how_they_fared(timeline, rounds)
    assert answer.claim == (
        "Of 5 decisions with a leaning sealed before, 4 went the way of the leaning, and in 2 of 5 it was what came "
        "out as recommended."
    )
    assert answer.interval.low < 0.8 < answer.interval.high


def test_few_decisions_say_how_many_are_needed_and_one_says_nothing(case):
    timeline, rounds = settled_case(case, 3, 2)
    answer = how_they_fared(timeline, rounds)
    assert (answer.have, answer.need, answer.status) == (3, FEWEST_DECISIONS, "cannot_say")
    assert how_they_fared(timeline, rounds[:1]) is None


def test_the_recommended_are_read_from_the_answers():
    one = Finding("S20", OPEN, "recommended", "…", "q", 1.0, Interval(1.0, 1.0), "", 1, "m")
    assert recommended_in((one, replace(one, about=BAIT, status="struck_out"), CannotSay("x", row="S20"))) == (OPEN,)


def test_without_a_casebook_nothing_is_sealed():
    timeline = from_records((option(OPEN, 0), leaning(OPEN, 1)), (), None, as_of=day(2))
    (standing,) = standings(timeline, ())
    assert standing.how == "not shown yet"
    assert leaning_answers(timeline, (), None, (OPEN,)) == ()


def test_a_showing_hidden_for_a_while_stays_the_first_one(case):
    case.write(option(OPEN, 0), replace(option(BAIT, 0.1), stream="plans"))
    case.show(1)
    case.book.withdraw(["plans"], ["own_answers"], now=day(2))
    case.write(leaning(OPEN, 3))
    assert case.show(4).at == day(4)  # what was shown of both is not to be read, so this one is the first
    case.book.give(["plans"], Consent(given_at=day(5)), now=day(5))
    timeline = case.timeline(6)
    (only,) = rounds_of(case.book, timeline, now=day(6))
    assert only.at == day(1)
    assert standings(timeline, (only,))[0].how == "afterwards"


def test_a_leaning_towards_what_is_not_on_record_is_refused_by_name(case):
    case.write(option(OPEN, 0), leaning("a fox", 1))
    case.show(2)
    told = case.told(3, (OPEN,))[0]
    assert isinstance(told, CannotSay)
    assert told.reason == "the leaning is towards “a fox”, and no option of that name is on record"
