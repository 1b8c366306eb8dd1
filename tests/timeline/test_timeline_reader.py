"""From records to a timeline: what is kept, where it stands, and what a date cuts off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import (
    Attribute,
    Body,
    CheckIn,
    Contact,
    Coverage,
    Episode,
    Event,
    Item,
    Prompt,
    Record,
    Signal,
    record_id,
)
from mainstay.strain.exposure import once
from mainstay.timeline.reader import from_records, read

TENSION = Item("tension", "I feel tense", 1.0, 7.0, "low")
START = Instant.local(datetime(2024, 1, 1, 9, 0), "Europe/Amsterdam")


def moment(days: float) -> Instant:
    return START.plus_days(days)


def record(happened: float | tuple[float, float], body: Body, known: float | None = None, **more: str) -> Record:
    when = moment(happened) if isinstance(happened, float) else Span(moment(happened[0]), moment(happened[1]))
    end = when.end if isinstance(when, Span) else when
    key = record_id("test", body.__class__.__name__, f"{happened}{body}{known}")
    return Record(key, "stream", when, moment(known) if known is not None else end, "test", body, **more)


def tense(at: float, value: float = 4.0) -> Record:
    return record(at, CheckIn("tension", value))


def line(*records: Record, as_of: float = 1_000.0):
    return from_records(records, (TENSION,), "tension", as_of=moment(as_of))


def test_origin_is_local_midnight_of_the_first_day() -> None:
    timeline = line(tense(0.0))
    assert timeline.origin.as_local.isoformat() == "2024-01-01T00:00:00+01:00"
    assert timeline.ratings["tension"].times == pytest.approx([9 / 24])


def test_one_record_makes_a_timeline() -> None:
    timeline = line(tense(0.0))
    assert timeline.days == pytest.approx(9 / 24)
    assert timeline.anchor == "tension"
    assert timeline.gaps == ()


def test_nothing_on_record_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadRequest, match="add a file"):
        line()


def test_a_date_before_the_first_record_is_refused_with_the_first_date() -> None:
    with pytest.raises(BadRequest, match="2024-01-01"):
        line(tense(0.0), as_of=-1.0)


def test_what_became_known_later_is_cut_although_it_happened_before() -> None:
    late = record(1.0, Contact("friend", (Attribute("no_part_to_play", moment(50.0)),)), known=50.0)
    assert line(tense(0.0), late, as_of=49.0).others == ()
    assert line(tense(0.0), late, as_of=51.0).others == (late,)


def test_a_correction_replaces_only_once_it_is_known() -> None:
    first = tense(0.0, 2.0)
    correction = record(0.0, CheckIn("tension", 6.0), known=10.0, supersedes=first.id)
    assert line(first, correction, as_of=9.0).ratings["tension"].values == pytest.approx([2.0])
    assert line(first, correction, as_of=10.0).ratings["tension"].values == pytest.approx([6.0])


@given(st.lists(st.floats(0.0, 400.0), min_size=1, max_size=30), st.floats(0.0, 400.0))
def test_replaying_at_a_date_equals_having_only_what_was_known_by_then(times: list[float], cut: float) -> None:
    records = [tense(0.0), *(record(at, Event("call", "demand")) for at in times)]
    replayed = line(*records, as_of=cut)
    alone = line(*(one for one in records if one.known <= moment(cut)), as_of=cut)
    assert {k: v.ids for k, v in replayed.events.items()} == {k: v.ids for k, v in alone.events.items()}
    assert replayed.days == alone.days
    assert replayed.gaps == alone.gaps


def test_an_evening_diary_stands_at_the_end_of_its_day() -> None:
    timeline = line(record((0.0, 0.5), CheckIn("tension", 3.0)))
    assert timeline.ratings["tension"].times == pytest.approx([9 / 24 + 0.5])


def test_an_event_in_a_span_stands_in_its_middle_with_half_its_width() -> None:
    event = line(record((0.0, 0.5), Event("coffee", "relief"))).events["coffee"]
    assert event.times == pytest.approx([9 / 24 + 0.25])
    assert event.half_widths == pytest.approx([0.25])


def test_an_unrecorded_size_is_not_a_size_of_one() -> None:
    event = line(record(0.0, Event("a", "demand")), record(1.0, Event("a", "demand", 2.0))).events["a"]
    assert np.isnan(event.sizes[0])
    assert event.sizes[1] == 2.0


def test_two_answers_at_the_same_instant_are_both_kept() -> None:
    assert len(line(tense(0.0, 2.0), tense(0.0, 5.0)).ratings["tension"].values) == 2


def test_overlapping_stretches_of_a_role_are_merged() -> None:
    nurse = Episode("nurse", "role")
    timeline = line(record((0.0, 0.3), nurse), record((0.2, 0.5), nurse), record((0.7, 0.8), nurse))
    assert len(timeline.episodes["nurse"].starts) == 2
    assert timeline.episodes["nurse"].hours == pytest.approx((0.5 + 0.1) * 24)


def test_hours_as_oneself_are_those_of_the_declared_role() -> None:
    assert not any(role.is_self for role in line(tense(0.0)).roles)
    own = record((0.0, 0.5), Episode("self", "role", is_self=True))
    assert [role.hours for role in line(own).roles if role.is_self] == pytest.approx([12.0])


def test_a_check_in_on_an_undescribed_item_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="calm"):
        line(record(0.0, CheckIn("calm", 1.0)))


def test_recording_that_was_never_logged_is_no_full_recording() -> None:
    assert line(tense(0.0)).recording == {}


def test_logged_coverage_becomes_steps_and_the_rest_takes_the_nearest() -> None:
    timeline = line(
        record((0.0, 10.0), Coverage((), 0.3)), record((20.0, 30.0), Coverage((), 0.9)), tense(0.0), tense(40.0)
    )
    recording = timeline.recording[""]
    at = np.array([5.0, 14.0, 17.0, 25.0, 39.0]) + 9 / 24
    assert recording.at(at) == pytest.approx([0.3, 0.3, 0.9, 0.9, 0.9])
    assert recording.logged is not None
    assert not recording.logged.all()


def test_coverage_counts_to_a_day_beyond_what_is_on_record_and_no_further() -> None:
    stated = record((-40.0, 365.0), Coverage((), 1.0))
    timeline = line(stated, *(tense(float(day)) for day in range(300)))
    assert timeline.origin.as_local.isoformat() == "2023-12-31T00:00:00+01:00"
    assert timeline.days == pytest.approx(1 + 300 + 9 / 24)
    assert timeline.recording[""].edges[-1] == timeline.days
    assert timeline.unlived_days == pytest.approx(39 + 65)
    foretold = record((0.0, 365.0), Coverage((), 1.0), known=0.0)
    assert line(foretold, *(tense(float(day)) for day in range(300)), as_of=310.0).unlived_days == pytest.approx(10)


def test_coverage_stated_for_what_was_lived_is_counted_whole() -> None:
    timeline = line(record((0.0, 29.5), Coverage((), 1.0)), *(tense(float(day)) for day in range(30)))
    assert timeline.days == pytest.approx(29.5 + 9 / 24)
    assert timeline.unlived_days == 0.0


def test_coverage_alone_is_a_timeline_of_its_own_length() -> None:
    assert line(record((0.0, 29.5), Coverage((), 1.0))).days == pytest.approx(29.5 + 9 / 24)


def test_coverage_of_one_label_says_nothing_of_another() -> None:
    assert set(line(tense(0.0), record((0.0, 5.0), Coverage(("visit",), 0.5))).recording) == {"visit"}


def test_recording_off_is_intensity_zero_and_a_gap_with_its_reason() -> None:
    timeline = line(
        record((0.0, 30.0), Coverage((), 1.0)), record((10.0, 12.0), Episode("off", "recording-off")), tense(0.0)
    )
    assert timeline.recording[""].at(np.array([11.0 + 9 / 24])) == pytest.approx([0.0])
    assert [gap.reason for gap in timeline.gaps] == ["recording was off"]


def test_a_long_silence_is_a_gap_and_a_logged_quiet_stretch_is_none() -> None:
    daily = [tense(float(day)) for day in [*range(10), *range(20, 30)]]
    (gap,) = line(*daily).gaps
    assert (gap.start, gap.end) == (pytest.approx(9 + 9 / 24), pytest.approx(20 + 9 / 24))
    assert gap.reason == "no check-in or event"
    assert line(*daily, record((0.0, 29.0), Coverage((), 1.0))).gaps == ()
    unanswered = record(15.0, Prompt(moment(15.0), None, ("tense",)))
    assert [gap.reason for gap in line(*daily, unanswered).gaps] == ["asked, but not answered"]
    before = record(5.0, Prompt(moment(5.0), None, ("tense",)))
    assert [gap.reason for gap in line(*daily, before).gaps] == ["no check-in or event"]


def test_a_weekly_diary_has_no_gap_between_its_weeks() -> None:
    assert line(*(tense(7.0 * week) for week in range(10))).gaps == ()


def test_a_move_between_zones_changes_the_local_hour_from_the_first_record_there() -> None:
    there = Instant.local(datetime(2024, 1, 10, 9, 0), "America/New_York")
    away = Record("x", "s", there, there, "test", CheckIn("tension", 1.0))
    timeline = line(tense(0.0), away, tense(20.0))
    assert timeline.local_hours(timeline.ratings["tension"].times[:2]) == pytest.approx([9.0, 9.0])
    assert timeline.instant(float(timeline.ratings["tension"].times[1])).offset_s == -5 * 3600


def test_prompts_sent_and_answered_are_counted() -> None:
    answered = record(0.0, Prompt(moment(0.0), moment(0.01)))
    ignored = record(1.0, Prompt(moment(1.0), None))
    timeline = line(answered, ignored)
    assert (len(timeline.prompts_answered), len(timeline.prompts_sent)) == (1, 2)


def test_every_record_is_in_the_timeline_once() -> None:
    timeline = line(*(tense(float(day)) for day in range(30)), record(3.0, Event("call", "demand")))
    assert len(timeline.ratings["tension"].times) + len(timeline.events["call"].times) == 31


def test_a_signal_is_cut_at_the_date_and_repeated_samples_count_once() -> None:
    times = np.array([moment(day).utc_us for day in range(10)])
    signal = Signal("pulse", "bpm", times, np.arange(10.0))
    timeline = line(tense(0.0), record((0.0, 9.0), signal), record((0.0, 9.0), signal, known=9.5), as_of=4.0)
    assert timeline.samples["pulse"].values == pytest.approx([0, 1, 2, 3, 4])


@dataclass(frozen=True)
class _Consented:
    records: tuple[Record, ...]
    items: tuple[Item, ...] = (TENSION,)
    anchor: str | None = "tension"
    left_out: tuple[str, ...] = ("notes",)


@dataclass
class _Casebook:
    asked: list[tuple[str, Instant]]

    def read(self, purpose: str, *, now: Instant) -> _Consented:
        self.asked.append((purpose, now))
        return _Consented((tense(0.0), tense(5.0)))


def test_consent_is_checked_at_the_real_clock_whatever_the_date() -> None:
    casebook = _Casebook([])
    timeline = read(casebook, "own_answers", moment(1.0), now=moment(99.0))
    assert casebook.asked == [("own_answers", moment(99.0))]
    assert len(timeline.ratings["tension"].times) == 1
    assert timeline.left_out == ("notes",)


def test_a_date_in_the_future_is_refused() -> None:
    with pytest.raises(BadRequest, match="future"):
        read(_Casebook([]), "own_answers", moment(100.0), now=moment(99.0))


def test_order_of_arrival_changes_nothing() -> None:
    records = [tense(float(day), value) for day, value in enumerate([3.0, 1.0, 5.0])]
    there, back = line(*records), line(*reversed(records))
    assert there.ratings["tension"].ids == back.ratings["tension"].ids


def test_tags_stay_with_their_records():
    harmed = record(2.0, Event("late", "slip", tags=("Harm", "office")))
    timeline = line(tense(0.0), record(1.0, Event("late", "slip")), harmed)
    assert timeline.tagged("harm") == {harmed.id}
    assert timeline.tagged("home") == frozenset()
    assert timeline.events["late"].tags == {harmed.id: ("Harm", "office")}


def test_what_one_source_tells_twice_happened_twice_and_what_two_sources_tell_happened_once():
    by_hand = [record(3.0, Event("late", "slip", tags=(str(k),))) for k in range(3)]
    watch = Record("w", "stream", moment(3.0), moment(3.0), "watch", Event("late", "slip"))
    assert len(once(line(tense(0.0), *by_hand)).events["late"].times) == 3
    assert len(once(line(tense(0.0), *by_hand, watch)).events["late"].times) == 3
    assert len(once(line(tense(0.0), by_hand[0], watch)).events["late"].times) == 1
