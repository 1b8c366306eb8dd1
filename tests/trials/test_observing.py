"""What is observed of an outcome: by local date, as known then, with what is not known left out."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from mainstay.quantities import CannotSay, Instant, Span
from mainstay.records import logged
from mainstay.records.kinds import Coverage, Record
from mainstay.records.statements_protocol import OutcomeTable
from mainstay.trials.observing import daily_counts, days_since, observed, observed_each, of_item
from trials.people import SLEEP, TENSION, ZONE, answer, at, begin, happened, note, plan, timeline, trial_of
from trials.protocols import START, protocol

SAYS = protocol("contacts", 42, a_week=2)


def told(*records, says=SAYS, as_of=200):
    planned = plan(says)
    everything = (planned, begin(planned), *records)
    return observed(timeline(*everything, as_of=as_of), trial_of(*everything, as_of=as_of))


def test_answers_stand_on_their_local_day_and_what_lies_before_stands_apart() -> None:
    found = told(answer(-10, 3.0), answer(-1, 4.0), answer(0, 5.0, clock="08:00"), answer(0, 7.0), answer(41, 2.0))
    assert found.by_day(42)[[0, 41]].tolist() == [6.0, 2.0]
    assert np.isnan(found.by_day(42)[1:41]).all()
    assert found.before_value.tolist() == [3.0, 4.0]
    assert (found.unit, found.better, found.low, found.high) == ("points of tension", -1, 0.0, 10.0)


def test_clocks_that_are_put_forward_do_not_move_an_answer_to_another_day() -> None:
    changed = (datetime(2026, 3, 29).date() - START).days
    late = [answer(day, float(day % 7), clock="23:40") for day in range(changed - 2, changed + 3)]
    early = [answer(day, float(day % 7), clock="00:20") for day in range(changed - 2, changed + 3)]
    found = told(*late, *early)
    days = found.by_day(42)
    assert np.flatnonzero(np.isfinite(days)).tolist() == list(range(changed - 2, changed + 3))
    assert days[changed] == changed % 7


def test_an_answer_about_a_whole_day_belongs_to_that_day() -> None:
    begins = at(3, "00:00")
    whole = Span(begins, at(4, "00:00"))
    diary = logged.check_in(TENSION, 8.0, whole, now=at(4, "09:00"))
    found = told(diary, answer(4, 2.0))
    assert found.by_day(42)[[3, 4]].tolist() == [8.0, 2.0]


def test_only_what_was_known_by_then_and_lived_by_then_counts() -> None:
    records = [answer(day, 5.0) for day in range(42)]
    assert np.isfinite(told(*records, as_of=9).by_day(42)).sum() == 10
    ended = note(at(20, "22:00"), kind="ended", why="enough")
    assert np.isfinite(told(*records, ended).by_day(42)).sum() == 21


def test_an_outcome_that_cannot_be_seen_says_why() -> None:
    assert "nobody has answered" in told(happened("walk", 3)).reason
    only_before = told(answer(-3, 4.0))
    assert (only_before.have, only_before.need) == (0, 1)
    planned = plan(SAYS)
    waiting = observed(timeline(planned, answer(-3, 4.0)), trial_of(planned, answer(-3, 4.0)))
    assert (len(waiting.at), waiting.before_value.tolist()) == (0, [4.0])
    never = told(answer(1, 4.0), says=replace(SAYS, outcome=OutcomeTable(event="quarrel", better="low")))
    assert isinstance(never, CannotSay)
    assert "never written down" in never.reason


QUARRELS = replace(SAYS, outcome=OutcomeTable(event="Quarrel", better="low"))


def test_events_are_counted_by_day_and_no_event_on_a_recorded_day_is_none() -> None:
    answers = [answer(day, 5.0) for day in range(-5, 42)]
    found = told(*answers, happened("quarrel", 2), happened("quarrel", 2, "09:00"), happened("quarrel", 5),
                 happened("quarrel", -2), says=QUARRELS)  # fmt: skip
    counts = found.by_day(42)
    assert counts[[2, 5]].tolist() == [2.0, 1.0]
    assert np.nansum(counts) == 3.0
    assert np.isfinite(counts[:41]).all()
    assert found.before_value.sum() == 1.0
    assert (found.unit, found.better, found.high) == ("a day", -1, None)


def test_a_day_of_which_too_little_was_recorded_has_no_count() -> None:
    answers = [answer(day, 5.0) for day in range(42)]
    half = Record("c", "coverage", Span(at(0, "00:00"), at(4, "00:00")), at(4), "t", Coverage((), 1.0))
    thin = Record("d", "coverage", Span(at(4, "00:00"), at(8, "00:00")), at(8), "t", Coverage((), 0.2))
    part = Record("e", "coverage", Span(at(8, "00:00"), at(12, "00:00")), at(12), "t", Coverage((), 0.8))
    found = told(*answers, half, thin, part, happened("quarrel", 1), happened("quarrel", 6), happened("quarrel", 9),
                 says=QUARRELS)  # fmt: skip
    counts = found.by_day(42)
    assert counts[:4].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert np.isnan(counts[4:8]).all()
    assert counts[9] == pytest.approx(1 / 0.8)


def test_a_day_that_is_not_over_is_not_counted_yet() -> None:
    answers = [answer(day, 5.0) for day in range(20)]
    found = told(*answers, happened("quarrel", 5), says=QUARRELS, as_of=10)
    assert np.flatnonzero(np.isfinite(found.by_day(42))).tolist() == list(range(10))


def test_days_without_any_record_are_not_days_without_events() -> None:
    answers = [answer(day, 5.0) for day in (*range(10), *range(30, 42))]
    counts = told(*answers, happened("quarrel", 5), says=QUARRELS).by_day(42)
    assert np.isnan(counts[11:29]).all()
    assert np.isfinite(counts[:9]).all()


def test_items_watched_beside_the_outcome_come_in_the_order_of_the_design() -> None:
    says = protocol("start_by_lot", 40, phases=("as usual", "evening"), least=5, baselines=("Sleep", "anger"))
    planned = plan(says)
    records = (planned, begin(planned), answer(1, 4.0), answer(1, 6.0, SLEEP), answer(2, 7.0, SLEEP))
    line, trial = timeline(*records), trial_of(*records)
    tension, sleep, anger = observed_each(line, trial)
    assert len(tension.value) == 1
    assert sleep.value.tolist() == [6.0, 7.0]
    assert sleep.better == 1
    assert isinstance(anger, CannotSay)
    assert of_item(line, trial, "sleep").value.tolist() == [6.0, 7.0]


def test_counts_of_any_event_by_day() -> None:
    records = (*(answer(day, 5.0) for day in range(20)), happened("walk", 3), happened("walk", 3, "07:00"))
    planned = plan(SAYS)
    line, trial = timeline(planned, begin(planned), *records), trial_of(planned, begin(planned), *records)
    counts = daily_counts(line, "walk", lambda times: days_since(line, trial, times), 42)
    assert counts[:5].tolist() == [0.0, 0.0, 0.0, 2.0, 0.0]
    assert np.isnan(counts[25:]).all()


def test_a_trial_that_starts_before_the_record_does_is_on_the_same_days() -> None:
    found = told(answer(7, 4.0), answer(8, 5.0))
    assert np.flatnonzero(np.isfinite(found.by_day(42))).tolist() == [7, 8]
    assert len(found.before) == 0
    assert Instant.local(datetime(2026, 3, 9, 20), ZONE).utc_us == at(7).utc_us
    assert START + timedelta(days=7) == datetime(2026, 3, 9).date()


EVENING = replace(SAYS, arm=(SAYS.arm[0], replace(SAYS.arm[1], event="Dinner out")))


def evenings(clocks, *answers):
    """Told of a trial whose evenings out came at these hours on its first drawn days, with these answers a day."""
    planned = plan(EVENING)
    drawn = np.flatnonzero(trial_of(planned, begin(planned)).schedule.arm == 1)
    out = [happened("dinner out", int(day), clock) for day, clock in zip(drawn, clocks, strict=False)]
    given = [answer(day, value, clock=clock) for day in range(-4, 42) for clock, value in answers]
    return told(*given, *out, says=EVENING)


def test_answers_before_an_evening_began_do_not_count_with_it_nor_on_other_days() -> None:
    found = evenings(("18:00", "19:30", "18:15", "22:00"), ("09:00", 8.0), ("21:00", 2.0))
    assert np.unique(found.value).tolist() == [2.0]
    assert np.unique(found.before_value).tolist() == [2.0]
    assert len(found.at) == 42
    assert found.hours.startswith("answers from 19:30 on count, on every day alike")


@pytest.mark.parametrize(
    ("clocks", "answers"),
    [
        (("18:00", "19:30"), (("09:00", 8.0), ("21:00", 2.0))),  # too few evenings to know their hours
        (("22:30", "22:30", "22:30"), (("09:00", 8.0), ("21:00", 2.0))),  # no answer comes as late
        ((), (("09:00", 8.0), ("21:00", 2.0))),  # never written down
    ],
)
def test_where_hours_are_not_known_all_answers_count_and_that_is_said(clocks, answers) -> None:
    found = evenings(clocks, *answers)
    assert len(found.at) == 84
    assert "answers of the whole day count" in found.hours


def test_an_arm_of_whole_periods_has_no_hours_of_its_own() -> None:
    says = replace(protocol("blocks", 42, period=3), arm=EVENING.arm)
    found = told(*(answer(day, 5.0, clock="09:00") for day in range(42)), says=says)
    assert (len(found.at), found.hours) == (42, "")
