"""A stretch of the past that somebody names says nothing of how long was recorded."""

from __future__ import annotations

import pytest

from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Episode, Record
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ordinary_person

END = Instant.parse("2026-01-01T00:00+00:00")


@pytest.mark.parametrize(("first", "last", "kept"), [(-60.0, 20.0, 20.0), (40.0, 300.0, 20.0), (100.0, 160.0, None)])
def test_a_named_stretch_does_not_lengthen_the_record(first, last, kept):
    records, items, anchor = ordinary_person(1, days=60.0)
    span = Span(MONDAY.plus_days(first), MONDAY.plus_days(last))
    named = Record("s", "stretches", span, span.end, "test", Episode("the winter", "activity"))
    before = from_records(records, items, anchor, as_of=END)
    after = from_records((*records, named), items, anchor, as_of=END)
    assert (after.origin, after.days) == (before.origin, before.days)
    if kept is None:
        assert "the winter" not in after.episodes
    else:
        assert after.episodes["the winter"].hours == pytest.approx(24.0 * kept, abs=48.0)
