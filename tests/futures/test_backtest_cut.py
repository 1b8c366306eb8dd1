from dataclasses import replace

import numpy as np
import pytest

from mainstay import worlds
from mainstay.errors import BadRequest
from mainstay.futures.backtest_cut import cut, midnight
from mainstay.quantities import Instant
from mainstay.records.kinds import CheckIn, Episode, Event
from mainstay.timeline.reader import from_records


@pytest.fixture(scope="module")
def whole():
    (person,) = worlds.simulate("two_roles", 3).values()
    return person, from_records(
        person.records, person.items, person.anchor, as_of=Instant.parse("2025-07-08T00:00+00:00")
    )


@pytest.mark.parametrize("day", [80, 150, 300, 451, 520])
def test_a_timeline_that_is_cut_is_the_one_that_was_known_then(whole, day):
    person, timeline = whole
    at = midnight(timeline, day)
    here = cut(timeline, at)
    then = from_records(person.records, person.items, person.anchor, as_of=timeline.instant(at))
    assert then.origin == here.origin
    assert then.days <= here.days == at
    assert here.ratings.keys() == then.ratings.keys()
    for name, one in then.ratings.items():
        assert one.ids == here.ratings[name].ids
        assert np.array_equal(one.values, here.ratings[name].values)
    assert {label: one.ids for label, one in then.events.items()} == {
        label: one.ids for label, one in here.events.items()
    }
    for label, one in then.episodes.items():
        assert np.allclose(one.starts, here.episodes[label].starts)
        assert np.allclose(one.ends, here.episodes[label].ends)
    assert np.allclose(then.prompts_sent, here.prompts_sent[: len(then.prompts_sent)])
    assert {one.id for one in then.others} == {one.id for one in here.others}
    hours = np.arange(0.5, then.days, 1.0)
    for label, one in here.recording.items():
        assert one.edges[-1] == at
        assert np.array_equal(one.at(hours), timeline.recording[label].at(hours))
    assert np.array_equal(here.local_days(hours), timeline.local_days(hours))


def test_what_became_known_later_is_not_known_then(whole):
    """Two in a hundred of all that happened was told three weeks after."""
    person, _ = whole
    bodies = CheckIn | Event | Episode
    records = tuple(
        replace(one, known=one.known.plus_days(21.0)) if isinstance(one.body, bodies) and i % 50 == 0 else one
        for i, one in enumerate(person.records)
    )
    timeline = from_records(records, person.items, person.anchor, as_of=Instant.parse("2025-07-08T00:00+00:00"))
    for day in (150, 300):
        at = midnight(timeline, day)
        here = cut(timeline, at)
        then = from_records(records, person.items, person.anchor, as_of=timeline.instant(at))
        assert {name: one.ids for name, one in then.ratings.items()} == {
            name: one.ids for name, one in here.ratings.items()
        }
        assert {label: one.ids for label, one in then.events.items()} == {
            label: one.ids for label, one in here.events.items()
        }
        for label, one in then.episodes.items():
            assert here.episodes[label].hours == pytest.approx(one.hours)
        assert len(cut(here, midnight(here, day - 60)).late) < len(here.late)


def test_local_midnights_are_midnights_when_clocks_have_changed(whole):
    _, timeline = whole
    for day in range(0, 540, 30):
        assert timeline.local_hours(np.array([midnight(timeline, day) + 1e-9]))[0] == pytest.approx(0.0, abs=1e-3)


def test_a_record_is_not_cut_beyond_its_end(whole):
    _, timeline = whole
    for day in (0.0, timeline.days + 1.0):
        with pytest.raises(BadRequest, match="cannot be cut"):
            cut(timeline, day)
