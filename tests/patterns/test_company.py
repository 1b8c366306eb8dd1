"""Events apart by who was there, and what was known of them at the date of the timeline."""

from dataclasses import replace

import numpy as np

from calibration.reactions import timeline as columns
from mainstay.patterns.company import attributes_of, by_company
from mainstay.quantities import Instant
from mainstay.records.kinds import Attribute, Contact, Record

START = Instant.parse("2024-01-01T00:00+00:00")
TIMES = np.arange(1.0, 11.0)


def contact(name, day, *attributes):
    known = START.plus_days(day)
    body = Contact(name, tuple(Attribute(one, known) for one in attributes))
    return Record(f"{name} {day}", "contacts", known, known, "test", body)


def record(events, *contacts, as_of=60.0):
    times = np.arange(0.4, 60.0)
    one = columns(times, [np.ones(len(times))], events, days=60)
    return replace(one, others=contacts, as_of=START.plus_days(as_of))


def with_company(one, label, of):
    series = one.events[label]
    names = {series.ids[i]: who for i, who in of.items()}
    return replace(one, events={**one.events, label: replace(series, contacts=names)})


def test_attributes_are_those_known_by_then_and_first_known_counts():
    one = record({}, contact("a", 5.0, "warm"), contact("a", 2.0, "warm"), contact("a", 70.0, "family"))
    assert attributes_of(one) == {"a": {"warm": START.plus_days(2.0)}}


def test_events_stand_apart_by_who_was_there():
    one = record({"drink": TIMES}, contact("a", 0.0, "warm"), contact("b", 0.0, "warm", "far"))
    one = with_company(one, "drink", {i: ("a",) if i < 6 else ("b", "stranger") for i in range(9)})
    split, parts = by_company(one)
    assert {name: len(series.times) for name, series in split.events.items()} == {
        "drink (a)": 6, "drink (b)": 3, "drink (nobody named)": 1,
    }  # fmt: skip
    assert [(part.name, part.event, set(part.attributes)) for part in parts] == [
        ("a", "drink", {"warm"}), ("b", "drink", {"warm", "far"}),
    ]  # fmt: skip
    assert sorted(np.concatenate([series.times for series in split.events.values()])) == list(TIMES)


def test_events_of_one_company_keep_their_label_and_what_is_unknown_has_no_company():
    one = record({"drink": TIMES, "walk": TIMES}, contact("a", 0.0, "warm"))
    one = with_company(one, "drink", dict.fromkeys(range(10), ("a",)))
    split, parts = by_company(one)
    assert set(split.events) == {"drink", "walk"}
    assert [part.label for part in parts] == ["drink"]


def test_a_place_or_an_activity_has_attributes_by_its_own_name_and_by_tags_of_all_its_events():
    one = record({"swim": TIMES}, contact("swim", 3.0, "outdoors"), contact("alone", 4.0, "quiet"))
    series = one.events["swim"]
    tagged = replace(series, tags=dict.fromkeys(series.ids, ("alone",)))
    (part,) = by_company(replace(one, events={"swim": tagged}))[1]
    assert dict(part.attributes) == {"outdoors": START.plus_days(3.0), "quiet": START.plus_days(4.0)}
    assert part.name == "swim"
    some = replace(series, tags=dict.fromkeys(series.ids[:-1], ("alone",)))
    (part,) = by_company(replace(one, events={"swim": some}))[1]
    assert set(part.attributes) == {"outdoors"}


def test_a_part_never_takes_the_place_of_a_label_on_record():
    one = record({"drink": TIMES, "drink (a)": TIMES[:2]}, contact("a", 0.0, "warm"))
    one = with_company(one, "drink", dict.fromkeys(range(4), ("a",)))
    split, _ = by_company(one)
    assert len(split.events["drink (a)"].times) == 2
    assert sum(len(series.times) for series in split.events.values()) == 12


def test_a_part_keeps_what_belongs_to_its_events():
    one = with_company(record({"drink": TIMES}), "drink", {0: ("a",), 5: ("b",)})
    part = one.events["drink"].where(TIMES < 4.0, "first")
    assert part.ids == one.events["drink"].ids[:3]
    assert dict(part.contacts) == {part.ids[0]: ("a",)}
