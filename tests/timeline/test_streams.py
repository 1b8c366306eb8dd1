"""Streams: where records came from, how many, on which local days."""

from dataclasses import dataclass

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import CheckIn, Contact, Episode, Item, Signal
from mainstay.timeline.reader import from_records
from mainstay.timeline.streams import read_with_streams, streams_of
from mainstay.worlds.ordinary import MONDAY
from timeline.lives import record

ITEM = Item("worn", "worn", 1, 7, "low")


def at(day):
    return MONDAY.plus_days(day)


def of(records, cut=30.0):
    line = from_records(records, (ITEM,), None, as_of=at(cut))
    return {one.name: one for one in streams_of(records, line)}


def test_a_stretch_counts_on_every_day_it_touches_and_not_on_the_one_it_ends_before():
    trip = record("trips", Span(at(1.5), at(4.0)), Episode("away", "place"))
    found = of([record("diary", at(0.4), CheckIn("worn", 3)), trip])
    assert found["trips"].days.tolist() == [1, 2, 3]
    assert found["diary"].days.tolist() == [0]


def test_samples_count_each_and_are_cut_at_the_date():
    times = np.array([at(d).utc_us for d in (0.1, 0.2, 5.5, 9.0)])
    pulse = record("pulse", Span(at(0.1), at(9.0)), Signal("pulse", "bpm", times, np.ones(4)))
    assert of([pulse])["pulse"].records == 4
    cut = of([pulse], cut=6.0)["pulse"]
    assert cut.records == 3
    assert cut.days.tolist() == [0, 5]


def test_contacts_and_recording_off_have_no_days():
    found = of([
        record("diary", at(0.4), CheckIn("worn", 3)),
        record("people", at(2), Contact("c1")),
        record("pauses", Span(at(3), at(5)), Episode("off", "recording-off")),
    ])  # fmt: skip
    assert len(found["people"].days) == 0
    assert len(found["pauses"].days) == 0
    assert found["people"].records == 1


def test_days_are_those_of_the_local_clock():
    home = record("diary", at(0.4), CheckIn("worn", 3))
    moment = at(1.97)  # 23:17 in universal time, and an hour later on this person's watch
    away = record("diary", Instant(moment.utc_us, 3600), CheckIn("worn", 4))
    last = record("diary", Instant(at(4.4).utc_us, 3600), CheckIn("worn", 5))
    assert of([home, away, last])["diary"].days.tolist() == [0, 2, 4]


@dataclass
class Held:
    records: tuple
    items: tuple = (ITEM,)
    anchor: str | None = None
    left_out: tuple = ("phone",)


class Shelf:
    reads = 0

    def read(self, purpose, *, now):
        self.reads += 1
        return Held((record("diary", at(0.4), CheckIn("worn", 3)), record("diary", at(8.4), CheckIn("worn", 3))))


def test_timeline_and_streams_come_from_one_read():
    shelf = Shelf()
    line, found = read_with_streams(shelf, "own_answers", at(5), now=at(20))
    assert shelf.reads == 1
    assert found[0].records == 1
    assert line.left_out == ("phone",)
    assert line.as_of == at(5)
    with pytest.raises(BadRequest, match="future"):
        read_with_streams(shelf, "own_answers", at(21), now=at(20))
