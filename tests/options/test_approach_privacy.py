"""What somebody else may see of how to reach the person, and of their supporter: what consent covers, without names."""

import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.errors import BadRequest
from mainstay.options import approach, supporter
from mainstay.options.decision_record import decision_record
from mainstay.options.leaning import mark_shown
from mainstay.quantities import CannotSay, Instant
from mainstay.records import logged
from mainstay.records.kinds import Batch
from mainstay.timeline.reader import read

NOW = Instant.parse("2026-06-01T12:00+02:00")
BEGUN = NOW.plus_days(-150)
VIEW = "supporter_view"


def tries():
    for k in range(60):
        channel, answered = (("message", k % 30 < 28), ("phone", k % 6 == 0))[k % 2]
        yield logged.event(
            "call",
            "other",
            BEGUN.plus_days(k),
            now=NOW,
            contacts=("Jonas Vink",),
            tags=(f"via {channel}", "answered" if answered else "unanswered"),
        )


def statement(form, text):
    return logged.statement(form, text, now=NOW.plus_days(-10))


PREFERENCE = statement(
    "preference", '[approach]\nnot_channels = ["message"]\n[budget]\nhours_a_week = 6\n[limit]\nrating = 5\n'
)
OPTION = statement(
    "option",
    'name = "supper"\ndisclosed_ok = true\nwhat = "with Jonas Vink"\n[cost.supporter]\nhours_a_week = [1, 2]\n',
)


@pytest.fixture
def casebook(tmp_path):
    with Casebook.create(tmp_path / "anna.mainstay", "four quiet words", now=BEGUN, cost=KeySlotCost.least()) as made:
        made.add(Batch("by hand", (*tries(), PREFERENCE, OPTION)), Consent(given_at=BEGUN), now=NOW)
        yield made


def seen(casebook, *streams):
    casebook.give(streams, Consent(purposes=(VIEW,), given_at=NOW), now=NOW)
    timeline = read(casebook, VIEW, now=NOW)
    return timeline, (*approach.answers(timeline), *supporter.answers(timeline, CannotSay("no fit"), ()))


def test_a_channel_that_may_be_ruled_out_where_it_can_not_be_read_is_not_suggested(casebook):
    _, told = seen(casebook, "call")
    assert [one.status for one in told] == ["cannot_say"]
    assert "message" not in str(told)


def test_with_the_wish_among_what_may_be_seen_the_rest_is_told_without_what_it_rules_out(casebook):
    _, told = seen(casebook, "call", "preference")
    assert told[0].claim.startswith("The person's own wish is never to be reached by “message”")
    assert all("message" not in str(one) for one in told[1:])


def test_an_option_and_a_budget_tell_a_supporter_nothing_unless_both_may_be_seen(casebook):
    _, without = seen(casebook, "call", "preference")
    assert not [one for one in without if one.row == "S23"]
    _, told = seen(casebook, "option")
    assert [one.about for one in told if one.row == "S23"] == ["supper"]


def test_no_name_of_anybody_on_record_stands_in_what_is_told(casebook):
    timeline, told = seen(casebook, "call", "preference", "option")
    assert "Vink" not in str(told)
    assert "person-" not in str(told)
    assert len(told) >= 3
    assert "Vink" not in str(timeline.events)


def test_what_is_the_persons_own_is_not_made_for_anybody_else(casebook):
    timeline, _ = seen(casebook, "call", "preference", "option")
    for own in (lambda: mark_shown(casebook, timeline, now=NOW), lambda: decision_record(timeline, ())):
        with pytest.raises(BadRequest, match=VIEW):
            own()


def test_a_wish_that_was_taken_back_from_the_persons_own_answers_holds_suggestions_back_as_well(casebook):
    casebook.withdraw(["preference"], ["own_answers"], now=NOW)
    (told,) = approach.answers(read(casebook, "own_answers", now=NOW))
    assert "no wish of theirs is to be read here" in told.reason
