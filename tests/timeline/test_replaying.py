"""A year replayed month by month: nothing before its time, and what hindsight would have added."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records.kinds import Contact
from mainstay.timeline.replaying import as_of_each, month_ends
from mainstay.worlds import simulate


def at(text: str) -> Instant:
    return Instant.parse(f"{text}T00:00+00:00")


@pytest.fixture(scope="module")
def replay():
    (world,) = simulate("two_roles", 1).values()
    dates = month_ends(at("2025-04-20"), at("2025-07-08"))
    return world, dates, tuple(as_of_each(world.records, world.items, world.anchor, dates))


def of_people(timeline) -> set[str]:
    return {
        one.name
        for record in timeline.others
        if isinstance(record.body, Contact)
        for one in record.body.attributes
        if one.known <= timeline.as_of
    }


def test_months_end_at_midnight_and_the_last_date_is_kept():
    dates = month_ends(Instant.of(datetime(2024, 11, 15, 9, tzinfo=UTC)), at("2025-02-10"))
    assert [str(one.as_utc.date()) for one in dates] == ["2024-12-01", "2025-01-01", "2025-02-01", "2025-02-10"]
    with pytest.raises(BadRequest, match="at most 120 months"):
        month_ends(at("1990-01-01"), at("2025-01-01"))


def test_what_became_known_with_the_call_is_not_there_before_it(replay):
    _, dates, months = replay
    assert [str(one.as_utc.date()) for one in dates] == ["2025-05-01", "2025-06-01", "2025-07-01", "2025-07-08"]
    assert ["no_part_to_play" in of_people(month.then) for month in months] == [False, False, True, True]
    assert "mother: no part to play" in months[2].learned
    assert months[1].learned == ()
    assert months[3].learned == ()


def test_hindsight_adds_what_was_learned_later_and_no_event_that_had_not_happened(replay):
    _, _, months = replay
    assert "no_part_to_play" in of_people(months[0].with_hindsight)
    assert months[0].with_hindsight.events.keys() == months[0].then.events.keys()
    assert "call with an old friend" not in months[0].with_hindsight.events
    assert months[3].with_hindsight is None


def test_then_is_what_a_cut_at_that_date_gives(replay):
    from mainstay.timeline.reader import from_records

    world, dates, months = replay
    cut = from_records(world.records, world.items, world.anchor, as_of=dates[0])
    assert months[0].then.days == cut.days
    assert months[0].then.known_through == cut.known_through


def test_what_was_known_when_a_replay_begins_is_no_news():
    (world,) = simulate("two_roles", 1).values()
    dates = month_ends(at("2025-04-20"), at("2025-06-05"))
    months = tuple(as_of_each(world.records, world.items, world.anchor, dates, since=at("2025-04-20")))
    assert [month.learned for month in months] == [(), (), ()]
