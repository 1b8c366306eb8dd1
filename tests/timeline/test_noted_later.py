"""Claims about what is noted by hand long after it happened: a look at an earlier date does not show it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mainstay.futures.backtest_cut import cut
from mainstay.quantities import Instant, Span
from mainstay.records import logged
from mainstay.records.kinds import Item, Reaction
from mainstay.timeline.reader import from_records, known_by

ITEM = Item("tension", "How tense?", 1.0, 7.0, "low")
NOW = Instant.of(datetime(2024, 6, 3, 18, 30, tzinfo=UTC))


def ago(days):
    return NOW.plus_days(-days)


LAST_MONTH = Span(ago(40), ago(20))
NOTED = {
    "a check-in": logged.check_in(ITEM, 3.0, ago(30), now=NOW),
    "a check-in of a day": logged.check_in(ITEM, 3.0, Span(ago(30), ago(29)), now=NOW),
    "an event": logged.event("a walk", "relief", ago(30), now=NOW),
    "a role": logged.role("carer", Span(ago(30), ago(29.5)), now=NOW),
    "no role": logged.no_role(("carer",), Span(ago(30), ago(29.5)), now=NOW),
    "a stretch": logged.stretch("the spring", LAST_MONTH, now=NOW),
    "a contact": logged.contact("Mira", ("knows of it",), ago(30), now=NOW),
    "a reaction": logged.reaction(Reaction("praise", "carer", 1, 1.0, 0.5), ago(30), now=NOW),
    "a statement": logged.statement("preference", "", now=NOW),
}


@pytest.mark.parametrize("what", NOTED)
def test_it_is_known_when_it_is_noted(what):
    one = NOTED[what]
    assert one.known == NOW
    assert known_by([one], ago(1)) == []
    assert known_by([one], NOW) == [one]


def test_noted_again_on_another_day_it_is_the_same_record():
    tomorrow = NOW.plus_days(1)
    assert logged.stretch("the spring", LAST_MONTH, now=tomorrow).id == NOTED["a stretch"].id
    assert logged.event("a walk", "relief", ago(30), now=tomorrow).id == NOTED["an event"].id


def test_a_stretch_named_today_shows_in_no_earlier_look_at_the_past():
    answers = [replace(logged.check_in(ITEM, 3.0, ago(k), now=NOW), known=ago(k)) for k in range(60)]
    records = [*answers, NOTED["a stretch"]]
    then = from_records(records, (ITEM,), None, as_of=ago(10))
    now = from_records(records, (ITEM,), None, as_of=NOW)
    assert "the spring" not in then.episodes
    assert "the spring" in now.episodes
    assert [one.id for one in now.late] == [NOTED["a stretch"].id]


def test_a_day_that_is_looked_back_from_in_a_test_of_foresight_does_not_know_it_either():
    answers = [replace(logged.check_in(ITEM, 3.0, ago(k), now=NOW), known=ago(k)) for k in range(60)]
    late = logged.check_in(ITEM, 7.0, ago(30.3), now=NOW)
    whole = from_records([*answers, late], (ITEM,), None, as_of=NOW)
    then = cut(whole, whole.days - 10.0)
    assert 7.0 in whole.ratings["tension"].values
    assert 7.0 not in then.ratings["tension"].values
